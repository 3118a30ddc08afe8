"""One sentence of every work, for lists: extracting ten takes longer than finding them.

A snippet is current while the hash of its text is the hash of the work's text.
"""

from collections.abc import Mapping, Sequence

from tracker.store.database import Database, write_transaction


def works_without_snippet(db: Database, method: str) -> list[int]:
    """Return works without a current snippet by this method, newest announced first."""
    rows = db.execute(
        # In the order of numbers, as `vectors.works_without_vector` does.
        "SELECT id FROM works WHERE id IN ("
        " SELECT w.id FROM works w INDEXED BY works_by_number LEFT JOIN glimpses g"
        " ON g.work = w.id AND g.method = ? AND g.text_digest = w.text_digest"
        " WHERE g.work IS NULL) ORDER BY announced DESC, id",
        [method],
    )
    return [number for (number,) in rows]


def store_snippets(db: Database, method: str, found: Mapping[int, tuple[str, str]]) -> None:
    """Store (text hash, sentence) by work, in one transaction."""
    with write_transaction(db):
        db.conn.executemany(
            "INSERT OR REPLACE INTO glimpses (work, method, text_digest, sentence)"
            " SELECT id, ?, ?, ? FROM works WHERE id = ?",
            ((method, *snippet, work) for work, snippet in found.items()),
        )


def for_works(db: Database, method: str, works: Sequence[int]) -> dict[int, str]:
    """Return the current snippets of those of `works` that have one."""
    marks = ",".join("?" * len(works))
    rows = db.execute(
        "SELECT g.work, g.sentence FROM glimpses g JOIN works w ON w.id = g.work"
        f" WHERE g.method = ? AND g.text_digest = w.text_digest AND g.work IN ({marks})",
        [method, *works],
    )
    return dict(rows.fetchall())
