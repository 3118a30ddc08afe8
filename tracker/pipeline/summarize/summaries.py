"""Summaries of the papers that are shown: loaded from the store, created when they are missing.

Only papers that passed the filter and the ranking are summarized, so only they are sent to a
language model, each once for every text, model, prompt version and language.

Public: `load_summaries`, `summarize_works`, `SummaryOptions`, `summary_key`, `bulk_summary_key`,
`summarize_without_model`, `summarize_text`, `summary_store`, `discard`, `Store`, `Announce`,
`announce_nothing`, `ENGLISH_ONLY`.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from summarizer import Summary
from summarizer.extractive.extract import extract_summary
from summarizer.llm.generate import extractive_fallback
from summarizer.llm.prompt import LANGUAGES
from summarizer.llm.prompt import Paper as Text
from summarizer.summary import EXTRACTIVE_MODEL
from tracker.errors import ConfigError, UsageError
from tracker.models import Paper
from tracker.pipeline import Progress, silent
from tracker.pipeline.summarize import llm, model_cost
from tracker.pipeline.summarize.answer_cache import AnswerCache
from tracker.settings import Config
from tracker.store import papers, summaries_and_tags
from tracker.store.database import Database
from tracker.store.summaries_and_tags import SummaryKey

_SLICE = 1024
_EXTRACTED = SummaryKey(EXTRACTIVE_MODEL, "", "en")
# Called with a sentence on what a model costs, before and after.
Announce = Callable[[str], None]
# Called with summaries that have just been created, and their papers.
Store = Callable[[Sequence[tuple[Paper, Summary]]], None]
ENGLISH_ONLY = "Without a language model (llm.backend) there are summaries in English only."


def load_summaries(db: Database, works: Sequence[Paper]) -> dict[str, Summary]:
    """Return stored summaries by paper id, or extracts created now; no model is called."""
    numbers = _numbers_by_id(db, works)
    stored = _load_extracts(db, numbers) | summaries_and_tags.load_generated_summaries(
        db, list(numbers.values()), "en"
    )
    return {
        paper.id: stored.get(numbers[paper.id]) or _extract(Text(paper.title, paper.abstract))
        for paper in works
    }


def summary_store(db: Database, now: datetime) -> Store:
    """Return a `Store` that commits each batch of summaries to the database."""

    def store(created: Sequence[tuple[Paper, Summary]]) -> None:
        numbers = _numbers_by_id(db, [paper for paper, _ in created])
        rows = {(numbers[paper.id], paper.version): summary for paper, summary in created}
        summaries_and_tags.store_summaries(db, rows, now)

    return store


def discard(created: Sequence[tuple[Paper, Summary]]) -> None:
    """Store nothing: the `Store` of a command that only reads."""


def announce_nothing(sentence: str) -> None:
    """Ignore the sentence: the `Announce` of callers that show none."""


@dataclass(frozen=True, slots=True)
class SummaryOptions:
    """How to summarize.

    `conclusions` are texts by paper id that were read just now: their papers are summarized from
    them too, again if an extract is stored. A generated summary is not made again.
    `store` receives the summaries that are created, `progress` their number.
    `announce` receives what a model costs: a sentence before it is used, and one after.
    """

    language: str = "en"
    conclusions: Mapping[str, str] = field(default_factory=dict)
    store: Store = discard
    progress: Progress = silent
    announce: Announce = announce_nothing


def summarize_works(
    db: Database,
    config: Config,
    works: Sequence[Paper],
    now: datetime,
    options: SummaryOptions = SummaryOptions(),
) -> dict[str, Summary]:
    """Return summaries by paper id; the missing ones are created and passed to `options.store`.

    A withdrawn work is never sent to a model. Raises ConfigError for invalid settings of a model
    and UsageError for a language that is not supported.
    """
    key = summary_key(config, options.language)
    model = "" if key == _EXTRACTED else key.model
    summaries = _load_by_key(db, _numbers_by_id(db, works), key)
    if not model:
        summaries = {k: made for k, made in summaries.items() if k not in options.conclusions}
    missing = [paper for paper in _deduplicate(works) if paper.id not in summaries]
    texts = {p.id: Text(p.title, p.abstract, options.conclusions.get(p.id, "")) for p in missing}
    generated = [paper for paper in missing if model and not paper.withdrawn]
    extracted = [paper for paper in missing if paper not in generated]
    summaries |= _extract_and_store(extracted, texts, options.language, now, options.store)
    return summaries | _generate_and_store(db, config, generated, texts, now, options)


def _generated_language(config: Config, language: str) -> str:
    """Return the language in which the model answers: one that only shortens keeps English."""
    return language if llm.generation_mode(config) == "write" else "en"


def summary_key(config: Config, language: str) -> SummaryKey:
    """Return the key under which the summaries of these settings are stored.

    Raises ConfigError for invalid settings and UsageError for a language that is not supported.
    """
    _check_language(language)
    model = llm.model_name(config)
    if not model:
        return _EXTRACTED
    return SummaryKey(model, llm.prompt_version(config), _generated_language(config, language))


def bulk_summary_key(config: Config, language: str) -> SummaryKey:
    """Return `summary_key` for work of other machines, where a model can only write.

    Raises ConfigError for a model that shortens extracts, and as `summary_key` does.
    """
    if llm.model_name(config) and llm.generation_mode(config) != "write":
        raise ConfigError(
            "Other machines cannot shorten extracts; set llm.mode to write, or llm.backend to none."
        )
    return summary_key(config, language)


def _generate_and_store(
    db: Database,
    config: Config,
    works: Sequence[Paper],
    texts: Mapping[str, Text],
    now: datetime,
    options: SummaryOptions,
) -> dict[str, Summary]:
    """Return generated summaries by paper id.

    Each is stored as soon as it is generated, so that none is generated again after an
    interruption.
    """
    if not works:
        return {}
    summaries: dict[str, Summary] = {}
    begun, sent = time.monotonic(), [texts[paper.id] for paper in works]
    cache = AnswerCache(db, writes=options.store is not discard)
    cost = ""
    if options.announce is not announce_nothing:
        cost = model_cost.describe_cost(config, cache, sent, options.language)
    if cost:
        options.announce(cost)
    generated = llm.generate_summaries(config, sent, options.language, cache)
    for done, (index, summary) in enumerate(generated, 1):
        options.store([(works[index], summary)])
        summaries[works[index].id] = replace(summary, created=now)
        options.progress("summarise", done, len(works))
    if cost:
        options.announce(model_cost.describe_outcome(summaries.values(), time.monotonic() - begun))
    return summaries


def summarize_without_model(
    db: Database,
    works: Sequence[Paper],
    now: datetime,
    *,
    language: str = "en",
    store: Store = discard,
) -> dict[str, Summary]:
    """Return summaries by paper id without calling a model: stored ones, otherwise extracts.

    Extracts that are created now are passed to `store`.
    """
    numbers = _numbers_by_id(db, works)
    stored = _load_extracts(db, numbers) | summaries_and_tags.load_generated_summaries(
        db, list(numbers.values()), language
    )
    summaries = {paper.id: stored[n] for paper in works if (n := numbers[paper.id]) in stored}
    missing = [paper for paper in _deduplicate(works) if paper.id not in summaries]
    texts = {paper.id: Text(paper.title, paper.abstract) for paper in missing}
    return summaries | _extract_and_store(missing, texts, "en", now, store)


def _extract_and_store(
    works: Sequence[Paper], texts: Mapping[str, Text], language: str, now: datetime, store: Store
) -> dict[str, Summary]:
    """Create and store extracts and return them by paper id."""
    summaries: dict[str, Summary] = {}
    for start in range(0, len(works), _SLICE):
        batch = [
            (p, _extract_with_note(texts[p.id], language)) for p in works[start : start + _SLICE]
        ]
        store(batch)
        summaries |= {paper.id: replace(summary, created=now) for paper, summary in batch}
    return summaries


def summarize_text(config: Config, title: str, abstract: str, *, language: str) -> Summary:
    """Return the summary of a text that is not stored. Raises ConfigError and UsageError."""
    _check_language(language)
    text = Text(title, abstract)
    if not llm.model_name(config):
        return (
            extract_summary(title, abstract)
            if language == "en"
            else _extract_with_note(text, language)
        )
    return next(summary for _, summary in llm.generate_summaries(config, [text], language))


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise UsageError(f"Summaries are in {', '.join(LANGUAGES)}; there is no {language!r}.")


def _extract_with_note(text: Text, language: str) -> Summary:
    """Return the extractive summary, with a note if another language was requested."""
    if language != "en":
        return extractive_fallback(text, ENGLISH_ONLY)
    return _extract(text)


def _extract(text: Text) -> Summary:
    """Return the extract worded to follow the paper's title, as on all pages."""
    return extract_summary(text.title, text.abstract, text.conclusion)


def _deduplicate(works: Sequence[Paper]) -> list[Paper]:
    return list({paper.id: paper for paper in works}.values())


def _numbers_by_id(db: Database, works: Sequence[Paper]) -> dict[str, int]:
    found = papers.load_by_key(db, [paper.id for paper in works])
    return {paper.id: number for number, paper in found.items()}


def _load_by_key(db: Database, numbers: Mapping[str, int], key: SummaryKey) -> dict[str, Summary]:
    if key == _EXTRACTED:
        stored = _load_extracts(db, numbers)
    else:
        stored = summaries_and_tags.load_summaries(db, list(numbers.values()), key)
    return {name: stored[number] for name, number in numbers.items() if number in stored}


def _load_extracts(db: Database, numbers: Mapping[str, int]) -> dict[int, Summary]:
    """Return stored extracts without a note: a note says that a model failed at the time."""
    stored = summaries_and_tags.load_summaries(db, list(numbers.values()), _EXTRACTED)
    return {number: summary for number, summary in stored.items() if not summary.note}
