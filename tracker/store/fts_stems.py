"""The stems of words as in the full-text index, computed by FTS5 in an in-memory table.

They must equal those in the index; `summarizer.text.stems` has other ones, on which the trained
weights of the summaries depend.

Public: `stem_words`.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing

from tracker.store.migrations import TOKENIZER


def stem_words(words: Sequence[str]) -> list[str]:
    """Return the stem of each word; "" for text that FTS5 splits into no word or several."""
    with closing(sqlite3.connect(":memory:")) as memory:
        memory.execute(f"CREATE VIRTUAL TABLE w USING fts5 (word, tokenize = '{TOKENIZER}')")
        memory.execute("CREATE VIRTUAL TABLE seen USING fts5vocab (w, instance)")
        memory.executemany("INSERT INTO w (rowid, word) VALUES (?, ?)", enumerate(words))
        rows = memory.execute(
            "SELECT doc, term FROM seen GROUP BY doc HAVING max(offset) = 0"
        ).fetchall()
    found = dict(rows)
    return [found.get(place, "") for place in range(len(words))]
