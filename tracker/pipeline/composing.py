"""From the store to a digest or report: gathered, chosen, summarised, rendered, kept, written."""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypedDict

from summarizer import Summary
from tracker import resources
from tracker.calendar import Period
from tracker.config import Config
from tracker.digest import boards as board_news
from tracker.digest import monthly, weekly
from tracker.digest.compose import Around, choose, compose
from tracker.digest.document import BoardNews, Counts, Document, SmallPrint, as_json
from tracker.digest.material import gather, ranked
from tracker.digest.render import render
from tracker.errors import UsageError
from tracker.models import Pick
from tracker.pipeline import Progress, silent
from tracker.pipeline.indexing import current_encoder
from tracker.pipeline.summarising import summaries
from tracker.search import index as faiss_index
from tracker.search.embedder import identity
from tracker.store import boards, issues, topics
from tracker.store.database import Database
from tracker.version import __version__

_SHAPES = {"week": weekly.shape, "month": monthly.shape}


def in_language(config: Config, given: str | None) -> None:
    """Check the language that pages are asked for. Raises UsageError for one not made yet."""
    language = given or config.digest.language
    if language != "en":
        raise UsageError(f"Pages in {language} are not made yet; use --lang en.")


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
    out: Path | None = None,
    notices: tuple[str, ...] = (),
    progress: Progress = silent,
) -> Composed:
    """Compose the digest of a week or the report of a month, keep it, and write its pages.

    Composing a period again replaces what was kept and written of it.
    """
    progress("compose", 0, 3)
    shape = _SHAPES[period.kind](config.digest.top)
    material = gather(db, period, **_space(db, config))
    shown_before = issues.picked_before(db, shape.kind, period.key)
    choice = choose(material, shape, shown_before)
    progress("compose", 1, 3)
    withdrawn = tuple(issues.withdrawn_since(db, shape.kind, period))
    shown = [*(pick.paper for pick in choice.picks()), *withdrawn]
    read = [pick.paper.id for pick in choice.best()]
    said = summaries(db, config, shown, now, read=read, progress=progress)
    around = Around(
        boards=_board_news(db, period),
        withdrawn=withdrawn,
        small_print=_small_print(config, said, now),
        notices=(*notices, *_unfinished(period, now)),
    )
    document = compose(material, shape, around, choice, said)
    progress("compose", 2, 3)
    topics.keep(db, period.key, material.ranked.clusters)
    issues.keep(db, (shape.kind, period.key, "en"), as_json(document), choice.picks(), now)
    files = write(document, out or config.digests)
    progress("compose", 3, 3)
    failed = any(summary.note for summary in said.values())
    return Composed(document, files, failed or _incomplete(material.counts))


def _incomplete(counts: Counts) -> bool:
    """Whether papers could not be ranked, or nothing came on a day on which arXiv lists papers."""
    return counts.indexed < counts.papers or any(day.state == "empty" for day in counts.days)


def _space(db: Database, config: Config) -> _Space:
    """What a ranking reads: the vectors of the model that is set, under the followed categories."""
    known = current_encoder(db, config)
    return {
        "encoder": known and known[1],
        "categories": config.sources["arxiv_api"].categories,
    }


def _board_news(db: Database, period: Period) -> tuple[BoardNews, ...]:
    """News of every board that has a snapshot in the period, against the last one before it."""
    found = []
    for name in boards.names(db):
        now = boards.latest(db, name, period.end)
        if now and period.contains(now.day):
            found.append(board_news.news(boards.latest(db, name, period.previous().end), now))
    return tuple(found)


def _small_print(config: Config, said: Mapping[str, Summary], now: datetime) -> SmallPrint:
    methods = Counter(map(_method, said.values()))
    known = identity(config.embedding, config.models)
    return SmallPrint(
        made=now,
        tracker=__version__,
        encoder=f"{known.model} {known.revision}".strip() if known else "none yet",
        runs_on=faiss_index.runs_on(),
        summaries=tuple(sorted(methods.items())),
        sentences_dropped=sum(summary.dropped for summary in said.values()),
        completeness="Days are as listed by arXiv; a day without papers is marked.",
        notes=tuple(_shortfalls(said)),
    )


def _method(summary: Summary) -> str:
    """How a summary was made, by which model and wording of the question, and on which day."""
    prompt = f"prompt {summary.prompt_version}" if summary.prompt_version else ""
    day = f"{summary.created:%-d %b %Y}" if summary.created else ""
    known = ", ".join(filter(None, (summary.model, prompt, day)))
    return f"{summary.method} ({known})" if known else summary.method


def _shortfalls(said: Mapping[str, Summary]) -> Iterator[str]:
    """Why some summaries are not what was asked for, the commonest reason first."""
    reasons = Counter(summary.note for summary in said.values() if summary.note)
    for reason, number in reasons.most_common():
        noun = "summary was" if number == 1 else "summaries were"
        yield f"{number} {noun} extracted instead of written: {reason}"


def _unfinished(period: Period, now: datetime) -> tuple[str, ...]:
    if now.date() > period.end:
        return ()
    return (f"This {period.kind} ends on {period.end:%-d %B %Y}; more papers will come.",)


def write(document: Document, folder: Path) -> tuple[Path, ...]:
    """Write the document's .html, .txt, .md and .json; each file appears whole or not at all."""
    pages = render(document, resources.templates())
    pages["json"] = json.dumps(as_json(document), ensure_ascii=False, indent=1) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tuple(
            _write_whole(folder / f"{document.kind}-{document.period}.{suffix}", text)
            for suffix, text in pages.items()
        )
    except OSError as error:
        raise UsageError(f"Cannot write to {folder}: {error.strerror}.") from error


def _write_whole(path: Path, text: str) -> Path:
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)
    return path


def rank(db: Database, config: Config, since: date, until: date) -> list[Pick]:
    """The ranked picks of a span of announcement days, best first."""
    return list(ranked(db, since, until, **_space(db, config)).picks)
