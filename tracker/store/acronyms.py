"""Acronyms with their senses: which work uses which, and in how many works each is used.

`acronym_uses` is what was found in the works that `acronym_scans` names; `acronyms` counts it and
is kept right by triggers, so that no work can count twice and one that goes takes its uses along.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from tracker.store.database import Database, writing


class Use(NamedTuple):
    """A short form and what it stands for: two keys to count by, and both as they were written."""

    short: str
    long: str
    written_short: str
    written_long: str


class Sense(NamedTuple):
    """What a short form stands for in `papers` works, in the spellings that most of them have."""

    short: str
    long: str
    written_short: str
    written_long: str
    papers: int


class Text(NamedTuple):
    """A work's text and the hash of it."""

    title: str
    abstract: str
    digest: str


def unscanned(db: Database, finder: str) -> list[int]:
    """Works whose present text this finder has not seen."""
    rows = db.execute(
        "SELECT w.id FROM works w LEFT JOIN acronym_scans s"
        " ON s.work = w.id AND s.finder = ? AND s.text_digest = w.text_digest"
        " WHERE s.work IS NULL ORDER BY w.id",
        [finder],
    )
    return [number for (number,) in rows]


def texts(db: Database, works: Sequence[int]) -> dict[int, Text]:
    """The texts of works by number."""
    marks = ",".join("?" * len(works))
    rows = db.execute(
        f"SELECT id, title, abstract, text_digest FROM works WHERE id IN ({marks})", works
    )
    return {number: Text(*text) for number, *text in rows}


def add(db: Database, finder: str, found: Mapping[int, tuple[str, Iterable[Use]]]) -> None:
    """Store what was found in works, none being an answer too, in one transaction.

    With each goes the hash of the text that was read: one that has changed since stays unscanned.
    What was found in an older text of the work is taken back.
    """
    with writing(db):
        db.conn.executemany("DELETE FROM acronym_uses WHERE work = ?", ((work,) for work in found))
        db.conn.executemany(
            "INSERT INTO acronym_uses (work, short, long, written_short, written_long)"
            " SELECT id, ?, ?, ?, ? FROM works WHERE id = ?",
            ((*use, work) for work, (_, given) in found.items() for use in given),
        )
        db.conn.executemany(
            "INSERT OR REPLACE INTO acronym_scans (work, finder, text_digest)"
            " SELECT id, ?, ? FROM works WHERE id = ?",
            ((finder, digest, work) for work, (digest, _) in found.items()),
        )


def senses(db: Database, shorts: Collection[str]) -> dict[str, list[Sense]]:
    """Every sense of each of the short forms that has any, the most used first."""
    return _gathered(db, "short", shorts)


def shorts_of(db: Database, longs: Collection[str]) -> dict[str, list[Sense]]:
    """The short forms of each of the long forms that has any, the most used first."""
    return _gathered(db, "long", longs)


def _gathered(db: Database, column: str, keys: Collection[str]) -> dict[str, list[Sense]]:
    marks = ",".join("?" * len(keys))
    rows = db.execute(
        "SELECT short, long, written_short, written_long, papers FROM acronyms"
        f" WHERE {column} IN ({marks}) ORDER BY papers DESC, written_short, written_long",
        list(keys),
    )
    merged: dict[tuple[str, str], Sense] = {}
    for row in map(Sense._make, rows):
        known = merged.get((row.short, row.long), row._replace(papers=0))
        merged[row.short, row.long] = known._replace(papers=known.papers + row.papers)
    found: dict[str, list[Sense]] = {}
    for sense in sorted(merged.values(), key=_most_used):
        found.setdefault(getattr(sense, column), []).append(sense)
    return found


def _most_used(sense: Sense) -> tuple[int, str, str]:
    return -sense.papers, sense.short, sense.long


def totals(db: Database) -> tuple[int, int, int]:
    """How many works were scanned, how many uses were found, and how many senses these are."""
    row = db.execute(
        "SELECT (SELECT count(*) FROM acronym_scans), (SELECT count(*) FROM acronym_uses),"
        " (SELECT count(*) FROM (SELECT DISTINCT short, long FROM acronyms))"
    ).fetchone()
    return int(row[0]), int(row[1]), int(row[2])


def newest_with(db: Database, word: str, limit: int) -> list[str]:
    """The texts of the last works taken in that hold a word (letters and digits) in any case."""
    rows = db.execute(
        "SELECT w.title || char(10) || w.abstract FROM works_fts JOIN works w"
        " ON w.id = works_fts.rowid WHERE works_fts MATCH ? ORDER BY works_fts.rowid DESC LIMIT ?",
        [f'"{word}"', limit],
    )
    return [text for (text,) in rows]
