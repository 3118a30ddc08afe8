"""How far each source has been read: its cursor, and the cache validators of its documents.

Written in the transaction of the page they belong to, so that an interrupted crawl resumes where it
stopped and skips nothing.
"""

from collections.abc import Sequence

from tracker.records import CacheValidators
from tracker.store.database import Database, write_transaction


def load_cursor(db: Database, source: str) -> str:
    """Return where to resume reading `source`; empty to begin at the start."""
    row = db.execute("SELECT cursor FROM cursors WHERE source = ?", [source]).fetchone()
    return str(row[0]) if row else ""


def load_cache_validators(db: Database, source: str) -> dict[str, CacheValidators]:
    """Return the validators of the documents of `source` that were stored, by address."""
    rows = db.execute("SELECT url, etag, modified FROM copies WHERE source = ?", [source])
    return {url: CacheValidators(url, etag, modified) for url, etag, modified in rows}


def save_progress(
    db: Database, source: str, cursor: str | None, validators: Sequence[CacheValidators]
) -> None:
    """Store where to resume `source` (None: unchanged) and the validators of its documents."""
    with write_transaction(db):
        if cursor is not None:
            db.execute(
                "INSERT OR REPLACE INTO cursors (source, cursor) VALUES (?, ?)", [source, cursor]
            )
        db.conn.executemany(
            "INSERT OR REPLACE INTO copies (source, url, etag, modified) VALUES (?, ?, ?, ?)",
            ((source, copy.url, copy.etag, copy.last_modified) for copy in validators),
        )
