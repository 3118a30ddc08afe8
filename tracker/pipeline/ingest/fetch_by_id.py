"""Fetches single works from arXiv's API by their ids, whatever their day.

Public: `fetch_works`.
"""

from collections.abc import Sequence
from datetime import datetime

from tracker.errors import UsageError
from tracker.models import PaperId, SourceReport
from tracker.settings import ArxivSource, Config
from tracker.sources import arxiv_api
from tracker.sources.http.client import Client
from tracker.store import papers
from tracker.store.database import Database

_SOURCE = "arxiv_api"


def fetch_works(db: Database, config: Config, ids: Sequence[str], *, now: datetime) -> SourceReport:
    """Fetch the works of these ids and store them; return what was added and which are unknown.

    An item may hold several ids, separated by commas or spaces. Raises UsageError for an invalid id
    and the errors of the HTTP client.
    """
    pasted = [one for text in ids for one in text.replace(",", " ").split()]
    keys = list(dict.fromkeys(map(_parse_id, pasted)))
    client = Client(config.http, config.home / "state")
    source = config.sources[_SOURCE]
    assert isinstance(source, ArxivSource)
    found = arxiv_api.lookup(client, source, keys)
    counts = papers.upsert(db, found, now)
    unknown = sorted(set(keys) - {paper.id for paper in found})
    return SourceReport(
        _SOURCE, "degraded" if unknown else "ok", now.date(), now.date(),
        read=len(found), added=counts.added, updated=counts.updated, skipped=counts.skipped,
        detail=f"unknown to arXiv: {', '.join(unknown)}" if unknown else "",
    )  # fmt: skip


def _parse_id(text: str) -> str:
    try:
        return PaperId.parse(text).key
    except ValueError:
        raise UsageError(f"{text[:80]!r} is not the id of a paper; one is 2403.01234.") from None
