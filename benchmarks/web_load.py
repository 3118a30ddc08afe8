"""Load on `tracker serve`: searches offered at a fixed rate, then many clients at once.

    python benchmarks/web_load.py --home HOME [--rate 30] [--seconds 120] [--clients 50]

HOME has indexed papers; it is migrated if it is older. Every search is a distinct pair of title
words. The rate is offered whether or not earlier answers have arrived, so that waiting counts.
Prints percentiles of the time from when a request was due until it was read, the statuses, and the
server's memory every quarter of the time.
"""

import argparse
import random
import re
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlsplit

from tests.web.browsing import serving
from tracker.store import papers
from tracker.store.database import open_database

_WARM_SECONDS = 10
_WORDS = re.compile(r"[A-Za-z][a-z-]{3,}")


def list_queries(home: Path) -> Iterator[str]:
    """Yield distinct pairs of neighbouring words of titles, in a random order without end."""
    with open_database(home / "tracker.db") as db:
        titles = list(papers.newest_titles(db, 20_000))
    words = [_WORDS.findall(title) for title in titles]
    pairs = {" ".join(found[n : n + 2]) for found in words for n in range(len(found) - 1)}
    order = sorted(pairs)
    random.Random(20).shuffle(order)
    yield from order


class Client(threading.local):
    """One kept connection for each thread."""

    connection: HTTPConnection | None = None


class Load:
    """Requests to one server, with the seconds and statuses of the answers."""

    def __init__(self, host: str, port: int, api: bool) -> None:
        self._place, self._client, self._api = (host, port), Client(), api
        self.seconds: list[float] = []
        self.statuses: Counter[int | str] = Counter()

    def search(self, query: str, due: float) -> None:
        """Search and record the time since the search was due."""
        words = quote(query)
        path = f"/api/v1/search?q={words}" if self._api else f"/search?q={words}"
        status: int | str
        try:
            connection = self._client.connection or HTTPConnection(*self._place, timeout=60)
            self._client.connection = connection
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            status = answer.status
        except OSError as error:
            self._client.connection, status = None, type(error).__name__
        self.seconds.append(time.perf_counter() - due)
        self.statuses[status] += 1

    def report(self, what: str) -> None:
        """Print the percentiles and forget them."""
        cut = statistics.quantiles(self.seconds, n=100)
        shown = ", ".join(f"p{p} {1000 * cut[p - 1]:.0f}" for p in (50, 90, 95, 99))
        worst = 1000 * max(self.seconds)
        print(f"{what}: {len(self.seconds)} answers, {shown}, most {worst:.0f} ms,", end=" ")
        print(dict(self.statuses), flush=True)
        self.seconds.clear()
        self.statuses.clear()


def offer(load: Load, queries: Iterator[str], rate: float, seconds: float) -> None:
    """Offer searches at a fixed rate."""
    started = time.perf_counter()
    with ThreadPoolExecutor(100) as pool:
        for number in range(int(rate * seconds)):
            due = started + number / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            pool.submit(load.search, next(queries), due)


def crowd(load: Load, queries: Iterator[str], clients: int, seconds: float) -> Sequence[int]:
    """Let clients search one query after the other; return how many each of them finished."""
    end, lock = time.perf_counter() + seconds, threading.Lock()

    def search_on(_: int) -> int:
        done = 0
        while (now := time.perf_counter()) < end:
            with lock:
                query = next(queries)
            load.search(query, now)
            done += 1
        return done

    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(search_on, range(clients)))


def resident_mb(process: int) -> int:
    """Return the resident memory of a process."""
    text = Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) // 1024  # type: ignore[union-attr]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--rate", type=float, default=30)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--api", action="store_true")
    given = parser.parse_args()
    queries = list_queries(given.home)
    with serving(given.home, "web.api_per_minute=0") as site:
        host, port = urlsplit(f"http://{site.host}:{site.port}").hostname, site.port
        load = Load(host or "", port, given.api)
        offer(load, queries, 5, _WARM_SECONDS)
        load.report("warm-up")
        for quarter in range(4):
            offer(load, queries, given.rate, given.seconds / 4)
            load.report(f"{given.rate:g} searches/s, quarter {quarter + 1}")
            print(f"memory {resident_mb(site.process.pid)} MB", flush=True)
        done = crowd(load, queries, given.clients, given.seconds / 4)
        load.report(f"{given.clients} clients")
        print(f"searches of a client: {min(done)} to {max(done)}")
        print(f"memory {resident_mb(site.process.pid)} MB")


if __name__ == "__main__":
    main()
