"""Where a text matches a query, according to FTS5, which handles inflected words.

Pure except for an in-memory table. Public: `highlight_matches`.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing

from tracker.store.fts_query import BIGRAMS, WORDS, MatchClause, any_of
from tracker.store.migrations import TOKENIZER

Pieces = tuple[str, ...]
# Marks the start and end of a match; no displayable text contains it.
_MARK = "\x01"


def highlight_matches(
    texts: Sequence[tuple[str, str]], parts: Sequence[MatchClause]
) -> list[tuple[Pieces, Pieces]]:
    """Return each (title, sentence) split at matches: every second piece is a match."""
    marked = _insert_marks(texts, any_of(parts).get(WORDS, ""))
    runs = [re.escape(part.label) for part in parts if part.table == BIGRAMS]
    return [(_pieces(title, runs), _pieces(sentence, runs)) for title, sentence in marked]


def _insert_marks(texts: Sequence[tuple[str, str]], expression: str) -> list[tuple[str, str]]:
    """Return the texts with marks around matches; sentences are matched as abstracts."""
    clean = [(title.replace(_MARK, ""), sentence.replace(_MARK, "")) for title, sentence in texts]
    if not expression:
        return clean
    with closing(sqlite3.connect(":memory:")) as memory:
        memory.execute(
            f"CREATE VIRTUAL TABLE {WORDS}"
            f" USING fts5 (title, abstract, byline, tokenize = '{TOKENIZER}')"
        )
        memory.executemany(
            f"INSERT INTO {WORDS} (rowid, title, abstract) VALUES (?, ?, ?)",
            ((place, *pair) for place, pair in enumerate(clean)),
        )
        rows = memory.execute(
            f"SELECT rowid, highlight({WORDS}, 0, ?1, ?1), highlight({WORDS}, 1, ?1, ?1)"
            f" FROM {WORDS} WHERE {WORDS} MATCH ?2",
            [_MARK, expression],
        )
        found = {place: (title, sentence) for place, title, sentence in rows}
    return [found.get(place, pair) for place, pair in enumerate(clean)]


def _pieces(text: str, runs: Sequence[str]) -> Pieces:
    """Return the text split at its marks and, outside of them, around the `runs`."""
    return tuple(
        piece
        for place, between in enumerate(text.split(_MARK))
        for piece in (_split_around(between, runs) if place % 2 == 0 else (between,))
    )


def _split_around(text: str, runs: Sequence[str]) -> Iterator[str]:
    # With a group in the pattern, `split` returns the matches too, as every second piece.
    yield from re.split(f"({'|'.join(runs)})", text) if runs else (text,)
