"""Chinese, Japanese and Korean text for FTS5, whose tokenizers find nothing inside a run of it.

`split_into_bigrams` splits such text for storing and for queries; `reindex_works` maintains the
table `works_fts_cjk`, which has rows only for works with such text. A trigger in SQL cannot split
text, so code that writes a work or a summary calls `reindex_works` in the same transaction.
"""

import json
import re
from collections.abc import Iterable
from sqlite3 import Connection

# Han with its extensions, kana and Hangul syllables, without their punctuation (Unicode 15).
LETTER = (
    "[\u3005\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af]"
)
_LETTER = re.compile(LETTER)
_RUN = re.compile(rf"(?P<run>{LETTER}+)|(?:(?!{LETTER})\w)+")


def contains_cjk(text: str) -> bool:
    """Whether a text contains a Chinese, Japanese or Korean letter."""
    return not text.isascii() and _LETTER.search(text) is not None


def split_into_bigrams(text: str) -> str:
    """Return the text as words separated by spaces: each letter with the next, the last alone.

    Each letter starts a word, so a single letter can be searched for as a prefix; other words are
    unchanged.
    """
    return " ".join(word for match in _RUN.finditer(text) for word in _match_words(match))


def _match_words(match: re.Match[str]) -> Iterable[str]:
    run = match["run"]
    return (run[place : place + 2] for place in range(len(run))) if run else (match[0],)


def reindex_works(connection: Connection, works: Iterable[int]) -> None:
    """Replace the rows of these works: title, abstract, names, summaries of the newest version."""
    for work in works:
        connection.execute("DELETE FROM works_fts_cjk WHERE rowid = ?", [work])
        columns = tuple(
            split_into_bigrams(text) if contains_cjk(text) else ""
            for text in _texts(connection, work)
        )
        if any(columns):
            connection.execute(
                "INSERT INTO works_fts_cjk (rowid, title, abstract, byline, summary)"
                " VALUES (?, ?, ?, ?, ?)",
                [work, *columns],
            )


def _texts(connection: Connection, work: int) -> tuple[str, ...]:
    texts = connection.execute(
        "SELECT title, abstract, byline FROM works WHERE id = ?", [work]
    ).fetchone()
    written = connection.execute(
        "SELECT s.tldr, s.sentences FROM summaries s"
        " JOIN works w ON w.id = s.work AND w.version = s.version WHERE s.work = ?",
        [work],
    ).fetchall()
    # A sentence is stored as [role, text, source]; the first may repeat the tldr.
    lines = [tldr for tldr, _ in written]
    lines += [text for _, sentences in written for _, text, _ in json.loads(sentences)]
    return *(texts or ()), "\n".join(filter(contains_cjk, dict.fromkeys(lines)))
