"""Summaries of the papers that are shown: stored once, made when they are missing.

The funnel: only papers that passed the filter and the ranking get here, so only they are ever
given to a language model, and each once for every text, model, wording and language.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from summarizer import Summary
from summarizer.extract import MODEL, extract
from summarizer.generate import fallback
from summarizer.prompt import LANGUAGES, VERSION
from summarizer.prompt import Paper as Text
from tracker.errors import UsageError
from tracker.models import Paper
from tracker.pipeline import Progress, reading, silent, writing
from tracker.settings import Config
from tracker.store import acronyms, findings, glimpses, papers
from tracker.store.database import Database
from tracker.store.findings import SummaryKey

_SLICE = 1024
_EXTRACTED = SummaryKey(MODEL, "", "en")
# Takes summaries that have just been made, with their papers.
Store = Callable[[Sequence[tuple[Paper, Summary]]], None]
ENGLISH_ONLY = "Without a language model (llm.backend) there are summaries in English only."


def glimpse(db: Database, works: Sequence[Paper]) -> dict[str, Summary]:
    """What is known without asking a model, by paper id: generated, kept, or extracted now."""
    numbers = _numbers(db, works)
    stored = _extracted(db, numbers) | findings.generated(db, list(numbers.values()), "en")
    return {
        paper.id: stored.get(numbers[paper.id]) or _extract(Text(paper.title, paper.abstract))
        for paper in works
    }


def prepare(db: Database, progress: Progress) -> None:
    """Take one sentence of every work that has none yet, so that a search need not."""
    works = glimpses.missing(db, MODEL)
    for start in range(0, len(works), _SLICE):
        texts = acronyms.texts(db, works[start : start + _SLICE])
        found = {n: (t.digest, _extract(Text(t.title, t.abstract)).tldr) for n, t in texts.items()}
        glimpses.add(db, MODEL, found)
        progress("sentences", min(start + _SLICE, len(works)), len(works))


def sentences(db: Database, works: Mapping[int, Paper]) -> dict[int, str]:
    """One sentence of each work: of its summary, or as it was prepared, or taken now."""
    known = glimpses.of_works(db, MODEL, list(works))
    known |= {n: said.tldr for n, said in findings.summaries(db, list(works), _EXTRACTED).items()}
    rest = {n: _extract(Text(p.title, p.abstract)).tldr for n, p in works.items() if n not in known}
    return known | rest


def summary_store(db: Database, now: datetime) -> Store:
    """A `Store` that writes each batch of summaries to the database at once, for good."""

    def store(made: Sequence[tuple[Paper, Summary]]) -> None:
        numbers = _numbers(db, [paper for paper, _ in made])
        rows = {(numbers[paper.id], paper.version): summary for paper, summary in made}
        findings.add_summaries(db, rows, now)

    return store


def discard(made: Sequence[tuple[Paper, Summary]]) -> None:
    """A `Store` that stores nothing, for a command that only reads."""


def summaries(
    db: Database,
    config: Config,
    works: Sequence[Paper],
    now: datetime,
    *,
    language: str = "en",
    read: Collection[str] = (),
    store: Store = discard,
    progress: Progress = silent,
) -> dict[str, Summary]:
    """Summaries by paper id; those that are missing are made and given to `store`.

    A model's are given to it one by one, so that none is asked for again after an interruption.

    Of the works in `read` the conclusion is read too, as far as the settings allow. A withdrawn
    work is given to no model. Raises ConfigError for settings of a model that cannot be meant,
    UsageError for a language that is not one of ours.
    """
    _check(language)
    numbers, model = _numbers(db, works), writing.model(config)
    said = _kept(db, numbers, SummaryKey(model, VERSION, language) if model else _EXTRACTED)
    missing = [paper for paper in _once(works) if paper.id not in said]
    more = reading.conclusions(config, [paper for paper in missing if paper.id in read])
    texts = {p.id: Text(p.title, p.abstract, more.get(p.id, "")) for p in missing}
    asked = [paper for paper in missing if model and not paper.withdrawn]
    plain = [paper for paper in missing if paper not in asked]
    said |= _extracts(plain, texts, language, now, store)
    written = writing.write(config, [texts[p.id] for p in asked], language) if asked else ()
    for done, (index, summary) in enumerate(written, 1):
        store([(asked[index], summary)])
        said[asked[index].id] = replace(summary, created=now)
        progress("summarise", done, len(asked))
    return said


def unasked(
    db: Database,
    works: Sequence[Paper],
    now: datetime,
    *,
    language: str = "en",
    store: Store = discard,
) -> dict[str, Summary]:
    """Summaries by paper id for which no model is asked: what one wrote before, else extracts.

    Extracts that are made now are given to `store`.
    """
    numbers = _numbers(db, works)
    stored = _extracted(db, numbers) | findings.generated(db, list(numbers.values()), language)
    said = {paper.id: stored[n] for paper in works if (n := numbers[paper.id]) in stored}
    rest = [paper for paper in _once(works) if paper.id not in said]
    texts = {paper.id: Text(paper.title, paper.abstract) for paper in rest}
    return said | _extracts(rest, texts, "en", now, store)


def _extracts(
    works: Sequence[Paper], texts: Mapping[str, Text], language: str, now: datetime, store: Store
) -> dict[str, Summary]:
    """Extracts that are made now, by paper id."""
    said: dict[str, Summary] = {}
    for start in range(0, len(works), _SLICE):
        made = [(p, _plainly(texts[p.id], language)) for p in works[start : start + _SLICE]]
        store(made)
        said |= {paper.id: replace(summary, created=now) for paper, summary in made}
    return said


def summary_of(config: Config, title: str, abstract: str, *, language: str) -> Summary:
    """The summary of a text that is in no store. Raises ConfigError and UsageError."""
    _check(language)
    text = Text(title, abstract)
    if not writing.model(config):
        return extract(title, abstract) if language == "en" else _plainly(text, language)
    return next(summary for _, summary in writing.write(config, [text], language))


def _check(language: str) -> None:
    if language not in LANGUAGES:
        raise UsageError(f"Summaries are in {', '.join(LANGUAGES)}; there is no {language!r}.")


def _plainly(text: Text, language: str) -> Summary:
    """The extractive summary, with a note where another language was asked for."""
    if language != "en":
        return fallback(text, ENGLISH_ONLY)
    return _extract(text)


def _extract(text: Text) -> Summary:
    """The extract as it reads under the paper's title, where all our pages have it."""
    return extract(text.title, text.abstract, text.more, alone=False)


def _once(works: Sequence[Paper]) -> list[Paper]:
    return list({paper.id: paper for paper in works}.values())


def _numbers(db: Database, works: Sequence[Paper]) -> dict[str, int]:
    found = papers.by_key(db, [paper.id for paper in works])
    return {paper.id: number for number, paper in found.items()}


def _kept(db: Database, numbers: Mapping[str, int], key: SummaryKey) -> dict[str, Summary]:
    if key == _EXTRACTED:
        stored = _extracted(db, numbers)
    else:
        stored = findings.summaries(db, list(numbers.values()), key)
    return {name: stored[number] for name, number in numbers.items() if number in stored}


def _extracted(db: Database, numbers: Mapping[str, int]) -> dict[int, Summary]:
    """Kept extracts. One that stood in for a model's summary has a note that is no longer true."""
    stored = findings.summaries(db, list(numbers.values()), _EXTRACTED)
    return {number: summary for number, summary in stored.items() if not summary.note}
