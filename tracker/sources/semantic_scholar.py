"""Semantic Scholar: how often the works of the store are cited, 500 with one request.

Public: `read`, `parse`.
Source: api.semanticscholar.org/api-docs/graph, "Get details for multiple papers at once".
"""

from collections.abc import Iterator, Sequence
from datetime import date
from http import HTTPStatus
from typing import Any

from tracker.errors import SourceMalformed
from tracker.records import Citations, Page
from tracker.settings import KeyedSource
from tracker.sources.fields import arxiv_id, count, line
from tracker.sources.http import Ask, Client
from tracker.sources.json import parsed
from tracker.sources.keys import key
from tracker.sources.reader import Task

NAME = "semantic_scholar"
API = "https://api.semanticscholar.org"
BATCH = 500  # the most ids that one request may name
_FIELDS = "externalIds,citationCount,influentialCitationCount,venue"
_NO_VENUES = frozenset({"arXiv.org"})


def read(client: Client, task: Task[KeyedSource]) -> Iterator[Page]:
    """The citations of the task's works; a work that Semantic Scholar does not know is left out."""
    secret = key(NAME, task.settings.key_file)
    for start in range(0, len(task.works), BATCH):
        ids = task.works[start : start + BATCH]
        ask = Ask(
            NAME,
            f"{task.settings.url}/graph/v1/paper/batch",
            {"fields": _FIELDS},
            accept="application/json",
            pace=task.settings.pace_seconds,
            cap=8 * 2**20,
            # 400 when it knows none of the ids.
            expect=(HTTPStatus.OK, HTTPStatus.BAD_REQUEST),
            json={"ids": [f"ARXIV:{work}" for work in ids]},
            secret=("x-api-key", secret) if secret else None,
        )
        answer = client.get(ask)
        yield parse(answer.body, ids, task.now.date(), answer.url)


def parse(body: bytes, ids: Sequence[str], day: date, url: str = API) -> Page:
    """The citations in an answer about `ids`, which it gives in their order, null for unknown ones.

    Raises SourceMalformed for anything but a list of as many entries, or an error.
    """
    entries = parsed(body, NAME, url)
    if isinstance(entries, dict):
        entries = _refusal(entries, ids, url)
    if not isinstance(entries, list) or len(entries) != len(ids):
        raise SourceMalformed(NAME, url, f"not a list of {len(ids)} entries")
    records, skipped = [], []
    for work, entry in zip(ids, entries, strict=True):
        cited = _citations(work, entry, day) if entry is not None else None
        if isinstance(cited, Citations):
            records.append(cited)
        elif cited:
            skipped.append(f"{work}: {cited}")
    return Page(tuple(records), skipped=tuple(skipped))


def _refusal(document: dict[str, Any], ids: Sequence[str], url: str) -> list[None]:
    """No entry for each of `ids` when none is known. Raises SourceMalformed for another error."""
    reason = line(document.get("error") or document.get("message"))[:200]
    if "No valid paper ids" in reason:
        return [None] * len(ids)
    raise SourceMalformed(NAME, url, f"Semantic Scholar says: {reason or 'nothing'}")


def _citations(work: str, entry: Any, day: date) -> Citations | str:
    """What an entry says of `work`, or why it cannot be believed."""
    if not isinstance(entry, dict):
        return f"not an entry but {str(entry)[:40]!r}"
    names = entry.get("externalIds")
    names = names if isinstance(names, dict) else {}
    if (told := arxiv_id(names.get("ArXiv"))) and told != work:
        return f"it was answered with {told}"
    cited, venue = count(entry.get("citationCount")), line(entry.get("venue"))
    if cited is None:
        return f"its citationCount is {str(entry.get('citationCount'))[:40]!r}"
    return Citations(
        id=work,
        day=day,
        count=cited,
        influential=count(entry.get("influentialCitationCount")),
        venue="" if venue in _NO_VENUES else venue,
        doi=line(names.get("DOI")),
    )
