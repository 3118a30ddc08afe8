"""How long a search takes: cold from a shell, and warm in one process.

    python benchmarks/latency.py --home HOME [--queries FILE] [--times N]

HOME has indexed papers. FILE has JSON lines with a `query` each (real questions); the words and
acronyms below are searched, too. Prints medians and 99th percentiles in milliseconds, and processor
time, which matters on a shared machine.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import tracker

_WORDS = (
    "MoE", "RAG", "transformer", "reasoning", "agents", "diffusion", "quantization", "LoRA",
    "hallucination", "language models", "speculative decoding", "KV cache", "long context",
    "mixture of experts routing", "chain of thought", "RLHF reward hacking", "tokenization",
    "knowledge distillation", "prompt injection", "code generation benchmark",
)  # fmt: skip


def quantiles(values: Sequence[float]) -> str:
    """Return the median and the 99th percentile of seconds, in milliseconds."""
    cut = statistics.quantiles(values, n=100)
    return f"{1000 * cut[49]:.1f} / {1000 * cut[98]:.1f} ms"


def timed(what: Callable[[str], object], texts: Sequence[str]) -> tuple[list[float], list[float]]:
    """Return wall and processor seconds of each call."""
    wall, cpu = [], []
    for text in texts:
        started, used = time.perf_counter(), time.process_time()
        what(text)
        wall.append(time.perf_counter() - started)
        cpu.append(time.process_time() - used)
    return wall, cpu


def cold(home: Path, times: int) -> str:
    """Measure `tracker search "MoE"` in separate processes."""
    wall, cpu, peak = [], [], 0
    for _ in range(times):
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        command = [sys.executable, "-m", "tracker", "--home", str(home), "search", "MoE"]
        subprocess.run(command, check=True, capture_output=True)
        wall.append(time.perf_counter() - started)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        peak = after.ru_maxrss // 1024
    return (
        f"{statistics.median(wall):.2f} s (processor {statistics.median(cpu):.2f} s,"
        f" least {min(wall):.2f} s), {peak} MB"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--queries", type=Path)
    parser.add_argument("--times", type=int, default=7)
    given = parser.parse_args()
    lines = given.queries.read_text(encoding="utf-8").splitlines() if given.queries else []
    questions = [json.loads(line)["query"] for line in lines][:200]
    print(f"cold, median of {given.times}: {cold(given.home, given.times)}")
    with tracker.open(given.home) as library:
        timed(library.search, [*_WORDS, *questions[:5]])
        for name, texts in (("words and acronyms", [*_WORDS] * 5), ("questions", questions)):
            if texts:
                wall, cpu = timed(library.search, texts)
                print(f"warm, {name}: p50 / p99 {quantiles(wall)}; processor {quantiles(cpu)}")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
