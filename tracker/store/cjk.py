"""Chinese, Japanese and Korean text for FTS5, whose own tokenizers find nothing inside a run of it.

`bigrams` cuts such text, both when it is stored and when it is asked for; `refresh` keeps the table
`works_fts_cjk` right. Only works that hold such text have a row there. A trigger in SQL cannot cut
text, so whoever writes a work or a summary calls `refresh` in the same transaction.
"""

import json
import re
from collections.abc import Iterable
from sqlite3 import Connection

# Han with its extensions, kana and Hangul syllables; their punctuation is left out (Unicode 15).
LETTER = (
    "[\u3005\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af]"
)
_LETTER = re.compile(LETTER)
_RUN = re.compile(rf"(?P<run>{LETTER}+)|(?:(?!{LETTER})\w)+")


def holds(text: str) -> bool:
    """Whether a text has any such letter."""
    return not text.isascii() and _LETTER.search(text) is not None


def bigrams(text: str) -> str:
    """The text as words parted by spaces: every letter with the next one, the last one alone.

    So each letter begins a word, and a single letter can be looked for as the beginning of one;
    other words stay as they are.
    """
    return " ".join(word for match in _RUN.finditer(text) for word in _cut(match))


def _cut(match: re.Match[str]) -> Iterable[str]:
    run = match["run"]
    return (run[place : place + 2] for place in range(len(run))) if run else (match[0],)


def refresh(connection: Connection, works: Iterable[int]) -> None:
    """Index these works anew: title, abstract, names, and summaries of the newest version."""
    for work in works:
        connection.execute("DELETE FROM works_fts_cjk WHERE rowid = ?", [work])
        cut = tuple(bigrams(text) if holds(text) else "" for text in _texts(connection, work))
        if any(cut):
            connection.execute(
                "INSERT INTO works_fts_cjk (rowid, title, abstract, byline, summary)"
                " VALUES (?, ?, ?, ?, ?)",
                [work, *cut],
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
    # A sentence is stored as [role, text, source], the first of them may be the tldr again.
    told = [tldr for tldr, _ in written]
    told += [text for _, sentences in written for _, text, _ in json.loads(sentences)]
    return *(texts or ()), "\n".join(filter(holds, dict.fromkeys(told)))
