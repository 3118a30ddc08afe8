"""Corrects the words of a query that no stored paper has.

Public: `correct_query`, `Correction`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

from tracker.search.query.corrections import list_corrections
from tracker.search.query.stopwords import is_stop_word
from tracker.store import fts_search, papers
from tracker.store.database import Database
from tracker.store.fts_query import WORDS, MatchClause, phrase_clause

# Titles to learn words from: the newest ones, which take 0.2 s to read.
_TITLES = 100_000
# A word in up to `_RARE` papers may be a misprint there, too, and is corrected only to a word that
# is this many times as frequent.
_RARE, _TIMES = 2, 50
# A word in up to so many papers is corrected if no paper has all words of the query, and one has
# all words of the corrected query in its title.
_UNCOMMON = 20
# A word of three letters is corrected only if a paper with the other words supports it.
_ALONE = 4
# Words of a query that are looked up: a longer text is a pasted page, not a query.
_MOST = 16
# Doubtful words whose corrections are combined, and combinations that are tried.
_COMBINED, _TRIED = 3, 216
# The words of the titles of one database: a server answers many queries with them.
_VOCABULARIES: dict[tuple[str, int], Counter[str]] = {}
_WORD = re.compile(r"(?<![\w+#&@*./:-])[^\W\d_]{3,}(?![\w+#&@*:]|-\w|\.\w)")
_QUOTED = re.compile(r'"[^"]*"?|\S*:\S*|(?<!\S)-\S+')


@dataclass(frozen=True, slots=True)
class Correction:
    """The corrected `query`, and its words that were `replaced`, with what is meant."""

    query: str
    replaced: tuple[tuple[str, str], ...] = ()


def correct_query(db: Database, query: str) -> Correction:
    """Return a query whose misspelt words are corrected; operators and quotations are kept.

    Of several words that may be meant, one is chosen that occurs together with the others.
    """
    free = _QUOTED.sub(lambda match: " " * len(match[0]), query)
    words = list(dict.fromkeys(match[0] for match in _WORD.finditer(free)))[:_MOST]
    counts = {word: _count_papers(db, word) for word in words}
    doubtful = [word for word in words if counts[word] <= _RARE]
    if not doubtful and not _is_uncommon(db, words, counts):
        return Correction(query)
    replaced = _correct_rare(db, words, counts) if doubtful else _correct_uncommon(db, counts)
    for word, other in replaced:
        query = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", other, query)
    return Correction(query, replaced)


def _count_papers(db: Database, word: str) -> int:
    if is_stop_word(word.lower()) or not word.isascii():
        return _UNCOMMON + 1
    return fts_search.count_works_containing(db, phrase_clause(word), _UNCOMMON + 1)


def _correct_rare(
    db: Database, words: Sequence[str], counts: Mapping[str, int]
) -> tuple[tuple[str, str], ...]:
    """Return the corrections of the words that hardly any paper has."""
    vocabulary = _title_vocabulary(db)
    options = {
        word: list_corrections(word.lower(), vocabulary, max(1, _TIMES * counts[word]))
        for word in words
        if counts[word] <= _RARE
    }
    options = {word: others for word, others in options.items() if others}
    certain = [word for word in words if word not in options and counts[word] > _RARE]
    content = [word for word in certain if not is_stop_word(word.lower())]
    # A word that a paper has may be right.
    chosen = {
        word: [word.lower(), *others] if counts[word] else others
        for word, others in options.items()
    }
    corrections = _choose_together(db, chosen, content) or _choose_alone(options)
    return tuple((w, o) for w, o in corrections.items() if o != w.lower())


def _choose_alone(options: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the likeliest correction of each word that is long enough, and no name."""
    return {
        word: others[0]
        for word, others in options.items()
        if len(word) >= _ALONE and not _is_name(word)
    }


def _is_name(word: str) -> bool:
    """Whether a word is written as a name: AVSBench, QDMR."""
    return sum(map(str.isupper, word)) > 1


def _choose_together(
    db: Database, options: Mapping[str, Sequence[str]], others: Sequence[str]
) -> dict[str, str]:
    """Return the likeliest corrections that one paper has, in its title or else anywhere.

    It must have all `others`, too, or, where none does, one of them. {} if there is none.
    """
    words = list(options)[:_COMBINED]
    if not words or len(words) + len(others) == 1:
        return {}
    combinations = [*islice(product(*(options[word] for word in words)), _TRIED)]
    combinations.sort(key=lambda one: sum(map(_position, map(options.get, words), one)))
    rest = {word: found[0] for word, found in options.items() if word not in words}
    for column, needed in _supports(others, needs_all=any(map(_is_name, words))):
        for combination in combinations:
            if _any_paper(db, combination, column, needed):
                return dict(zip(words, combination, strict=True)) | rest
    return {}


def _supports(others: Sequence[str], *, needs_all: bool) -> Iterator[tuple[str, str]]:
    """Yield column and further expression that support a correction, the strongest first."""
    quoted = [f'"{word}"' for word in others]
    operators = (" AND ",) if needs_all or not others else (" AND ", " OR ")
    for operator in operators:
        joined = f"({operator.join(quoted)})" if quoted else ""
        yield "{title} : ", joined
        yield "", joined


def _any_paper(db: Database, words: Sequence[str], column: str, needed: str) -> bool:
    parts = [*(f'"{word}"' for word in words), *([needed] if needed else [])]
    expression = f"{column}({' AND '.join(parts)})"
    return fts_search.any_work_contains(db, MatchClause(WORDS, expression, ""))


def _position(options: Sequence[str] | None, other: str) -> int:
    return options.index(other) if options else 0


def _is_uncommon(db: Database, words: Sequence[str], counts: Mapping[str, int]) -> bool:
    """Whether a word is in few papers, and none of them has the other words."""
    content = [word for word in words if not is_stop_word(word.lower()) and word.isascii()]
    few = any(counts[word] <= _UNCOMMON for word in content)
    return few and len(content) > 1 and not _any_paper(db, content, "", "")


def _correct_uncommon(db: Database, counts: Mapping[str, int]) -> tuple[tuple[str, str], ...]:
    """Return the correction of one word by which a title has all words of the query."""
    content = [w for w in counts if not is_stop_word(w.lower()) and w.isascii()]
    vocabulary = _title_vocabulary(db)
    for word in (word for word in content if counts[word] <= _UNCOMMON):
        rest = [other for other in content if other != word]
        for other in list_corrections(word.lower(), vocabulary, 1):
            if _any_paper(db, [other, *rest], "{title} : ", ""):
                return ((word, other),)
    return ()


def _title_vocabulary(db: Database) -> Mapping[str, int]:
    """Return how many titles have each word, in lower case; read again when works were added."""
    (file,) = (row[2] for row in db.execute("PRAGMA database_list") if row[1] == "main")
    key = (str(file), papers.last_number(db))
    if key not in _VOCABULARIES:
        found: Counter[str] = Counter()
        for title in papers.newest_titles(db, _TITLES):
            found.update(set(re.findall(r"[a-z]{3,}", title.lower())))
        _VOCABULARIES.clear()
        _VOCABULARIES[key] = found
    return _VOCABULARIES[key]
