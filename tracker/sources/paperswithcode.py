"""Papers with Code: the head of the evaluation tables of some benchmarks.

The site is young and its interface is not promised, so it is read with tolerance: rows that say
nothing usable are named and left out, and where there is no interface there is no failure. A
benchmark is found by its name; of its metrics the one counts that the site takes for the best one
most often. Its direction is not told, so ranks are the site's own or unknown.

Public: `read`, `evaluations`. Sources: paperswithcode.co/docs; github.com/huggingface/pwc-cli.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from tracker.errors import SourceMalformed
from tracker.models import BoardRow, BoardSnapshot
from tracker.records import Page
from tracker.settings import BoardSource
from tracker.sources import columns
from tracker.sources.http import Ask, Client
from tracker.sources.reader import Task
from tracker.sources.tables import document

_BOARDS = ("MMLU-Pro", "GPQA Diamond", "SWE-bench Verified", "HumanEval", "MATH-500")
_CAP = 4 * 2**20
_HEAD = "100"
_NAMES = ("name", "full_name", "slug", "id")
Row = Mapping[str, Any]


def read(client: Client, task: Task[BoardSource]) -> Iterator[Page]:
    """A page for each benchmark that the site knows, as of today."""
    for name in task.settings.boards or _BOARDS:
        found = _asked(client, task, "datasets/", {"q": name, "page_size": _HEAD})
        if found is None:
            yield Page(warnings=("there is no interface at its address (HTTP 404)",))
            return
        benchmark = _named(found, name)
        if benchmark is None:
            yield Page(warnings=(f"there is no benchmark {name}",))
            continue
        path = f"datasets/{quote(str(benchmark.get('id')), safe='')}/evaluations/"
        rows = _asked(client, task, path, {"page_size": _HEAD, "ordering": "best_rank"})
        yield evaluations(rows or [], f"{task.name}/{columns.key(name)}", task.now.date())


def evaluations(rows: Sequence[Row], board: str, day: date) -> Page:
    """The rows of an evaluation table as a snapshot, those without model or score as skipped."""
    metric = _metric(rows)
    found: dict[str, BoardRow] = {}
    skipped = []
    for row in rows:
        read = _row(row, metric)
        if read is None:
            skipped.append(f"{board}: {str(row.get('id'))[:80]} has no model or no {metric}")
        else:
            found.setdefault(read.model, read)
    records = (BoardSnapshot(board, day, tuple(found.values())),) if found else ()
    warnings = () if found else (f"{board}: no evaluation could be read",)
    return Page(records, skipped=tuple(skipped), warnings=warnings)


def _asked(
    client: Client, task: Task[BoardSource], path: str, params: Mapping[str, str]
) -> Sequence[Row] | None:
    """The rows of a list of the interface; None when there is nothing at that address."""
    url, pace = f"{task.settings.url}/{path}", task.settings.pace_seconds
    expect = (HTTPStatus.OK, HTTPStatus.NOT_FOUND)
    answer = client.get(Ask(task.name, url, params, "application/json", pace, _CAP, expect))
    if answer.status == HTTPStatus.NOT_FOUND:
        return None
    found = document(answer.body, task.name, url)
    rows = found.get("results", found.get("items")) if isinstance(found, dict) else found
    if not isinstance(rows, list):
        raise SourceMalformed(task.name, url, "it is no list of results")
    return [row for row in rows if isinstance(row, dict)]


def _named(benchmarks: Sequence[Row], name: str) -> Row | None:
    """The benchmark of that very name, whatever the case; the first field that fits decides."""
    for field in _NAMES:
        for benchmark in benchmarks:
            if str(benchmark.get(field, "")).casefold() == name.casefold():
                return benchmark
    return None


def _metric(rows: Sequence[Row]) -> str:
    """The metric that most rows are ranked by, else the one that most rows have."""
    best = Counter(str(row["best_metric"]) for row in rows if row.get("best_metric"))
    had = Counter(str(name) for row in rows for name in _metrics(row))
    ranked = sorted((best or had).items(), key=lambda item: (-item[1], item[0]))
    return ranked[0][0] if ranked else "metric"


def _metrics(row: Row) -> Mapping[str, Any]:
    metrics = row.get("metrics")
    return metrics if isinstance(metrics, dict) else {}


def _row(row: Row, metric: str) -> BoardRow | None:
    model = row.get("model_name") or row.get("methodology")
    score = columns.number(str(_metrics(row).get(metric)).strip().removesuffix("%"))
    if not isinstance(model, str) or not model.strip() or score is None:
        return None
    rank = columns.number(row.get("best_rank"))
    whole = int(rank) if rank is not None and 0 < rank < 2**31 else None
    return BoardRow(model.strip(), score, whole, raw=dict(row))
