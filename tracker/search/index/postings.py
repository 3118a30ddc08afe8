"""An inverted index: BM25 of every work for a few words, in milliseconds.

FTS5 finds the works that contain a word quickly, but its `bm25` takes 2 µs for each of them, and a
question about language models matches half of all works. Here the contribution of a word to the
score of a work is computed when the work is indexed, and a query adds up slices of an array (as in
BM25S, Lù 2024, arXiv:2407.03618). Words are reduced to the stems of FTS5. The files are those of
`tracker.search.index.index_files`, mapped into memory; a refresh adds what is new and drops what is
gone.

Public: `Postings`, `refresh`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.errors import IndexUnusable
from tracker.search.encoder.openvino import EncoderId
from tracker.search.index import index_files
from tracker.store.fts_stems import stem_words

# To be changed whenever terms or shares are computed differently: older files are then not read.
_SPACE = EncoderId("postings", "2", 0)
_WORD = re.compile(r"[^\W_]+")
# Parameters of BM25 as in FTS5, and the weights of a word in title, abstract and names.
_K1, _B, _FIELDS = 1.2, 0.75, (3, 1, 2)
# Words of a typical title and abstract. A constant, so that shares need no recomputation.
_USUAL_LENGTH = 180
# Shares are stored as 255ths of their maximum, K1 + 1.
_STEP = (_K1 + 1) / 255

FieldTexts = tuple[str, str, str]  # title, abstract, names
# Rows in ascending order, numbers of stems, and shares.
_Counted = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8]]
# Called with works, it yields the texts of all of them, in batches and in that order.
FetchTexts = Callable[[Sequence[int]], Iterable[Sequence[FieldTexts]]]


@dataclass(frozen=True, slots=True)
class _PostingLists:
    """The postings of each term: those of `terms[i]` are `starts[i]:starts[i + 1]`.

    `terms` (t,) are hashes in ascending order, `starts` (t + 1,); `rows` (p,) are positions in the
    works, `shares` (p,) what the term adds to the score of each, in steps of `_STEP`.
    """

    terms: NDArray[np.uint64]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    shares: NDArray[np.uint8]


class Postings:
    """An open generation, for reading. It keeps answering when a refresh replaces its files.

    `works` (n,) are the indexed works, `last_work` is their highest number: works with a higher one
    were stored later.
    """

    def __init__(self, works: NDArray[np.int64], lists: _PostingLists) -> None:
        self.works, self.last_work = works, int(works.max(initial=0))
        self._order = np.argsort(works, kind="stable")
        self._lists = lists

    @classmethod
    def open(cls, folder: Path) -> "Postings":
        """Open the index below `folder`. Raises IndexUnusable if it is missing or damaged."""
        found = index_files.find_generation(folder, _SPACE)
        index_files.verify_files(folder, found)
        parts = (index_files.load_array(folder, found, kind, mapped=True) for kind in _KINDS)
        return cls(index_files.load_array(folder, found, "works"), _PostingLists(*parts))

    def scores(self, weights: Mapping[str, float]) -> NDArray[np.float32]:
        """Return BM25 of every work (n,), in the order of `works`, for weighted stems."""
        total = np.zeros(len(self.works), np.float32)
        for term, weight in zip(_hash_terms(list(weights)), weights.values(), strict=True):
            part = self._posting_slice(term)
            factor = np.float32(_STEP * weight * self.idf(part.stop - part.start))
            total[self._lists.rows[part]] += factor * self._lists.shares[part]
        return total

    def works_with_term(self, term: str, works: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return those of `works` that contain a stem."""
        found, rows = (
            self._lists.rows[self._posting_slice(_hash_terms([term])[0])],
            self.rows(works),
        )
        places = np.searchsorted(found, rows)  # the rows of a term ascend
        matched = rows[np.isin(rows, found[places[places < len(found)]])]
        return np.asarray(self.works[matched], np.int64)

    def document_frequencies(self, terms: Sequence[str]) -> list[int]:
        """Return how many works contain each of these stems."""
        slices = map(self._posting_slice, _hash_terms(terms))
        return [part.stop - part.start for part in slices]

    def rows(self, works: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of those of `works` that are in the index."""
        places = np.searchsorted(self.works, works, sorter=self._order)
        rows = self._order[np.minimum(places, len(self.works) - 1)]
        known: NDArray[np.int64] = rows[self.works[rows] == works]
        return known

    def idf(self, document_frequency: int) -> float:
        """Return the weight of a term that so many works contain, >= 0 (Lucene's formula)."""
        return float(
            np.log1p((len(self.works) - document_frequency + 0.5) / (document_frequency + 0.5))
        )

    def idf_of(self, stem: str) -> float:
        """Return the weight of a stem, as `idf`."""
        return self.idf(self.document_frequencies([stem])[0])

    def _posting_slice(self, term: np.uint64) -> slice:
        place = int(np.searchsorted(self._lists.terms, term))
        if place == len(self._lists.terms) or self._lists.terms[place] != term:
            return slice(0, 0)
        return slice(int(self._lists.starts[place]), int(self._lists.starts[place + 1]))


_KINDS = ("terms", "starts", "rows", "shares")


def refresh(folder: Path, stored: Iterable[tuple[int, str]], fetch: FetchTexts) -> int:
    """Make the index hold what is stored: (work, hash of its record). Returns the number of works.

    Works that are gone are dropped; new ones and those with another hash are fetched. A missing or
    damaged index is rebuilt. When nothing differs, nothing is written. Only one process may refresh
    at a time.
    """
    wanted = index_files.StoredHashes(stored)
    try:
        found = index_files.find_generation(folder, _SPACE)
        index_files.verify_files(folder, found)
        works, hashes = (
            index_files.load_array(folder, found, kind) for kind in ("works", "digests")
        )
        keep = wanted.are_current(works, hashes)
        if keep.all() and len(keep) == len(wanted.works):
            return len(keep)
        lists = _PostingLists(
            *(index_files.load_array(folder, found, kind, mapped=True) for kind in _KINDS)
        )
        works, lists = works[keep], _keep_rows(lists, keep)
    except IndexUnusable:
        works, lists = np.empty(0, np.int64), _EMPTY
    missing = wanted.missing(works)
    lists = _merge_lists(lists, _invert_texts(fetch(missing.tolist())), len(works))
    works = np.concatenate([works, missing])
    hashes = wanted.of(works)
    arrays = {kind: getattr(lists, kind) for kind in _KINDS}
    index_files.write_generation(folder, _SPACE, {"works": works, "digests": hashes, **arrays})
    return len(works)


def _hash_terms(terms: Sequence[str]) -> NDArray[np.uint64]:
    hashes = (blake2b(term.encode(), digest_size=8).digest() for term in terms)
    return np.frombuffer(b"".join(hashes), np.uint64)


class _StemNumbers(dict[str, int]):
    """Numbers of stems by word, once learned; `names` are the stems by number."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._numbers: dict[str, int] = {"": -1}

    def learn(self, words: Iterable[str]) -> None:
        """Assign numbers to the stems of these words."""
        new = sorted(set(words) - self.keys())
        for word, stem in zip(new, stem_words(new), strict=True):
            if stem not in self._numbers:
                self._numbers[stem] = len(self.names)
                self.names.append(stem)
            self[word] = self._numbers[stem]


def _invert_texts(batches: Iterable[Sequence[FieldTexts]]) -> _PostingLists:
    """Return the postings of texts whose rows are counted from 0."""
    known, first = _StemNumbers(), 0
    counted = [_NOTHING]
    for texts in batches:
        counted.append(_count_terms(texts, known, first))
        first += len(texts)
    rows, numbers, shares = (np.concatenate(parts) for parts in zip(*counted, strict=True))
    hashes = _hash_terms(known.names)
    order = np.argsort(hashes)
    # By term, and within a term by row: the input is ordered by row.
    place = np.argsort(np.argsort(order)[numbers], kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(numbers, minlength=len(hashes))[order])])
    return _PostingLists(hashes[order], starts, rows[place], shares[place])


def _count_terms(texts: Sequence[FieldTexts], known: _StemNumbers, first: int) -> _Counted:
    """Return the stems of each text with their shares; rows are counted from `first`."""
    words = [[_WORD.findall(part.lower()) for part in text] for text in texts]
    flat = [word for parts in words for part in parts for word in part]
    known.learn(flat)
    sizes = np.array([[len(part) for part in parts] for parts in words], np.int64).reshape(-1, 3)
    numbers = np.fromiter((known[word] for word in flat), np.int64, len(flat))
    weights = np.repeat(np.tile(_FIELDS, len(texts)), sizes.ravel())
    rows = np.repeat(np.arange(len(texts)), sizes.sum(axis=1))
    size = max(1, len(known.names))
    keys, places = np.unique((rows * size + numbers)[numbers >= 0], return_inverse=True)
    times = np.bincount(places, weights[numbers >= 0], len(keys))
    lengths = sizes[:, :2].sum(axis=1)[keys // size]
    norm = _K1 * (1 - _B + _B * lengths / _USUAL_LENGTH)
    shares = times * (_K1 + 1) / (times + norm)
    steps = np.rint(shares / _STEP).astype(np.uint8)
    return (keys // size + first).astype(np.int32), (keys % size).astype(np.int32), steps


_NOTHING: _Counted = np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.uint8)
_EMPTY = _PostingLists(np.empty(0, np.uint64), np.zeros(1, np.int64), *_NOTHING[1:])


def _keep_rows(lists: _PostingLists, keep: NDArray[np.bool_]) -> _PostingLists:
    """Return the postings of the rows to keep, renumbered without gaps."""
    if keep.all():
        return lists
    kept = keep[lists.rows]
    starts = np.concatenate([[0], np.cumsum(kept)])[lists.starts]
    moved = np.cumsum(keep, dtype=np.int32) - np.int32(1)
    return _PostingLists(lists.terms, starts, moved[lists.rows[kept]], lists.shares[kept])


def _merge_lists(one: _PostingLists, other: _PostingLists, first: int) -> _PostingLists:
    """Return the postings of both; the rows of `other` are shifted by `first`."""
    terms = np.union1d(one.terms, other.terms)
    counts, more = (_count_rows(terms, lists) for lists in (one, other))
    ends = np.repeat(np.cumsum(counts), more)
    return _PostingLists(
        terms,
        np.concatenate([[0], np.cumsum(counts + more)]),
        _insert_values(one.rows, ends, other.rows + np.int32(first)),
        _insert_values(one.shares, ends, other.shares),
    )


def _insert_values(old: NDArray[Any], places: NDArray[np.int64], new: NDArray[Any]) -> NDArray[Any]:
    """Do what np.insert does, which takes ten times as long for many values at one place."""
    cuts, firsts = np.unique(places, return_index=True)
    head, *rest = np.split(np.asarray(old), cuts)
    between = zip(np.split(new, firsts[1:]), rest, strict=False)
    return np.concatenate([head, *(piece for pair in between for piece in pair)])


def _count_rows(terms: NDArray[np.uint64], lists: _PostingLists) -> NDArray[np.int64]:
    """Return how many postings each of `terms` has (t,)."""
    counts = np.zeros(len(terms), np.int64)
    counts[np.searchsorted(terms, lists.terms)] = np.diff(lists.starts)
    return counts
