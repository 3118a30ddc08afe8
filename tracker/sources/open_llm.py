"""The Open LLM Leaderboard, an archive since it was retired in March 2025: one board, read once.

Public: `read`. Source: huggingface.co/datasets/open-llm-leaderboard/contents.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from tracker.errors import SourceMalformed
from tracker.records import Page
from tracker.settings import BoardSource
from tracker.sources import boards, columns, hub, parquet
from tracker.sources.http import Client
from tracker.sources.reader import Task, fetch_together
from tracker.sources.tables import Table

DATA_SET = "open-llm-leaderboard/contents"
_EXPECTED = ("model", "score", "license")
# Its columns, as keys, besides those that every board has.
_KNOWN = (
    "eval_name precision type t weight_type architecture model_sha hub params_b"
    " available_on_the_hub moe flagged chat_template co2_cost_kg ifeval_raw ifeval bbh_raw bbh"
    " math_lvl_5_raw math_lvl_5 gpqa_raw gpqa musr_raw musr mmlu_pro_raw mmlu_pro merged"
    " official_providers upload_to_hub_date submission_date generation base_model"
    " maintainer_s_highlight not_merged"
).split()
Rows = Sequence[Mapping[str, Any]]


def read(client: Client, task: Task[BoardSource]) -> Iterator[Page]:
    """One page, as of the newest submission; a model is there once, with its best run.

    Runs that the board's keepers flagged, as the site does by default, are left out.
    """
    paths = [path for path in hub.files(client, task, DATA_SET) if path.endswith(".parquet")]
    asks = [hub.ask(task, DATA_SET, path) for path in sorted(paths)]
    if not asks:
        raise SourceMalformed(task.name, task.settings.url, "it has no table")
    found = fetch_together(client, task, asks)
    if not found:
        return
    url = asks[0].url
    rows = [row for answer, _ in found for row in parquet.rows(answer.body, task.name, url)]
    parsed = boards.of_tables(
        [Table(_best(rows))],
        board=task.name,
        name=url,
        day=_newest(rows, until=task.now.date()),
        source=task.name,
        expected=_EXPECTED,
        known=_KNOWN,
    )
    copies = tuple(copy for _, copy in found)
    yield Page(parsed.snapshots, warnings=parsed.warnings, copies=copies)


def _best(rows: Rows) -> Rows:
    """The runs that count, the best first."""
    valid = [row for row in rows if not row.get("Flagged")]
    return sorted(valid, key=_score, reverse=True)


def _score(row: Mapping[str, Any]) -> float:
    cells = {columns.key(header): cell for header, cell in row.items()}
    return columns.number(columns.value(cells, "score")) or 0.0


def _newest(rows: Rows, until: date) -> date | None:
    """The day of the newest submission; None when no row tells one."""
    days = []
    for row in rows:
        try:
            days.append(date.fromisoformat(str(row.get("Submission Date"))[:10]))
        except ValueError:
            continue
    return max((day for day in days if day <= until), default=None)
