"""Embedding and search on a GPU against the processor: speed, and whether the results are equal.

    python benchmarks/gpu_bulk.py --home HOME                the newest 68,394 abstracts of a home
    python benchmarks/gpu_bulk.py --invented 68394           as many invented ones, without a home
    python benchmarks/gpu_bulk.py --tiny                     200 of them on a CPU: does it start?

Embedding is timed from reading the texts to vectors in memory, after the model is loaded and has
seen one batch. The vectors of --sample texts are compared with those of OpenVINO on the processor:
at least cosine 0.999. FAISS searches the vectors exactly, on the GPU where it is faiss-gpu, and the
neighbours are compared with those of exact products. It needs the extra `models`. The exit code is
1 if a GPU misses what is required of it.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.search.encoder.select import load_document_encoder
from tracker.search.index.faiss_index import describe_device, gpu_count
from tracker.settings import Embedding
from tracker.store import papers
from tracker.store.database import read_only

_WORDS = (
    "routing experts tokens attention retrieval memory training inference latency reward"
    " alignment planning decoding evaluation distillation quantization pruning context"
).split()
_READ, _ENCODED, _NEAREST, _QUERIES = 4096, 8192, 100, 1000
_REQUIRED_RATE, _REQUIRED_COSINE = 10_000, 0.999
Matrix = NDArray[np.float32]


def invented_texts(count: int) -> list[str]:
    """Return texts of the length of abstracts, all different."""
    rng = np.random.default_rng(0)
    lengths = rng.integers(90, 260, count)
    return [" ".join([*rng.choice(_WORDS, size), f"{n}."]) for n, size in enumerate(lengths)]


def stored_texts(home: Path, count: int) -> list[str]:
    """Return the texts of the newest papers of a home."""
    with read_only(home / "tracker.db") as db:
        query = "SELECT id FROM works ORDER BY announced DESC, id LIMIT ?"
        works = [work for (work,) in db.execute(query, [count])]
        found: list[str] = []
        for start in range(0, len(works), _READ):
            part = papers.load_by_number(db, works[start : start + _READ])
            found += [paper.text for paper in part.values()]
    return found


def embed(encoder: Any, texts: list[str]) -> Matrix:
    """Return the vectors of texts, of which those of about the same length go together."""
    parts = [
        encoder.encode(texts[start : start + _ENCODED]) for start in range(0, len(texts), _ENCODED)
    ]
    return np.concatenate(parts)


def least_cosine(texts: list[str], vectors: Matrix, models: Path, sample: int) -> float:
    """Return the least cosine between vectors and those of the processor for a sample."""
    rows = np.linspace(0, len(texts) - 1, min(sample, len(texts))).astype(int)
    encoder = load_document_encoder(Embedding(device="cpu", backend="openvino"), models)
    expected = encoder.encode([texts[row] for row in rows])
    return float(np.sum(expected * vectors[rows], axis=1).min())


def search(vectors: Matrix, queries: Matrix) -> tuple[float, NDArray[np.int64]]:
    """Return seconds and the nearest rows of queries by FAISS, on the GPU if it has one."""
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    if gpu_count():
        index = faiss.index_cpu_to_gpu(faiss.StandardGpuResources(), 0, index)
    index.add(vectors)
    index.search(queries[:8], _NEAREST)
    began = time.perf_counter()
    _, found = index.search(queries, min(_NEAREST, len(vectors)))
    return time.perf_counter() - began, found


def share_of_exact(vectors: Matrix, queries: Matrix, found: NDArray[np.int64]) -> float:
    """Return the share of neighbours whose product is at least that of the last exact one."""
    hits = 0
    for query, rows in zip(queries, found, strict=True):
        products = vectors @ query
        least = np.partition(products, -len(rows))[-len(rows)]
        hits += int((products[rows] >= least - 1e-4).sum())
    return hits / found.size


def measure(texts: list[str], read: float, given: argparse.Namespace, models: Path) -> bool:
    """Print all measurements; return whether what is required holds, or no GPU was measured."""
    device = "cpu" if given.tiny else given.device
    began = time.perf_counter()
    encoder = load_document_encoder(Embedding(device=device, backend="torch"), models)
    encoder.encode(texts[:_ENCODED])
    loaded = time.perf_counter() - began
    began = time.perf_counter()
    vectors = embed(encoder, texts)
    rate = len(texts) / (read + time.perf_counter() - began)
    cosine = least_cosine(texts, vectors, models, given.sample)
    queries = vectors[:: max(1, len(vectors) // _QUERIES)][:_QUERIES]
    seconds, found = search(vectors, queries)
    on_gpu = "torch on CPU" not in encoder.runs_on
    print(f"abstracts                       {len(texts):,}")
    print(f"runs on                         {encoder.runs_on}; {describe_device()}")
    print(f"load and first batch, s         {loaded:.1f}")
    print(f"reading, s                      {read:.2f}")
    print(f"abstracts/s, reading included   {rate:,.0f}   (required: {_REQUIRED_RATE:,})")
    print(f"least cosine with OpenVINO      {cosine:.5f}   (required: {_REQUIRED_COSINE})")
    print(f"queries/s, exact search         {len(queries) / seconds:,.0f}")
    print(f"share of exact neighbours       {share_of_exact(vectors, queries, found):.4f}")
    print(f"on a GPU                        {on_gpu}")
    return cosine >= _REQUIRED_COSINE and (rate >= _REQUIRED_RATE or not on_gpu)


def main() -> int:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--home", type=Path)
    source.add_argument("--invented", type=int)
    source.add_argument("--tiny", action="store_true")
    parser.add_argument("--papers", type=int, default=68_394)
    parser.add_argument("--sample", type=int, default=2000)
    parser.add_argument("--device", choices=["cuda", "auto", "cpu"], default="cuda")
    given = parser.parse_args()
    if given.tiny:
        given.invented, given.sample = 200, 50
    began = time.perf_counter()
    texts = stored_texts(given.home, given.papers) if given.home else invented_texts(given.invented)
    read = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder:
        models = given.home / "models" if given.home else Path(folder)
        return 0 if measure(texts, read, given, models) else 1


if __name__ == "__main__":
    sys.exit(main())
