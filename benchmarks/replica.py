"""Reads on a replica while its snapshots are switched: errors, mixed states, and times.

    python benchmarks/replica.py --home HOME --out FOLDER [--seconds 60] [--switches 5]

HOME is a copy with indexed papers: the title of one paper is changed before each snapshot, while
crawls of a server on this machine store invented papers, a day of them each. Clients read the paper
and a page, and search; the number that they find must be the one of the snapshot that the answer
names.
"""

import argparse
import re
import statistics
import threading
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tests.faults.arxiv_server import ArxivServer, Record
from tests.web.browsing import Site, serving
from tracker.config import load
from tracker.pipeline.admin.replica_snapshots import make_snapshot
from tracker.pipeline.ingest import crawl
from tracker.store.database import open_database, read_only, write_transaction

_FIRST_DAY, _PAPERS, _APART = date(2026, 4, 6), 20_000, timedelta(minutes=3)


class Edited:
    """A home with one paper whose title has a number, which a page repeats."""

    def __init__(self, home: Path, replica: Path) -> None:
        self._config, self._replica = load(home, environ={}), replica
        with open_database(self._config.database) as db:
            (self.paper,) = db.execute("SELECT key FROM works ORDER BY id DESC LIMIT 1").fetchone()

    def switch(self, number: int) -> str:
        """Store the number, and return the name of a snapshot with it."""
        title = f"Edition {number}"
        with open_database(self._config.database) as db, write_transaction(db):
            db.execute("UPDATE works SET title = ? WHERE key = ?", [title, self.paper])
        self._config.web_pages.mkdir(parents=True, exist_ok=True)
        (self._config.web_pages / "index.html").write_text(title)
        with read_only(self._config.database) as db:
            return make_snapshot(db, self._config, self._replica, 2, datetime.now(UTC)).name


class Readers:
    """Clients that read until they are stopped."""

    def __init__(self, site: Site, paper: str) -> None:
        self._site = site
        self._paths = (f"/api/v1/works/{paper}", "/index.html", "/search?q=mixture+of+experts")
        self._stopped = threading.Event()
        self.statuses: Counter[int] = Counter()
        self.seconds: list[float] = []
        self.seen: Counter[tuple[str, str]] = Counter()

    def stop(self) -> None:
        """End all clients after their current requests."""
        self._stopped.set()

    def read(self) -> None:
        """Read all paths in turn."""
        while not self._stopped.is_set():
            for path in self._paths:
                self._read_one(path)

    def _read_one(self, path: str) -> None:
        started = time.perf_counter()
        reply = self._site.ask(path)
        self.seconds.append(time.perf_counter() - started)
        self.statuses[reply.status] += 1
        found = re.search(r"Edition (\d+)", reply.text)
        if not path.startswith("/search"):
            number = found.group(1) if found else "none"
            self.seen[reply.headers.get("x-snapshot", ""), number] += 1


class Crawls:
    """Crawls of one announcement day after the other, until they are stopped."""

    def __init__(self, home: Path) -> None:
        self._home, self._stopped = home, threading.Event()
        self.runs = self.added = 0

    def stop(self) -> None:
        """End after the current crawl."""
        self._stopped.set()

    def crawl(self) -> None:
        """Crawl a server with invented papers, whose clock advances by a day for each crawl."""
        first = datetime.combine(_FIRST_DAY, datetime.min.time(), UTC) - timedelta(days=3)
        papers = [
            Record(f"2604.{n + 1:05}", first + n * _APART, title=f"Invented paper {n}")
            for n in range(_PAPERS)
        ]
        with ArxivServer(papers, today=_FIRST_DAY) as server:
            settings = {"sources.arxiv_api.url": server.url, "http.allow_private": "127.0.0.1"}
            settings |= {"sources.arxiv_api.pace_seconds": "0"}
            config = load(self._home, environ={}, overrides=settings)
            with open_database(config.database) as db:
                while not self._stopped.is_set():
                    day = server.today
                    reports = crawl.crawl_sources(
                        db, config, crawl.CrawlWindow(day, day),
                        now=datetime.combine(day, datetime.max.time(), UTC),
                        options=crawl.CrawlOptions(("arxiv_api",)),
                    )  # fmt: skip
                    self.runs += 1
                    self.added += sum(report.added for report in reports)
                    server.today += timedelta(days=1)


def report(readers: Readers, made: Mapping[str, str]) -> None:
    """Print what the readers found."""
    mixed = sum(count for (name, number), count in readers.seen.items() if made.get(name) != number)
    middle, last = statistics.median(readers.seconds), statistics.quantiles(readers.seconds, n=100)
    print(f"requests {sum(readers.statuses.values())}, by status {dict(readers.statuses)}")
    print(f"snapshots read {len({name for name, _ in readers.seen})}, mixed states {mixed}")
    print(f"median {middle * 1000:.0f} ms, 99 % {last[98] * 1000:.0f} ms")


def main() -> None:
    """Serve a replica, read it and switch it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--switches", type=int, default=5)
    parser.add_argument("--clients", type=int, default=4)
    given = parser.parse_args()
    edited = Edited(given.home, given.out)
    made = {edited.switch(0): "0"}
    with (
        serving(given.out / "current", read_only=True) as site,
        ThreadPoolExecutor(given.clients + 1) as pool,
    ):
        readers, crawls = Readers(site, edited.paper), Crawls(given.home)
        running = [pool.submit(readers.read) for _ in range(given.clients)]
        running.append(pool.submit(crawls.crawl))
        try:
            run_switches(edited, made, given.seconds, given.switches)
        finally:
            readers.stop()
            crawls.stop()
        for one in running:
            one.result()
    print(f"crawls {crawls.runs}, papers added {crawls.added:,}")
    report(readers, made)


def run_switches(edited: Edited, made: dict[str, str], seconds: float, switches: int) -> None:
    """Switch at equal distances, and wait for the end."""
    started = time.monotonic()
    for number in range(1, switches + 1):
        time.sleep(max(0, started + number * seconds / (switches + 1) - time.monotonic()))
        before = time.perf_counter()
        made[edited.switch(number)] = str(number)
        print(f"snapshot {number} made and switched to in {time.perf_counter() - before:.1f} s")
    time.sleep(max(0, started + seconds - time.monotonic()))


if __name__ == "__main__":
    main()
