"""Papers as a CSV table that Notion imports as a database. Pure.

Notion takes the first row as names of properties and the first column as the titles of the pages.
A list separated by commas can be changed to a multi-select, and Yes and No to a checkbox.

Public: `NotionRow`, `format_table`.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from summarizer.text.sentences import to_plain_text
from tracker.models import Paper

_COLUMNS = (
    "Name", "arXiv", "URL", "Authors", "Published", "Venue", "Directions", "Dimensions", "Saved",
    "Read", "Tried", "Notes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NotionRow:
    """A paper with the names of its directions and dimensions, its marks, and the user's notes."""

    paper: Paper
    directions: Sequence[str]
    dimensions: Sequence[str]
    marks: frozenset[str]
    notes: str


def format_table(rows: Sequence[NotionRow]) -> str:
    """Return the table, with a line of names first."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for row in rows:
        writer.writerow(_cells(row))
    return text.getvalue()


def _cells(row: NotionRow) -> tuple[str, ...]:
    paper = row.paper
    marks = ("Yes" if mark in row.marks else "No" for mark in ("saved", "read", "tried"))
    return (
        to_plain_text(paper.title),
        paper.id,
        paper.url,
        _join(map(to_plain_text, paper.authors)),
        str(paper.published),
        paper.facts.venue,
        _join(row.directions),
        _join(row.dimensions),
        *marks,
        row.notes,
    )


def _join(names: Iterable[str]) -> str:
    """Return names in one cell; a comma within a name would divide it."""
    return ", ".join(name.replace(",", " ") for name in names)
