"""Spherical k-means finds planted groups, reproducibly; the device is described."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tracker.search.index.faiss_index import describe_device, gpu_count, kmeans


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


def test_the_device_faiss_runs_on_is_described() -> None:
    assert describe_device() == (
        "FAISS on CPU" if gpu_count() == 0 else f"FAISS on {gpu_count()} GPU"
    )
