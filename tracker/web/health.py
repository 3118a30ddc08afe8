"""The state of the service for probes: whether it can answer, and how old its papers are.

Public: `load_health`.
"""

from datetime import datetime
from typing import Any

from tracker.errors import TrackerError
from tracker.pipeline.admin import doctor
from tracker.settings import Config
from tracker.store.database import open_read_only
from tracker.store.snapshots import find_snapshot

# Over a weekend and a holiday arXiv announces nothing, but a crawl succeeds on every day.
_OLDEST_CRAWL_SECONDS = 3 * 86_400


def load_health(config: Config, now: datetime) -> tuple[int, dict[str, Any]]:
    """Return the HTTP status and the document: 503 only if the database cannot be read.

    Of a snapshot, the document has name and age, too.
    """
    try:
        with open_read_only(config.database) as db:
            status = doctor.load_status(db, config)
            snapshot = find_snapshot(config.home)
            done = [one.last_ok for one in doctor.list_source_states(db, config) if one.last_ok]
    except TrackerError:
        unknown = {"index": "unknown", "last_crawl_age_seconds": None}
        return 503, {"status": "degraded", "database": "failed", **unknown}
    age = round((now - max(done)).total_seconds()) if done else None
    embedded, papers = status["index"].embedded, status["papers"]
    index = "ok" if embedded else "missing" if papers else "empty"
    fresh = age is not None and age <= _OLDEST_CRAWL_SECONDS
    state = "ok" if fresh and index == "ok" else "degraded"
    document: dict[str, Any] = {
        "status": state, "database": "ok", "index": index, "last_crawl_age_seconds": age,
    }  # fmt: skip
    if snapshot:
        document |= {
            "snapshot": snapshot.name, "snapshot_age_seconds": snapshot.age_seconds(now),
        }  # fmt: skip
    return 200, document
