"""From the store to a digest or report: gathered, chosen, summarised, rendered, kept, written."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TypedDict

from summarizer import Summary
from tracker import resources
from tracker.calendar import Period, local
from tracker.digest import monthly, reader, weekly
from tracker.digest.compose import Around, Choice, Shape, choose, compose
from tracker.digest.document import Counts, Document, SmallPrint, as_json
from tracker.digest.material import Material, Taste, gather, ranked
from tracker.digest.reader import Interests, Match
from tracker.digest.render import fitted, render
from tracker.digest.words import completeness, shortfalls, unfinished, unread, unwell
from tracker.language import Language
from tracker.language import language as language_of
from tracker.models import Paper, Pick
from tracker.pipeline import Progress, lasting, silent, surroundings, tastes, writing
from tracker.pipeline.indexing import current_encoder
from tracker.pipeline.lasting import Recognised
from tracker.pipeline.publishing import publish, write_whole
from tracker.pipeline.summarising import Store, discard, summaries, summary_store
from tracker.pipeline.tastes import taste_of
from tracker.search import index as faiss_index
from tracker.search.embedder import identity
from tracker.settings import Config
from tracker.store import issues, topics
from tracker.store.database import Database
from tracker.store.database import writing as transaction
from tracker.topics import taxonomy
from tracker.version import __version__

# Papers for one reader beside those that all are shown.
_PERSONAL = 5
_SHAPES = {"week": weekly.shape, "month": monthly.shape}


class _Space(TypedDict):
    encoder: int | None
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Composed:
    """A document and its files; `degraded` when it could not say all that it should."""

    document: Document
    files: tuple[Path, ...]
    degraded: bool


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
    """Compose the digest of a week or the report of a month, store it, and write its pages.

    Composing a period again replaces what was stored and written of it in that language. The pages
    of the home, whose names tell no language, are written where it is its `own` reader's issue:
    they hold what is for that reader, and nothing that the reader has judged already. What is
    stored and published is for everybody.
    """
    progress("compose", 0, 3)
    words = language_of(language)
    plan = plan_issue(db, config, period, now, words, notices)
    progress("compose", 1, 3)
    said = _summaries(db, config, plan, now, language, summary_store(db, now), progress)
    shared, personal = (
        _document(db, config, plan, part, said, now, words) for part in (plan.shared, plan.own)
    )
    progress("compose", 2, 3)
    _store(db, config, plan, shared, now)
    files = write(personal, out or config.digests, config.digest.budget_kb) if own else ()
    publish(db, config, shared)
    progress("compose", 3, 3)
    failed = any(summary.note for summary in said.values())
    return Composed(personal, files, failed or _incomplete(plan.shared.material.counts))


def draft(
    db: Database, config: Config, period: Period, *, now: datetime, language: str = "en"
) -> Document:
    """The issue for everybody as `compose_period` would make it now; nothing is stored."""
    words = language_of(language)
    plan = plan_issue(db, config, period, now, words)
    said = _summaries(db, config, plan, now, language, discard)
    return _document(db, config, plan, plan.shared, said, now, words)


@dataclass(frozen=True, slots=True)
class Part:
    """What an issue shows, chosen from its material: for everybody or for the home's reader."""

    material: Material
    choice: Choice
    around: Around

    @property
    def papers(self) -> list[Paper]:
        """Every paper that has to be summarised, but those that are one reader's own."""
        others = (*(paper for paper, _ in self.around.news), *self.around.late)
        return [*(pick.paper for pick in self.choice.picks()), *others]


@dataclass(frozen=True, slots=True)
class Plan:
    """An issue before it is summarised: its `shared` part, and that of the home's `own` reader."""

    recognised: Recognised
    shape: Shape
    shared: Part
    own: Part

    @property
    def papers(self) -> list[Paper]:
        """Every paper that has to be summarised."""
        picks = {pick.paper.id: pick.paper for pick in self.own.material.ranked.picks}
        personal = [picks[key] for key in self.own.around.personal]
        return [*self.shared.papers, *self.own.papers, *personal]


def plan_issue(
    db: Database,
    config: Config,
    period: Period,
    now: datetime,
    words: Language,
    notices: tuple[str, ...] = (),
) -> Plan:
    """What an issue of a period shows."""
    material, recognised = gathered(db, config, period)
    titles = {pick.paper.id: pick.paper.title for pick in material.ranked.picks}
    recognised = lasting.named(config, recognised, titles)
    material = _under(material, recognised)
    choice, shape = chosen(db, config, material)
    around = replace(
        _around(db, material, now), notices=(*notices, *_unfinished(period, now, words))
    )
    shared = Part(material, choice, around)
    own = _own_part(db, config, shared, words)
    return Plan(recognised, shape, shared, own)


def _own_part(db: Database, config: Config, shared: Part, words: Language) -> Part:
    """The issue as the reader of this home gets it: ranked for them, without what they judged."""
    period = shared.material.period
    cared = tastes.home_interests(db, config, period)
    material = for_home(config, shared.material, cared)
    choice = chosen(db, config, material, cared.judged)[0]
    personal = _personal(db, material, choice, cared) if period.kind == "week" else {}
    liked = tastes.titles(db, [cared]) if personal else {}
    remarks = unread(cared.unread, words)
    around = replace(shared.around, personal=personal, liked=liked, remarks=remarks)
    return Part(material, choice, around)


def for_home(config: Config, material: Material, cared: Interests) -> Material:
    """The material ranked for the reader of this home; others get it as it is."""
    if not cared:
        return material
    weights = tastes.weights_of(config, material.period)
    return replace(material, ranked=material.ranked.ranked_for(cared, weights))


def _summaries(
    db: Database, config: Config, plan: Plan, now: datetime, language: str, store: Store,
    progress: Progress = silent,
) -> dict[str, Summary]:  # fmt: skip
    best = [pick.paper.id for part in (plan.shared, plan.own) for pick in part.choice.best()]
    return summaries(
        db, config, plan.papers, now, language=language if writing.model(config) else "en",
        read=list(dict.fromkeys(best)), store=store, progress=progress,
    )  # fmt: skip


def _document(
    db: Database, config: Config, plan: Plan, part: Part, said: Mapping[str, Summary],
    now: datetime, words: Language,
) -> Document:  # fmt: skip
    """One part as a document; its small print counts the summaries that it shows, no others."""
    shown = {*(paper.id for paper in part.papers), *part.around.personal}
    own = {key: summary for key, summary in said.items() if key in shown}
    small_print = _small_print(db, config, part.material, own, now, words)
    return compose(part.material, plan.shape, part.around, part.choice, own, small_print, words)


def _store(db: Database, config: Config, plan: Plan, shared: Document, now: datetime) -> None:
    """Store an issue and the topics of its period, in place of what was stored of them before."""
    period = plan.shared.material.period
    with transaction(db):
        topics.keep(db, period.key, plan.shared.material.ranked.clusters)
        lasting.keep(db, space(db, config)["encoder"], period, plan.recognised)
        issue = (shared.kind, shared.period, shared.language)
        issues.keep(db, issue, as_json(shared), plan.shared.choice.picks(), now)


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


def chosen(
    db: Database, config: Config, material: Material, judged: Set[str] = frozenset()
) -> tuple[Choice, Shape]:
    """Which papers of a period its issue shows; none of those that its reader has `judged`."""
    period = material.period
    shape = _SHAPES[period.kind](config.digest.top)
    before = issues.picked_before(db, shape.kind, period.key)
    return choose(material, shape, before | judged, config.ranking), shape


def _around(db: Database, material: Material, now: datetime) -> Around:
    """What surrounds the papers for everybody."""
    period = material.period
    kind = "weekly" if period.kind == "week" else "monthly"
    return Around(
        boards=surroundings.moved_boards(db, period),
        models=surroundings.trending_models(db, period),
        media=surroundings.media(db, period),
        venues=surroundings.venues(db, period),
        news=surroundings.news(db, kind, period),
        late=surroundings.late(db, kind, period, now),
    )


def _personal(
    db: Database, material: Material, own: Choice, cared: Interests
) -> Mapping[str, tuple[Match, ...]]:
    """The week's papers for the reader of this home, beside those that their issue shows."""
    shown = frozenset(pick.paper.id for pick in own.picks())
    return for_readers(db, material, [cared], shown)[0]


def for_readers(
    db: Database, material: Material, readers: Sequence[Interests], shown: Set[str]
) -> list[dict[str, tuple[Match, ...]]]:
    """For each reader their papers of a week, without those that this or an earlier issue shows."""
    passed = shown | issues.picked_before(db, "weekly", material.period.key)
    scores = {pick.paper.id: pick.score for pick in material.ranked.picks}
    return reader.for_readers(material.ranked.about, readers, scores, passed, _PERSONAL)


def _incomplete(counts: Counts) -> bool:
    """Whether papers could not be ranked, or nothing came on a day on which arXiv lists papers."""
    return counts.indexed < counts.papers or any(day.state == "empty" for day in counts.days)


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


def _unfinished(period: Period, now: datetime, words: Language) -> tuple[str, ...]:
    if period.over(now):
        return ()
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
    """The picks of a span of announcement days for the reader of this home, best first."""
    period = Period("week", "", since, until)
    taste, cared = taste_of(db, config, period), tastes.home_interests(db, config, period)
    span = ranked(db, since, until, **space(db, config), taste=taste)
    picks = span.ranked_for(cared, taste.weights).picks if cared else span.picks
    return [pick for pick in picks if pick.paper.id not in cared.judged]
