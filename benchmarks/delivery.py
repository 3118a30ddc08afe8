"""Delivery under fire: a sender killed at random instants, and mails for a thousand readers.

    python benchmarks/delivery.py kills [--kills 100] [--recipients 500]
    python benchmarks/delivery.py readers --home HOME [--week 2026-W11] [--readers 1000]

`kills` needs the dev extra (aiosmtpd). `readers` composes and writes the mails of readers with
different invented interests; HOME has the papers of the week indexed and is not written to.
"""

import argparse
import os
import random
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from tests.cli.commands import command, environment
from tests.delivery.test_sending import (
    FAULTS,
    WEEK,
    audited,
    server_process,
    settings,
)
from tests.digest import documents
from tracker.calendar import Period
from tracker.config import load
from tracker.digest.document import as_json
from tracker.digest.reader import Interests
from tracker.pipeline.composing import compose_period, space
from tracker.pipeline.lock import held
from tracker.pipeline.sending import Post, send
from tracker.settings import Config
from tracker.store import issues, papers, subscribers, vectors
from tracker.store.database import Database, opened
from tracker.store.subscribers import Subscriber
from tracker.topics import taxonomy

NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)


def kills(number: int, recipients: int) -> None:
    """Kill the sender so often, rerun it, and count copies against states."""
    chance = random.Random(20260316)
    with tempfile.TemporaryDirectory() as folder:
        home, log = Path(folder) / "home", Path(folder) / "log"
        log.touch()
        with opened(home / "tracker.db") as db:
            issues.keep(db, ("weekly", WEEK.key, "en"), as_json(documents.weekly()), (), NOW)
            for n in range(recipients):
                kind = chance.choice([*FAULTS, *["plain"] * 13])
                subscribers.add(db, f"{kind}-{n}@x.example", "", "en", NOW)
        with server_process(log) as port:
            hits = sum(_killed(home, port, log, chance.uniform(0, 0.1)) for _ in range(number))
            print(f"{hits} of {number} senders were killed while they were sending")
            for _ in range(2):
                subprocess.run(
                    command("send", "--week", WEEK.key), check=False, capture_output=True,
                    env=environment(home, **settings(port)),
                )  # fmt: skip
        _told(*audited(home, log))


def _killed(home: Path, port: int, log: Path, seconds: float) -> bool:
    """A sender that is killed so many seconds after its first mail; forked, to start soon."""
    before = log.stat().st_size
    child = os.fork()
    if not child:
        config = load(home, environ=settings(port))
        with held(home / "run.lock", "send"), opened(config.database) as db:
            send(db, config, WEEK)
        os._exit(0)
    while log.stat().st_size == before and os.waitpid(child, os.WNOHANG) == (0, 0):
        time.sleep(0.002)
    time.sleep(seconds)
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(child, signal.SIGKILL)
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])
    return False


def _told(copies: Counter[str], states: Mapping[str, str]) -> None:
    reachable = [email for email in states if not email.startswith("refuse")]
    unknown = [email for email in reachable if states[email] == "unknown"]
    print(f"{len(reachable)} reachable recipients of {len(states)}: {Counter(states.values())}")
    print(f"without a copy: {[email for email in reachable if not copies[email]]}")
    print(f"with two or more: {[email for email in reachable if copies[email] > 1]}")
    broke = sum(email.startswith("after") for email in unknown)
    print(f"unknown: {len(unknown)}, of which {broke} lost the line before the relay's answer")


def invented(
    db: Database, config: Config, period: Period, readers: Sequence[Subscriber]
) -> Mapping[int, Interests]:
    """Different interests for every reader: topics, authors, a query's hits, liked papers."""
    chance = random.Random(7)
    listed = papers.announced(db, period.start, period.end, config.sources["arxiv_api"].categories)
    found = list(listed.values())
    earlier = period.previous()
    space_number = space(db, config)["encoder"]
    works, rows = vectors.of_works(
        db, space_number, vectors.announced_between(db, space_number, earlier.start, earlier.end)
    )
    named = papers.by_number(db, [int(n) for n in works])
    pool = [(named[int(n)].id, row) for n, row in zip(works, rows, strict=True)]
    keys = list(taxonomy.load())
    return {
        reader.number: Interests(
            topics=frozenset(chance.sample(keys, 2)),
            authors=frozenset(chance.choice(found).authors[:1]),
            queries={"a query": frozenset(paper.id for paper in chance.sample(found, 6))},
            liked=dict(chance.sample(pool, chance.choice((0, 3, 8, 20)))),
        )
        for reader in readers
    }


def readers(home: Path, week: str, number: int) -> None:
    """Time the composing and writing of one mail per reader."""
    period = Period.parse_week(week)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "home"
        shutil.copytree(home, copy)
        config = load(copy, environ={}, overrides={"smtp.sender": "weekly@x.example"})
        with opened(config.database) as db:
            for n in range(number):
                subscribers.add(db, f"r{n}@x.example", "", "en", NOW)
            known = subscribers.active(db)
            caring = invented(db, config, period, known)
            began = time.monotonic()
            made = compose_period(db, config, period, now=NOW)
            composed = time.monotonic()
            post = Post(db, config, period, known, lambda *_: caring)
            ready = time.monotonic()
            sizes = [len(post.written(reader)) for reader in known]
            ended = time.monotonic()
    print(f"{made.document.counts.indexed:,} indexed papers, {number:,} readers")
    print(
        f"composed {composed - began:.1f} s, prepared {ready - composed:.1f} s, "
        f"written {ended - ready:.1f} s, in all {ended - began:.1f} s"
    )
    print(
        f"largest mail {max(sizes) / 1000:.0f} kB, peak memory "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
    )


def main() -> None:
    """Run one of the two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("kills", "readers"))
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--recipients", type=int, default=500)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--week", default="2026-W11")
    parser.add_argument("--readers", type=int, default=1000)
    given = parser.parse_args()
    if given.what == "kills":
        kills(given.kills, given.recipients)
    else:
        readers(given.home, given.week, given.readers)


if __name__ == "__main__":
    main()
