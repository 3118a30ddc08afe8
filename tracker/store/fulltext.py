"""Lexical retrieval: BM25 over the full-text tables, through SQLite's FTS5.

Expressions come from `tracker.store.expressions`, which no text can make a syntax error.
"""

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from tracker.store.database import Database
from tracker.store.expressions import BIGRAMS, WORDS, Part, any_of
from tracker.store.filters import Filter

# Weights of title, abstract and names: a word in the title says more than one in the abstract; and
# of a summary, which the table of bigrams has too.
_WEIGHTS = {WORDS: "3.0, 1.0, 2.0", BIGRAMS: "3.0, 1.0, 2.0, 1.0"}


def search(
    db: Database, parts: Sequence[Part], limit: int, only: Filter, *, after: int = 0
) -> list[dict[int, float]]:
    """BM25 (higher is better) of the best works that hold any of the parts, by table, best first.

    BM25 of two tables cannot be compared: there is one answer for each table that is asked. Works
    up to the number `after` are passed over.
    """
    clause, values = only.clause()
    found = []
    for table, expression in any_of(parts).items():
        rows = db.execute(
            f"SELECT w.id, -bm25({table}, {_WEIGHTS[table]}) AS score FROM {table}"
            f" JOIN works w ON w.id = {table}.rowid"
            f" WHERE {table} MATCH ? AND {table}.rowid > ? AND {clause}"
            " ORDER BY score DESC, w.id LIMIT ?",
            [expression, after, *values, limit],
        )
        found.append(dict(rows.fetchall()))
    return found


def newest(db: Database, limit: int, only: Filter) -> list[int]:
    """Works that pass the filter, the latest announced first."""
    clause, values = only.clause()
    rows = db.execute(
        f"SELECT w.id FROM works w WHERE {clause} ORDER BY w.announced DESC, w.id DESC LIMIT ?",
        [*values, limit],
    )
    return [number for (number,) in rows]


def passing(db: Database, only: Filter) -> NDArray[np.int64]:
    """All works that pass the filter, ascending.

    Sorted here: asked to sort, SQLite reads the works in that order, abstracts and all, and not an
    index of a few bytes each.
    """
    clause, values = only.clause()
    return np.sort(_numbers(db.execute(f"SELECT w.id FROM works w WHERE {clause}", values)))


def holding(db: Database, part: Part) -> NDArray[np.int64]:
    """All works that hold a part, ascending: without BM25 a hundred times faster than with it."""
    table = part.table
    rows = db.execute(f"SELECT rowid FROM {table} WHERE {table} MATCH ?", [part.expression])
    return _numbers(rows)


def _numbers(rows: Iterable[Sequence[int]]) -> NDArray[np.int64]:
    return np.fromiter(chain.from_iterable(rows), np.int64)


def among(db: Database, part: Part, numbers: Sequence[int]) -> set[int]:
    """Those of some works that hold a part."""
    marks = ",".join("?" * len(numbers))
    rows = db.execute(
        f"SELECT rowid FROM {part.table} WHERE {part.table} MATCH ? AND rowid IN ({marks})",
        [part.expression, *numbers],
    )
    return {number for (number,) in rows}
