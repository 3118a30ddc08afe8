"""An index of very many works finds the same works, and a refresh writes only what has changed."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.search.index.test_vector_index import Store
from tracker.search.encoder.select import EncoderId
from tracker.search.index import large_index
from tracker.search.index.protocol import VectorReader
from tracker.search.index.vector_index import open_index, refresh

SPACE = EncoderId("a model", "1", 32)
COUNT = 3000


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_index, "FROM_COUNT", 1000)
    monkeypatch.setattr(large_index, "_READ_ALL", 50)
    monkeypatch.setattr(large_index, "_LEAST_CANDIDATES", 300)


@pytest.fixture
def store() -> Store:
    return Store(range(0, 2 * COUNT, 2))


@pytest.fixture
def folder(tmp_path: Path, store: Store) -> Path:
    assert _refresh(tmp_path / "index", store) == (COUNT, COUNT, 0)
    return tmp_path / "index"


def _refresh(folder: Path, store: Store) -> tuple[int, int, int]:
    report = refresh(folder, SPACE, stored=store.digests.items(), fetch=store.fetch)
    return report.size, report.added, report.removed


def _queries(count: int) -> NDArray[np.float32]:
    rows = np.random.default_rng(-1 % 2**32).standard_normal((count, SPACE.dimension))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def _recall(index: VectorReader, store: Store, among: Sequence[int] | None = None) -> float:
    """Return the share of the true ten nearest that are found, with their exact cosines."""
    works = np.array([work for work in store.vectors if among is None or work in set(among)])
    matrix = np.array([store.vectors[work] for work in works.tolist()], np.float32)
    queries = _queries(20)
    only = None if among is None else np.array(among)
    found, cosines = index.search(queries, 10, among=only)
    hits = 0
    for query, ids, scores in zip(queries, found, cosines, strict=True):
        exact = matrix @ query
        best = np.argsort(-exact)[:10]
        hits += len(set(works[best].tolist()) & set(ids.tolist()))
        place = {work: n for n, work in enumerate(works.tolist())}
        assert np.allclose(scores, exact[[place[work] for work in ids.tolist()]], atol=1e-5)
        assert (np.diff(scores) <= 0).all()
    return hits / (10 * len(queries))


def test_the_nearest_are_found(folder: Path, store: Store) -> None:
    assert (folder / "manifest.json").read_text(encoding="utf-8").count("codes-")
    assert _recall(open_index(folder, SPACE), store) >= 0.98


@pytest.mark.parametrize("share", [60, 2])
def test_a_search_among_some_works_finds_these_only(share: int, folder: Path, store: Store) -> None:
    among = [work for work in store.vectors if work % share == 0]
    assert _recall(open_index(folder, SPACE), store, among) >= 0.98


def test_a_search_among_fewer_works_than_wanted_is_filled_up(folder: Path) -> None:
    works, _ = open_index(folder, SPACE).search(_queries(1), 5, among=np.array([4, 8, 9999]))
    assert set(works[0].tolist()) == {4, 8, -1}


def _change(store: Store, count: int) -> None:
    """Add, replace and remove so many works each."""
    for number in range(count):
        store.replace(4 * number, 50_000 + number)
        store.remove(4 * number + 2)
        store.vectors[100_001 + number] = store.vectors[4 * number + 600].copy()
        store.digests[100_001 + number] = "new"


def test_a_small_change_is_written_beside_the_rest(folder: Path, store: Store) -> None:
    before = {path.name: path.stat().st_ino for path in folder.glob("matrix-*")}
    for count in (5, 10):
        store = Store(range(0, 2 * COUNT, 2))
        _change(store, count)
        _refresh(folder, store)
        assert {path.name: path.stat().st_ino for path in folder.glob("matrix-*")} == before
        index = open_index(folder, SPACE)
        assert index.count == len(store.vectors)
        assert sorted(index.ids().tolist()) == sorted(store.vectors)
        assert _recall(index, store) >= 0.98
        works = np.array([0, 2, 100_001])
        assert np.isnan(index.vectors(works)[1]).all()
        assert np.array_equal(index.vectors(works)[0], store.vectors[0].astype(np.float32))
        assert np.array_equal(index.vectors(works)[2], store.vectors[100_001].astype(np.float32))
    assert len(list(folder.iterdir())) == 9


def test_a_refresh_reports_what_it_did_and_then_nothing(folder: Path, store: Store) -> None:
    _change(store, 5)
    assert _refresh(folder, store) == (COUNT, 10, 10)
    assert store.fetched == [0, 4, 8, 12, 16, 100_001, 100_002, 100_003, 100_004, 100_005]
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert _refresh(folder, store) == (COUNT, 0, 0)
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_great_change_writes_everything_anew(folder: Path, store: Store) -> None:
    _change(store, 5)
    _refresh(folder, store)
    for work in list(store.vectors)[-400:]:
        store.remove(work)
    assert _refresh(folder, store) == (COUNT - 400, 0, 400)
    assert len(list(folder.iterdir())) == 5
    assert _recall(open_index(folder, SPACE), store) >= 0.98


def test_an_index_grows_into_a_large_one_and_shrinks_again(tmp_path: Path, store: Store) -> None:
    small = Store(range(0, 1000, 2))
    assert _refresh(tmp_path, small) == (500, 500, 0)
    assert _refresh(tmp_path, store) == (COUNT, COUNT - 500, 0)
    assert store.fetched == list(range(1000, 2 * COUNT, 2)), "the others were kept"
    assert _recall(open_index(tmp_path, SPACE), store) >= 0.98
    assert _refresh(tmp_path, small) == (500, 0, COUNT - 500)
    assert _recall(open_index(tmp_path, SPACE), small) == 1


def test_an_open_index_keeps_answering_after_a_refresh(folder: Path) -> None:
    index = open_index(folder, SPACE)
    before = index.search(_queries(3), 10)[0].tolist()
    changed = Store(range(0, 4000, 2))
    _refresh(folder, changed)
    assert index.search(_queries(3), 10)[0].tolist() == before


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("kind", ["matrix", "codes", "gone", "added", "added_works", "works"])
@pytest.mark.parametrize("damage", [Path.unlink, _cut, _flip])
def test_damage_is_repaired(
    kind: str, damage: Callable[[Path], None], folder: Path, store: Store
) -> None:
    _change(store, 5)
    _refresh(folder, store)
    damage(next(folder.glob(f"{kind}-*")))
    assert _refresh(folder, store)[0] == COUNT
    assert len(store.fetched) == COUNT, "built from nothing"
    assert _recall(open_index(folder, SPACE), store) >= 0.98
