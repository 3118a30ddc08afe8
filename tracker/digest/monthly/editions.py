"""What a report that is composed again states differently from its first edition.

Public: `with_edition`, `copy_edition`.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import zip_longest

from tracker.digest.document import Document
from tracker.digest.monthly.month_parts import Edition, FigureChange, MonthFacts


def with_edition(document: Document, earlier: Document | None, today: date) -> Document:
    """Return a report with its first edition, and what has changed since.

    `earlier` is the report as it was stored before; without one this is the first edition.
    """
    if document.month is None:
        return document
    first = earlier.month.first if earlier and earlier.month else None
    if first is None:
        day = earlier.small_print.made.date() if earlier else today
        first = _describe(earlier or document, day)
    changed = tuple(_list_changes(first, document))
    return replace(document, month=replace(document.month, first=first, changed=changed))


def copy_edition(document: Document, source: Document) -> Document:
    """Return a document with the edition of another one of the same month."""
    if document.month is None or source.month is None:
        return document
    month: MonthFacts = replace(
        document.month, first=source.month.first, changed=source.month.changed
    )
    return replace(document, month=month)


def _describe(document: Document, day: date) -> Edition:
    entries = (*((document.read_first,) if document.read_first else ()), *document.top)
    return Edition(
        day,
        document.counts.papers,
        tuple((row.key, row.papers) for row in document.counts.directions),
        tuple(entry.id for entry in entries),
        tuple(entry.title for entry in entries),
    )


def _list_changes(first: Edition, document: Document) -> Iterator[FigureChange]:
    now = _describe(document, first.day)
    if now.papers != first.papers:
        yield FigureChange("papers", "", str(first.papers), str(now.papers))
    before = dict(first.directions)
    for row in document.counts.directions:
        if row.key in before and before[row.key] != row.papers:
            yield FigureChange("direction", row.name, str(before[row.key]), str(row.papers))
    shown = set(now.shown)
    for key, title in zip_longest(first.shown, first.titles[: len(first.shown)], fillvalue=""):
        if key not in shown:
            yield FigureChange("shown", key, title, "")
