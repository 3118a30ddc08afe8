"""Acronyms with their senses: which work uses which, and in how many works each is used.

`acronym_uses` holds the uses found in the works that `acronym_scans` lists. Triggers maintain the
counts in `acronyms`, so that no work counts twice and a deleted work is subtracted.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from tracker.store.database import Database, write_transaction


class AcronymUse(NamedTuple):
    """A short form and its meaning: two keys for counting, and both as written."""

    short: str
    long: str
    written_short: str
    written_long: str


class Sense(NamedTuple):
    """The meaning of a short form in `papers` works, in the most frequent spelling."""

    short: str
    long: str
    written_short: str
    written_long: str
    papers: int


class WorkText(NamedTuple):
    """A work's text and its hash."""

    title: str
    abstract: str
    digest: str


def list_unscanned_works(db: Database, finder: str) -> list[int]:
    """Return works whose current text has not been scanned by this version of the finder."""
    rows = db.execute(
        "SELECT w.id FROM works w LEFT JOIN acronym_scans s"
        " ON s.work = w.id AND s.finder = ? AND s.text_digest = w.text_digest"
        " WHERE s.work IS NULL ORDER BY w.id",
        [finder],
    )
    return [number for (number,) in rows]


def load_texts(db: Database, works: Sequence[int]) -> dict[int, WorkText]:
    """Return the texts of works by number."""
    marks = ",".join("?" * len(works))
    rows = db.execute(
        f"SELECT id, title, abstract, text_digest FROM works WHERE id IN ({marks})", works
    )
    return {number: WorkText(*text) for number, *text in rows}


def store_uses(
    db: Database, finder: str, found: Mapping[int, tuple[str, Iterable[AcronymUse]]]
) -> None:
    """Store the uses found in works, possibly none, in one transaction.

    Each comes with the hash of the text that was read: a text that has changed since stays
    unscanned. Uses found in an older text of the work are deleted.
    """
    with write_transaction(db):
        db.conn.executemany("DELETE FROM acronym_uses WHERE work = ?", ((work,) for work in found))
        db.conn.executemany(
            "INSERT INTO acronym_uses (work, short, long, written_short, written_long)"
            " SELECT id, ?, ?, ?, ? FROM works WHERE id = ?",
            ((*use, work) for work, (_, uses) in found.items() for use in uses),
        )
        db.conn.executemany(
            "INSERT OR REPLACE INTO acronym_scans (work, finder, text_digest)"
            " SELECT id, ?, ? FROM works WHERE id = ?",
            ((finder, text_hash, work) for work, (text_hash, _) in found.items()),
        )


def senses_by_short_form(db: Database, shorts: Collection[str]) -> dict[str, list[Sense]]:
    """Return the senses of each short form that has any, most used first."""
    return _senses_by_column(db, "short", shorts)


def senses_by_long_form(db: Database, longs: Collection[str]) -> dict[str, list[Sense]]:
    """Return the short forms of each long form that has any, most used first."""
    return _senses_by_column(db, "long", longs)


def _senses_by_column(db: Database, column: str, keys: Collection[str]) -> dict[str, list[Sense]]:
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


def count_scans_uses_senses(db: Database) -> tuple[int, int, int]:
    """Return the numbers of scanned works, of uses found, and of distinct senses."""
    row = db.execute(
        "SELECT (SELECT count(*) FROM acronym_scans), (SELECT count(*) FROM acronym_uses),"
        " (SELECT count(*) FROM (SELECT DISTINCT short, long FROM acronyms))"
    ).fetchone()
    return int(row[0]), int(row[1]), int(row[2])


def newest_texts_containing(db: Database, word: str, limit: int) -> list[str]:
    """Return the texts of the last works stored that contain a word (letters and digits)."""
    rows = db.execute(
        "SELECT w.title || char(10) || w.abstract FROM works_fts JOIN works w"
        " ON w.id = works_fts.rowid WHERE works_fts MATCH ? ORDER BY works_fts.rowid DESC LIMIT ?",
        [f'"{word}"', limit],
    )
    return [text for (text,) in rows]
