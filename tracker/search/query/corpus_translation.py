"""English names of a Chinese term, from works whose summaries are in Chinese.

A summary often adds the English name or the acronym in parentheses. Otherwise the words that most
of the works with the term have in common, and few others have, are its translation.

Public: `find_english_names`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from tracker.search.query.stopwords import is_stop_word
from tracker.store import bilingual_texts, fts_search, papers
from tracker.store.bilingual_texts import BilingualText
from tracker.store.database import Database
from tracker.store.fts_query import phrase_clause

# Works that are read, and the least number that agree on a translation.
_READ, _LEAST = 48, 3
# Share of the works with a term that must have its translation, and how much more frequent the
# translation must be among them than among all works.
_SHARE, _LIFT = 0.6, 5.0
_LONGEST, _TRIED, _NAMES = 3, 12, 2
_WORD = re.compile(r"[a-z][a-z0-9-]+")


def find_english_names(db: Database, term: str) -> tuple[str, ...]:
    """Return up to two English names of a Chinese term, best first; none if works do not agree."""
    texts = bilingual_texts.load_newest(db, term, _READ)
    if len(texts) < _LEAST:
        return ()
    return _names_in_parentheses(term, texts) or _common_words(db, texts)


def _names_in_parentheses(term: str, texts: Sequence[BilingualText]) -> tuple[str, ...]:
    """Return the names that summaries put in parentheses after the term: 混合专家（MoE）."""
    added = re.compile(rf"{re.escape(term)}\s?[(（]([A-Za-z][A-Za-z0-9 -]{{1,40}})[)），,]")
    named = Counter(match[1].strip() for text in texts for match in added.finditer(text.chinese))
    return tuple(name for name, times in named.most_common(_NAMES) if times > 1)


def _common_words(db: Database, texts: Sequence[BilingualText]) -> tuple[str, ...]:
    """Return the words that distinguish the texts from all works, the longest of them first."""
    counts = Counter(run for text in texts for run in set(_runs(text.english)))
    least = max(_LEAST, _SHARE * len(texts))
    common = [(run, count) for run, count in counts.most_common() if count >= least][:_TRIED]
    every = papers.count_works(db)
    lifts = {run: count / len(texts) / _share_of_all(db, run, every) for run, count in common}
    telling = [run for run, _ in common if lifts[run] >= _LIFT]
    return tuple(sorted(telling, key=lambda run: (-len(run.split()), -lifts[run]))[:_NAMES])


def _share_of_all(db: Database, run: str, every: int) -> float:
    return max(1, fts_search.count_works_containing(db, phrase_clause(run), every)) / max(1, every)


def _runs(text: str) -> Iterator[str]:
    """Yield the runs of up to three words that neither start nor end with a stop word."""
    words = _WORD.findall(text.lower())
    for start, word in enumerate(words):
        for end in range(start + 1, min(start + _LONGEST, len(words)) + 1):
            if not (is_stop_word(word) or is_stop_word(words[end - 1])):
                yield " ".join(words[start:end])
