"""Tasks for the source readers in the tests."""

from datetime import UTC, date, datetime
from typing import Any

from tracker.records import CacheValidators, Page
from tracker.settings import Source
from tracker.sources.protocol import Task

NOW = datetime(2026, 3, 12, 9, tzinfo=UTC)


def task(name: str, settings: Source, **given: Any) -> Task[Any]:
    """Return a task for three days of March 2026."""
    days = {"since": date(2026, 3, 9), "until": date(2026, 3, 11), "now": NOW}
    return Task(name, settings, **{**days, **given})


def validators_of(pages: list[Page]) -> dict[str, CacheValidators]:
    """Return the validators that the store would have of the pages."""
    return {known.url: known for page in pages for known in page.cache_validators}


def records(pages: list[Page]) -> list[Any]:
    """Return all records of the pages."""
    return [record for page in pages for record in page.records]
