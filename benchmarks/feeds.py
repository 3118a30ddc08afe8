"""The time of feedparser: on other parsers' test feeds, and on hostile feeds.

`python benchmarks/feeds.py --data ../shared/data/wire/feeds`: the first line is why a feed may have
4 MiB, the table why it is parsed in a separate process. Its sizes double, so a ratio of 4 is
quadratic.
"""

import argparse
import resource
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from tracker.errors import SourceMalformed
from tracker.sources.formats.feed_entries import parse

NOW = datetime(2026, 11, 25, tzinfo=UTC)
_RSS = '<rss version="2.0"><channel>{}</channel></rss>'
HOSTILE = {
    "encodings declared in one line": lambda n: '<?xml version="1.0" encoding="x' * (n // 31),
    "attributes of one element": lambda n: _RSS.format(
        "<item " + " ".join(f'a{k}="b"' for k in range(n // 10)) + "/>"
    ),
    "an author with many dots": lambda n: _RSS.format(
        f"<item><title>t</title><author>{'a.' * (n // 2)}@x</author></item>"
    ),
    "open elements": lambda n: _RSS.format("<a>" * (n // 3)),
    "entries": lambda n: _RSS.format("<item><title>a</title></item>" * (n // 29)),
}


def outcome(body: bytes) -> str:
    """Return the outcome of a feed: entries, none, or refused."""
    try:
        return "entries" if parse(body, NOW).records else "none"
    except SourceMalformed:
        return "refused"


def corpus(folder: Path) -> None:
    """Parse all files of `folder`, in one process."""
    found: Counter[str] = Counter()
    started = time.process_time()
    slowest = 0.0
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        before = time.process_time()
        found[outcome(file.read_bytes())] += 1
        slowest = max(slowest, time.process_time() - before)
    seconds = time.process_time() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{dict(found)}: {seconds:.1f} s, the slowest {slowest:.1f} s, peak {memory} MB")


def hostile(sizes: tuple[int, ...]) -> None:
    """Print the seconds for each kind of hostile feed, at doubling sizes."""
    for name, make in HOSTILE.items():
        times = []
        for size in sizes:
            started = time.process_time()
            outcome(make(size).encode())
            times.append(time.process_time() - started)
        print(f"| {name} | " + " | ".join(f"{seconds:.2f}" for seconds in times) + " |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/wire/feeds"))
    parser.add_argument("--sizes", type=int, nargs="+", default=[4_000, 8_000, 16_000])
    given = parser.parse_args()
    corpus(given.data)
    hostile(tuple(given.sizes))
