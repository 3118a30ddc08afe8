"""Where a text holds what was looked for: FTS5 itself says so, and it knows the forms of words.

Pure but for a table in memory. Public: `marked`.
"""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing

from tracker.store.expressions import BIGRAMS, WORDS, Part, any_of
from tracker.store.schema import TOKENIZER

Pieces = tuple[str, ...]
# Stands before and after what was found; no text that is fit to be shown holds it.
_SIGN = "\x01"


def marked(texts: Sequence[tuple[str, str]], parts: Sequence[Part]) -> list[tuple[Pieces, Pieces]]:
    """Each (title, sentence) cut where a match begins or ends: every second piece is a match."""
    lit = _lit(texts, any_of(parts).get(WORDS, ""))
    runs = [re.escape(part.label) for part in parts if part.table == BIGRAMS]
    return [(_pieces(title, runs), _pieces(sentence, runs)) for title, sentence in lit]


def _lit(texts: Sequence[tuple[str, str]], expression: str) -> list[tuple[str, str]]:
    """The texts with signs around what the expression finds; sentences count as abstracts."""
    clean = [(title.replace(_SIGN, ""), said.replace(_SIGN, "")) for title, said in texts]
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
            [_SIGN, expression],
        )
        found = {place: (title, said) for place, title, said in rows}
    return [found.get(place, pair) for place, pair in enumerate(clean)]


def _pieces(text: str, runs: Sequence[str]) -> Pieces:
    """The text cut at its signs and, outside of what they enclose, around the `runs`."""
    return tuple(
        piece
        for place, between in enumerate(text.split(_SIGN))
        for piece in (_around(between, runs) if place % 2 == 0 else (between,))
    )


def _around(text: str, runs: Sequence[str]) -> Iterator[str]:
    # A pattern in parentheses makes `split` give its matches too, as every second piece.
    yield from re.split(f"({'|'.join(runs)})", text) if runs else (text,)
