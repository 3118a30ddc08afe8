"""How far each source has been read: where it goes on, and which copies of documents we have.

Written in the transaction of the page that they belong to, so that a crawl that was cut short goes
on where it stopped and nothing is passed over.
"""

from collections.abc import Sequence

from tracker.records import Copy
from tracker.store.database import Database, writing


def cursor(db: Database, source: str) -> str:
    """Where `source` said to go on, empty when it begins at the start."""
    row = db.execute("SELECT cursor FROM cursors WHERE source = ?", [source]).fetchone()
    return str(row[0]) if row else ""


def copies(db: Database, source: str) -> dict[str, Copy]:
    """The validators of the documents of `source` that were taken in, by address."""
    rows = db.execute("SELECT url, etag, modified FROM copies WHERE source = ?", [source])
    return {url: Copy(url, etag, modified) for url, etag, modified in rows}


def advance(db: Database, source: str, cursor: str | None, copies: Sequence[Copy]) -> None:
    """Note where `source` goes on (None: as before) and what was taken in."""
    with writing(db):
        if cursor is not None:
            db.execute(
                "INSERT OR REPLACE INTO cursors (source, cursor) VALUES (?, ?)", [source, cursor]
            )
        db.conn.executemany(
            "INSERT OR REPLACE INTO copies (source, url, etag, modified) VALUES (?, ?, ?, ?)",
            ((source, copy.url, copy.etag, copy.modified) for copy in copies),
        )
