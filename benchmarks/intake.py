"""Import the metadata snapshot: records per second, peak memory, and a repeated import."""

import argparse
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SNAPSHOT = Path("../shared/data/arxiv/arxiv-metadata-2024-12_2026-03.jsonl.gz")
_SUMMARY = re.compile(r"([\d,]+) read: ([\d,]+) added")


def measured(home: Path, snapshot: Path) -> tuple[int, int, float]:
    """Return records read, records added and seconds of one `tracker import` in a subprocess."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "tracker", "--home", str(home), "-q", "import", str(snapshot)],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = time.perf_counter() - started
    found = _SUMMARY.search(done.stdout)
    assert found, done.stdout
    read, added = (int(number.replace(",", "")) for number in found.groups())
    return read, added, seconds


def main(snapshot: Path = SNAPSHOT) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        print(f"{'import':8} {'records/s':>10} {'added':>8} {'seconds':>8}")
        for name in ("first", "second"):
            read, added, seconds = measured(Path(folder) / "home", snapshot)
            print(f"{name:8} {read / seconds:10,.0f} {added:8,} {seconds:8.1f}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak memory {peak:,.0f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=SNAPSHOT)
    main(parser.parse_args().data)
