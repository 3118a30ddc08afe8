"""Authors' names for comparison: one folding for stored names, queries and followed authors.

"Lukasz Kaiser", "Łukasz Kaiser", "Kaiser, Łukasz" and "Ł. Kaiser" are the same author as far as a
search can tell.

Public: `name_words`, `fold_name`, `name_matches`, `searchable_names`, `longest_words`,
`fold_stored_names`, `register`, `FUNCTION`.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from sqlite3 import Connection

from summarizer.text.folding import fold_words
from summarizer.text.sentences import to_plain_text

FUNCTION = "author_matches"
# Letters that Unicode does not decompose, as people type them.
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h",
     "ŧ": "t", "ŋ": "n", "ə": "e", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ʻ": "", "ʼ": "", "’": "'"}
)  # fmt: skip
# Müller is also written Mueller.
_UMLAUT = re.compile(r"([aou])e")
# From this length on, a part of a word counts wherever it is: "berg" for Heidelberg.
_INSIDE = 3


def name_words(name: str) -> list[str]:
    """Return the words of a name without case, accents and markup, the family name last.

    "Kaiser, Łukasz" becomes ["lukasz", "kaiser"].
    """
    plain = to_plain_text(name) if "\\" in name or "{" in name else name
    family, comma, given = plain.partition(",")
    ordered = f"{given} {family}" if comma and "," not in given else plain
    return fold_words(ordered.casefold().translate(_LETTERS))


def fold_name(name: str) -> str:
    """Return a name as it is stored for searches: its folded words, separated by spaces."""
    return " ".join(name_words(name))


def name_matches(folded: str, wanted: str) -> bool:
    """Whether a folded name contains every word of a folded name that is searched for.

    A word matches the beginning of a word, any part of it if it is long enough, and its initial.
    """
    names, words = folded.split(), wanted.split()
    full = any(_matches(name, word) and len(name) > 1 for name in names for word in words)
    return full and all(any(_matches(name, word) for name in names) for word in words)


def _matches(name: str, word: str) -> bool:
    if name.startswith(word) or (len(name) == 1 and word.startswith(name)):
        return True
    if len(word) < _INSIDE:
        return False
    return word in name or _UMLAUT.sub(r"\1", word) in _UMLAUT.sub(r"\1", name)


def longest_words(wanted: str) -> list[str]:
    """Return parts of which a matching name contains at least one, for a quick selection."""
    words = [word for word in wanted.split() if len(word) > 1] or wanted.split()
    return [_UMLAUT.split(word)[0] or word for word in words]


def searchable_names(authors: Sequence[str]) -> str:
    """Return the names for the full-text index; those with accents also without them."""
    folded = (fold_name(name) for name in authors if not name.isascii() or "\\" in name)
    return ", ".join((*authors, *filter(None, folded)))


def fold_stored_names(connection: Connection) -> None:
    """Fill the column `folded` of all stored authors, and index names without accents, too."""
    names = [name for (name,) in connection.execute("SELECT DISTINCT name FROM authors")]
    connection.executemany(
        "UPDATE authors SET folded = ? WHERE name = ?", ((fold_name(name), name) for name in names)
    )
    accented = [name for name in names if not name.isascii() or "\\" in name]
    works: dict[int, None] = {}
    for name in accented:
        rows = connection.execute("SELECT work FROM authors WHERE name = ?", [name])
        works.update(dict.fromkeys(work for (work,) in rows))
    for work in works:
        query = "SELECT name FROM authors WHERE work = ? ORDER BY position"
        authors = [name for (name,) in connection.execute(query, [work])]
        connection.execute(
            "UPDATE works SET byline = ? WHERE id = ?", [searchable_names(authors), work]
        )


@lru_cache(maxsize=4096)
def _cached_match(folded: str, wanted: str) -> bool:
    return name_matches(folded, wanted)


def register(connection: Connection) -> None:
    """Add the SQL function `author_matches(folded, wanted)` to a connection."""
    connection.create_function(FUNCTION, 2, _cached_match, deterministic=True)
