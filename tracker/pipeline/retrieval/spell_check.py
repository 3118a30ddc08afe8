"""Corrects the words of a query that no stored paper has.

Public: `correct_query`, `Correction`.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tracker.search.query.corrections import best_correction
from tracker.search.query.stopwords import is_stop_word
from tracker.store import fts_search, papers
from tracker.store.database import Database
from tracker.store.fts_query import phrase_clause

# Titles to learn words from: the newest ones, which take 0.2 s to read.
_TITLES = 100_000
# A correction is in at least this many titles. A word in up to `_RARE` papers may be a misprint
# there, too, and is corrected only to a word that is this many times as frequent.
_LEAST, _RARE, _TIMES = 2, 2, 50
# Words of a query that are looked up: a longer text is a pasted page, not a query.
_MOST = 16
# The words of the titles of one database: a server answers many queries with them.
_VOCABULARIES: dict[tuple[str, int], Counter[str]] = {}
_WORD = re.compile(r"(?<![\w+#&@*./:-])[^\W\d_]{4,}(?![\w+#&@*:]|-\w|\.\w)")
_QUOTED = re.compile(r'"[^"]*"?|\S*:\S*|(?<!\S)-\S+')


@dataclass(frozen=True, slots=True)
class Correction:
    """The corrected `query`, and its words that were `replaced`, with what is meant."""

    query: str
    replaced: tuple[tuple[str, str], ...] = ()


def correct_query(db: Database, query: str) -> Correction:
    """Return a query whose misspelt words are corrected; operators and quotations are kept."""
    free = _QUOTED.sub(lambda match: " " * len(match[0]), query)
    words = list(dict.fromkeys(match[0] for match in _WORD.finditer(free)))[:_MOST]
    doubtful = {word: n for word in words if (n := _count_papers(db, word)) <= _RARE}
    if not doubtful:
        return Correction(query)
    vocabulary = _title_vocabulary(db)
    meant = {
        word: best_correction(word.lower(), vocabulary, max(_LEAST, _TIMES * papers_with_it))
        for word, papers_with_it in doubtful.items()
    }
    replaced = tuple((word, other) for word, other in meant.items() if other)
    for word, other in replaced:
        query = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", other, query)
    return Correction(query, replaced)


def _count_papers(db: Database, word: str) -> int:
    if is_stop_word(word.lower()) or not word.isascii():
        return _RARE + 1
    return fts_search.count_works_containing(db, phrase_clause(word), _RARE + 1)


def _title_vocabulary(db: Database) -> Mapping[str, int]:
    """Return how many titles have each word, in lower case; read again when works were added."""
    (file,) = (row[2] for row in db.execute("PRAGMA database_list") if row[1] == "main")
    key = (str(file), papers.last_number(db))
    if key not in _VOCABULARIES:
        found: Counter[str] = Counter()
        for title in papers.newest_titles(db, _TITLES):
            found.update(set(re.findall(r"[a-z]{4,}", title.lower())))
        _VOCABULARIES.clear()
        _VOCABULARIES[key] = found
    return _VOCABULARIES[key]
