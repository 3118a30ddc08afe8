"""The page that says which header became what is made of the tables that the reader goes by."""

import csv
import json
import re
from collections.abc import Iterable, Iterator
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

_PART = re.compile(r"(<!-- (\w+): made by .*? -->\n).*?(<!-- end -->)", re.DOTALL)


def columns() -> Iterator[str]:
    """Our columns and the headers that became them."""
    yield from ("| column | headers | |", "| --- | --- | --- |")
    for name, headers in COLUMNS.items():
        yield f"| {name} | {_named(headers)} | {MEANING[name]} |"
    yield f"| none | {_named(sorted(KEPT))} | known, and kept as they are |"


def categories() -> Iterator[str]:
    """The names of categories that are changed."""
    yield from ("| in the file | board |", "| --- | --- |")
    yield from (f"| `{name}` | `{ours}` |" for name, ours in CATEGORIES.items())


def _named(headers: Iterable[str]) -> str:
    return ", ".join(f"`{header}`" for header in headers)


def made_anew(page: str) -> str:
    """The page with its tables as they must be."""
    parts = {"columns": columns, "categories": categories}

    def part(found: re.Match[str]) -> str:
        return f"{found[1]}" + "\n".join(parts[found[2]]()) + f"\n{found[3]}"

    return _PART.sub(part, page)


def test_the_page_says_what_the_reader_does(pytestconfig: pytest.Config) -> None:
    page = PAGE.read_text(encoding="utf-8")
    if pytestconfig.getoption("--update-golden"):
        PAGE.write_text(made_anew(page), encoding="utf-8")
    assert len(_PART.findall(page)) == 2
    assert PAGE.read_text(encoding="utf-8") == made_anew(page), "run `make golden`"


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
