"""An inverted index: BM25 of every work for a few words, in milliseconds.

FTS5 finds the works that contain a word quickly, but its `bm25` takes 2 µs for each of them, and a
question about language models matches half of all works. Here the contribution of a word to the
score of a work is computed when the work is indexed, and a query adds up slices of an array (as in
BM25S, Lù 2024, arXiv:2407.03618). Words are reduced to the stems of FTS5. The files are those of
`tracker.search.index.index_files`, mapped into memory; a refresh adds what is new and drops what is
gone. A large index has a base, the list of the works that are gone from it, and lists of their own
for those that were added, so that a refresh writes as much as has changed.

Public: `Postings`, `refresh`, `FROM_COUNT`, `CHANGED_SHARE`.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.errors import IndexUnusable
from tracker.search.encoder.openvino import EncoderId
from tracker.search.index import index_files, postings_build
from tracker.search.index.index_files import Generation, StoredHashes
from tracker.search.index.postings_build import EMPTY, STEP, FieldTexts, PostingLists, hash_terms

# To be changed whenever terms or shares are computed differently: older files are then not read.
_SPACE = EncoderId("postings", "2", 0)
_KINDS = ("terms", "starts", "rows", "shares")
_ADDED = "added_"
# From so many works on an index is always built in runs, and a refresh keeps its base.
FROM_COUNT = 200_000
# An index is built anew once this share of it has been added or dropped.
CHANGED_SHARE = 0.1
# Terms whose lists are remembered.
_MOST_KNOWN = 1000
# Works of a run: their lists take about 150 MB while they are made.
_RUN = 50_000

# Called with works, it yields the texts of all of them, in batches and in that order.
FetchTexts = Callable[[Sequence[int]], Iterable[Sequence[FieldTexts]]]


class Postings:
    """An open generation, for reading. It keeps answering when a refresh replaces its files.

    `works` (n,) are the indexed works, `last_work` is their highest number: works with a higher one
    were stored later. Rows of works that are `gone` have no scores.
    """

    def __init__(self, base: "_Part", added: "_Part", gone: NDArray[np.bool_]) -> None:
        self.works = np.concatenate([base.works, added.works])
        self.last_work = int(self.works.max(initial=0))
        self._parts, self._gone = (base, added), gone
        self._known: dict[int, list[tuple[NDArray[np.int32], NDArray[np.uint8]]]] = {}
        self._orders = tuple(_sorter(part.works) for part in self._parts)

    @classmethod
    def open(cls, folder: Path) -> "Postings":
        """Open the index below `folder`. Raises IndexUnusable if it is missing or damaged."""
        state = _read_state(folder)
        return cls(state.base, state.added, state.gone)

    def scores(self, weights: Mapping[str, float]) -> NDArray[np.float32]:
        """Return BM25 of every work (n,), in the order of `works`, for weighted stems."""
        total = np.zeros(len(self.works), np.float32)
        for term, weight in zip(hash_terms(list(weights)), weights.values(), strict=True):
            parts = self._find(term)
            factor = np.float32(STEP * weight * self.idf(sum(len(rows) for rows, _ in parts)))
            for rows, shares in parts:
                total[rows] += factor * shares
        total[: len(self._gone)][self._gone] = 0
        return total

    def rows_with_term(self, term: str, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return those of `rows` whose works contain a stem."""
        matched = np.zeros(len(rows), np.bool_)
        for found, _ in self._find(hash_terms([term])[0]):
            # The rows of a term ascend.
            places = np.minimum(np.searchsorted(found, rows), len(found) - 1)
            matched |= found[places] == rows
        return rows[matched]

    def document_frequencies(self, terms: Sequence[str]) -> list[int]:
        """Return how many works contain each of these stems."""
        return [sum(len(rows) for rows, _ in self._find(term)) for term in hash_terms(terms)]

    def rows(self, works: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of those of `works` that are in the index."""
        base, added = (
            _rows_of(part.works, order, works)
            for part, order in zip(self._parts, self._orders, strict=True)
        )
        return np.concatenate([base[~self._gone[base]], added + len(self._gone)])

    def idf(self, document_frequency: int) -> float:
        """Return the weight of a term that so many works contain, >= 0 (Lucene's formula)."""
        count = len(self.works)
        return float(np.log1p((count - document_frequency + 0.5) / (document_frequency + 0.5)))

    def idf_of(self, stem: str) -> float:
        """Return the weight of a stem, as `idf`."""
        return self.idf(self.document_frequencies([stem])[0])

    def _find(self, term: np.uint64) -> list[tuple[NDArray[np.int32], NDArray[np.uint8]]]:
        """Return the rows and shares of a term, from all lists that have it."""
        key = int(term)
        if key not in self._known:
            # A search asks several times for each of its terms.
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            self._known[key] = found = self._look_up(term)
            return found
        # Another thread may have cleared it.
        return self._known.get(key) or self._look_up(term)

    def _look_up(self, term: np.uint64) -> list[tuple[NDArray[np.int32], NDArray[np.uint8]]]:
        base, added = self._parts
        found = [base.lists.of_term(term)]
        if len(added.works):
            rows, shares = added.lists.of_term(term)
            found.append((rows + np.int32(len(base.works)), shares))
        return [(rows, shares) for rows, shares in found if len(rows)]


def _sorter(works: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Return the order that sorts works, or None for those that ascend, as nearly all do."""
    ascends = bool((works[:-1] < works[1:]).all())
    return None if ascends else np.argsort(works, kind="stable")


def _rows_of(
    indexed: NDArray[np.int64], order: NDArray[np.int64] | None, works: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the rows of those of `works` that are indexed."""
    if not len(indexed):
        return np.empty(0, np.int64)
    places = np.minimum(np.searchsorted(indexed, works, sorter=order), len(indexed) - 1)
    rows = places if order is None else order[places]
    known: NDArray[np.int64] = rows[indexed[rows] == works]
    return known


@dataclass(frozen=True, slots=True)
class _Part:
    """Works (n,), the hash (n,) of each record, and their lists."""

    works: NDArray[np.int64]
    hashes: NDArray[np.bytes_]
    lists: PostingLists


_NO_PART = _Part(np.empty(0, np.int64), np.empty(0, "S1"), EMPTY)


@dataclass(frozen=True, slots=True)
class _State:
    """A generation: its base, whether each work of that is gone, and what was added."""

    found: Generation
    base: _Part
    gone: NDArray[np.bool_]
    added: _Part


def _read_state(folder: Path) -> _State:
    """Return the current generation. Raises IndexUnusable."""
    found = index_files.find_generation(folder, _SPACE)
    index_files.verify_files(folder, found)
    base = _read_part(folder, found, "")
    gone = np.zeros(len(base.works), np.bool_)
    if "gone" not in found.files:
        return _State(found, base, gone, _NO_PART)
    gone[index_files.load_array(folder, found, "gone")] = True
    return _State(found, base, gone, _read_part(folder, found, _ADDED))


def _read_part(folder: Path, found: Generation, prefix: str) -> _Part:
    works = index_files.load_array(folder, found, prefix + "works")
    # Only a refresh reads them.
    hashes = index_files.load_array(folder, found, prefix + "digests", mapped=True)
    kinds = (prefix + kind for kind in _KINDS)
    lists = (index_files.load_array(folder, found, kind, mapped=True) for kind in kinds)
    return _Part(works, hashes, PostingLists(*lists))


def refresh(folder: Path, stored: Iterable[tuple[int, str]], fetch: FetchTexts) -> int:
    """Make the index hold what is stored: (work, hash of its record). Returns the number of works.

    Works that are gone are dropped; new ones and those with another hash are fetched. A missing or
    damaged index is rebuilt. When nothing differs, nothing is written. Only one process may refresh
    at a time.
    """
    wanted = StoredHashes(stored)
    try:
        state = _read_state(folder)
    except IndexUnusable:
        state = None
    if state is None:
        _build(folder, _NO_PART, wanted, fetch)
        return len(wanted.works)
    stale = state.gone | ~wanted.are_current(state.base.works, state.base.hashes)
    added = _keep(state.added, wanted.are_current(state.added.works, state.added.hashes))
    indexed = np.concatenate([state.base.works[~stale], added.works])
    missing = wanted.missing(indexed)
    if (
        not len(missing)
        and (stale == state.gone).all()
        and len(added.works) == len(state.added.works)
    ):
        return len(indexed)
    changed = int(stale.sum()) + len(added.works) + len(missing)
    if len(state.base.works) < FROM_COUNT:
        _build(folder, _keep(state.base, ~stale), wanted, fetch)
    elif changed <= CHANGED_SHARE * len(state.base.works):
        _write_changes(folder, state, stale, added, wanted, fetch)
    else:
        _build(folder, _NO_PART, wanted, fetch)
    return len(wanted.works)


def _keep(part: _Part, mask: NDArray[np.bool_]) -> _Part:
    lists = postings_build.keep_rows(part.lists, mask)
    return _Part(part.works[mask], part.hashes[mask], lists)


def _extend(part: _Part, wanted: StoredHashes, fetch: FetchTexts) -> _Part:
    """Return a part with the stored works that it lacks."""
    missing = wanted.missing(part.works)
    new = postings_build.invert_texts(fetch(missing.tolist()))
    works = np.concatenate([part.works, missing])
    lists = postings_build.merge_lists(part.lists, new, len(part.works))
    return _Part(works, wanted.of(works), lists)


def _write_changes(
    folder: Path, state: _State, stale: NDArray[np.bool_], added: _Part, wanted: StoredHashes,
    fetch: FetchTexts,
) -> None:  # fmt: skip
    """Write what differs from the base; the rows of added works are counted from 0."""
    new = _extend(added, wanted.without(state.base.works[~stale]), fetch)
    arrays: dict[str, NDArray[Any]] = {_ADDED + kind: getattr(new.lists, kind) for kind in _KINDS}
    arrays |= {f"{_ADDED}works": new.works, f"{_ADDED}digests": new.hashes}
    arrays |= {"gone": np.flatnonzero(stale)}
    index_files.write_generation(folder, _SPACE, arrays, carried=state.found)


def _build(folder: Path, kept: _Part, wanted: StoredHashes, fetch: FetchTexts) -> None:
    """Write an index anew: from the lists to keep, or in runs when much is new or it is large."""
    if len(wanted.works) >= FROM_COUNT or len(wanted.works) - len(kept.works) > _RUN:
        _build_in_runs(folder, wanted, fetch)
        return
    part = _extend(kept, wanted, fetch)
    arrays = {kind: getattr(part.lists, kind) for kind in _KINDS}
    labels = {"works": part.works, "digests": part.hashes}
    index_files.write_generation(folder, _SPACE, labels | arrays)


def _build_in_runs(folder: Path, wanted: StoredHashes, fetch: FetchTexts) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".runs") as name:
        runs = list(_write_runs(Path(name), wanted.works, fetch))
        merged = postings_build.merge_runs(runs)
        rows, shares = Path(name) / "rows", Path(name) / "shares"
        postings_build.write_parts(merged, rows, shares)
        arrays = {"works": wanted.works, "digests": wanted.of(wanted.works),
                  "terms": merged.terms, "starts": merged.starts}  # fmt: skip
        savers = {"rows": _mover(rows), "shares": _mover(shares)}
        index_files.write_generation(folder, _SPACE, arrays, savers)


def _mover(source: Path) -> Callable[[Path], None]:
    def move(target: Path) -> None:
        source.replace(target)

    return move


def _write_runs(
    folder: Path, works: NDArray[np.int64], fetch: FetchTexts
) -> Iterator[PostingLists]:
    """Yield the lists of some works at a time, mapped from files."""
    for first in range(0, len(works), _RUN):
        lists = postings_build.invert_texts(fetch(works[first : first + _RUN].tolist()))
        shifted = {"rows": lists.rows + np.int32(first)}
        files = {kind: folder / f"{kind}-{first}.npy" for kind in _KINDS}
        for kind, path in files.items():
            np.save(path, shifted.get(kind, getattr(lists, kind)), allow_pickle=False)
        yield PostingLists(*(np.asarray(np.load(path, "r")) for path in files.values()))
