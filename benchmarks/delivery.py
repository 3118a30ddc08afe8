"""Benchmark delivery: a sender killed at random times, and messages for a thousand readers.

    python benchmarks/delivery.py kills [--kills 100] [--recipients 500]
    python benchmarks/delivery.py readers --home HOME [--week 2026-W11] [--readers 1000]

`kills` needs the dev extra (aiosmtpd). `readers` stores different invented interests for each
reader, composes the week and builds their messages. The papers of HOME must be indexed; it is
copied and not changed.
"""

import argparse
import cProfile
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.cli.commands import command, environment
from tests.delivery.mail.test_send import FAULTS, WEEK, read_deliveries, server_process, settings
from tests.digest import documents
from tracker.calendar import Period
from tracker.config import load
from tracker.digest.document import Document, as_json
from tracker.locking import hold_lock
from tracker.pipeline.issue.compose_issue import compose_period
from tracker.pipeline.issue.load_period import ranking_scope
from tracker.pipeline.mailing.mail_builder import MailBuilder
from tracker.pipeline.mailing.send import send_issue
from tracker.settings import Config
from tracker.store import interests, issues, papers, subscribers, vectors
from tracker.store.database import Database, open_database, write_transaction
from tracker.store.interests import SavedSearch
from tracker.store.subscribers import Subscriber
from tracker.topics import taxonomy

NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)


def kills(number: int, recipients: int) -> None:
    """Kill the sender `number` times, rerun it, and compare copies with states."""
    chance = random.Random(20260316)
    with tempfile.TemporaryDirectory() as folder:
        home, log = Path(folder) / "home", Path(folder) / "log"
        log.touch()
        with open_database(home / "tracker.db") as db:
            issues.store_issue(db, ("weekly", WEEK.key, "en"), as_json(documents.weekly()), (), NOW)
            for n in range(recipients):
                kind = chance.choice([*FAULTS, *["plain"] * 13])
                subscribers.add(db, f"{kind}-{n}@x.example", "", "en", NOW)
        with server_process(log) as port:
            hits = sum(_kill_sender(home, port, log, chance.uniform(0, 0.1)) for _ in range(number))
            print(f"{hits} of {number} senders were killed while they were sending")
            for _ in range(2):
                subprocess.run(
                    command("send", "--week", WEEK.key), check=False, capture_output=True,
                    env=environment(home, **settings(port)),
                )  # fmt: skip
        _print_results(*read_deliveries(home, log))


def _kill_sender(home: Path, port: int, log: Path, seconds: float) -> bool:
    """Fork a sender and kill it some seconds after its first message; whether it was running."""
    before = log.stat().st_size
    child = os.fork()
    if not child:
        config = load(home, environ=settings(port))
        with hold_lock(home / "run.lock", "send"), open_database(config.database) as db:
            send_issue(db, config, WEEK)
        os._exit(0)
    while log.stat().st_size == before and os.waitpid(child, os.WNOHANG) == (0, 0):
        time.sleep(0.002)
    time.sleep(seconds)
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(child, signal.SIGKILL)
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])
    return False


def _print_results(copies: Counter[str], states: Mapping[str, str]) -> None:
    reachable = [email for email in states if not email.startswith("refuse")]
    unknown = [email for email in reachable if states[email] == "unknown"]
    print(f"{len(reachable)} reachable recipients of {len(states)}: {Counter(states.values())}")
    print(f"without a copy: {[email for email in reachable if not copies[email]]}")
    print(f"with two or more: {[email for email in reachable if copies[email] > 1]}")
    broke = sum(email.startswith("after") for email in unknown)
    print(
        f"unknown: {len(unknown)}, of which {broke} lost the connection before the relay answered"
    )


def queries(db: Database, period: Period) -> list[str]:
    """Hundreds of saved searches: words and phrases of titles, acronyms, and filters."""
    chance = random.Random(3)
    before = period.previous()
    titles = [p.title for p in papers.announced_between(db, before.start, before.end).values()]
    words = [re.findall(r"[A-Za-z][a-z-]{3,}", title) for title in titles]
    pairs = [" ".join(found[n : n + 2]) for found in words for n in range(len(found) - 1)]
    shorts = [row[0] for row in db.execute(
        "SELECT written_short FROM acronyms GROUP BY 1 ORDER BY sum(papers) DESC LIMIT 100"
    )]  # fmt: skip
    plain = chance.sample(pairs, 120)
    phrases = [f'"{pair}"' for pair in chance.sample(pairs, 60)]
    filtered = [f"cat:cs.CL {word} -survey" for word in chance.sample(shorts, 40)]
    return [*plain, *phrases, *shorts, *filtered, "language models", "reasoning", "agents"]


def store_interests(
    db: Database, config: Config, period: Period, readers: Sequence[Subscriber], now: datetime
) -> None:
    """Store three searches, two topics, an author and 0 to 20 opinions for every reader."""
    chance = random.Random(7)
    pool, keys = queries(db, period), list(taxonomy.load_concepts())
    authors = [
        p.authors[0] for p in papers.announced_between(db, period.start, period.end).values()
    ]
    first = period.start - timedelta(days=60)
    known = vectors.embedded_works_between(db, ranking_scope(db, config).encoder, first, period.end)
    with write_transaction(db):
        for reader in readers:
            follows = [
                *chance.sample(pool, 3), *(f"topic:{key}" for key in chance.sample(keys, 2)),
                f'author:"{chance.choice(authors)}"',
            ]  # fmt: skip
            for query in follows:
                interests.follow(db, SavedSearch(query, query, now), reader.number)
            for work in chance.sample(known, chance.choice((0, 3, 8, 20))):
                liked = chance.random() < 0.8
                interests.store_opinion(db, work, liked=liked, now=now, owner=reader.number)
    print(f"{len(pool)} distinct searches")


def readers(home: Path, week: str, number: int, profile: Path | None) -> None:
    """Measure composing an issue and building one message per reader."""
    period = Period.parse_week(week)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "home"
        shutil.copytree(home, copy)
        config = load(copy, environ={}, overrides={"smtp.sender": "weekly@x.example"})
        with open_database(config.database) as db:
            for n in range(number):
                subscribers.add(db, f"r{n}@x.example", "", "en", NOW)
            known = subscribers.list_active(db, "weekly")
            store_interests(db, config, period, known, NOW)
            with profile_to(profile):
                times, sizes, made = _measure(db, config, period, known)
    print(f"{made.counts.indexed:,} indexed papers, {number:,} readers")
    print(", ".join(f"{what} {seconds:.1f} s" for what, seconds in times.items()))
    print(f"in all {sum(times.values()):.1f} s, CPU {time.process_time():.1f} s with set-up")
    print(
        f"largest mail {max(sizes) / 1000:.0f} kB, peak memory "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
    )


def _measure(
    db: Database, config: Config, period: Period, known: Sequence[Subscriber]
) -> tuple[dict[str, float], list[int], Document]:
    """Return seconds by part, the sizes of the messages, and the issue."""
    began = time.monotonic()
    made = compose_period(db, config, period, now=NOW)
    composed = time.monotonic()
    builder = MailBuilder(db, config, period, known, documents={"en": made.document})
    ready = time.monotonic()
    sizes = [len(builder.build_mail(reader)) for reader in known]
    times = {
        "compose": composed - began, "prepare": ready - composed,
        "build": time.monotonic() - ready,
    }  # fmt: skip
    return times, sizes, made.document


@contextmanager
def profile_to(out: Path | None) -> Iterator[None]:
    """Write a profile of the block to a file, if one is given."""
    profiler = cProfile.Profile() if out else None
    with profiler or nullcontext():
        yield
    if profiler:
        profiler.dump_stats(out)


def main() -> None:
    """Run one of the two benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("kills", "readers"))
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--recipients", type=int, default=500)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--week", default="2026-W11")
    parser.add_argument("--readers", type=int, default=1000)
    parser.add_argument("--profile", type=Path, help="write the profile of `readers` there")
    given = parser.parse_args()
    if given.what == "kills":
        kills(given.kills, given.recipients)
    else:
        readers(given.home, given.week, given.readers, given.profile)


if __name__ == "__main__":
    main()
