"""Summaries of the papers that are shown: stored once, made when they are missing."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from summarizer import Summary, summarize
from summarizer.extract import MODEL
from tracker.models import Paper
from tracker.store import findings, papers
from tracker.store.database import Database

_KEY = findings.SummaryKey(MODEL, "", "en")


def glimpse(db: Database, works: Sequence[Paper]) -> dict[str, Summary]:
    """Summaries by paper id; those that are missing are extracted now and not kept."""
    return _with_missing(db, works)[0]


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
