"""Table `paper_facts`: what each work states about itself, one row per work.

`tracker.paper.paper_facts` defines the facts. They are stored with a work's text, so that a filter
needs no search through abstracts and a page no patterns; the withdrawal is in `works.withdrawn`.

Public: `store`, `recompute_all`, `compute_kinds`. A release that changes the definition appends a
migration that calls the function for the facts that change.
"""

import sqlite3
from collections.abc import Iterable

from tracker.paper.paper_facts import PaperFacts, find_facts
from tracker.paper.title_kind import kind_of_title

# Works read at a time: their texts fill a few megabytes.
_BATCH = 3000


def store(connection: sqlite3.Connection, facts: Iterable[tuple[int, PaperFacts]]) -> None:
    """Write the facts of works by number, in place of those stored before."""
    connection.executemany(
        "INSERT OR REPLACE INTO paper_facts (work, code_link, model_link, venue, kind)"
        " VALUES (?, ?, ?, ?, ?)",
        (
            (number, known.code_link, known.model_link, known.venue, known.kind)
            for number, known in facts
        ),
    )


def recompute_all(connection: sqlite3.Connection) -> None:
    """Compute and write the facts of every work but its kind: 68,394 works take about 4 s."""
    query = (
        "SELECT id, abstract, comments, journal_ref, title, withdrawn FROM works"
        " WHERE id > ? ORDER BY id LIMIT ?"
    )
    last = -1
    while rows := connection.execute(query, (last, _BATCH)).fetchall():
        last = rows[-1][0]
        facts = [(number, find_facts(*texts)) for number, *texts, _ in rows]
        connection.executemany(
            "INSERT INTO paper_facts (work, code_link, model_link, venue) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (work) DO UPDATE SET code_link = excluded.code_link,"
            " model_link = excluded.model_link, venue = excluded.venue",
            ((number, f.code_link, f.model_link, f.venue) for number, f in facts),
        )
        # Every write to `works` indexes its text again, so only those that differ are written.
        pairs = zip(rows, facts, strict=True)
        connection.executemany(
            "UPDATE works SET withdrawn = ? WHERE id = ?",
            [(int(known.withdrawn), number) for row, (number, known) in pairs
             if row[-1] != known.withdrawn],
        )  # fmt: skip


def compute_kinds(connection: sqlite3.Connection) -> None:
    """Compute and write the kind of every work: 68,394 works take about 1 s."""
    last = -1
    query = "SELECT id, title FROM works WHERE id > ? ORDER BY id LIMIT ?"
    while rows := connection.execute(query, (last, _BATCH)).fetchall():
        last = rows[-1][0]
        connection.executemany(
            "UPDATE paper_facts SET kind = ? WHERE work = ?",
            [(kind, number) for number, title in rows if (kind := kind_of_title(title))],
        )
