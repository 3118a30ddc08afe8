"""The Open LLM Leaderboard, an archive since it was retired in March 2025: one board, read once.


Public: `read_pages`. Source: huggingface.co/datasets/open-llm-leaderboard/contents.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from tracker.errors import SourceMalformed
from tracker.records import Page
from tracker.settings import BoardSource
from tracker.sources import huggingface_dataset
from tracker.sources.formats import parquet
from tracker.sources.formats.boards import leaderboard_columns, leaderboards, table_cells
from tracker.sources.formats.boards.leaderboards import TableOrigin
from tracker.sources.formats.boards.tables import Table
from tracker.sources.http.client import Client
from tracker.sources.protocol import Task, fetch_all_if_any_changed

DATA_SET = "open-llm-leaderboard/contents"
_EXPECTED = ("model", "score", "license")
# Its column keys, besides those that every board has.
_KNOWN = (
    "eval_name precision type t weight_type architecture model_sha hub params_b"
    " available_on_the_hub moe flagged chat_template co2_cost_kg ifeval_raw ifeval bbh_raw bbh"
    " math_lvl_5_raw math_lvl_5 gpqa_raw gpqa musr_raw musr mmlu_pro_raw mmlu_pro merged"
    " official_providers upload_to_hub_date submission_date generation base_model"
    " maintainer_s_highlight not_merged"
).split()
Rows = Sequence[Mapping[str, Any]]


def read_pages(client: Client, task: Task[BoardSource]) -> Iterator[Page]:
    """Yield one page, as of the newest submission, with each model's best run.

    Runs that the maintainers of the board flagged are omitted, as on the site by default.
    """
    paths = [
        path
        for path in huggingface_dataset.list_files(client, task, DATA_SET)
        if path.endswith(".parquet")
    ]
    requests = [huggingface_dataset.file_request(task, DATA_SET, path) for path in sorted(paths)]
    if not requests:
        raise SourceMalformed(task.name, task.settings.url, "it has no table")
    found = fetch_all_if_any_changed(client, task, requests)
    if not found:
        return
    url = requests[0].url
    rows = [row for got, _ in found for row in parquet.parse_rows(got.body, task.name, url)]
    parsed = leaderboards.boards_from_tables(
        [Table(_best(rows))],
        board=task.name,
        day=_newest(rows, until=task.now.date()),
        origin=TableOrigin(name=url, source=task.name, expected=_EXPECTED, known=_KNOWN),
    )
    validators = tuple(known for _, known in found)
    yield Page(parsed.snapshots, warnings=parsed.warnings, cache_validators=validators)


def _best(rows: Rows) -> Rows:
    """Return the runs that are not flagged, best first."""
    valid = [row for row in rows if not row.get("Flagged")]
    return sorted(valid, key=_score, reverse=True)


def _score(row: Mapping[str, Any]) -> float:
    cells = {leaderboard_columns.normalize_header(header): cell for header, cell in row.items()}
    return table_cells.parse_number(leaderboard_columns.column_value(cells, "score")) or 0.0


def _newest(rows: Rows, until: date) -> date | None:
    """Return the day of the newest submission; None when no row has one."""
    days = []
    for row in rows:
        try:
            days.append(date.fromisoformat(str(row.get("Submission Date"))[:10]))
        except ValueError:
            continue
    return max((day for day in days if day <= until), default=None)
