"""The numbered notes of a page: the sentence of an abstract behind each shown sentence.

Public: `Footnote`, `document_footnotes`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tracker.digest.document import Document, Entry, GroundedSentence


@dataclass(frozen=True, slots=True)
class Footnote:
    """A numbered note: the sentence of `entry`'s abstract that supports a shown sentence."""

    number: int
    entry: Entry
    source: str


def document_footnotes(document: Document) -> dict[tuple[str, str], Footnote]:
    """Return the notes of a page by paper id and shown sentence, numbered in reading order.

    A sentence quoted verbatim from the abstract needs no note.
    """
    notes: dict[tuple[str, str], Footnote] = {}
    for entry, proof in _shown_sentences(document):
        if proof.text != proof.source:
            note = Footnote(len(notes) + 1, entry, proof.source)
            notes.setdefault((entry.id, proof.text), note)
    return notes


def _shown_sentences(document: Document) -> Iterator[tuple[Entry, GroundedSentence]]:
    """Yield the shown sentences in page order: a monthly report starts with its themes."""
    parts = [list(_pick_sentences(document)), list(_theme_sentences(document))]
    for part in reversed(parts) if document.kind == "monthly" else parts:
        yield from part
    for entry in document.late:
        yield from _line_sentences(entry, entry.tldr)


def _pick_sentences(document: Document) -> Iterator[tuple[Entry, GroundedSentence]]:
    first = document.read_first
    if first:
        yield from ((first, proof) for proof in first.proofs)
    for entry in (*(one.entry for one in document.personal), *document.top):
        yield from _line_sentences(entry, entry.tldr, entry.result)


def _theme_sentences(document: Document) -> Iterator[tuple[Entry, GroundedSentence]]:
    picked = {entry.id for entry in (document.read_first, *document.top) if entry}
    for theme in document.themes:
        for entry in theme.entries:
            if entry.id not in picked:
                yield from _line_sentences(entry, entry.one_line)


def _line_sentences(entry: Entry, *lines: str) -> Iterator[tuple[Entry, GroundedSentence]]:
    return ((entry, proof) for proof in entry.proofs if proof.text in lines)
