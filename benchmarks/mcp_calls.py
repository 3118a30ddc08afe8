"""Calls offered to `tracker mcp` at a fixed rate by the client of the official SDK.

    python benchmarks/mcp_calls.py --home HOME [--rate 50] [--seconds 20]

Over standard input, then over streamable HTTP: every tool in turn, each third call with arguments
that it must refuse. Prints percentiles of the time from when a call was due until its answer was
read, how many answers were results and errors, and the largest answer. Needs the extra `mcp`.
"""

import argparse
import asyncio
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx2
import mcp
from mcp.client.streamable_http import streamable_http_client

from tests.cli.commands import command, environment
from tracker.store import papers
from tracker.store.database import open_read_only

_WORDS = ("routing", "agents", "memory", "quantization", "reasoning", "retrieval", "alignment")
_BAD = (
    ("search_papers", {"query": ""}), ("search_papers", {"query": "x", "limit": 10**9}),
    ("search_papers", {"query": "x" * 200_000}), ("search_papers", {"query": ["a"]}),
    ("search_papers", {"query": "x", "since": "yesterday"}), ("search_papers", {}),
    ("get_paper", {"id": "../../etc/passwd"}), ("get_paper", {"id": None}),
    ("get_paper", {"id": "2403.99999\x00"}), ("similar_papers", {"id": "x", "limit": -1}),
    ("topic_trends", {"days": float("1e300")}), ("topic_trends", {"by": "'; DROP TABLE works"}),
    ("weekly_digest", {"week": "2026-W99"}), ("monthly_report", {"month": "2026-13"}),
    ("daily_edition", {"day": "2026-02-30"}), ("leaderboard", {"board": "\u202enone"}),
    ("follow", {"query": "moe"}), ("no_such_tool", {}),
)  # fmt: skip


def list_calls(home: Path) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Yield tools, arguments, and whether they are good, without end."""
    with open_read_only(home / "tracker.db") as db:
        ids = [paper.id for paper in papers.newest_with_abstract(db, 50)]
    good = [
        *(("search_papers", {"query": f"{one} {other}", "limit": 10})
          for one in _WORDS for other in _WORDS if one != other),
        *(("get_paper", {"id": one}) for one in ids),
        *(("similar_papers", {"id": one}) for one in ids[:10]),
        ("topic_trends", {}), ("leaderboard", {}), ("weekly_digest", {}), ("monthly_report", {}),
        ("daily_edition", {}),
    ]  # fmt: skip
    bad = cycle(_BAD)
    for number, (tool, arguments) in enumerate(cycle(sorted(good, key=str))):
        yield tool, arguments, True
        if number % 2:
            yield *next(bad), False


@asynccontextmanager
async def over_stdio(home: Path) -> AsyncIterator[mcp.Client]:
    """Yield a client of a server on its standard input."""
    parameters = mcp.StdioServerParameters(
        command=sys.executable, args=["-m", "tracker", "mcp"], env=dict(environment(home))
    )
    async with mcp.Client(parameters) as client:
        yield client


@asynccontextmanager
async def over_http(home: Path) -> AsyncIterator[mcp.ClientSession]:
    """Yield a client of a server on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    server = subprocess.Popen(
        command("mcp", "--http", address), env=environment(home), stderr=subprocess.DEVNULL
    )
    try:
        await _wait_until_open(address)
        async with (
            streamable_http_client(f"http://{address}/mcp") as streams,
            mcp.ClientSession(*streams[:2]) as session,
        ):
            await session.initialize()
            yield session
    finally:
        server.terminate()
        server.wait(30)


async def _wait_until_open(address: str) -> None:
    host, port = address.split(":")
    for _ in range(600):
        try:
            _, writer = await asyncio.open_connection(host, int(port))
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise TimeoutError(address)


class Calls:
    """What became of the calls to one server."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.answers: Counter[str] = Counter()
        self.largest = 0

    async def call(self, client: Any, what: tuple[str, dict[str, Any], bool], due: float) -> None:
        """Call a tool and note the answer."""
        tool, arguments, is_good = what
        try:
            answer = await client.call_tool(tool, arguments)
            kind = "error" if answer.is_error else "result"
            size = len(answer.model_dump_json())
        except mcp.MCPError as error:
            kind, size = "protocol error", len(str(error))
        except httpx2.PoolTimeout:  # the client's, while too many answers are awaited
            kind, size = "no connection", 0
        self.seconds.append(time.monotonic() - due)
        self.largest = max(self.largest, size)
        self.answers[f"{'good' if is_good else 'bad'}: {kind}"] += 1

    def report(self, name: str) -> None:
        """Print what was measured."""
        cuts = statistics.quantiles(self.seconds, n=100)
        print(f"{name}: {len(self.seconds)} calls, p50 {cuts[49]:.3f} s, p95 {cuts[94]:.3f} s,"
              f" p99 {cuts[98]:.3f} s, {dict(self.answers)}, largest {self.largest:,} bytes",
              flush=True)  # fmt: skip


async def offer(name: str, client: Any, home: Path, rate: float, seconds: float) -> None:
    """Call at a fixed rate, whether or not earlier answers have arrived."""
    source, calls = list_calls(home), Calls()
    for _ in range(40):  # loads the model and what is cached
        await Calls().call(client, next(source), 0)
    started = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(int(rate * seconds)):
            due = started + number / rate
            await asyncio.sleep(max(0, due - time.monotonic()))
            group.create_task(calls.call(client, next(source), due))
    calls.report(name)
    print(f"  {len(calls.seconds) / (time.monotonic() - started):.1f} answers a second")


async def measure(home: Path, rate: float, seconds: float) -> None:
    """Measure both transports."""
    async with over_stdio(home) as client:
        await offer("stdio", client, home, rate, seconds)
    async with over_http(home) as session:
        await offer("http", session, home, rate, seconds)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(".demo/demo"))
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=20)
    given = parser.parse_args()
    asyncio.run(measure(given.home, given.rate, given.seconds))


if __name__ == "__main__":
    main()
