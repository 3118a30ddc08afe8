"""One sentence of every work, for lists: to extract ten takes longer than to find them.

A glimpse is current while the hash of the text it was taken from is the hash of the work's text.
"""

from collections.abc import Mapping, Sequence

from tracker.store.database import Database, writing


def missing(db: Database, method: str) -> list[int]:
    """Works without a current glimpse by this method, the newest announced first."""
    rows = db.execute(
        "SELECT w.id FROM works w LEFT JOIN glimpses g"
        " ON g.work = w.id AND g.method = ? AND g.text_digest = w.text_digest"
        " WHERE g.work IS NULL ORDER BY w.announced DESC, w.id",
        [method],
    )
    return [number for (number,) in rows]


def add(db: Database, method: str, found: Mapping[int, tuple[str, str]]) -> None:
    """Store glimpses by work, each with the hash of the text it is of, in one transaction."""
    with writing(db):
        db.conn.executemany(
            "INSERT OR REPLACE INTO glimpses (work, method, text_digest, sentence)"
            " SELECT id, ?, ?, ? FROM works WHERE id = ?",
            ((method, *glimpse, work) for work, glimpse in found.items()),
        )


def of_works(db: Database, method: str, works: Sequence[int]) -> dict[int, str]:
    """The current glimpses of those of `works` that have one."""
    marks = ",".join("?" * len(works))
    rows = db.execute(
        "SELECT g.work, g.sentence FROM glimpses g JOIN works w ON w.id = g.work"
        f" WHERE g.method = ? AND g.text_digest = w.text_digest AND g.work IN ({marks})",
        [method, *works],
    )
    return dict(rows.fetchall())
