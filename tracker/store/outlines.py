"""Table `paper_outlines`: the outline of the full texts that were read, one version of each work.

Public: `load_outline`, `store_outline`.
"""

import json

from tracker.models import Paper
from tracker.paper.paper_outline import PaperOutline, outline_as_dict, outline_from_dict
from tracker.store import papers
from tracker.store.database import Database, write_transaction


def load_outline(db: Database, paper: Paper) -> PaperOutline:
    """Return the outline of a paper's newest version; an empty one if it was not read yet."""
    number = _number_of(db, paper)
    row = db.execute(
        "SELECT outline FROM paper_outlines WHERE work = ? AND version = ?",
        [number, paper.version],
    ).fetchone()
    return outline_from_dict(json.loads(row[0])) if row else PaperOutline()


def store_outline(db: Database, paper: Paper, outline: PaperOutline) -> None:
    """Store the outline of a paper's newest version, in place of that of an earlier one."""
    number = _number_of(db, paper)
    if number is not None:
        text = json.dumps(outline_as_dict(outline), ensure_ascii=False)
        with write_transaction(db):
            db.conn.execute(
                "INSERT OR REPLACE INTO paper_outlines (work, version, outline) VALUES (?, ?, ?)",
                (number, paper.version, text),
            )


def _number_of(db: Database, paper: Paper) -> int | None:
    return next(iter(papers.load_by_key(db, [paper.id])), None)
