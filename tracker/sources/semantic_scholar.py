"""Semantic Scholar: citation counts of stored works, 500 per request.

Public: `read_pages`, `parse`, `Batches`, `request_batches`, `parse_entries`, `named_other_work`.
Source: api.semanticscholar.org/api-docs/graph, "Get details for multiple papers at once".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any, TypeVar

from tracker.errors import SourceMalformed
from tracker.records import Citations, Page
from tracker.settings import KeyedSource
from tracker.sources.formats.fields import clean_line, parse_arxiv_id, parse_count
from tracker.sources.formats.json import parse_json
from tracker.sources.http.api_keys import load_api_key
from tracker.sources.http.client import Client, Request
from tracker.sources.http.messages import Response
from tracker.sources.protocol import Task

AnyKeyed = TypeVar("AnyKeyed", bound=KeyedSource)
NAME = "semantic_scholar"
API = "https://api.semanticscholar.org"
BATCH = 500  # the most ids of one request
_FIELDS = "externalIds,citationCount,influentialCitationCount,venue"
_MOST_BYTES = 16 << 20  # its responses have at most 10 MB
_NO_VENUES = frozenset({"arXiv.org"})


def read_pages(client: Client, task: Task[KeyedSource]) -> Iterator[Page]:
    """Yield the citations of the task's works; works unknown to Semantic Scholar are omitted."""
    for ids, response in request_batches(client, task, Batches(NAME, BATCH, _FIELDS)):
        yield parse(response.body, ids, task.now.date(), response.url)


@dataclass(frozen=True, slots=True)
class Batches:
    """The requests of a source: how many ids each has, and the fields that are wanted."""

    source: str
    size: int
    fields: str


def request_batches(
    client: Client, task: Task[AnyKeyed], batches: Batches
) -> Iterator[tuple[Sequence[str], Response]]:
    """Yield the ids of each batch of the task's works, and the response about them."""
    secret = load_api_key(batches.source, task.settings.key_file)
    for start in range(0, len(task.works), batches.size):
        ids = task.works[start : start + batches.size]
        request = _batch_request(batches.source, task.settings, secret, batches.fields, ids)
        yield ids, client.get(request)


def _batch_request(
    source: str, settings: KeyedSource, secret: str, wanted: str, ids: Sequence[str]
) -> Request:
    """Return the request of `source` for the fields `wanted` of the works `ids`."""
    return Request(
        source,
        f"{settings.url}/graph/v1/paper/batch",
        {"fields": wanted},
        accept="application/json",
        pace=settings.pace_seconds,
        max_bytes=_MOST_BYTES,
        # It responds with 400 when it knows none of the ids.
        expect=(HTTPStatus.OK, HTTPStatus.BAD_REQUEST),
        json={"ids": [f"ARXIV:{work}" for work in ids]},
        secret=("x-api-key", secret) if secret else None,
    )


def parse(body: bytes, ids: Sequence[str], day: date, url: str = API) -> Page:
    """Return the citations in a response about `ids`: in their order, null for unknown ones.

    Raises SourceMalformed for anything but a list of the same length, or an error.
    """
    records, skipped = [], []
    for work, entry in zip(ids, parse_entries(NAME, body, ids, url), strict=True):
        result = _citations(work, entry, day) if entry is not None else None
        if isinstance(result, Citations):
            records.append(result)
        elif result:
            skipped.append(f"{work}: {result}")
    return Page(tuple(records), skipped=tuple(skipped))


def parse_entries(source: str, body: bytes, ids: Sequence[str], url: str) -> list[Any]:
    """Return the entries of a response about `ids`, in their order; None for an unknown work.

    Raises SourceMalformed for anything but a list of the same length, or an error.
    """
    entries = parse_json(body, source, url)
    if isinstance(entries, dict):
        reason = clean_line(entries.get("error") or entries.get("message"))[:200]
        if "No valid paper ids" in reason:
            return [None] * len(ids)
        raise SourceMalformed(source, url, f"Semantic Scholar says: {reason or 'nothing'}")
    if not isinstance(entries, list) or len(entries) != len(ids):
        raise SourceMalformed(source, url, f"not a list of {len(ids)} entries")
    return entries


def named_other_work(work: str, entry: Mapping[str, Any]) -> str:
    """Return the arXiv id of an entry if it is not that of `work`, else an empty text."""
    names = entry.get("externalIds")
    named = parse_arxiv_id(names.get("ArXiv")) if isinstance(names, dict) else ""
    return named if named != work else ""


def _citations(work: str, entry: Any, day: date) -> Citations | str:
    """Return the citations of `work` in an entry, or why it cannot be used."""
    if not isinstance(entry, dict):
        return f"not an entry but {str(entry)[:40]!r}"
    if named := named_other_work(work, entry):
        return f"the response is about {named}"
    names = entry.get("externalIds")
    names = names if isinstance(names, dict) else {}
    cited, venue = parse_count(entry.get("citationCount")), clean_line(entry.get("venue"))
    if cited is None:
        return f"its citationCount is {str(entry.get('citationCount'))[:40]!r}"
    return Citations(
        id=work,
        day=day,
        count=cited,
        influential=parse_count(entry.get("influentialCitationCount")),
        venue="" if venue in _NO_VENUES else venue,
        doi=clean_line(names.get("DOI")),
    )
