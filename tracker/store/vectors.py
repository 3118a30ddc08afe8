"""Vectors as float16 bytes per work and encoder; the FAISS index is built from them.

A vector is current while the hash of the embedded text is the hash of the work's text.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.models import Paper
from tracker.store.database import Database, write_transaction

_BATCH = 8192


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many works one encoder has embedded; `stale` vectors are of an older text."""

    papers: int
    embedded: int
    stale: int


def get_or_create_encoder(db: Database, model: str, revision: str, dimension: int) -> int:
    """Return the number of a vector space, creating it if it is new."""
    number = find_encoder(db, model, revision, dimension)
    if number is not None:
        return number
    with write_transaction(db):
        db.execute(
            "INSERT OR IGNORE INTO encoders (model, revision, dimension) VALUES (?, ?, ?)",
            [model, revision, dimension],
        )
    return get_or_create_encoder(db, model, revision, dimension)


def find_encoder(db: Database, model: str, revision: str, dimension: int) -> int | None:
    """Return the number of a vector space, or None when nothing was embedded with it."""
    row = db.execute(
        "SELECT id FROM encoders WHERE model = ? AND revision = ? AND dimension = ?",
        [model, revision, dimension],
    ).fetchone()
    return row and int(row[0])


def model_name(db: Database, encoder: int | None) -> str:
    """Return the name of the model of a vector space, empty when there is none."""
    row = db.execute("SELECT model FROM encoders WHERE id = ?", [encoder]).fetchone()
    return str(row[0]) if row else ""


def works_without_vector(
    db: Database, encoder: int, since: date | None = None, until: date | None = None
) -> list[int]:
    """Return works without a current vector of this encoder, newest announced first.

    Both indexes are read in their order, which takes a tenth of the time of looking works up in the
    order of their days.
    """
    rows = db.execute(
        "SELECT id FROM works WHERE id IN ("
        " SELECT w.id FROM works w INDEXED BY works_by_number LEFT JOIN vectors v"
        " ON v.work = w.id AND v.encoder = ? AND v.text_digest = w.text_digest"
        " WHERE v.work IS NULL) AND announced BETWEEN ? AND ? ORDER BY announced DESC, id",
        [encoder, (since or date.min).isoformat(), (until or date.max).isoformat()],
    )
    return [number for (number,) in rows]


def coverage(db: Database, encoder: int | None) -> Coverage:
    """Return how many works there are, how many have a vector, and how many are stale."""
    row = db.execute(
        "SELECT (SELECT count(*) FROM works), count(*),"
        " coalesce(sum(v.text_digest != w.text_digest), 0)"
        " FROM vectors v JOIN works w ON w.id = v.work WHERE v.encoder = ?",
        [encoder],
    ).fetchone()
    return Coverage(*row)


def store_vectors(
    db: Database, encoder: int, works: Mapping[int, Paper], vectors: NDArray[np.float32]
) -> None:
    """Store one vector per work, row by row, in one transaction, replacing older ones."""
    pairs = zip(works.items(), vectors, strict=True)
    rows = ((number, paper.text_hash, vector) for (number, paper), vector in pairs)
    store_computed_vectors(db, encoder, rows)


def works_by_text_hash(
    db: Database, encoder: int, hashes: Sequence[str]
) -> dict[str, list[tuple[int, bool]]]:
    """Return the works that have each text, and whether they have its vector of this encoder."""
    marks = ",".join("?" * len(hashes))
    rows = db.execute(
        "SELECT w.text_digest, w.id, v.work IS NOT NULL FROM works w LEFT JOIN vectors v"
        " ON v.work = w.id AND v.encoder = ? AND v.text_digest = w.text_digest"
        f" WHERE w.text_digest IN ({marks}) ORDER BY w.id",
        [encoder, *hashes],
    )
    found: dict[str, list[tuple[int, bool]]] = {}
    for text_hash, work, has_vector in rows:
        found.setdefault(text_hash, []).append((work, bool(has_vector)))
    return found


def store_computed_vectors(
    db: Database, encoder: int, rows: Iterable[tuple[int, str, NDArray[Any]]]
) -> None:
    """Store (work, hash of its text, unit vector) in one transaction, replacing older ones."""
    halves = (
        (encoder, work, text_hash, vector.astype(np.float16).tobytes())
        for work, text_hash, vector in rows
    )
    with write_transaction(db):
        db.conn.executemany(
            "INSERT OR REPLACE INTO vectors (encoder, work, text_digest, data) VALUES (?, ?, ?, ?)",
            halves,
        )


def text_hashes(db: Database, encoder: int) -> Iterator[tuple[int, str]]:
    """Iterate over embedded works with the hash of the embedded text, by number."""
    return iter(
        db.execute(
            "SELECT work, text_digest FROM vectors WHERE encoder = ? ORDER BY work", [encoder]
        )
    )


def vector_batches(
    db: Database, encoder: int | None, numbers: Sequence[int]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
    """Yield vectors of `numbers` as (works (n,), matrix (n, d)); works without one are omitted."""
    for start in range(0, len(numbers), _BATCH):
        chunk = list(numbers[start : start + _BATCH])
        marks = ",".join("?" * len(chunk))
        rows = db.execute(
            f"SELECT work, data FROM vectors WHERE encoder = ? AND work IN ({marks}) ORDER BY work",
            [encoder, *chunk],
        ).fetchall()
        if rows:
            yield _matrix(rows)


def load_vectors(
    db: Database, encoder: int | None, numbers: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return all vectors of `numbers`: works (n,) ascending by batch, unit rows (n, d)."""
    parts = list(vector_batches(db, encoder, numbers))
    if not parts:
        return np.empty(0, np.int64), np.empty((0, 0), np.float32)
    works = np.concatenate([works for works, _ in parts])
    return works, np.concatenate([matrix for _, matrix in parts]).astype(np.float32)


def embedded_works_between(db: Database, encoder: int | None, start: date, end: date) -> list[int]:
    """Return works with a vector that were announced from `start` to `end`, both included."""
    rows = db.execute(
        "SELECT w.id FROM works w JOIN vectors v ON v.work = w.id AND v.encoder = ?"
        " WHERE w.announced BETWEEN ? AND ? ORDER BY w.id",
        [encoder, start.isoformat(), end.isoformat()],
    )
    return [number for (number,) in rows]


def _matrix(rows: Sequence[tuple[int, bytes]]) -> tuple[NDArray[np.int64], NDArray[np.float16]]:
    works = np.fromiter((work for work, _ in rows), np.int64, len(rows))
    return works, np.frombuffer(b"".join(data for _, data in rows), np.float16).reshape(
        len(rows), -1
    )
