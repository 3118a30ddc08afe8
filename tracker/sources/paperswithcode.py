"""Papers with Code: trending papers, and the top of the evaluation tables of some benchmarks.

A trending paper has recent activity in its code repository.

The site is new and its API is not guaranteed, so parsing is tolerant: unusable rows are reported
and omitted, and an API that is missing or does not answer is a warning. A benchmark is found by its
name; its metric is the one the site most often marks as best. Whether higher is better is not
published, so ranks are the site's own or unknown.

Public: `read_pages`, `parse_evaluations`, `parse_trending`.
Sources: paperswithcode.co/docs; github.com/huggingface/pwc-cli.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from tracker.errors import SourceMalformed, SourceRefused, SourceUnavailable
from tracker.models import BoardRow, BoardSnapshot
from tracker.records import Page, TrendingPaper
from tracker.settings import BoardSource
from tracker.sources.formats.boards import leaderboard_columns, table_cells
from tracker.sources.formats.boards.tables import parse_json_document
from tracker.sources.formats.fields import parse_arxiv_id, parse_count, parse_web_url
from tracker.sources.http.client import Client, Request
from tracker.sources.protocol import Task

_BOARDS = ("MMLU-Pro", "GPQA Diamond", "SWE-bench Verified", "HumanEval", "MATH-500")
_CAP = 4 * 2**20
_HEAD = "100"
_NAMES = ("name", "full_name", "slug", "id")
Row = Mapping[str, Any]


def read_pages(client: Client, task: Task[BoardSource]) -> Iterator[Page]:
    """Yield a page for each benchmark that the site has, as of today, then trending papers."""
    try:
        yield from _read_benchmarks(client, task)
    except (SourceUnavailable, SourceRefused) as error:
        yield Page(warnings=(f"its interface does not answer: {error.reason}",))


def _read_trending(client: Client, task: Task[BoardSource]) -> Iterator[Page]:
    """Yield the trending papers; a list of another format is a warning."""
    try:
        rows = _fetch_rows(client, task, "papers/trending", {"limit": _HEAD})
    except SourceMalformed as error:
        yield Page(warnings=(f"trending papers: {error.reason}",))
    else:
        if rows is not None:
            yield parse_trending(rows, task.now.date())


def parse_trending(rows: Sequence[Row], day: date) -> Page:
    """Return the papers of a list that are on arXiv, with their places in it."""
    found: dict[str, TrendingPaper] = {}
    for position, row in enumerate(rows, start=1):
        key = parse_arxiv_id(row.get("arxiv_id") or row.get("id"))
        if key:
            code, stars = _repository(row)
            found.setdefault(key, TrendingPaper(key, day, position, code, stars))
    if rows and not found:
        return Page(warnings=("trending papers: none of them has an arXiv id",))
    return Page(tuple(found.values()))


def _repository(row: Row) -> tuple[str, int | None]:
    """Return address and stars of a paper's repository, the official one if there are several."""
    given = row.get("repositories")
    several = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    several.sort(key=lambda one: one.get("is_official") is not True)
    best = {**row, **(several[0] if several else {})}
    urls = (best.get(name) for name in ("url", "github_url", "repository_url", "code_url"))
    stars = (parse_count(best.get(name)) for name in ("stars", "github_stars", "stargazers_count"))
    code = next((url for url in map(parse_web_url, urls) if "git" in url), "")
    return code, next((number for number in stars if number is not None), None)


def _read_benchmarks(client: Client, task: Task[BoardSource]) -> Iterator[Page]:
    for name in task.settings.boards or _BOARDS:
        found = _fetch_rows(client, task, "datasets/", {"q": name, "page_size": _HEAD})
        if found is None:
            yield Page(warnings=("there is no interface at its address (HTTP 404)",))
            return
        benchmark = _find_benchmark(found, name)
        if benchmark is None:
            yield Page(warnings=(f"there is no benchmark {name}",))
            continue
        path = f"datasets/{quote(str(benchmark.get('id')), safe='')}/evaluations/"
        rows = _fetch_rows(client, task, path, {"page_size": _HEAD, "ordering": "best_rank"})
        yield parse_evaluations(
            rows or [], f"{task.name}/{leaderboard_columns.normalize_header(name)}", task.now.date()
        )
    yield from _read_trending(client, task)


def parse_evaluations(rows: Sequence[Row], board: str, day: date) -> Page:
    """Return an evaluation table as a snapshot; rows without model or score are skipped."""
    metric = _metric(rows)
    found: dict[str, BoardRow] = {}
    skipped = []
    for row in rows:
        parsed = _row(row, metric)
        if parsed is None:
            skipped.append(f"{board}: {str(row.get('id'))[:80]} has no model or no {metric}")
        else:
            found.setdefault(parsed.model, parsed)
    records = (BoardSnapshot(board, day, tuple(found.values())),) if found else ()
    warnings = () if found else (f"{board}: no evaluation could be read",)
    return Page(records, skipped=tuple(skipped), warnings=warnings)


def _fetch_rows(
    client: Client, task: Task[BoardSource], path: str, params: Mapping[str, str]
) -> Sequence[Row] | None:
    """Return the rows of a list of the API; None when there is nothing at that address."""
    url, pace = f"{task.settings.url}/{path}", task.settings.pace_seconds
    expect = (HTTPStatus.OK, HTTPStatus.NOT_FOUND)
    response = client.get(Request(task.name, url, params, "application/json", pace, _CAP, expect))
    if response.status == HTTPStatus.NOT_FOUND:
        return None
    found = parse_json_document(response.body, task.name, url)
    rows = found.get("results", found.get("items")) if isinstance(found, dict) else found
    if not isinstance(rows, list):
        raise SourceMalformed(task.name, url, "it is not a list of results")
    return [row for row in rows if isinstance(row, dict)]


def _find_benchmark(benchmarks: Sequence[Row], name: str) -> Row | None:
    """Return the benchmark with exactly that name, ignoring case; the first matching field wins."""
    for field in _NAMES:
        for benchmark in benchmarks:
            if str(benchmark.get(field, "")).casefold() == name.casefold():
                return benchmark
    return None


def _metric(rows: Sequence[Row]) -> str:
    """Return the metric that most rows are ranked by, else the one that most rows have."""
    best = Counter(str(row["best_metric"]) for row in rows if row.get("best_metric"))
    present = Counter(str(name) for row in rows for name in _metrics(row))
    ranked = sorted((best or present).items(), key=lambda item: (-item[1], item[0]))
    return ranked[0][0] if ranked else "metric"


def _metrics(row: Row) -> Mapping[str, Any]:
    metrics = row.get("metrics")
    return metrics if isinstance(metrics, dict) else {}


def _row(row: Row, metric: str) -> BoardRow | None:
    model = row.get("model_name") or row.get("methodology")
    score = table_cells.parse_number(_metrics(row).get(metric))
    if not isinstance(model, str) or not model.strip() or score is None:
        return None
    rank = table_cells.parse_number(row.get("best_rank"))
    whole = int(rank) if rank is not None and 0 < rank < 2**31 else None
    return BoardRow(model.strip(), score, whole, raw=dict(row))
