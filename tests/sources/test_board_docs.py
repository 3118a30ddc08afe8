"""The page about leaderboard headers is generated from the tables that the parser uses."""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tracker.sources.formats.boards.leaderboard_columns import (
    CATEGORIES,
    COLUMNS,
    KNOWN_COLUMNS,
    has_column,
    normalize_header,
)

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

_PART = re.compile(r"(<!-- (\w+): made by .*? -->\n).*?(<!-- end -->)", re.DOTALL)


def columns() -> Iterator[str]:
    """Yield our columns and the headers that map to them."""
    yield from ("| column | headers | |", "| --- | --- | --- |")
    for name, headers in COLUMNS.items():
        yield f"| {name} | {_named(headers)} | {MEANING[name]} |"
    yield f"| none | {_named(sorted(KNOWN_COLUMNS))} | known, and kept as they are |"


def categories() -> Iterator[str]:
    """Yield the names of categories that are replaced."""
    yield from ("| in the file | board |", "| --- | --- |")
    yield from (f"| `{name}` | `{ours}` |" for name, ours in CATEGORIES.items())


def _named(headers: Iterable[str]) -> str:
    return ", ".join(f"`{header}`" for header in headers)


def regenerated_page(page: str) -> str:
    """Return the page with its expected tables."""
    parts = {"columns": columns, "categories": categories}

    def part(found: re.Match[str]) -> str:
        return f"{found[1]}" + "\n".join(parts[found[2]]()) + f"\n{found[3]}"

    return _PART.sub(part, page)


def test_the_page_matches_the_tables(pytestconfig: pytest.Config) -> None:
    page = PAGE.read_text(encoding="utf-8")
    if pytestconfig.getoption("--update-golden"):
        PAGE.write_text(regenerated_page(page), encoding="utf-8")
    assert len(_PART.findall(page)) == 2
    assert PAGE.read_text(encoding="utf-8") == regenerated_page(page), "run `make golden`"


def test_no_header_has_two_meanings() -> None:
    headers = [*(header for group in COLUMNS.values() for header in group), *KNOWN_COLUMNS]
    assert len(headers) == len(set(headers))
    assert [normalize_header(header) for header in headers] == headers


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
def test_every_header_of_the_real_tables_is_on_the_page(kind: str, shared_data: Path) -> None:
    for header in set(headers_of(shared_data / "leaderboards" / kind)):
        ours = any(has_column(name, [header]) for name in COLUMNS)
        assert (
            ours
            or normalize_header(header) in KNOWN_COLUMNS
            or normalize_header(header).startswith("rank_")
        ), header
