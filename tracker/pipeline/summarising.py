"""Summaries of the papers that are shown: stored once, made when they are missing."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from summarizer import Summary, summarize
from summarizer.extract import MODEL
from tracker.models import Paper
from tracker.pipeline import Progress
from tracker.store import acronyms, findings, glimpses, papers
from tracker.store.database import Database

_SLICE = 1024
_KEY = findings.SummaryKey(MODEL, "", "en")


def glimpse(db: Database, works: Sequence[Paper]) -> dict[str, Summary]:
    """Summaries by paper id; those that are missing are extracted now and not kept."""
    return _with_missing(db, works)[0]


def prepare(db: Database, progress: Progress) -> None:
    """Take one sentence of every work that has none yet, so that a search need not."""
    works = glimpses.missing(db, MODEL)
    for start in range(0, len(works), _SLICE):
        texts = acronyms.texts(db, works[start : start + _SLICE])
        found = {n: (t.digest, summarize(t.title, t.abstract).tldr) for n, t in texts.items()}
        glimpses.add(db, MODEL, found)
        progress("sentences", min(start + _SLICE, len(works)), len(works))


def sentences(db: Database, works: Mapping[int, Paper]) -> dict[int, str]:
    """One sentence of each work: of its summary, or as it was prepared, or taken now."""
    known = glimpses.of_works(db, MODEL, list(works))
    known |= {n: said.tldr for n, said in findings.summaries(db, list(works), _KEY).items()}
    rest = {n: summarize(p.title, p.abstract).tldr for n, p in works.items() if n not in known}
    return known | rest


def summaries(db: Database, works: Sequence[Paper], now: datetime) -> dict[str, Summary]:
    """Summaries by paper id; those that are missing are made and kept."""
    said, made, numbers = _with_missing(db, works)
    findings.add_summaries(
        db, {(numbers[p.id], p.version): said[p.id] for p in works if p.id in made}, now
    )
    return said


def _with_missing(
    db: Database, works: Sequence[Paper]
) -> tuple[dict[str, Summary], set[str], Mapping[str, int]]:
    """All summaries, which of them were not stored yet, and the works' numbers."""
    numbers = {
        paper.id: number for number, paper in papers.by_key(db, [p.id for p in works]).items()
    }
    stored = findings.summaries(db, list(numbers.values()), _KEY)
    said = {key: stored[number] for key, number in numbers.items() if number in stored}
    missing = {paper.id: paper for paper in works if paper.id not in said}
    said.update({key: summarize(p.title, p.abstract) for key, p in missing.items()})
    return said, set(missing), numbers
