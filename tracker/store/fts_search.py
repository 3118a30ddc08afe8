"""Lexical retrieval: BM25 over the full-text tables of SQLite's FTS5.

Expressions come from `tracker.store.fts_query`, which quotes all text.
"""

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from tracker.store.database import Database
from tracker.store.fts_query import BIGRAMS, WORDS, MatchClause, any_of
from tracker.store.paper_filters import Filter, signs_condition

# Weights of title, abstract and names: a word in the title counts for more than one in the
# abstract. The table of bigrams has a fourth column, the summary.
_WEIGHTS = {WORDS: "3.0, 1.0, 2.0", BIGRAMS: "3.0, 1.0, 2.0, 1.0"}
# What a name with its sign, such as C++, adds to BM25: the weight of a rare word.
_SIGNED_SCORE = 8.0


def search(
    db: Database, parts: Sequence[MatchClause], limit: int, only: Filter, *, after: int = 0
) -> list[dict[int, float]]:
    """Return BM25 scores (higher is better) of the best works that match any part, best first.

    Scores of two tables are not comparable, so there is one result per table. Works with numbers up
    to `after` are excluded.
    """
    clause, values = only.where_clause()
    signs = [signs_condition(part) for part in parts if part.signed]
    bonus = "".join(f" + {_SIGNED_SCORE} * ({sql})" for sql, _ in signs)
    words = [word for _, signed in signs for word in signed]
    found = []
    for table, expression in any_of(parts).items():
        rows = db.execute(
            f"SELECT w.id, -bm25({table}, {_WEIGHTS[table]}){bonus} AS score FROM {table}"
            f" JOIN works w ON w.id = {table}.rowid"
            f" WHERE {table} MATCH ? AND {table}.rowid > ? AND {clause}"
            " ORDER BY score DESC, w.id LIMIT ?",
            [*words, expression, after, *values, limit],
        )
        found.append(dict(rows.fetchall()))
    return found


def newest_works(db: Database, limit: int, only: Filter) -> list[int]:
    """Return works that pass the filter, latest announced first."""
    clause, values = only.where_clause()
    rows = db.execute(
        f"SELECT w.id FROM works w WHERE {clause} ORDER BY w.announced DESC, w.id DESC LIMIT ?",
        [*values, limit],
    )
    return [number for (number,) in rows]


def works_matching_filter(db: Database, only: Filter) -> NDArray[np.int64]:
    """Return all works that pass the filter, ascending.

    They are sorted here: with ORDER BY, SQLite reads whole rows with their abstracts in that order,
    instead of an index of a few bytes per work.
    """
    clause, values = only.where_clause()
    return np.sort(_numbers(db.execute(f"SELECT w.id FROM works w WHERE {clause}", values)))


def works_containing(db: Database, part: MatchClause) -> NDArray[np.int64]:
    """Return all works that match a part, ascending; without BM25, a hundred times faster."""
    table = part.table
    found = f"SELECT rowid FROM {table} WHERE {table} MATCH ?"
    if not part.signed:
        return _numbers(db.execute(found, [part.expression]))
    signs, words = signs_condition(part)
    query = f"SELECT w.id FROM works w WHERE w.id IN ({found}) AND {signs} ORDER BY w.id"
    return _numbers(db.execute(query, [part.expression, *words]))


def _numbers(rows: Iterable[Sequence[int]]) -> NDArray[np.int64]:
    return np.fromiter(chain.from_iterable(rows), np.int64)


def filter_works_containing(db: Database, part: MatchClause, numbers: Sequence[int]) -> set[int]:
    """Return which of `numbers` match a part."""
    marks = ",".join("?" * len(numbers))
    signs, words = signs_condition(part) if part.signed else ("1", [])
    rows = db.execute(
        f"SELECT w.id FROM {part.table} JOIN works w ON w.id = {part.table}.rowid"
        f" WHERE {part.table} MATCH ? AND {part.table}.rowid IN ({marks}) AND {signs}",
        [part.expression, *numbers, *words],
    )
    return {number for (number,) in rows}


def count_works_containing(db: Database, part: MatchClause, most: int) -> int:
    """Return how many works match a part, counting no further than `most`."""
    table = part.table
    query = f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {table} MATCH ? LIMIT ?)"
    (found,) = db.execute(query, [part.expression, most]).fetchone()
    return int(found)


def any_work_contains(db: Database, part: MatchClause) -> bool:
    """Whether any work matches a part."""
    table = part.table
    query = f"SELECT 1 FROM {table} WHERE {table} MATCH ? LIMIT 1"
    return db.execute(query, [part.expression]).fetchone() is not None
