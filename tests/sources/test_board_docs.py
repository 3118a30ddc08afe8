"""The page that says which header became what is made of the tables that the reader goes by."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracker.sources.columns import CATEGORIES, COLUMNS, KEPT, holds, key

PAGE = Path(__file__).parents[2] / "docs" / "leaderboards.md"
MEANING = {
    "model": "the model's name",
    "score": "its score; higher is better",
    "rank": "its rank; a table without ranks is ranked by score, equal scores share a rank",
    "low": "lower end of the interval",
    "high": "upper end of the interval",
    "interval": "both ends as `+5/-4` or `±5` around the score",
    "votes": "votes or observations behind the score",
    "organization": "who made the model",
    "license": "its licence",
    "category": "the board that the row belongs to",
    "day": "the day of the row's snapshot",
}

TEXT = """# Leaderboards

Tables come from `tracker crawl` (the sources `arena`, `livebench`, `open_llm`, `paperswithcode`) and
from files, each kind told by its ending, `.json`, `.csv` or `.parquet`:

```sh
tracker import --as board:arena leaderboard.2026-03-09.csv
tracker import --as board:livebench table_2026_01_08.csv categories_2026_01_08.json
```

Whatever its shape, a table becomes rows of one shape: model, score, interval, votes, rank,
organization, license. Each category is a board of its own, `NAME/category`; all of them together are
the board `NAME`. The day of a snapshot is `--date`, else what the row or the document says, else what
the file's name says.

## Which header became what

Headers are compared in lower case, with everything that is no letter or digit as `_`: `Rank* (UB)` is
`rank_ub`. Where a table has several headers for one column, the first in this list is taken.

| column | headers | |
| --- | --- | --- |
{columns}

All columns are kept as they were read, also those that became nothing. These are known and say
nothing more: {kept}. Any other column is kept too, and a warning names it, for the table is not what
it was. A column that a crawled source has always had and has no more is a warning as well.

## Which category became what

| in the file | board |
| --- | --- |
{categories}

Any other category keeps its name, in lower case and with `_`.

## Shapes

| shape | seen in | becomes |
| --- | --- | --- |
| rows with a header, CSV | saved Arena tables of 2025 | one board |
| `{{category: {{model: {{column: …}}}}}}` | the Arena's text tables of 2025 | a board for each category |
| rows with `rank_overall`, `rank_math` … and no score | Arena rankings of 2026-02 | a board for each category that has ranks, without scores |
| rows with `category` and `leaderboard_publish_date`, Parquet | the Arena's data set | a board for each category, dated by the row |
| a column for each task, and a file of tasks by category | LiveBench | a board for each category: the mean of its tasks; `NAME`: the mean of the categories |
| a list of rows, also under `rows`, `models`, `results`, `leaderboard`, `data` | | one board |

A model that is listed twice counts once, with its first row. Lists of trending models have neither a
score nor a rank by category and are no boards.
"""  # fmt: skip


def page() -> str:
    """`docs/leaderboards.md` as it must be."""
    columns = [
        f"| {name} | {', '.join(f'`{header}`' for header in headers)} | {MEANING[name]} |"
        for name, headers in COLUMNS.items()
    ]
    categories = [f"| `{name}` | `{ours}` |" for name, ours in CATEGORIES.items()]
    return TEXT.format(
        columns="\n".join(columns),
        categories="\n".join(categories),
        kept=", ".join(f"`{name}`" for name in sorted(KEPT)),
    )


def test_the_page_says_what_the_reader_does(pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--update-golden"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make golden`"


def test_no_header_means_two_things() -> None:
    headers = [*(header for group in COLUMNS.values() for header in group), *KEPT]
    assert len(headers) == len(set(headers))
    assert [key(header) for header in headers] == headers


def headers_of(folder: Path) -> Iterator[str]:
    for path in folder.iterdir():
        if path.suffix == ".csv":
            yield from next(csv.reader(path.read_text(encoding="utf-8").splitlines()))
        else:
            found = json.loads(path.read_bytes())
            rows = found.get("models") or [
                row for group in found.values() for row in group.values()
            ]
            yield from (header for row in rows for header in row)


@pytest.mark.parametrize("kind", ["lmsys_csv", "lmarena_text", "lmarena_2026-02"])
def test_every_header_of_the_real_tables_stands_on_the_page(kind: str, shared_data: Path) -> None:
    for header in set(headers_of(shared_data / "leaderboards" / kind)):
        ours = any(holds(name, [header]) for name in COLUMNS)
        assert ours or key(header) in KEPT or key(header).startswith("rank_"), header
