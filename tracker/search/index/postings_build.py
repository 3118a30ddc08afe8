"""Building posting lists: texts are inverted, and lists are merged, also when there are too many.

The lists of millions of works do not fit into a small machine's memory. They are made in runs, each
of some works, which are merged a few terms at a time.

Public: `PostingLists`, `MergedLists`, `FieldTexts`, `STEP`, `EMPTY`, `hash_terms`, `invert_texts`,
`keep_rows`, `merge_lists`, `merge_runs`, `write_parts`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.store.fts_stems import stem_words

_WORD = re.compile(r"[^\W_]+")
# Parameters of BM25 as in FTS5, and the weights of a word in title, abstract and names.
_K1, _B, _FIELDS = 1.2, 0.75, (3, 1, 2)
# Words of a typical title and abstract. A constant, so that shares need no recomputation.
_USUAL_LENGTH = 180
# Shares are stored as 255ths of their maximum, K1 + 1.
STEP = (_K1 + 1) / 255
# Postings merged at a time.
_PART = 4_000_000

FieldTexts = tuple[str, str, str]  # title, abstract, names
# Rows in ascending order, numbers of stems, and shares.
_Counted = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8]]


@dataclass(frozen=True, slots=True)
class PostingLists:
    """The postings of each term: those of `terms[i]` are `starts[i]:starts[i + 1]`.

    `terms` (t,) are hashes in ascending order, `starts` (t + 1,); `rows` (p,) are positions in the
    works, ascending for each term, `shares` (p,) what the term adds to the score of each, in steps
    of `STEP`.
    """

    terms: NDArray[np.uint64]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    shares: NDArray[np.uint8]

    def of_term(self, term: np.uint64) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        """Return the rows and shares of a term."""
        place = int(np.searchsorted(self.terms, term))
        if place == len(self.terms) or self.terms[place] != term:
            return self.rows[:0], self.shares[:0]
        part = slice(int(self.starts[place]), int(self.starts[place + 1]))
        return self.rows[part], self.shares[part]


def hash_terms(terms: Sequence[str]) -> NDArray[np.uint64]:
    """Return the hashes (t,) by which stems are listed."""
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


def invert_texts(batches: Iterable[Sequence[FieldTexts]]) -> PostingLists:
    """Return the postings of texts whose rows are counted from 0."""
    known, first = _StemNumbers(), 0
    counted = [_NOTHING]
    for texts in batches:
        counted.append(_count_terms(texts, known, first))
        first += len(texts)
    rows, numbers, shares = (np.concatenate(parts) for parts in zip(*counted, strict=True))
    hashes = hash_terms(known.names)
    order = np.argsort(hashes)
    # By term, and within a term by row: the input is ordered by row.
    place = np.argsort(np.argsort(order)[numbers], kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(numbers, minlength=len(hashes))[order])])
    return PostingLists(hashes[order], starts, rows[place], shares[place])


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
    steps = np.rint(shares / STEP).astype(np.uint8)
    return (keys // size + first).astype(np.int32), (keys % size).astype(np.int32), steps


_NOTHING: _Counted = np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.uint8)
EMPTY = PostingLists(np.empty(0, np.uint64), np.zeros(1, np.int64), *_NOTHING[1:])


def keep_rows(lists: PostingLists, keep: NDArray[np.bool_]) -> PostingLists:
    """Return the postings of the rows to keep, renumbered without gaps."""
    if keep.all():
        return lists
    kept = keep[lists.rows]
    starts = np.concatenate([[0], np.cumsum(kept)])[lists.starts]
    moved = np.cumsum(keep, dtype=np.int32) - np.int32(1)
    return PostingLists(lists.terms, starts, moved[lists.rows[kept]], lists.shares[kept])


def merge_lists(one: PostingLists, other: PostingLists, first: int) -> PostingLists:
    """Return the postings of both; the rows of `other` are shifted by `first`."""
    terms = np.union1d(one.terms, other.terms)
    counts, more = (_count_rows(terms, lists) for lists in (one, other))
    ends = np.repeat(np.cumsum(counts), more)
    return PostingLists(
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


def _count_rows(terms: NDArray[np.uint64], lists: PostingLists) -> NDArray[np.int64]:
    """Return how many postings each of `terms` has (t,)."""
    counts = np.zeros(len(terms), np.int64)
    counts[np.searchsorted(terms, lists.terms)] = np.diff(lists.starts)
    return counts


@dataclass(frozen=True, slots=True)
class MergedLists:
    """The lists of several runs as they will be: their rows and shares come in parts."""

    terms: NDArray[np.uint64]
    starts: NDArray[np.int64]
    parts: Iterator[tuple[NDArray[np.int32], NDArray[np.uint8]]]


def merge_runs(runs: Sequence[PostingLists]) -> MergedLists:
    """Merge lists whose rows ascend from one run to the next, a few terms at a time."""
    terms = reduce(np.union1d, (run.terms for run in runs), EMPTY.terms)
    counts = sum((_count_rows(terms, run) for run in runs), np.zeros(len(terms), np.int64))
    starts = np.concatenate([[0], np.cumsum(counts)])
    return MergedLists(terms, starts, _merge_parts(runs, terms, starts))


def _merge_parts(
    runs: Sequence[PostingLists], terms: NDArray[np.uint64], starts: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.uint8]]]:
    first = 0
    while first < len(terms):
        last = int(np.searchsorted(starts, starts[first] + _PART, "right")) - 1
        last = max(first + 1, last)
        yield _merge_range(runs, terms[first:last], starts[first : last + 1])
        first = last


def _merge_range(
    runs: Sequence[PostingLists], terms: NDArray[np.uint64], starts: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Return the rows and shares of some terms, one term after the other."""
    size = int(starts[-1] - starts[0])
    rows, shares = np.empty(size, np.int32), np.empty(size, np.uint8)
    free = starts[:-1] - starts[0]
    for run in runs:
        low = int(np.searchsorted(run.terms, terms[0]))
        high = int(np.searchsorted(run.terms, terms[-1], "right"))
        begins = run.starts[low : high + 1]
        counts, own = np.diff(begins), np.searchsorted(terms, run.terms[low:high])
        part = slice(int(begins[0]), int(begins[-1]))
        places = np.repeat(free[own] - (begins[:-1] - begins[0]), counts)
        places += np.arange(len(places))
        rows[places], shares[places] = run.rows[part], run.shares[part]
        free[own] += counts
    return rows, shares


def write_parts(merged: MergedLists, rows_file: Path, shares_file: Path) -> None:
    """Write the rows and the shares of merged lists as arrays, as numpy does."""
    shape = (int(merged.starts[-1]),)
    with rows_file.open("wb") as all_rows, shares_file.open("wb") as all_shares:
        for file, kind in ((all_rows, "<i4"), (all_shares, "|u1")):
            header = {"descr": kind, "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
        for rows, shares in merged.parts:
            all_rows.write(rows.astype("<i4", copy=False).tobytes())
            all_shares.write(shares.tobytes())
