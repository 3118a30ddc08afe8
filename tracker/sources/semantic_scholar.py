"""Semantic Scholar: citation counts of stored works, 500 per request.

Public: `read_pages`, `parse`.
Source: api.semanticscholar.org/api-docs/graph, "Get details for multiple papers at once".
"""

from collections.abc import Iterator, Sequence
from datetime import date
from http import HTTPStatus
from typing import Any

from tracker.errors import SourceMalformed
from tracker.records import Citations, Page
from tracker.settings import KeyedSource
from tracker.sources.formats.fields import clean_line, parse_arxiv_id, parse_count
from tracker.sources.formats.json import parse_json
from tracker.sources.http.api_keys import load_api_key
from tracker.sources.http.client import Client, Request
from tracker.sources.protocol import Task

NAME = "semantic_scholar"
API = "https://api.semanticscholar.org"
BATCH = 500  # the most ids of one request
_FIELDS = "externalIds,citationCount,influentialCitationCount,venue"
_NO_VENUES = frozenset({"arXiv.org"})


def read_pages(client: Client, task: Task[KeyedSource]) -> Iterator[Page]:
    """Yield the citations of the task's works; works unknown to Semantic Scholar are omitted."""
    secret = load_api_key(NAME, task.settings.key_file)
    for start in range(0, len(task.works), BATCH):
        ids = task.works[start : start + BATCH]
        request = Request(
            NAME,
            f"{task.settings.url}/graph/v1/paper/batch",
            {"fields": _FIELDS},
            accept="application/json",
            pace=task.settings.pace_seconds,
            max_bytes=8 * 2**20,
            # It responds with 400 when it knows none of the ids.
            expect=(HTTPStatus.OK, HTTPStatus.BAD_REQUEST),
            json={"ids": [f"ARXIV:{work}" for work in ids]},
            secret=("x-api-key", secret) if secret else None,
        )
        response = client.get(request)
        yield parse(response.body, ids, task.now.date(), response.url)


def parse(body: bytes, ids: Sequence[str], day: date, url: str = API) -> Page:
    """Return the citations in a response about `ids`: in their order, null for unknown ones.

    Raises SourceMalformed for anything but a list of the same length, or an error.
    """
    entries = parse_json(body, NAME, url)
    if isinstance(entries, dict):
        entries = _parse_error(entries, ids, url)
    if not isinstance(entries, list) or len(entries) != len(ids):
        raise SourceMalformed(NAME, url, f"not a list of {len(ids)} entries")
    records, skipped = [], []
    for work, entry in zip(ids, entries, strict=True):
        result = _citations(work, entry, day) if entry is not None else None
        if isinstance(result, Citations):
            records.append(result)
        elif result:
            skipped.append(f"{work}: {result}")
    return Page(tuple(records), skipped=tuple(skipped))


def _parse_error(document: dict[str, Any], ids: Sequence[str], url: str) -> list[None]:
    """Return no entry for each of `ids` when none is known. Raises SourceMalformed otherwise."""
    reason = clean_line(document.get("error") or document.get("message"))[:200]
    if "No valid paper ids" in reason:
        return [None] * len(ids)
    raise SourceMalformed(NAME, url, f"Semantic Scholar says: {reason or 'nothing'}")


def _citations(work: str, entry: Any, day: date) -> Citations | str:
    """Return the citations of `work` in an entry, or why it cannot be used."""
    if not isinstance(entry, dict):
        return f"not an entry but {str(entry)[:40]!r}"
    names = entry.get("externalIds")
    names = names if isinstance(names, dict) else {}
    if (named := parse_arxiv_id(names.get("ArXiv"))) and named != work:
        return f"the response is about {named}"
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
