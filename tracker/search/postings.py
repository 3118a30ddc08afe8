"""An inverted index of our own: BM25 of every work for a few words, in milliseconds.

FTS5 finds the works that hold a word quickly, but its `bm25` takes 2 µs for each of them, and a
question about language models touches half of all. Here the share that a word has in the score of a
work is computed when the work is indexed, and a query adds up slices of an array (as in BM25S, Lù
2024, arXiv:2407.03618). Words are FTS5's own stems. Files are `tracker.search.generation`'s, mapped
into memory; a refresh takes up what is new and drops what has gone.

Surface: `Postings`, `refresh`.
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
from tracker.search import generation
from tracker.search.encoder import EncoderId
from tracker.store.stemming import stems

# Changed whenever terms or shares are computed in another way: older files are then left unread.
_SPACE = EncoderId("postings", "1", 0)
_WORD = re.compile(r"[^\W_]+")
# Parameters of BM25 as in FTS5, and what a word counts in title, abstract and names.
_K1, _B, _FIELDS = 1.2, 0.75, (3, 1, 2)
# Words of a usual title and abstract. A constant, so that a share never has to be computed again.
_USUAL_LENGTH = 180
# Shares are kept as 255ths: they are never more than K1 + 1.
_STEP = (_K1 + 1) / 255

Text = tuple[str, str, str]  # title, abstract, names
# Rows, which ascend, numbers of stems, and shares.
_Counted = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8]]
# Asked for works, it yields the texts of all of them, in batches and in that order.
Fetch = Callable[[Sequence[int]], Iterable[Sequence[Text]]]


@dataclass(frozen=True, slots=True)
class _Lists:
    """The works of each term: those of `terms[i]` are rows `starts[i]:starts[i + 1]`.

    `terms` (t,) are hashes in ascending order, `starts` (t + 1,); `rows` (p,) point into the works,
    `shares` (p,) are what the term adds to the score of each, in steps.
    """

    terms: NDArray[np.uint64]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    shares: NDArray[np.uint8]


class Postings:
    """The read side: an open generation, which goes on answering when a refresh replaces it.

    `works` (n,) are those it knows, `last` the highest of their numbers: one with a higher number
    was stored later.
    """

    def __init__(self, works: NDArray[np.int64], lists: _Lists) -> None:
        self.works, self.last = works, int(works.max(initial=0))
        self._order = np.argsort(works, kind="stable")
        self._lists = lists

    @classmethod
    def open(cls, folder: Path) -> "Postings":
        """Open the index below `folder`. IndexUnusable when it is missing or damaged."""
        found = generation.find(folder, _SPACE)
        generation.check(folder, found)
        parts = (generation.array(folder, found, kind, mapped=True) for kind in _KINDS)
        return cls(generation.array(folder, found, "works"), _Lists(*parts))

    def scores(self, weights: Mapping[str, float]) -> NDArray[np.float32]:
        """BM25 of every work (n,), in the order of `works`, for stems, each with its weight."""
        total = np.zeros(len(self.works), np.float32)
        for term, weight in zip(_hashes(list(weights)), weights.values(), strict=True):
            held = self._slice(term)
            factor = np.float32(_STEP * weight * self.idf(held.stop - held.start))
            total[self._lists.rows[held]] += factor * self._lists.shares[held]
        return total

    def holding(self, term: str, works: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of some works that hold a stem."""
        held, rows = self._lists.rows[self._slice(_hashes([term])[0])], self.rows(works)
        places = np.searchsorted(held, rows)  # the rows of a term ascend
        found: NDArray[np.int64] = self.works[rows[np.isin(rows, held[places[places < len(held)]])]]
        return found

    def held(self, terms: Sequence[str]) -> list[int]:
        """How many works hold each of some stems."""
        slices = map(self._slice, _hashes(terms))
        return [held.stop - held.start for held in slices]

    def rows(self, works: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where those of some works stand that are in the index."""
        places = np.searchsorted(self.works, works, sorter=self._order)
        rows = self._order[np.minimum(places, len(self.works) - 1)]
        known: NDArray[np.int64] = rows[self.works[rows] == works]
        return known

    def idf(self, held: int) -> float:
        """The weight of what so many works hold, never below zero (Lucene's formula)."""
        return float(np.log1p((len(self.works) - held + 0.5) / (held + 0.5)))

    def _slice(self, term: np.uint64) -> slice:
        place = int(np.searchsorted(self._lists.terms, term))
        if place == len(self._lists.terms) or self._lists.terms[place] != term:
            return slice(0, 0)
        return slice(int(self._lists.starts[place]), int(self._lists.starts[place + 1]))


_KINDS = ("terms", "starts", "rows", "shares")


def refresh(folder: Path, stored: Iterable[tuple[int, str]], fetch: Fetch) -> int:
    """Make the index hold what is stored: (work, hash of its record); gives how many it holds.

    Works that are gone are dropped; new ones and those with another hash are fetched. A missing or
    damaged index is built anew. When nothing differs, nothing is written. One process at a time.
    """
    wanted = dict(stored)
    try:
        found = generation.find(folder, _SPACE)
        generation.check(folder, found)
        works, digests = (generation.array(folder, found, kind) for kind in ("works", "digests"))
        keep = generation.current(works, digests, wanted)
        if keep.all() and len(keep) == len(wanted):
            return len(wanted)
        lists = _Lists(*(generation.array(folder, found, kind, mapped=True) for kind in _KINDS))
        works, lists = works[keep], _kept(lists, keep)
    except IndexUnusable:
        works, lists = np.empty(0, np.int64), _EMPTY
    missing = sorted(wanted.keys() - set(works.tolist()))
    lists = _merged(lists, _inverted(fetch(missing)), len(works))
    works = np.concatenate([works, np.array(missing, np.int64)])
    digests = np.array([wanted[work].encode() for work in works.tolist()] or [b""])[: len(works)]
    arrays = {kind: getattr(lists, kind) for kind in _KINDS}
    generation.write(folder, _SPACE, {"works": works, "digests": digests, **arrays})
    return len(works)


def _hashes(terms: Sequence[str]) -> NDArray[np.uint64]:
    digests = (blake2b(term.encode(), digest_size=8).digest() for term in terms)
    return np.frombuffer(b"".join(digests), np.uint64)


class _Stems(dict[str, int]):
    """Numbers of stems by word; `names` are the stems. What was asked for once is known."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._numbers: dict[str, int] = {"": -1}

    def learn(self, words: Iterable[str]) -> None:
        """Make the numbers of these words known."""
        new = sorted(set(words) - self.keys())
        for word, stem in zip(new, stems(new), strict=True):
            if stem not in self._numbers:
                self._numbers[stem] = len(self.names)
                self.names.append(stem)
            self[word] = self._numbers[stem]


def _inverted(batches: Iterable[Sequence[Text]]) -> _Lists:
    """The lists of texts that are counted from 0."""
    known, first = _Stems(), 0
    counted = [_NOTHING]
    for texts in batches:
        counted.append(_counted(texts, known, first))
        first += len(texts)
    rows, numbers, shares = (np.concatenate(parts) for parts in zip(*counted, strict=True))
    hashes = _hashes(known.names)
    order = np.argsort(hashes)
    # By term, and within a term by row, as they come.
    place = np.argsort(np.argsort(order)[numbers], kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(numbers, minlength=len(hashes))[order])])
    return _Lists(hashes[order], starts, rows[place], shares[place])


def _counted(texts: Sequence[Text], known: _Stems, first: int) -> _Counted:
    """What each text holds; rows are counted from `first` on."""
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
_EMPTY = _Lists(np.empty(0, np.uint64), np.zeros(1, np.int64), *_NOTHING[1:])


def _kept(lists: _Lists, keep: NDArray[np.bool_]) -> _Lists:
    """The lists without the rows that are not to be kept, which move up."""
    if keep.all():
        return lists
    held = keep[lists.rows]
    starts = np.concatenate([[0], np.cumsum(held)])[lists.starts]
    moved = np.cumsum(keep, dtype=np.int32) - np.int32(1)
    return _Lists(lists.terms, starts, moved[lists.rows[held]], lists.shares[held])


def _merged(one: _Lists, other: _Lists, first: int) -> _Lists:
    """Both, where the rows of the other one are counted from `first` on."""
    terms = np.union1d(one.terms, other.terms)
    counts, more = (_spread(terms, lists) for lists in (one, other))
    ends = np.repeat(np.cumsum(counts), more)
    return _Lists(
        terms,
        np.concatenate([[0], np.cumsum(counts + more)]),
        _inserted(one.rows, ends, other.rows + np.int32(first)),
        _inserted(one.shares, ends, other.shares),
    )


def _inserted(old: NDArray[Any], places: NDArray[np.int64], new: NDArray[Any]) -> NDArray[Any]:
    """As np.insert, which takes ten times as long where many values go to one place."""
    cuts, firsts = np.unique(places, return_index=True)
    head, *rest = np.split(np.asarray(old), cuts)
    between = zip(np.split(new, firsts[1:]), rest, strict=False)
    return np.concatenate([head, *(piece for pair in between for piece in pair)])


def _spread(terms: NDArray[np.uint64], lists: _Lists) -> NDArray[np.int64]:
    """How many rows each of `terms` has in the lists."""
    counts = np.zeros(len(terms), np.int64)
    counts[np.searchsorted(terms, lists.terms)] = np.diff(lists.starts)
    return counts
