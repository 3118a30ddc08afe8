"""From the store to a digest or report: gathered, chosen, summarised, rendered, kept, written."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TypedDict

from summarizer import Summary
from tracker import resources
from tracker.calendar import Period, local
from tracker.digest import monthly, reader, weekly
from tracker.digest.compose import Around, Choice, Shape, choose, compose
from tracker.digest.document import Counts, Document, SmallPrint, as_json, read
from tracker.digest.material import Material, Taste, gather, ranked
from tracker.digest.reader import Interests, Match
from tracker.digest.render import fitted, render
from tracker.digest.words import (
    completeness,
    incomplete,
    not_indexed,
    shortfalls,
    thin,
    unfinished,
    unread,
    unwell,
)
from tracker.language import Language
from tracker.language import language as language_of
from tracker.models import Pick
from tracker.pipeline import Progress, lasting, silent, surroundings, tastes, writing
from tracker.pipeline.indexing import current_encoder
from tracker.pipeline.lasting import Recognised
from tracker.pipeline.publishing import publish, write_whole
from tracker.pipeline.summarising import summaries
from tracker.pipeline.tastes import taste_of
from tracker.search import index as faiss_index
from tracker.search.embedder import identity
from tracker.settings import Config
from tracker.store import issues, topics
from tracker.store.database import Database
from tracker.topics import taxonomy
from tracker.version import __version__

# Papers for one reader beside those that all are shown.
_PERSONAL = 5
_SUFFIXES = ("html", "txt", "md", "json")
_SHAPES = {"week": weekly.shape, "month": monthly.shape}


class _Space(TypedDict):
    encoder: int | None
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Composed:
    """A document and its files, and the `reasons` why it does not say all that it should."""

    document: Document
    files: tuple[Path, ...]
    reasons: tuple[str, ...] = ()

    @property
    def degraded(self) -> bool:
        """Whether it could not say all that it should."""
        return bool(self.reasons)


def compose_period(
    db: Database,
    config: Config,
    period: Period,
    *,
    now: datetime,
    language: str = "en",
    out: Path | None = None,
    own: bool = True,
    notices: tuple[str, ...] = (),
    progress: Progress = silent,
) -> Composed:
    """Compose the digest of a week or the report of a month, keep it, and write its pages.

    Composing a period again replaces what was kept and written of it in that language, but nothing
    replaces papers by none: without papers there is no issue to keep, and its pages are written to
    a folder `out` only, where there are none that show papers. The pages of the home, whose names
    tell no language, are written where it is its `own` reader's issue.
    """
    progress("compose", 0, 3)
    words, taste = language_of(language), taste_of(db, config, period)
    material, recognised = gathered(db, config, period, taste)
    titles = {pick.paper.id: pick.paper.title for pick in material.ranked.picks}
    recognised = lasting.named(config, recognised, titles)
    material = _under(material, recognised)
    choice, shape = chosen(db, config, material)
    progress("compose", 1, 3)
    around = _around(db, material, choice, taste.interests, now)
    others = (*(paper for paper, _ in around.news), *around.late)
    said = summaries(
        db, config, [*(p.paper for p in shown(material, choice, around)), *others], now,
        language=language if writing.model(config) else "en",
        read=[pick.paper.id for pick in choice.best()], progress=progress,
    )  # fmt: skip
    around = replace(
        around,
        notices=(*notices, *_standing(material.counts, period, now, words)),
        remarks=unread(taste.interests.unread, words),
    )
    small_print = _small_print(db, config, material, said, now, words)
    document = compose(material, shape, around, choice, said, small_print, words)
    progress("compose", 2, 3)
    if not document.empty:
        topics.keep(db, period.key, material.ranked.clusters)
        lasting.keep(db, space(db, config)["encoder"], period, recognised)
        issues.keep(db, (shape.kind, period.key, language), as_json(document), choice.picks(), now)
        publish(db, config, document)
    folder = out or config.digests
    spared = _pages_with_papers(document, folder) if document.empty else ()
    wanted = own and not spared and (out or not document.empty)
    files = write(document, folder, config.digest.budget_kb) if wanted else ()
    progress("compose", 3, 3)
    unmade = document.notices if document.empty else ()
    reasons = (*unmade, *shortfalls(said, words), *_incomplete(material.counts, words), *spared)
    return Composed(document, files, reasons)


def _pages_with_papers(document: Document, folder: Path) -> tuple[str, ...]:
    """A sentence saying that the pages of an issue stay as they are, where they may show papers."""
    name = f"{document.kind}-{document.period}"
    pages = [page for suffix in _SUFFIXES if (page := folder / f"{name}.{suffix}").is_file()]
    try:
        known = read(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))
        empty = known.empty
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        empty = False  # nobody can tell, so the pages are spared
    if not pages or empty:
        return ()
    return (f"No paper can be shown now, so the pages made before are kept: {pages[0]}.",)


def gathered(
    db: Database, config: Config, period: Period, taste: Taste | None = None
) -> tuple[Material, Recognised]:
    """What a period holds, its groups under the names of the topics that they continue."""
    read = space(db, config)
    followed = lasting.before(db, read["encoder"], period)
    material = gather(
        db, period, **read, taste=taste or taste_of(db, config, period),
        concepts=taxonomy.with_own(config.directions), known=followed.centres,
    )  # fmt: skip
    found = lasting.recognised(material.ranked.clusters, material.ranked.vectors, followed)
    return _under(material, found), found


def _under(material: Material, found: Recognised) -> Material:
    """The material with its groups under the names that were found."""
    return replace(material, ranked=replace(material.ranked, clusters=found.clusters))


def chosen(db: Database, config: Config, material: Material) -> tuple[Choice, Shape]:
    """Which papers of a period its issue shows."""
    period = material.period
    shape = _SHAPES[period.kind](config.digest.top)
    before = issues.picked_before(db, shape.kind, period.key)
    return choose(material, shape, before, config.ranking), shape


def shown(material: Material, choice: Choice, around: Around) -> list[Pick]:
    """The picks of an issue, and those that are for the reader of this home."""
    picks = {pick.paper.id: pick for pick in material.ranked.picks}
    return [*choice.picks(), *(picks[key] for key in around.personal)]


def _around(
    db: Database, material: Material, choice: Choice, cared: Interests, now: datetime
) -> Around:
    """What surrounds the papers; in a weekly issue, what this home's reader follows and likes."""
    period = material.period
    weekly = period.kind == "week"
    kind = "weekly" if weekly else "monthly"
    shown = frozenset(pick.paper.id for pick in choice.picks())
    return Around(
        personal=for_readers(db, material, [cared], shown)[0] if weekly else {},
        liked=tastes.titles(db, [cared]) if weekly else {},
        boards=surroundings.moved_boards(db, period),
        models=surroundings.trending_models(db, period),
        media=surroundings.media(db, period),
        venues=surroundings.venues(db, period),
        news=surroundings.news(db, kind, period),
        late=surroundings.late(db, kind, period, now),
    )


def for_readers(
    db: Database, material: Material, readers: Sequence[Interests], shown: Set[str]
) -> list[dict[str, tuple[Match, ...]]]:
    """For each reader their papers of a week, without those that this or an earlier issue shows."""
    passed = shown | issues.picked_before(db, "weekly", material.period.key)
    scores = {pick.paper.id: pick.score for pick in material.ranked.picks}
    return reader.for_readers(material.ranked.about, readers, scores, passed, _PERSONAL)


def _incomplete(counts: Counts, words: Language) -> Iterator[str]:
    """That papers could not be ranked, or that nothing came on days on which arXiv lists papers."""
    yield from incomplete(counts, words)
    yield from not_indexed(counts, words)


def space(db: Database, config: Config) -> _Space:
    """What a ranking reads: the vectors of the model that is set, under the followed categories."""
    known = current_encoder(db, config)
    return {
        "encoder": known and known[1],
        "categories": config.categories,
    }


def _notes(db: Database, config: Config, words: Language) -> tuple[str, ...]:
    sources = list(surroundings.unwell_sources(db, config))
    return (unwell(sources, words),) if sources else ()


def _small_print(
    db: Database, config: Config, material: Material, said: Mapping[str, Summary], now: datetime,
    words: Language,
) -> SmallPrint:  # fmt: skip
    """How an issue was made, and how much of its period was there to make it of."""
    ledger = surroundings.days(db, config, material.period, now)
    methods = Counter(map(_method, said.values()))
    known = identity(config.embedding, config.models)
    return SmallPrint(
        made=local(now, config.digest.timezone),
        tracker=__version__,
        encoder=f"{known.model} {known.revision}".strip() if known else "none yet",
        runs_on=faiss_index.runs_on(),
        summaries=tuple(sorted(methods.items())),
        sentences_dropped=sum(summary.dropped for summary in said.values()),
        completeness=completeness(material.counts, ledger, words),
        notes=(*_notes(db, config, words), *shortfalls(said, words)),
    )


def _method(summary: Summary) -> str:
    """How a summary was made, by which model and wording of the question, and on which day."""
    prompt = f"prompt {summary.prompt_version}" if summary.prompt_version else ""
    day = f"{summary.created:%-d %b %Y}" if summary.created else ""
    known = ", ".join(filter(None, (summary.model, prompt, day)))
    return f"{summary.method} ({known})" if known else summary.method


def _standing(counts: Counts, period: Period, now: datetime, words: Language) -> tuple[str, ...]:
    """That a period is not over or, where no other notice says so, that days of it are missing."""
    if period.over(now):
        return () if thin(counts) else tuple(incomplete(counts, words))
    return (unfinished(period.kind, words.long_day(period.end), words),)


def write(document: Document, folder: Path, budget_kb: int = 90) -> tuple[Path, ...]:
    """Write the document's .html, .txt, .md and .json; each file appears whole or not at all.

    The HTML is that of a mail, and so has the budget of one; the others hold everything.
    """
    templates = resources.templates()
    pages = render(document, templates)
    short = fitted(document, templates, 1000 * budget_kb)
    pages["html"] = render(short, templates)["html"] if short.left_out else pages["html"]
    pages["json"] = json.dumps(as_json(document), ensure_ascii=False, indent=1) + "\n"
    return tuple(
        write_whole(folder / f"{document.kind}-{document.period}.{suffix}", text.encode())
        for suffix, text in pages.items()
    )


def rank(db: Database, config: Config, since: date, until: date) -> list[Pick]:
    """The ranked picks of a span of announcement days, best first."""
    taste = taste_of(db, config, Period("week", "", since, until))
    return list(ranked(db, since, until, **space(db, config), taste=taste).picks)
