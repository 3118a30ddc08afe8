"""Lexical retrieval: BM25 over the full-text tables, through SQLite's FTS5.

Expressions come from `tracker.store.expressions`, which no text can make a syntax error.
"""

from collections.abc import Sequence

from tracker.store.database import Database
from tracker.store.expressions import BIGRAMS, WORDS, Part, any_of
from tracker.store.filters import Filter

# Weights of title, abstract and names: a word in the title says more than one in the abstract; and
# of a summary, which the table of bigrams has too.
_WEIGHTS = {WORDS: "5.0, 1.0, 2.0", BIGRAMS: "5.0, 1.0, 2.0, 1.0"}


def search(
    db: Database, parts: Sequence[Part], limit: int, only: Filter
) -> list[list[tuple[int, float]]]:
    """Works that hold any of the parts, by table, best first, as (number, BM25; higher is better).

    BM25 of two tables cannot be compared: there is a list for each table that is asked.
    """
    clause, values = only.clause()
    found = []
    for table, expression in any_of(parts).items():
        rows = db.execute(
            f"SELECT w.id, -bm25({table}, {_WEIGHTS[table]}) AS score FROM {table}"
            f" JOIN works w ON w.id = {table}.rowid"
            f" WHERE {table} MATCH ? AND {clause} ORDER BY score DESC, w.id LIMIT ?",
            [expression, *values, limit],
        )
        found.append([(number, score) for number, score in rows])
    return found


def newest(db: Database, limit: int, only: Filter) -> list[int]:
    """Works that pass the filter, the latest announced first."""
    clause, values = only.clause()
    rows = db.execute(
        f"SELECT w.id FROM works w WHERE {clause} ORDER BY w.announced DESC, w.id DESC LIMIT ?",
        [*values, limit],
    )
    return [number for (number,) in rows]


def allowed(db: Database, numbers: Sequence[int], only: Filter) -> set[int]:
    """Those of `numbers` that pass the filter."""
    clause, values = only.clause()
    marks = ",".join("?" * len(numbers))
    rows = db.execute(
        f"SELECT w.id FROM works w WHERE w.id IN ({marks}) AND {clause}", [*numbers, *values]
    )
    return {number for (number,) in rows}


def matched(db: Database, numbers: Sequence[int], parts: Sequence[Part]) -> dict[int, list[str]]:
    """For each of `numbers`, the labels of the parts that it holds."""
    found: dict[int, list[str]] = {}
    marks = ",".join("?" * len(numbers))
    for part in parts:
        rows = db.execute(
            f"SELECT rowid FROM {part.table} WHERE {part.table} MATCH ? AND rowid IN ({marks})",
            [part.expression, *numbers],
        )
        for (number,) in rows:
            labels = found.setdefault(number, [])
            labels += [] if part.label in labels else [part.label]
    return found
