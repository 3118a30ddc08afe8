"""How long `tracker serve` takes to respond: the first search after its start, and every page.

    python benchmarks/web.py --home HOME [--readers N] [--settle SECONDS]

HOME has indexed papers and is not changed. Prints medians and 95th percentiles in milliseconds over
HTTP on the loopback interface, with one client and with N at once. `--settle` is how long to wait
after the server has printed its address, as clients usually do.
"""

import argparse
import re
import resource
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

_WORDS = (
    "MoE", "RAG", "reasoning", "agents", "LoRA", "language models", "speculative decoding",
    "long context", "mixture of experts routing", "RLHF reward hacking",
)  # fmt: skip
PAGES = {
    "search": [f"search?q={quote(words)}" for words in _WORDS],
    "search with filters": [f"search?q={quote(w)}+after:2025-06-01+cat:cs.CL" for w in _WORDS],
    "paper": [],
    "topic": ["topic/moe", "topic/rag", "topic/safety", "topic/agents"],
    "topics": ["topics"],
    "front": [""],
}  # fmt: skip


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """Yield the address of a server of that home."""
    command = [sys.executable, "-m", "tracker", "--home", str(home), "--set", "web.port=0", "serve"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        yield running.stderr.readline().split()[2]
        running.send_signal(signal.SIGTERM)
        started = time.perf_counter()
        code = running.wait()
        print(f"ended with {code} {1000 * (time.perf_counter() - started):.0f} ms after SIGTERM")


def _papers(address: str) -> list[str]:
    """Return the pages of papers found by a search."""
    with urlopen(f"{address}search?q=MoE") as answer:
        return sorted(set(re.findall(r"paper/[0-9.]+", answer.read().decode())))


def time_request(address: str) -> float:
    """Return the seconds until a page has been read."""
    started = time.perf_counter()
    with urlopen(address) as answer:
        answer.read()
    return time.perf_counter() - started


def describe(seconds: Sequence[float]) -> str:
    """Return the median and the 95th percentile, in milliseconds."""
    cut = statistics.quantiles(seconds, n=20)
    return f"p50 {1000 * cut[9]:.0f}, p95 {1000 * cut[18]:.0f} ms"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--settle", type=float, default=5)
    given = parser.parse_args()
    for wait in (0.0, given.settle):
        with serving(given.home) as address:
            time.sleep(wait)
            first = time_request(f"{address}search?q=MoE")
            print(f"first search {wait:.0f} s after the address was printed: {1000 * first:.0f} ms")
    with serving(given.home) as address, ThreadPoolExecutor(given.readers) as crowd:
        time.sleep(given.settle)
        PAGES["paper"] = _papers(address)
        for name, paths in PAGES.items():
            addresses = [address + path for path in paths] * (100 // len(paths))
            print(f"{name}: {describe([time_request(one) for one in addresses])}", end="; ")
            started = time.perf_counter()
            together = list(crowd.map(time_request, addresses))
            rate = len(addresses) / (time.perf_counter() - started)
            print(f"{given.readers} readers {describe(together)}, {rate:.0f} a second", flush=True)
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
