"""Benchmark leaderboards of the Hugging Face Hub: scores that models' repositories report.

A benchmark is a data set with the tag `benchmark:official`; `sources.hf_benchmarks.boards` lists
others to read instead ("cais/hle"). Each one's leaderboard is a list of entries with rank, model
and value. A benchmark behind a licence is not read without its acceptance: that is a warning.

Public: `read_pages`, `parse_leaderboard`.
Source: huggingface.co/docs/hub/leaderboard-data-guide; huggingface_hub, `DatasetLeaderboardEntry`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from http import HTTPStatus
from typing import Any

from tracker.errors import SourceMalformed
from tracker.models import BoardRow, BoardSnapshot
from tracker.records import Page
from tracker.settings import BoardSource
from tracker.sources.formats.boards import leaderboard_columns, table_cells
from tracker.sources.formats.boards.tables import parse_json_document
from tracker.sources.http.client import Client, Request
from tracker.sources.protocol import Task, fetch_if_changed

_CAP = 8 * 2**20
_MOST = 40  # benchmarks in one crawl
_CLOSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


def read_pages(client: Client, task: Task[BoardSource]) -> Iterator[Page]:
    """Yield a page for each benchmark whose leaderboard has changed, as of today."""
    for data_set in task.settings.boards or _list_official(client, task):
        url = f"{task.settings.url}/api/datasets/{data_set}/leaderboard"
        request = replace(_build_request(task, url), expect=(HTTPStatus.OK, *_CLOSED))
        response, validators = fetch_if_changed(client, task, request)
        if response.is_unchanged:
            continue
        if response.status in _CLOSED:
            yield Page(warnings=(f"{data_set} has no public leaderboard (HTTP {response.status})",))
            continue
        entries = parse_json_document(response.body, task.name, url)
        page = parse_leaderboard(entries, f"{task.name}/{_board(data_set)}", task.now.date())
        yield replace(page, cache_validators=(validators,))


def _build_request(task: Task[BoardSource], url: str) -> Request:
    pace = task.settings.pace_seconds
    return Request(task.name, url, accept="application/json", pace=pace, max_bytes=_CAP)


def _list_official(client: Client, task: Task[BoardSource]) -> Sequence[str]:
    """Return the names of the official benchmarks, "owner/name"."""
    url = f"{task.settings.url}/api/datasets"
    request = replace(
        _build_request(task, url), params={"filter": "benchmark:official", "limit": str(_MOST)}
    )
    found = parse_json_document(client.get(request).body, task.name, url)
    names = [one.get("id") for one in found if isinstance(one, dict)] if _is_list(found) else []
    official = [name for name in names if isinstance(name, str) and name.count("/") == 1]
    if not official:
        raise SourceMalformed(task.name, url, "it is not a list of benchmarks")
    return official[:_MOST]


def _is_list(found: Any) -> bool:
    return isinstance(found, list)


def _board(data_set: str) -> str:
    return leaderboard_columns.normalize_header(data_set.rpartition("/")[2])


def parse_leaderboard(entries: Any, board: str, day: date) -> Page:
    """Return a leaderboard as a snapshot; entries without model or value are skipped."""
    if not _is_list(entries):
        return Page(warnings=(f"{board}: it is not a list of entries",))
    rows: dict[str, BoardRow] = {}
    skipped = []
    for place, entry in enumerate(entries, start=1):
        row = _parse_entry(entry)
        if row is None:
            skipped.append(f"{board}: entry {place} has no model or no value")
        else:
            rows.setdefault(row.model, row)
    records = (BoardSnapshot(board, day, tuple(rows.values())),) if rows else ()
    warnings = () if rows else (f"{board}: it has no entries",)
    return Page(records, skipped=tuple(skipped), warnings=warnings)


def _parse_entry(entry: Any) -> BoardRow | None:
    model = entry.get("modelId") if isinstance(entry, dict) else None
    score = table_cells.parse_number(entry.get("value")) if isinstance(entry, dict) else None
    if not isinstance(model, str) or not model.strip() or score is None:
        return None
    rank = table_cells.parse_number(entry.get("rank"))
    whole = int(rank) if rank is not None and 0 < rank < 2**31 else None
    owner, _, _ = model.strip().rpartition("/")
    return BoardRow(model.strip(), score, whole, organization=owner, raw=dict(entry))
