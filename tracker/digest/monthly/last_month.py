"""What became of the month before: of its changes, and of the papers that its report showed.

Public: `list_trend_outcomes`, `PickRecords`, `list_pick_outcomes`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tracker.digest.document import Entry
from tracker.digest.monthly.month_parts import PickOutcome, TrendOutcome
from tracker.models import Paper
from tracker.topics.trends import Trend

_CHANGED = ("growing", "shrinking")


def list_trend_outcomes(
    before: Sequence[Trend], now: Mapping[str, Trend]
) -> tuple[TrendOutcome, ...]:
    """Return how each change that held a month ago went on."""
    return tuple(
        _trend_outcome(trend, now[trend.key])
        for trend in before
        if trend.kind in _CHANGED and trend.key in now
    )


def _trend_outcome(before: Trend, now: Trend) -> TrendOutcome:
    outcome = "open"
    if now.kind in _CHANGED:
        outcome = "continued" if now.kind == before.kind else "reversed"
    return TrendOutcome(
        before.key, before.name, before.kind, now.share_before, now.share, now.low, now.high,
        outcome,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PickRecords:
    """What is known now about papers, by id; `citations` and `upvotes` are what was added."""

    papers: Mapping[str, Paper]
    venues: Mapping[str, str] = field(default_factory=dict)
    citations: Mapping[str, int] = field(default_factory=dict)
    upvotes: Mapping[str, int] = field(default_factory=dict)
    models: Mapping[str, Sequence[str]] = field(default_factory=dict)


def list_pick_outcomes(shown: Sequence[Entry], records: PickRecords) -> tuple[PickOutcome, ...]:
    """Return those papers of an earlier report that gained something, in its order."""
    return tuple(_outcomes(shown, records))


def _outcomes(shown: Sequence[Entry], records: PickRecords) -> Iterator[PickOutcome]:
    for entry in shown:
        paper = records.papers.get(entry.id)
        if paper is None:
            continue
        venue = records.venues.get(entry.id) or paper.facts.venue
        found = PickOutcome(
            entry.id,
            entry.url,
            entry.title,
            code="" if entry.code else paper.facts.code_link,
            venue="" if entry.venue else venue,
            citations=max(0, records.citations.get(entry.id, 0)),
            upvotes=max(0, records.upvotes.get(entry.id, 0)),
            models=tuple(records.models.get(entry.id, ())),
        )
        if any((found.code, found.venue, found.citations, found.upvotes, found.models)):
            yield found
