"""The archive: a card with a cover for each issue, by the kind of its period.

Public: `IssueCard`, `IssueShelf`, `build_shelves`, `KINDS`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.calendar import Period
from tracker.digest.writing.phrasing import issue_name
from tracker.language import get_language

# The kinds of issues in the order of the archive, by the kind of their period.
KINDS = {"week": "weekly", "month": "monthly", "day": "daily"}


@dataclass(frozen=True, slots=True)
class IssueCard:
    """An issue in the archive; `page` is the file name of its page, "" if it is not published.

    `papers` is the number of papers in its period, `contents` are names of themes or titles.
    """

    kind: str
    period: str
    language: str
    subject: str
    papers: int
    contents: tuple[str, ...]
    page: str

    @property
    def name(self) -> str:
        """The name of the issue in its language."""
        return issue_name(self.kind, self.period, get_language(self.language))

    @property
    def span(self) -> Period:
        """The days that it covers."""
        return Period.parse(self.period)

    @property
    def cover(self) -> tuple[str, str]:
        """The large and the small line of the cover: the week, month or day, and its year."""
        year, _, rest = self.period.partition("-")
        month, _, day = rest.partition("-")
        return (day, f"{year}-{month}") if day else (rest, year)


@dataclass(frozen=True, slots=True)
class IssueShelf:
    """The newest issues of one kind; `has_more` tells whether there are older ones."""

    period_kind: str
    cards: tuple[IssueCard, ...]
    has_more: bool = False


def build_shelves(cards: Iterable[IssueCard], limit: int) -> list[IssueShelf]:
    """Return the issues by kind, each with at most `limit`; kinds without issues are omitted."""
    given = list(cards)
    by_kind = {
        period_kind: [card for card in given if card.kind == kind]
        for period_kind, kind in KINDS.items()
    }
    return [
        IssueShelf(period_kind, tuple(found[:limit]), len(found) > limit)
        for period_kind, found in by_kind.items()
        if found
    ]
