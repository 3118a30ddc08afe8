"""The index follows the store, survives damage, and groups what belongs together."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tracker.errors import IndexUnusable
from tracker.search.encoder.select import EncoderId
from tracker.search.index import index_files
from tracker.search.index.protocol import VectorStore
from tracker.search.index.vector_index import open_index, refresh

SPACE = EncoderId("a model", "1", 32)


class Store:
    """The vectors of record, returned in small batches as the database does."""

    def __init__(self, works: Sequence[int]) -> None:
        self.vectors = {work: _unit(work) for work in works}
        self.digests = {work: f"text {work}" for work in works}
        self.fetched: list[int] = []

    def fetch(
        self, works: Sequence[int]
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float16]]]:
        self.fetched = [work for work in works if work in self.vectors]
        for start in range(0, len(self.fetched), 7):
            part = self.fetched[start : start + 7]
            yield np.array(part, np.int64), np.array([self.vectors[work] for work in part])

    def replace(self, work: int, seed: int) -> None:
        """A new version of a work: another text, another vector."""
        self.vectors[work], self.digests[work] = _unit(seed), f"text {seed}"

    def remove(self, work: int) -> None:
        del self.vectors[work], self.digests[work]


def _unit(seed: int) -> NDArray[np.float16]:
    row = np.random.default_rng(seed).standard_normal(SPACE.dimension)
    return (row / np.linalg.norm(row)).astype(np.float16)


@pytest.fixture
def store() -> Store:
    return Store([3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 2**40])


@pytest.fixture
def folder(tmp_path: Path, store: Store) -> Path:
    _refresh(tmp_path / "index", store)
    return tmp_path / "index"


def _refresh(folder: Path, store: Store, space: EncoderId = SPACE) -> tuple[int, int, int, bool]:
    report = refresh(folder, space, stored=store.digests.items(), fetch=store.fetch)
    return report.size, report.added, report.removed, bool(report.rebuilt)


def _nearest(index: VectorStore, work: int) -> int:
    return int(index.search(_unit(work).astype(np.float32)[None], 1)[0][0, 0])


def test_each_work_is_nearest_to_itself(folder: Path, store: Store) -> None:
    index = open_index(folder, SPACE)
    assert index.count == len(store.vectors)
    assert sorted(index.ids().tolist()) == sorted(store.vectors)
    queries = np.array([store.vectors[work] for work in store.vectors], np.float32)
    works, cosines = index.search(queries, 3)
    assert works.shape == cosines.shape == (len(store.vectors), 3)
    assert works[:, 0].tolist() == list(store.vectors)
    assert np.allclose(cosines[:, 0], 1, atol=1e-3)
    assert (np.diff(cosines, axis=1) <= 0).all()


def test_scores_are_those_of_the_stored_vectors(folder: Path, store: Store) -> None:
    query = _unit(999).astype(np.float32)
    works, cosines = open_index(folder, SPACE).search(query[None], 5)
    exact = {work: float(row.astype(np.float32) @ query) for work, row in store.vectors.items()}
    assert works[0].tolist() == sorted(exact, key=lambda work: -exact[work])[:5]
    assert np.allclose(cosines[0], [exact[work] for work in works[0].tolist()], atol=1e-6)


def test_vectors_are_returned_as_they_were_stored(folder: Path, store: Store) -> None:
    vectors = open_index(folder, SPACE).vectors(np.array([2**40, 4]))
    assert np.array_equal(vectors[0], store.vectors[2**40].astype(np.float32))
    assert np.isnan(vectors[1]).all(), "a work that is not in the index"


def test_more_neighbours_than_works_are_marked_as_missing(folder: Path) -> None:
    works, cosines = open_index(folder, SPACE).search(np.ones((1, 32), np.float32), 15)
    assert (works[0, :11] >= 0).all()
    assert (works[0, 11:] == -1).all()
    assert cosines.dtype == np.float32


def test_an_empty_store_makes_an_empty_index(tmp_path: Path) -> None:
    assert _refresh(tmp_path, Store([])) == (0, 0, 0, True)
    index = open_index(tmp_path, SPACE)
    assert index.count == 0
    assert (index.search(np.ones((2, 32), np.float32), 3)[0] == -1).all()


def test_a_refresh_fetches_only_what_is_new(folder: Path, store: Store) -> None:
    store.vectors[7], store.digests[7] = _unit(7), "text 7"
    assert _refresh(folder, store) == (12, 1, 0, False)
    assert store.fetched == [7]
    assert _nearest(open_index(folder, SPACE), 7) == 7


def test_a_refresh_drops_what_is_gone(folder: Path, store: Store) -> None:
    store.remove(8)
    assert _refresh(folder, store) == (10, 0, 1, False)
    index = open_index(folder, SPACE)
    assert 8 not in index.ids()
    assert all(_nearest(index, work) == work for work in store.vectors)


def test_a_refresh_replaces_the_vector_of_a_new_version(folder: Path, store: Store) -> None:
    store.replace(8, 1000)
    assert _refresh(folder, store) == (11, 1, 1, False)
    assert _nearest(open_index(folder, SPACE), 1000) == 8


def test_a_refresh_without_changes_writes_nothing(folder: Path, store: Store) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert _refresh(folder, store) == (11, 0, 0, False)
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_work_without_a_vector_is_left_out(folder: Path, store: Store) -> None:
    store.digests[9] = "text 9"
    assert _refresh(folder, store) == (11, 0, 0, False)
    store.vectors[9] = _unit(9)
    assert _refresh(folder, store) == (12, 1, 0, False)


def test_only_one_generation_is_left_behind(folder: Path, store: Store) -> None:
    (folder / "vectors-99999999").write_bytes(b"left by a killed refresh")
    (folder / ".manifest.json.123").write_bytes(b"left by it, too")
    store.remove(3)
    _refresh(folder, store)
    assert len(list(folder.iterdir())) == 4
    assert _nearest(open_index(folder, SPACE), 5) == 5


def test_an_open_index_keeps_answering_after_a_refresh(folder: Path, store: Store) -> None:
    old = open_index(folder, SPACE)
    store.remove(8)
    _refresh(folder, store)
    assert _nearest(old, 8) == 8
    old.close()
    assert old.count == 0


def test_a_missing_index_is_reported(tmp_path: Path) -> None:
    with pytest.raises(IndexUnusable, match=r"none yet.*tracker index"):
        open_index(tmp_path / "nowhere", SPACE)


@pytest.mark.parametrize(
    "space",
    [replace(SPACE, model="other"), replace(SPACE, revision="2"), replace(SPACE, dimension=8)],
)
def test_vectors_of_another_model_are_never_searched(folder: Path, space: EncoderId) -> None:
    with pytest.raises(IndexUnusable, match="a model 1"):
        open_index(folder, space)


def test_another_model_rebuilds_the_index(folder: Path, store: Store) -> None:
    other = replace(SPACE, revision="2")
    assert _refresh(folder, store, other) == (11, 11, 0, True)
    assert open_index(folder, other).count == 11


def _cut(share: float) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])

    return damage


def _flip(share: float) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[int((len(content) - 1) * share)] ^= 0x41
        path.write_bytes(content)

    return damage


def _garbage(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 4)


DAMAGES = [*map(_cut, (0, 0.01, 0.5, 0.99)), *map(_flip, (0, 0.02, 0.5, 1)), _garbage, Path.unlink]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("kind", ["vectors", "works", "digests", "manifest"])
def test_damage_is_found_and_repaired(
    folder: Path, store: Store, kind: str, damage: Callable[[Path], None]
) -> None:
    (victim,) = folder.glob(f"{kind}*")
    damage(victim)
    if kind != "digests":  # which a search does not read
        with pytest.raises(IndexUnusable):
            open_index(folder, SPACE)
    assert _refresh(folder, store) == (11, 11, 0, True)
    assert _nearest(open_index(folder, SPACE), 8) == 8


@pytest.mark.parametrize("content", ["", "[]", "null", "{}", '{"format": 99}', '{"format": 1}'])
def test_an_invalid_manifest_is_refused(folder: Path, content: str) -> None:
    (folder / "manifest.json").write_text(content)
    with pytest.raises(IndexUnusable):
        open_index(folder, SPACE)


def test_a_refresh_between_manifest_and_files_is_no_damage(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = index_files.verify_files

    def replaced_meanwhile(*args: object) -> None:
        monkeypatch.setattr(index_files, "verify_files", check)
        store.remove(8)
        _refresh(folder, store)
        check(*args)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(index_files, "verify_files", replaced_meanwhile)
    assert open_index(folder, SPACE).count == 10


@pytest.mark.parametrize("batch", [([4, 4], 2), ([4], 2), ([3], 1)])
def test_invalid_batches_are_refused(
    folder: Path, store: Store, batch: tuple[list[int], int]
) -> None:
    works, rows = batch
    store.digests[4] = "text 4"
    answer = np.array(works, np.int64), np.zeros((rows, 32), np.float16)
    with pytest.raises(ValueError, match="came"):
        refresh(folder, SPACE, stored=store.digests.items(), fetch=lambda _: [answer])
    assert open_index(folder, SPACE).count == 11


def test_an_index_may_be_moved(folder: Path, tmp_path: Path) -> None:
    moved = Path(shutil.move(folder, tmp_path / "elsewhere"))
    assert _nearest(open_index(moved, SPACE), 8) == 8
