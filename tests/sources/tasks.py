"""What the readers of the tests are asked for."""

from datetime import UTC, date, datetime
from typing import Any

from tracker.records import Copy, Page
from tracker.settings import Source
from tracker.sources.reader import Task

NOW = datetime(2026, 3, 12, 9, tzinfo=UTC)


def task(name: str, settings: Source, **given: Any) -> Task[Any]:
    """A task for three days of March 2026."""
    days = {"since": date(2026, 3, 9), "until": date(2026, 3, 11), "now": NOW}
    return Task(name, settings, **{**days, **given})


def copies(pages: list[Page]) -> dict[str, Copy]:
    """What the store would remember of the pages."""
    return {copy.url: copy for page in pages for copy in page.copies}


def records(pages: list[Page]) -> list[Any]:
    """All records of the pages."""
    return [record for page in pages for record in page.records]
