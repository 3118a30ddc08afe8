"""Stored texts in the form in which sources now store them, for works of earlier releases.

Public: `normalize_all`. A release that changes the form appends a migration that calls it.
"""

import sqlite3
from collections.abc import Sequence
from hashlib import blake2b

from summarizer.text.characters import normalize_characters
from tracker.sources.formats.arxiv.author_names import clean_author_name, split_author_line
from tracker.store import cjk

# Works read at a time: their texts fill a few megabytes.
_BATCH = 3000
_COLUMNS = ("title", "abstract", "comments", "journal_ref", "byline")
# What only an author line of arXiv has: such a line was cut at its commas before.
_LINE_SIGNS = frozenset("()[]{}\\$")


def normalize_all(connection: sqlite3.Connection) -> None:
    """Rewrite the works whose texts or names differ from their normal form."""
    query = f"SELECT id, {', '.join(_COLUMNS)} FROM works WHERE id > ? ORDER BY id LIMIT ?"
    last = -1
    while rows := connection.execute(query, (last, _BATCH)).fetchall():
        last = rows[-1][0]
        names = _names(connection, rows[0][0], last)
        for number, *texts in rows:
            _normalize_work(connection, number, texts, names.get(number, []))
    _normalize_versions(connection)


def _names(connection: sqlite3.Connection, first: int, last: int) -> dict[int, list[str]]:
    """Return the names of the authors of works by number."""
    names: dict[int, list[str]] = {}
    query = "SELECT work, name FROM authors WHERE work BETWEEN ? AND ? ORDER BY work, position"
    for number, name in connection.execute(query, (first, last)):
        names.setdefault(number, []).append(name)
    return names


def _normalize_work(
    connection: sqlite3.Connection, number: int, texts: Sequence[str], names: list[str]
) -> None:
    cleaned = _clean_names(names)
    plain = [*(_one_line(text) for text in texts[:-1]), ", ".join(cleaned)]
    if plain == [*texts[:-1], ", ".join(names)]:
        return
    assignments = ", ".join(f"{column} = ?" for column in _COLUMNS)
    # The index compares hashes for equality only: a new one marks the work as changed.
    text_hash, content_hash = _hash("\n".join(plain[:2])), _hash("\0".join(plain))
    connection.execute(
        f"UPDATE works SET {assignments}, text_digest = ?, digest = ? WHERE id = ?",
        (*plain, text_hash, content_hash, number),
    )
    connection.execute("DELETE FROM authors WHERE work = ?", (number,))
    connection.executemany(
        "INSERT INTO authors (work, position, name) VALUES (?, ?, ?)",
        ((number, position, name) for position, name in enumerate(cleaned)),
    )
    cjk.reindex_works(connection, [number])


def _clean_names(names: list[str]) -> list[str]:
    line = ", ".join(names)
    if _LINE_SIGNS & set(line):
        return list(split_author_line(line))
    return [cleaned for name in names if (cleaned := clean_author_name(name))]


def _one_line(text: str) -> str:
    return text if text.isascii() else " ".join(normalize_characters(text).split())


def _hash(text: str) -> str:
    return blake2b(text.encode(), digest_size=12).hexdigest()


def _normalize_versions(connection: sqlite3.Connection) -> None:
    """Rewrite the abstracts of replaced versions."""
    query = "SELECT work, number, abstract FROM versions WHERE abstract IS NOT NULL"
    changed = [
        (plain, work, number)
        for work, number, abstract in connection.execute(query)
        if (plain := _one_line(abstract)) != abstract
    ]
    connection.executemany(
        "UPDATE versions SET abstract = ? WHERE work = ? AND number = ?", changed
    )
