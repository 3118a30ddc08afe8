"""The stems of words as the full-text index has them: FTS5's own tokenizer, asked in memory.

Public: `stems`.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing

from tracker.store.schema import TOKENIZER


def stems(words: Sequence[str]) -> list[str]:
    """The stem of each word, "" for what FTS5 does not take for a word, or takes for several."""
    with closing(sqlite3.connect(":memory:")) as memory:
        memory.execute(f"CREATE VIRTUAL TABLE w USING fts5 (word, tokenize = '{TOKENIZER}')")
        memory.execute("CREATE VIRTUAL TABLE seen USING fts5vocab (w, instance)")
        memory.executemany("INSERT INTO w (rowid, word) VALUES (?, ?)", enumerate(words))
        rows = memory.execute(
            "SELECT doc, term FROM seen GROUP BY doc HAVING max(offset) = 0"
        ).fetchall()
    found = dict(rows)
    return [found.get(place, "") for place in range(len(words))]
