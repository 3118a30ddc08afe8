"""Runs every benchmark and prints its table. `make bench`; about twenty minutes on two cores.

Needs the real records beside the checkout (../shared/data). `--home` names a home with them
imported and February and March 2026 indexed; without it a temporary home is created, which takes
most of the time.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

DATA = Path("../shared/data")
SNAPSHOT = DATA / "arxiv/arxiv-metadata-2024-12_2026-03.jsonl.gz"


def prepare_home(home: Path) -> Path:
    """Create a home with the snapshot imported and two months indexed."""
    for command in (
        ["import", str(SNAPSHOT)],
        ["index", "--since", "2026-02-01", "--until", "2026-03-31"],
    ):
        started = time.perf_counter()
        line = [sys.executable, "-m", "tracker", "--home", str(home), "-q", *command]
        subprocess.run(line, check=True)
        print(f"tracker {' '.join(command)}: {time.perf_counter() - started:.0f} s\n", flush=True)
    return home


def benchmarks(home: Path) -> Iterator[list[str]]:
    """Yield file and arguments of each benchmark."""
    yield ["intake.py", "--data", str(SNAPSHOT)]
    yield ["embedding.py", "--data", str(SNAPSHOT)]
    yield ["boards.py", "--data", str(DATA / "leaderboards")]
    yield ["index.py"]
    yield ["feeds.py", "--data", str(DATA / "wire/feeds")]
    yield ["commands.py", "--home", str(home)]
    yield ["latency.py", "--home", str(home), "--queries", str(DATA / "eval/search/queries.jsonl")]
    yield ["summaries.py", "score", "--data", str(DATA / "eval/scitldr")]
    yield ["lines.py", "check", "--home", str(home)]
    yield ["proof.py"]
    yield ["llm.py", "server"]
    yield ["ranking.py", "score", "--home", str(home), "--data", str(DATA)]


def main() -> int:
    """Run all benchmarks and return the number of failures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    given = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        home = given.home or prepare_home(Path(scratch) / "home")
        for name, *arguments in benchmarks(home):
            print(f"## benchmarks/{name} {' '.join(arguments)}", flush=True)
            file = Path(__file__).parent / name
            done = subprocess.run([sys.executable, str(file), *arguments], check=False)
            failed += done.returncode != 0
            print(flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
