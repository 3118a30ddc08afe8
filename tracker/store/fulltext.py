"""Lexical retrieval: BM25 over titles, abstracts and names, through SQLite's FTS5.

Words are quoted before FTS5 sees them, so that no query is ever a syntax error.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tracker.store.database import Database

# Weights of title, abstract and names: a word in the title says more than one in the abstract.
_WEIGHTS = "5.0, 1.0, 2.0"
_WORD = re.compile(r"\w+")
_WILDCARD = re.compile(r"[%_\\]")
_WORDS = 64


@dataclass(frozen=True, slots=True)
class Filter:
    """What a result must fulfil besides matching; an empty filter lets everything pass."""

    since: date | None = None
    until: date | None = None
    categories: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    author: str = ""

    def clause(self) -> tuple[str, list[str]]:
        """An SQL condition on the work row `w`, and its parameters."""
        parts: list[str] = []
        values: list[str] = []
        for column, day in ((">=", self.since), ("<=", self.until)):
            if day:
                parts.append(f"w.announced {column} ?")
                values.append(day.isoformat())
        for table, names in (("categories", self.categories), ("tags", self.topics)):
            if names:
                marks = ",".join("?" * len(names))
                parts.append(
                    f"EXISTS (SELECT 1 FROM {table} t WHERE t.work = w.id AND t.name IN ({marks}))"
                )
                values.extend(names)
        if self.author:
            parts.append(
                "EXISTS (SELECT 1 FROM authors a WHERE a.work = w.id AND a.name LIKE ? ESCAPE '\\')"
            )
            values.append("%" + _WILDCARD.sub(r"\\\g<0>", self.author) + "%")
        return " AND ".join(parts) or "1", values


def terms(text: str) -> tuple[str, ...]:
    """The words of a query as FTS5 would cut them, each once, at most 64."""
    return tuple(dict.fromkeys(word.lower() for word in _WORD.findall(text)))[:_WORDS]


def search(
    db: Database, words: Sequence[str], limit: int, only: Filter | None = None
) -> list[tuple[int, float]]:
    """Works that hold any of the words, best first, as (number, BM25 score; higher is better)."""
    if not words:
        return []
    clause, values = (only or Filter()).clause()
    match = " OR ".join(f'"{word}"' for word in words)
    rows = db.execute(
        f"SELECT w.id, -bm25(works_fts, {_WEIGHTS}) AS score FROM works_fts"
        " JOIN works w ON w.id = works_fts.rowid"
        f" WHERE works_fts MATCH ? AND {clause} ORDER BY score DESC, w.id LIMIT ?",
        [match, *values, limit],
    )
    return [(number, score) for number, score in rows]


def allowed(db: Database, numbers: Sequence[int], only: Filter) -> set[int]:
    """Those of `numbers` that pass the filter."""
    clause, values = only.clause()
    marks = ",".join("?" * len(numbers))
    rows = db.execute(
        f"SELECT w.id FROM works w WHERE w.id IN ({marks}) AND {clause}", [*numbers, *values]
    )
    return {number for (number,) in rows}


def matched(db: Database, numbers: Sequence[int], words: Sequence[str]) -> dict[int, list[str]]:
    """For each of `numbers`, which of the words it holds (stems count as the index counts them)."""
    found: dict[int, list[str]] = {}
    marks = ",".join("?" * len(numbers))
    for word in words:
        rows = db.execute(
            f"SELECT rowid FROM works_fts WHERE works_fts MATCH ? AND rowid IN ({marks})",
            [f'"{word}"', *numbers],
        )
        for (number,) in rows:
            found.setdefault(number, []).append(word)
    return found
