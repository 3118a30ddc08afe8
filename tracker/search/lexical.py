"""Retrieval by words: postings score indexed works, FTS5 finds phrases and newer works.

Without postings FTS5 does everything: the same works in almost the same order, but more slowly.

Public: `WordSearch`, `split_words`, `PART_WEIGHTS`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from tracker.search.index.postings import Postings
from tracker.store import fts_search, papers
from tracker.store.database import Database
from tracker.store.fts_query import BIGRAMS, WORDS, ClauseKind, MatchClause
from tracker.store.fts_stems import stem_words
from tracker.store.paper_filters import Filter

# Weight of each kind of part relative to a word, chosen together by nDCG@10 and recall@20; values
# from 0.2 to 0.5 give the same results. Two adjacent words are stronger evidence than the same two
# apart (sequential dependence: Metzler & Croft, SIGIR 2005).
PART_WEIGHTS: Mapping[ClauseKind, float] = {
    "word": 1.0, "spelling": 1.0, "term": 1.0, "name": 0.3, "pair": 0.3,
}  # fmt: skip
# A phrase whose rarest word is in more works than this says little, and is slow in FTS5.
_FREQUENT = 10_000
# What a word in the title adds to its weight, about as BM25 with the title's triple weight does.
_IN_TITLE = 0.5
_WORD = re.compile(r"[^\W_]+")


class WordSearch:
    """A search for parts: the works that contain one are looked up once, to rank and to explain."""

    def __init__(
        self, db: Database, parts: Sequence[MatchClause], postings: Postings | None = None
    ) -> None:
        self._db, self._parts = db, parts
        self._postings = postings if postings is not None and len(postings.works) else None
        self._found: dict[MatchClause, NDArray[np.int64]] = {}

    def score(
        self, most: int, filters: Filter, *, among: NDArray[np.int64] | None = None
    ) -> dict[int, float]:
        """Return BM25 by work: the `most` best works, or a few more, that contain any of the parts.

        `among` are the works that pass `filters`; None means all.
        """
        db, parts, postings = self._db, self._parts, self._postings
        if postings is None:
            return _sum_scores(fts_search.search(db, parts, most, filters))
        words = [part for part in parts if part.table == WORDS]
        letters = [part for part in parts if part.table == BIGRAMS]
        lists = [_top_scores(postings, self._bm25_scores(postings, words), most, among)]
        if papers.last_number(db) > postings.last_work:
            lists += fts_search.search(db, words, most, filters, after=postings.last_work)
        return _sum_scores([*lists, *fts_search.search(db, letters, most, filters)])

    def matched_parts(self, works: Sequence[int]) -> dict[int, list[MatchClause]]:
        """Return the parts that each work contains, in their order; pairs of words are left out."""
        matched: dict[int, list[MatchClause]] = {work: [] for work in works}
        postings = self._postings
        rows = postings.rows(np.array(works, np.int64)) if postings else np.empty(0, np.int64)
        for part, stems in _stems_by_part(tuple(self._parts)).items():
            if part.kind == "pair":
                continue
            containing, later = list[int](), list(works)
            if postings and _is_in_postings(part, stems):
                containing = postings.works[postings.rows_with_term(stems[0], rows)].tolist()
                later = [work for work in works if work > postings.last_work]
            if later:
                containing += self._works_among(part, later)
            for work in containing:
                matched[work].append(part)
        return matched

    def _works_among(self, part: MatchClause, works: Sequence[int]) -> Iterable[int]:
        """Return which of some works contain a part."""
        if part in self._found:
            return set(self._found[part].tolist()).intersection(works)
        return fts_search.filter_works_containing(self._db, part, works)

    def _works_containing(self, part: MatchClause) -> NDArray[np.int64]:
        if part not in self._found:
            self._found[part] = fts_search.works_containing(self._db, part)
        return self._found[part]

    def _bm25_scores(self, postings: Postings, parts: Sequence[MatchClause]) -> NDArray[np.float32]:
        """Return BM25 of every work in the postings; a phrase counts as if it occurred once."""
        terms = _stems_by_part(tuple(parts))
        rare = [part for part, stems in terms.items() if _is_rare(postings, stems)]
        spelled = {part: self._works_containing(part) for part in rare if part.kind == "spelling"}
        idf = _spelling_idf(postings, terms, spelled)
        total = postings.scores(_stem_weights(postings, terms, idf))
        for part, works in spelled.items():
            total[postings.rows(works)] += np.float32(idf[part.label])
            titled = self._works_containing(_in_title(part))
            total[postings.rows(titled)] += np.float32(idf[part.label] * _IN_TITLE)
        for part in rare:
            if part.kind != "spelling" and (len(terms[part]) > 1 or part.signed):
                self._add_phrase(postings, part, total)
        return total

    def _add_phrase(
        self, postings: Postings, part: MatchClause, total: NDArray[np.float32]
    ) -> None:
        """Add the weight of a phrase, or of a name with a sign, to the works that contain it."""
        works = self._works_containing(part)
        weight = PART_WEIGHTS[part.kind] * postings.idf(len(works))
        total[postings.rows(works)] += np.float32(weight)
        if part.signed:
            titled = self._works_containing(_in_title(part))
            total[postings.rows(titled)] += np.float32(weight * _IN_TITLE)


def _in_title(part: MatchClause) -> MatchClause:
    """Return a part that only titles match."""
    expression = f"{{title}} : ({part.expression})"
    return replace(part, expression=expression, column="title")


def _is_in_postings(part: MatchClause, stems: Sequence[str]) -> bool:
    """Whether the postings tell which works contain a part: a single plain word."""
    is_word = part.table == WORDS and len(stems) == 1
    return is_word and part.kind != "term" and not part.signed


def split_words(text: str) -> list[str]:
    """Split a text into words as the postings do, before stemming."""
    return _WORD.findall(text)


def _sum_scores(lists: Iterable[Mapping[int, float]]) -> dict[int, float]:
    total: dict[int, float] = {}
    for scores in lists:
        for work, score in scores.items():
            total[work] = total.get(work, 0.0) + score
    return total


def _stem_weights(
    postings: Postings, terms: Mapping[MatchClause, Sequence[str]], idf: Mapping[str, float]
) -> dict[str, float]:
    """Return the weight of each stem that the postings can score.

    A word with other spellings weighs as much as all of them together: `idf`, by label.
    """
    weights: dict[str, float] = {}
    for part, stems in terms.items():
        scored = part.kind == "term" or (len(stems) == 1 and part.kind != "spelling")
        for stem in filter(None, stems if scored and not part.signed else ()):
            shared = idf.get(part.label)
            share = shared / postings.idf_of(stem) if shared else 1.0
            weights[stem] = max(weights.get(stem, 0.0), PART_WEIGHTS[part.kind] * share)
    return weights


def _is_rare(postings: Postings, stems: Sequence[str]) -> bool:
    return min(postings.document_frequencies(stems), default=0) <= _FREQUENT


def _spelling_idf(
    postings: Postings,
    terms: Mapping[MatchClause, Sequence[str]],
    spelled: Mapping[MatchClause, NDArray[np.int64]],
) -> dict[str, float]:
    """Return the weight of each word with other spellings, by label: all of them are one word."""
    sizes = dict.fromkeys((part.label for part in spelled), 0)
    for part, works in spelled.items():
        sizes[part.label] += len(works)
    for part, stems in terms.items():
        if part.kind == "word" and part.label in sizes and len(stems) == 1:
            sizes[part.label] += postings.document_frequencies(stems)[0]
    return {label: postings.idf(size) for label, size in sizes.items()}


# Called twice by a search: to rank works, and to explain the best of them.
@lru_cache(maxsize=16)
def _stems_by_part(parts: tuple[MatchClause, ...]) -> Mapping[MatchClause, list[str]]:
    """Return the stems of each part's words; of title:experts, of the text after the colon."""
    words = [split_words(_matched_text(part)) for part in parts]
    stems = iter(stem_words([word for own in words for word in own]))
    return {part: list(islice(stems, len(own))) for part, own in zip(parts, words, strict=True)}


def _matched_text(part: MatchClause) -> str:
    # The label of another spelling is the word of the query.
    return (
        part.expression if part.kind == "spelling" else part.label.partition(":")[2] or part.label
    )


def _top_scores(
    postings: Postings, scores: NDArray[np.float32], most: int, among: NDArray[np.int64] | None
) -> dict[int, float]:
    if among is not None:
        passing = np.zeros(len(scores), np.bool_)
        passing[postings.rows(among)] = True
        scores = np.where(passing, scores, 0)
    places = _top_positions(scores, most)
    return dict(zip(postings.works[places].tolist(), scores[places].tolist(), strict=True))


def _top_positions(scores: NDArray[np.float32], most: int) -> NDArray[np.int64]:
    """Return the positions of the `most` highest scores above 0, in no particular order."""
    top = float(scores.max(initial=0.0))
    # Few works come near the best: sorting all half a million takes ten times as long.
    for share in (0.75, 0.5, 0.25, 0.0):
        places = np.flatnonzero(scores > share * top)
        if len(places) >= most or not share:
            break
    if len(places) > most:
        places = places[np.argpartition(scores[places], -most)[-most:]]
    return places
