"""What to do while arXiv refuses: other services are read for the papers that are missing.

They are read once all interfaces of arXiv that deliver metadata have failed for hours. Their
records are stored as second-hand, and arXiv's replace them.

Public: `list_due_sources`, `list_missing_works`, `list_works_to_look_up`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tracker.pipeline.ingest.completeness import LOOKBACK_DAYS
from tracker.settings import ArxivSource, Config, SecondHandSource
from tracker.store import listings, popularity, second_hand
from tracker.store.database import Database
from tracker.store.runs import RunHistory

# Other lists name works of the last days that nothing else has named while arXiv is silent.
_NAMED_DAYS = 14
_MOST = 2000  # works in one crawl; a day has up to 1,500


def list_due_sources(
    db: Database, config: Config, selected: Sequence[str], now: datetime
) -> list[str]:
    """Return those of the sources `selected` that are due because arXiv has failed for hours."""
    began = _outage_began(db, config)
    if began is None:
        return []
    return [
        name
        for name in selected
        if isinstance(source := config.sources[name], SecondHandSource)
        and now - began >= timedelta(hours=source.after_hours)
    ]


def _outage_began(db: Database, config: Config) -> datetime | None:
    """Return when the last of arXiv's interfaces began to fail, None if any of them answers."""
    history = RunHistory(db)
    failing = [
        history.failing_since(f"crawl:{name}")
        for name, source in config.sources.items()
        if isinstance(source, ArxivSource) and source.enabled
    ]
    known = [at for at in failing if at]
    return max(known) if known and len(known) == len(failing) else None


def list_missing_works(db: Database, now: datetime) -> list[str]:
    """Return ids of works that are not stored, newest first.

    Those are the works that arXiv has listed and, after them, those that other lists have named in
    the last days.
    """
    since = now.date() - timedelta(days=LOOKBACK_DAYS)
    listed = listings.missing_ids(db, since)
    named = popularity.unknown_works(db, now.date() - timedelta(days=_NAMED_DAYS))
    return list(dict.fromkeys([*listed, *named]))[:_MOST]


def list_works_to_look_up(db: Database, now: datetime) -> list[str]:
    """Return ids that arXiv is to deliver: listed works that are not stored, and second-hand ones.

    Second-hand works come last.
    """
    since = now.date() - timedelta(days=LOOKBACK_DAYS)
    return list(dict.fromkeys([*listings.missing_ids(db, since), *second_hand.marked_keys(db)]))
