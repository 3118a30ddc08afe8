"""Names that a sign tells apart: C++, C#, F#, A*, Q*, AT&T, R&D, pass@1, I/O, .NET.

FTS5 reads only letters and digits, so it finds the letter C for C++. Works that it finds are
therefore checked against the text itself, by the SQL function that `register` adds.

Public: `find_signed_words`, `is_signed_word`, `contains_signed_word`, `register`, `FUNCTION`.
"""

import re
from functools import lru_cache
from sqlite3 import Connection

FUNCTION = "contains_signed_word"
_SIGNED = re.compile(
    r"(?:[A-Z]{1,4}|[a-z])\*{1,2}"  # A*, RRT*; moe* is a habit from other search boxes
    r"|[^\W_](?:[\w.-]*[^\W_])?(?:\+{1,3}|#)"  # C++, F#, RT-DETR+
    r"|\.[A-Za-z]{3,}"  # .NET
    r"|[^\W_]{1,4}(?:[&/][^\W_]{1,4})+"  # AT&T, R&D, I/O, CI/CD
    r"|[^\W_]+@(?:[^\W_]{1,3})"  # pass@1, recall@10
)
_AROUND = ",;:!?()[]{}\"'`“”‘’"
_LATEX_SIGN = re.compile(r"\\(?:ast|star)(?![a-z])")
_MARKUP = re.compile(r"[\\{}$^]")


def is_signed_word(word: str) -> bool:
    """Whether a word, without spaces, is a name in which a sign counts."""
    return _SIGNED.fullmatch(word) is not None


def find_signed_words(text: str) -> tuple[str, ...]:
    """Return the names with signs among the words of a text, each once."""
    words = (word.strip(_AROUND) for word in text.split())
    # A point at the end is the end of the sentence; one at the start may belong to .NET.
    ends = (word if is_signed_word(word) else word.rstrip(".") for word in words)
    return tuple(dict.fromkeys(filter(is_signed_word, ends)))


def contains_signed_word(text: str, word: str) -> bool:
    """Whether a text, LaTeX or not, contains a name with its sign, ignoring case."""
    plain = _MARKUP.sub("", _LATEX_SIGN.sub("*", text)) if _MARKUP.search(text) else text
    return _pattern(word).search(plain) is not None


@lru_cache(maxsize=256)
def _pattern(word: str) -> re.Pattern[str]:
    before = r"(?<![\w.])" if word[0].isalnum() else r"(?<![.])"
    # C++17 is C++, but C+++ is not; pass@10 is not pass@1.
    after = r"(?![+#*])" if word[-1] in "+#" else r"(?![\w*])"
    return re.compile(before + re.escape(word) + after, re.I)


def register(connection: Connection) -> None:
    """Add the SQL function `contains_signed_word(text, word)` to a connection."""
    connection.create_function(FUNCTION, 2, contains_signed_word, deterministic=True)
