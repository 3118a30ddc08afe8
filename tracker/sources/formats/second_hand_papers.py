"""A paper as another service than arXiv describes it, brought into the form of arXiv's records.

Public: `build_paper`.
"""

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from tracker.calendar import announcement_day
from tracker.models import Paper, Version
from tracker.sources.formats.fields import clean_line

_MONTH = re.compile(r"(?:[a-z-]+/)?(\d{2})(\d{2})")


def build_paper(
    key: str, title: Any, abstract: Any, authors: Iterable[Any], submitted: Any, today: date
) -> Paper | str:
    """Return the paper, or why it cannot be used.

    A paper without an abstract cannot be summarized or tagged, so arXiv is waited for. `submitted`
    is a day as text, which is brought into the month of the id.
    """
    title, abstract = clean_line(title), clean_line(abstract)
    names = tuple(filter(None, map(clean_line, authors)))
    for value, what in ((title, "title"), (abstract, "abstract"), (names, "authors")):
        if not value:
            return f"it has no {what}"
    day = _submission_day(key, submitted, today)
    noon = datetime.combine(day, time(12), UTC)
    return Paper(
        id=key,
        title=title,
        abstract=abstract,
        authors=names,
        categories=(),
        published=day,
        announced=announcement_day(noon),
        updated=date.min,
        versions=(Version(1, noon),),
    )


def _submission_day(key: str, submitted: Any, today: date) -> date:
    """Return the day nearest to `submitted` in the month of the id, and not after today."""
    match = _MONTH.match(key)
    if not match or not 1 <= int(match[2]) <= 12:
        return today
    year, month = int(match[1]) + (1900 if int(match[1]) > 90 else 2000), int(match[2])
    first, last = date(year, month, 1), date(year, month, monthrange(year, month)[1])
    try:
        day = date.fromisoformat(clean_line(submitted)[:10])
    except ValueError:
        day = last
    return min(max(day, first), last, today)
