"""The Ray path against the local path on the same papers: equality and throughput.

`python benchmarks/ray_engine.py --home HOME [--papers 2000] [--summaries]` copies the newest papers
of a home with the model prepared, embeds them here and with Ray, and compares bytes and seconds.
The seconds of Ray include its start. It needs the extra `ray`; the machine should be idle.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tracker.store import papers
from tracker.store.database import open_database, read_only


def copy_papers(home: Path, target: Path, number: int) -> None:
    """Create a home with the newest papers of another, and its model."""
    target.mkdir(parents=True)
    with read_only(home / "tracker.db") as source, open_database(target / "tracker.db") as copy:
        query = "SELECT id FROM works ORDER BY announced DESC, id LIMIT ?"
        numbers = [work for (work,) in source.execute(query, [number])]
        papers.upsert(copy, list(papers.load_by_number(source, numbers).values()))
    (target / "models").symlink_to((home / "models").resolve())


def run(home: Path, *arguments: str) -> tuple[float, dict[str, object]]:
    """Run a command; return its seconds and what it printed as JSON."""
    started = time.perf_counter()
    line = [sys.executable, "-m", "tracker", "--home", str(home), *arguments, "--json"]
    done = subprocess.run(line, check=True, capture_output=True, text=True)
    return time.perf_counter() - started, json.loads(done.stdout)


def stored(home: Path, table: str) -> list[tuple[object, ...]]:
    """Return what a path stored, comparable between homes."""
    queries = {
        "vectors": "SELECT w.key, v.data FROM works w JOIN vectors v ON v.work = w.id ORDER BY 1",
        "summaries": "SELECT w.key, s.model, s.method, s.dropped, s.note, s.tldr, s.sentences"
        " FROM works w JOIN summaries s ON s.work = w.id ORDER BY 1, 2",
    }
    with read_only(home / "tracker.db") as db:
        return db.execute(queries[table]).fetchall()


def compare(local: Path, ray: Path, command: list[str], table: str) -> None:
    """Run a command on both paths and print what differs and how long both took."""
    here, _ = run(local, *command)
    there, report = run(ray, *command, "--engine", "ray")
    one, other = stored(local, table), stored(ray, table)
    differing = sum(a != b for a, b in zip(one, other, strict=True))
    bulk = report.get("bulk", report)
    print(
        f"| {table} | {len(one):,} | {differing} differ | local {here:.1f} s | ray {there:.1f} s |"
    )
    print(json.dumps(bulk))


def main() -> int:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--papers", type=int, default=2000)
    parser.add_argument("--summaries", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        local, ray = Path(scratch) / "local", Path(scratch) / "ray"
        for home in (local, ray):
            copy_papers(given.home, home, given.papers)
        compare(local, ray, ["index"], "vectors")
        if given.summaries:
            compare(local, ray, ["summarize", "--all"], "summaries")
    return 0


if __name__ == "__main__":
    sys.exit(main())
