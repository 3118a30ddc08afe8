"""The contract of a vector store, for FAISS and for a plain NumPy store that could replace it."""

from pathlib import Path
from typing import Self

import numpy as np
import pytest
from numpy.typing import NDArray

from tracker.errors import IndexUnusable
from tracker.search.encoder.select import EncoderId
from tracker.search.index import vector_index
from tracker.search.index.faiss_index import FaissStore
from tracker.search.index.protocol import VectorStore
from tracker.search.index.vector_index import open_index, refresh

D = 16


class ExactStore:
    """Vectors as an array that is compared with every query: the smallest possible store."""

    def __init__(self, ids: NDArray[np.int64], rows: NDArray[np.float16]) -> None:
        self._ids, self._rows = ids, rows

    @classmethod
    def build(cls, dimension: int) -> Self:
        return cls(np.empty(0, np.int64), np.empty((0, dimension), np.float16))

    @classmethod
    def load(cls, path: Path, ids: NDArray[np.int64], *, writable: bool = False) -> Self:  # noqa: ARG003
        try:
            rows = np.load(path, allow_pickle=False)
        except (OSError, ValueError) as error:
            raise IndexUnusable("it cannot be read") from error
        if len(rows) != len(ids):
            raise IndexUnusable("it does not match its manifest")
        return cls(ids, rows)

    def save(self, path: Path) -> None:
        with path.open("wb") as file:
            np.save(file, self._rows)

    @property
    def dimension(self) -> int:
        return self._rows.shape[1]

    @property
    def count(self) -> int:
        return len(self._ids)

    def ids(self) -> NDArray[np.int64]:
        return self._ids.copy()

    def add(self, ids: NDArray[np.int64], vectors: NDArray[np.float32 | np.float16]) -> None:
        if vectors.shape != (len(ids), self.dimension):
            raise ValueError("shape")
        together = np.concatenate([self._ids, ids])
        if len(np.unique(together)) != len(together):
            raise ValueError("repeated")
        self._ids, self._rows = together, np.concatenate([self._rows, vectors.astype(np.float16)])

    def remove(self, ids: NDArray[np.int64]) -> int:
        gone = np.isin(self._ids, ids)
        self._ids, self._rows = self._ids[~gone], self._rows[~gone]
        return int(gone.sum())

    def search(
        self, queries: NDArray[np.float32], k: int, *, among: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        scores = queries @ self._rows.astype(np.float32).T
        if among is not None:
            scores[:, ~np.isin(self._ids, among)] = -np.inf
        best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        found = np.full((len(queries), k), -1, np.int64), np.full((len(queries), k), -np.inf)
        near = np.take_along_axis(scores, best, 1)
        found[0][:, : best.shape[1]] = np.where(np.isneginf(near), -1, self._ids[best])
        found[1][:, : best.shape[1]] = near
        return found[0], found[1].astype(np.float32)

    def vectors(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        rows = dict(zip(self._ids.tolist(), self._rows, strict=True))
        missing = np.full(self.dimension, np.nan, np.float32)
        return np.array([rows.get(work, missing) for work in ids.tolist()], np.float32)

    def close(self) -> None:
        self._ids, self._rows = self._ids[:0], self._rows[:0]


STORES: list[type[VectorStore]] = [FaissStore, ExactStore]


def units(count: int, seed: int = 0) -> NDArray[np.float16]:
    rows = np.random.default_rng(seed).standard_normal((count, D))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float16)


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> VectorStore:
    made: VectorStore = request.param.build(D)
    made.add(np.array([30, 10, 20]), units(3))
    return made


def test_added_vectors_are_counted_and_nearest_to_themselves(store: VectorStore) -> None:
    assert (store.count, store.dimension, store.ids().tolist()) == (3, D, [30, 10, 20])
    ids, scores = store.search(units(3).astype(np.float32), 2)
    assert ids.shape == scores.shape == (3, 2)
    assert (ids.dtype, scores.dtype) == (np.int64, np.float32)
    assert ids[:, 0].tolist() == [30, 10, 20]
    assert np.allclose(scores[:, 0], 1, atol=1e-2)
    assert (scores[:, 0] >= scores[:, 1]).all()


def test_a_search_can_be_restricted_and_fills_up_with_minus_one(store: VectorStore) -> None:
    ids, _ = store.search(units(1).astype(np.float32), 5, among=np.array([10, 20, 999]))
    assert set(ids[0, :2].tolist()) == {10, 20}
    assert ids[0, 2:].tolist() == [-1, -1, -1]


def test_removed_vectors_are_gone_and_others_keep_their_order(store: VectorStore) -> None:
    assert store.remove(np.array([10, 999])) == 1
    assert store.ids().tolist() == [30, 20]
    assert np.isnan(store.vectors(np.array([10]))).all()
    assert np.array_equal(store.vectors(np.array([20])), units(3)[2:].astype(np.float32))


@pytest.mark.parametrize(("ids", "rows"), [([1, 2], 1), ([1, 1], 2), ([10], 1), ([1], 0)], ids=repr)
def test_unfit_ids_and_vectors_are_refused(store: VectorStore, ids: list[int], rows: int) -> None:
    with pytest.raises(ValueError, match=r"id|shape|repeated"):
        store.add(np.array(ids), units(rows, seed=1))
    assert store.count == 3


def test_a_saved_store_is_the_same_when_loaded(store: VectorStore, tmp_path: Path) -> None:
    store.save(tmp_path / "file")
    again = type(store).load(tmp_path / "file", store.ids())
    queries = units(2, seed=7).astype(np.float32)
    for one, other in zip(again.search(queries, 3), store.search(queries, 3), strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(IndexUnusable):
        type(store).load(tmp_path / "file", store.ids()[:2])
    again.close()
    assert again.count == 0
    changed = type(store).load(tmp_path / "file", store.ids(), writable=True)
    changed.remove(np.array([30]))
    changed.add(np.array([40]), units(1, seed=2))
    assert changed.ids().tolist() == [10, 20, 40]
    assert store.ids().tolist() == [30, 10, 20]


@pytest.mark.parametrize("kind", STORES)
def test_the_index_on_disk_works_with_any_store(
    kind: type[VectorStore], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_index, "STORE", kind)
    space, rows = EncoderId("m", "1", D), units(5)
    for stored, expected in (([0, 1, 2, 3], [0, 1, 2, 3]), ([1, 3, 4], [1, 3, 4])):
        refresh(
            tmp_path, space, stored=[(work, f"text {work}") for work in stored],
            fetch=lambda works: [(np.array(works), rows[works])],
        )  # fmt: skip
        index = open_index(tmp_path, space)
        assert index.ids().tolist() == expected
        found, _ = index.search(rows[expected].astype(np.float32), 1)
        assert found[:, 0].tolist() == expected
