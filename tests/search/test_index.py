"""The index follows the store, survives damage, and groups what belongs together."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tracker.errors import IndexUnusable
from tracker.search import generation
from tracker.search.embedder import EncoderId
from tracker.search.index import VectorIndex, gpu_count, kmeans, refresh, runs_on

SPACE = EncoderId("a model", "1", 32)


class Store:
    """Vectors of record as the real store hands them out, in small batches."""

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


def _nearest(index: VectorIndex, work: int) -> int:
    return int(index.search(_unit(work).astype(np.float32)[None], 1)[0][0, 0])


def test_each_work_is_nearest_to_itself(folder: Path, store: Store) -> None:
    index = VectorIndex.open(folder, SPACE)
    assert index.size == len(store.vectors)
    assert sorted(index.ids().tolist()) == sorted(store.vectors)
    queries = np.array([store.vectors[work] for work in store.vectors], np.float32)
    works, cosines = index.search(queries, 3)
    assert works.shape == cosines.shape == (len(store.vectors), 3)
    assert works[:, 0].tolist() == list(store.vectors)
    assert np.allclose(cosines[:, 0], 1, atol=1e-3)
    assert (np.diff(cosines, axis=1) <= 0).all()


def test_scores_are_those_of_the_stored_vectors(folder: Path, store: Store) -> None:
    query = _unit(999).astype(np.float32)
    works, cosines = VectorIndex.open(folder, SPACE).search(query[None], 5)
    exact = {work: float(row.astype(np.float32) @ query) for work, row in store.vectors.items()}
    assert works[0].tolist() == sorted(exact, key=lambda work: -exact[work])[:5]
    assert np.allclose(cosines[0], [exact[work] for work in works[0].tolist()], atol=1e-6)


def test_a_vector_can_be_asked_for(folder: Path, store: Store) -> None:
    index = VectorIndex.open(folder, SPACE)
    vector = index.vector(2**40)
    assert vector is not None
    assert np.array_equal(vector, store.vectors[2**40].astype(np.float32))
    assert index.vector(4) is None


def test_more_neighbours_than_works_are_marked_as_missing(folder: Path) -> None:
    works, cosines = VectorIndex.open(folder, SPACE).search(np.ones((1, 32), np.float32), 15)
    assert (works[0, :11] >= 0).all()
    assert (works[0, 11:] == -1).all()
    assert cosines.dtype == np.float32


def test_an_empty_store_makes_an_empty_index(tmp_path: Path) -> None:
    assert _refresh(tmp_path, Store([])) == (0, 0, 0, True)
    index = VectorIndex.open(tmp_path, SPACE)
    assert index.size == 0
    assert (index.search(np.ones((2, 32), np.float32), 3)[0] == -1).all()


def test_a_refresh_fetches_only_what_is_new(folder: Path, store: Store) -> None:
    store.vectors[7], store.digests[7] = _unit(7), "text 7"
    assert _refresh(folder, store) == (12, 1, 0, False)
    assert store.fetched == [7]
    assert _nearest(VectorIndex.open(folder, SPACE), 7) == 7


def test_a_refresh_drops_what_is_gone(folder: Path, store: Store) -> None:
    store.remove(8)
    assert _refresh(folder, store) == (10, 0, 1, False)
    index = VectorIndex.open(folder, SPACE)
    assert 8 not in index.ids()
    assert all(_nearest(index, work) == work for work in store.vectors)


def test_a_refresh_takes_the_vector_of_a_new_version(folder: Path, store: Store) -> None:
    store.replace(8, 1000)
    assert _refresh(folder, store) == (11, 1, 1, False)
    assert _nearest(VectorIndex.open(folder, SPACE), 1000) == 8


def test_a_refresh_of_nothing_writes_nothing(folder: Path, store: Store) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert _refresh(folder, store) == (11, 0, 0, False)
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_work_whose_vector_vanished_meanwhile_is_left_out(folder: Path, store: Store) -> None:
    store.digests[9] = "text 9"
    assert _refresh(folder, store) == (11, 0, 0, False)
    store.vectors[9] = _unit(9)
    assert _refresh(folder, store) == (12, 1, 0, False)


def test_only_one_generation_is_left_behind(folder: Path, store: Store) -> None:
    (folder / "vectors-99999999").write_bytes(b"left by a killed refresh")
    (folder / ".manifest.json.123").write_bytes(b"so was this")
    store.remove(3)
    _refresh(folder, store)
    assert len(list(folder.iterdir())) == 4
    assert _nearest(VectorIndex.open(folder, SPACE), 5) == 5


def test_an_open_index_goes_on_answering_after_a_refresh(folder: Path, store: Store) -> None:
    old = VectorIndex.open(folder, SPACE)
    store.remove(8)
    _refresh(folder, store)
    assert _nearest(old, 8) == 8
    old.close()
    assert old.size == 0


def test_no_index_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(IndexUnusable, match=r"none yet.*tracker index"):
        VectorIndex.open(tmp_path / "nowhere", SPACE)


@pytest.mark.parametrize(
    "space",
    [replace(SPACE, model="other"), replace(SPACE, revision="2"), replace(SPACE, dimension=8)],
)
def test_vectors_of_another_model_are_never_searched(folder: Path, space: EncoderId) -> None:
    with pytest.raises(IndexUnusable, match="a model 1"):
        VectorIndex.open(folder, space)


def test_another_model_rebuilds_the_index(folder: Path, store: Store) -> None:
    other = replace(SPACE, revision="2")
    assert _refresh(folder, store, other) == (11, 11, 0, True)
    assert VectorIndex.open(folder, other).size == 11


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
            VectorIndex.open(folder, SPACE)
    assert _refresh(folder, store) == (11, 11, 0, True)
    assert _nearest(VectorIndex.open(folder, SPACE), 8) == 8


@pytest.mark.parametrize("content", ["", "[]", "null", "{}", '{"format": 99}', '{"format": 1}'])
def test_a_manifest_that_says_something_else_is_refused(folder: Path, content: str) -> None:
    (folder / "manifest.json").write_text(content)
    with pytest.raises(IndexUnusable):
        VectorIndex.open(folder, SPACE)


def test_a_refresh_between_manifest_and_files_is_no_damage(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = generation.check

    def overtaken(*args: object) -> None:
        monkeypatch.setattr(generation, "check", check)
        store.remove(8)
        _refresh(folder, store)
        check(*args)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(generation, "check", overtaken)
    assert VectorIndex.open(folder, SPACE).size == 10


@pytest.mark.parametrize("batch", [([4, 4], 2), ([4], 2), ([3], 1)])
def test_a_store_that_answers_wrongly_is_not_believed(
    folder: Path, store: Store, batch: tuple[list[int], int]
) -> None:
    works, rows = batch
    store.digests[4] = "text 4"
    answer = np.array(works, np.int64), np.zeros((rows, 32), np.float16)
    with pytest.raises(ValueError, match="came"):
        refresh(folder, SPACE, stored=store.digests.items(), fetch=lambda _: [answer])
    assert VectorIndex.open(folder, SPACE).size == 11


def test_an_index_may_be_moved(folder: Path, tmp_path: Path) -> None:
    moved = Path(shutil.move(folder, tmp_path / "elsewhere"))
    assert _nearest(VectorIndex.open(moved, SPACE), 8) == 8


def _planted(groups: int, each: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    rng = np.random.default_rng(7)
    truth = np.repeat(np.arange(groups), each)
    points = rng.standard_normal((groups, 32))[truth] + 0.3 * rng.standard_normal((len(truth), 32))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return points.astype(np.float32), truth


def test_kmeans_finds_planted_groups() -> None:
    points, truth = _planted(groups=6, each=50)
    groups, centroids, cosines = kmeans(points, 6, seed=1)
    pairs = set(zip(truth.tolist(), groups.tolist(), strict=True))
    assert len(pairs) == 6
    assert np.allclose(np.linalg.norm(centroids, axis=1), 1, atol=1e-5)
    assert np.allclose(cosines, np.sum(points * centroids[groups], axis=1), atol=1e-5)


def test_kmeans_gives_the_same_groups_every_time() -> None:
    points, _ = _planted(groups=5, each=40)
    first, second = (kmeans(points, 9, seed=3) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


def test_kmeans_makes_no_more_groups_than_points(capfd: pytest.CaptureFixture[str]) -> None:
    points, _ = _planted(groups=1, each=3)
    groups, centroids, _ = kmeans(points.astype(np.float16), 10, seed=1)
    assert sorted(groups.tolist()) == [0, 1, 2]
    assert len(centroids) == 3
    assert capfd.readouterr() == ("", "")


def test_the_user_is_told_what_faiss_runs_on() -> None:
    assert runs_on() == ("FAISS on CPU" if gpu_count() == 0 else f"FAISS on {gpu_count()} GPU")
