"""The whole service under faults: kills, ninety days, and many processes at once.

    python benchmarks/service.py kills --home HOME [--kills 200]
    python benchmarks/service.py channels --home HOME [--kills 200]
    python benchmarks/service.py days [--days 91]
    python benchmarks/service.py crowd --home HOME [--seconds 60]

Needs the dev extra. HOME has a prepared model (`make demo`: .demo/demo) and is not changed. arXiv
and the mail relay are servers on the loopback interface with invented papers, as is the language
model that writes summaries and passages.

`kills` runs the scheduled jobs (crawl, index, report, digest, send) in a process that is killed at
random times, after a number of answers of the model, and while the PDF of the report is written,
and compares the end with that of a process that was not killed. `channels` kills a
process that posts an issue to sixteen channels. `days` runs the jobs from October to January at
irregular times, with days off, both clock changes, three month ends and week 53, and two readers of
the daily edition. `crowd` runs two schedulers, eight readers, a writer and web clients on one home.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import time_machine

from tests.cli.commands import command, environment
from tests.faults import llm_server
from tests.faults.arxiv_server import ArxivServer, Record, invented
from tests.faults.smtp_server import Mailbox, served
from tests.faults.web_server import LoggedRequest, Page, WebServer
from tests.store.children import forked
from tests.web.browsing import serving
from tracker.calendar import Period
from tracker.config import load
from tracker.delivery import pdf
from tracker.locking import hold_lock
from tracker.pipeline.admin.scheduled_jobs import build_tick
from tracker.pipeline.mailing.send import send_issue
from tracker.settings import ArxivSource, ChannelSettings, Config, Llm, Smtp
from tracker.store import subscribers
from tracker.store.database import (
    Database,
    find_problems,
    open_database,
    open_read_only,
    write_transaction,
)

# A Monday soon after the end of a month: the report and a digest are due.
NOW = datetime(2026, 3, 2, 13, tzinfo=UTC)
# What each reader gets.
READERS = {
    "a@x.example": ("weekly", "monthly"),
    "b@x.example": ("daily", "weekly", "monthly"),
    "c@x.example": ("daily",),
}


class Model:
    """A server of a language model that repeats facts and sentences; `answers` counts them."""

    def __init__(self, delay: float = 0.02) -> None:
        self.answers = 0
        kind = llm_server.handler(self._complete, delay)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
        self.settings = Llm(
            "openai", "toy", f"http://127.0.0.1:{self._server.server_port}/v1",
            timeout_seconds=20, mode="write",
        )  # fmt: skip
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _complete(self, body: dict[str, Any]) -> str:
        self.answers += 1
        return llm_server.echo(body)


def configure(home: Path, arxiv: ArxivServer, port: int) -> Config:
    """Return the settings of a home that crawls `arxiv` and mails to a relay."""
    config = load(home, environ={"TRACKER_BACKUP__KEEP": "1", "TRACKER_FULLTEXT__PAPERS": "0"})
    return replace(
        config,
        http=replace(config.http, allow_private=("127.0.0.1",)),
        sources={"arxiv_api": ArxivSource(url=arxiv.url, pace_seconds=0)},
        smtp=Smtp(host="127.0.0.1", port=port, security="none", sender="weekly@x.example"),
    )


def create_home(models: Path, home: Path) -> Path:
    """Create a home with subscribers and the model of another one."""
    home.mkdir(parents=True)
    (home / "models").symlink_to(models.resolve())
    with open_database(home / "tracker.db") as db:
        for email, kinds in READERS.items():
            subscribers.add(db, email, "", "en", NOW, kinds)
    return home


def run_jobs(config: Config, now: datetime) -> list[Any]:
    """Run what is due."""
    return list(build_tick(config)(now))


def list_copies(box: Mailbox) -> Counter[tuple[str, str]]:
    """Return how many copies of each issue reached each reader."""
    parsed = ((to, message_from_bytes(content, policy=default)) for to, content in box.delivered)
    return Counter((to, str(message["Message-ID"])[1:].split(".")[0]) for to, message in parsed)


def describe(home: Path) -> dict[str, Any]:
    """Return what must be the same after kills: works, issues, and the files of the issues."""
    with open_database(home / "tracker.db") as db:
        assert find_problems(db) == []
        tables = {
            "works": db.execute("SELECT key, title, abstract, announced FROM works ORDER BY key"),
            "issues": db.execute("SELECT kind, period, language, document FROM issues"
                                 " ORDER BY kind, period"),
            "picks": db.execute("SELECT i.period, p.position, w.key FROM picks p JOIN issues i ON"
                                " i.id = p.issue JOIN works w ON w.id = p.work ORDER BY 1, 2"),
        }  # fmt: skip
        found: dict[str, Any] = {name: rows.fetchall() for name, rows in tables.items()}
    pages = sorted(file for file in (home / "digests").rglob("*") if file.is_file())
    found["pages"] = {str(file.relative_to(home)): file.read_bytes() for file in pages}
    return found


def kills(models: Path, number: int, chains: int = 10) -> None:
    """Kill the jobs and compare the end with that of jobs that were not killed."""
    chance = random.Random(20)
    records, model = invented(200, NOW - timedelta(days=16)), Model()
    with tempfile.TemporaryDirectory() as folder, ArxivServer(records) as arxiv:
        started = time.monotonic()
        home = create_home(models, Path(folder) / "right")
        right, _, _ = _finish(arxiv, home, Mailbox(), [], model)
        seconds, answers = time.monotonic() - started, model.answers
        print(f"without kills: {seconds:.1f} s, {len(right['works'])} works, {len(right['pages'])}"
              f" files, {answers} answers", flush=True)  # fmt: skip
        totals: Counter[str] = Counter()
        for chain in range(chains):
            home = create_home(models, Path(folder) / f"{chain}")
            moments = list(_choose_moments(chance, number // chains, seconds))
            box = Mailbox()
            got, killed, unknown = _finish(arxiv, home, box, moments, model)
            copies = list_copies(box)
            totals.update(killed)
            totals.update(unknown=unknown, twice=sum(n > 1 for n in copies.values()))
            totals.update({f"different {name}": got[name] != right[name] for name in right})
            print(chain, dict(totals), f"{len(copies)} mails", flush=True)
            pages = got["pages"].items() ^ right["pages"].items()
            print("different files:", sorted({name for name, _ in pages}), flush=True)


# After so many seconds, after so many answers of the model, or so long after the PDF was begun.
Moment = tuple[str, float]


def _choose_moments(chance: random.Random, number: int, seconds: float) -> Iterator[Moment]:
    """Yield when the children of one chain are killed: they pass the whole work together."""
    for place in range(number):
        match 20 * place // number:  # the report and its PDF come before the digest
            case 10 | 11 | 16 | 17:
                yield "model", chance.randint(1, 6)
            case 12 | 13 | 14 | 15:
                yield "pdf", chance.uniform(0, 1.5)
            case _:
                yield "time", chance.uniform(0, 2 * seconds / number)


def _finish(
    arxiv: ArxivServer, home: Path, box: Mailbox, moments: list[Moment], model: Model
) -> tuple[dict[str, Any], Counter[str], int]:
    """Run the jobs in children that are killed at these moments, then once to the end.

    Returns the result, the number of children killed, and that of mails of unknown state.
    """
    killed = Counter[str]()
    with served(box) as port:
        config = replace(configure(home, arxiv, port), llm=model.settings)
        for moment in moments:
            killed += _kill_at(moment, config, model)
        os.waitpid(forked(lambda: run_jobs(config, NOW)), 0)
    with open_database(config.database) as db:
        (unknown,) = db.execute("SELECT count(*) FROM outbox WHERE state = 'unknown'").fetchone()
    return describe(home), killed, unknown


def _kill_at(moment: Moment, config: Config, model: Model) -> Counter[str]:
    """Run the jobs in a child that is killed at a moment, unless it ends before."""
    (what, amount), mark, before = moment, config.home / "pdf-begun", model.answers
    mark.unlink(missing_ok=True)

    def work() -> None:
        render = pdf.render_pdf

        def marked(html: str) -> bytes:
            mark.touch()
            return render(html)

        pdf.render_pdf = marked
        run_jobs(config, NOW)

    child = forked(work)
    if what == "time":
        time.sleep(amount)
    while not _is_reached(what, amount, model.answers - before, mark) and _is_running(child):
        time.sleep(0.005)
    if what == "pdf" and mark.exists():
        time.sleep(amount)
    os.kill(child, signal.SIGKILL)
    return Counter({what: int(os.WIFSIGNALED(os.waitpid(child, 0)[1]))})


def _is_reached(what: str, amount: float, answers: int, mark: Path) -> bool:
    return {"time": True, "model": answers >= amount, "pdf": mark.exists()}[what]


def _is_running(child: int) -> bool:
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


_CHANNEL_KINDS = ("webhook", "slack", "discord", "feishu")


def channels(models: Path, number: int) -> None:
    """Kill a process that posts an issue to channels, and count what each of them received."""
    chance, received = random.Random(21), Counter[str]()

    def receive(request: LoggedRequest) -> Page:
        received[request.path] += 1
        time.sleep(chance.uniform(0, 0.02))
        return Page(b"{}")

    totals: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, WebServer() as server:
        home = Path(folder) / "home"
        shutil.copytree(models.parent, home, ignore=lambda *_: ["models", "run.lock"])
        (home / "models").symlink_to(models.resolve())
        paths = {f"c{n}": f"/hook/{n}" for n in range(16)}
        server.pages |= dict.fromkeys(paths.values(), receive)
        config = _with_channels(home, {key: server.url + path for key, path in paths.items()})
        while totals["killed"] < number:
            with open_database(config.database) as db, write_transaction(db):
                db.execute("DELETE FROM outbox")
            received.clear()
            totals += _kill_posts(config, number, chance)
            with open_database(config.database) as db:
                rows = db.execute("SELECT channel, state FROM outbox").fetchall()
                assert find_problems(db) == []
            totals += Counter(state for _, state in rows)
            totals["twice"] += sum(times > 1 for times in received.values())
            totals["sent but not received"] += sum(
                state == "sent" and not received[paths[name.removeprefix("channels.")]]
                for name, state in rows
            )
            totals["chains"] += 1
            print(dict(totals), flush=True)


def _with_channels(home: Path, urls: dict[str, str]) -> Config:
    """Return the settings of a home that posts to channels and mails to nobody."""
    with open_database(home / "tracker.db") as db:
        for one in subscribers.list_all(db):
            subscribers.delete(db, one.email)
    config = load(home, environ={"TRACKER_FULLTEXT__PAPERS": "0"})
    named = {
        key: ChannelSettings(kind=_CHANNEL_KINDS[n % len(_CHANNEL_KINDS)], url=url)
        for n, (key, url) in enumerate(urls.items())
    }
    return replace(config, channels=named, http=replace(config.http, allow_private=("127.0.0.1",)))


def _kill_posts(config: Config, number: int, chance: random.Random) -> Counter[str]:
    """Post the issue in children that are killed, then once to the end."""
    week, killed = Period.parse_week("2026-W11"), 0

    def post() -> None:
        with hold_lock(config.home / "run.lock", "send"), open_database(config.database) as db:
            send_issue(db, config, week)

    for _ in range(min(12, number)):
        child = forked(post)
        time.sleep(chance.uniform(0.0, 0.6))
        os.kill(child, signal.SIGKILL)
        killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
    os.waitpid(forked(post), 0)
    return Counter(killed=killed)


def published(days: int, first: date) -> list[Record]:
    """Return ten papers for every day."""
    records = []
    for ahead in range(days):
        day = first + timedelta(days=ahead)
        for n in range(10):
            at = datetime(day.year, day.month, day.day, 2 * n, 7, tzinfo=UTC)
            key = f"{day:%y%m}.{day.day:02}{n:03}"
            title = f"Invented paper {n} about {('routing', 'agents', 'memory')[n % 3]} of {day}"
            records.append(Record(key, at, title=title, categories=("cs.CL",)))
    return records


def list_ticks(first: datetime, days: int) -> Iterator[datetime]:
    """Yield irregular times: hours apart, sometimes twice in a minute, with up to four days off."""
    chance, now = random.Random(53), first
    while now < first + timedelta(days=days):
        yield now
        step = chance.choices((0.01, 1, 3, 7, 14, 40, 96), (2, 4, 12, 8, 3, 1, 1))[0]
        now += timedelta(hours=step * chance.uniform(0.8, 1.2))


def days(models: Path, number: int) -> None:
    """Simulate some months of the scheduler, and check issues, mails and ledger."""
    first = datetime(2026, 10, 5, 6, tzinfo=UTC)
    records = published(number + 30, first.date() - timedelta(days=20))
    with tempfile.TemporaryDirectory() as folder, ArxivServer(records) as arxiv:
        home, box, ticks = create_home(models, Path(folder) / "home"), Mailbox(), 0
        states: Counter[tuple[str, str]] = Counter()
        with served(box) as port:
            config = configure(home, arxiv, port)
            for now in list_ticks(first, number):
                with time_machine.travel(now):
                    arxiv.today = now.date()
                    states.update((one.job, one.state) for one in run_jobs(config, now))
                ticks += 1
        with open_database(config.database) as db:
            _report_days(db, box, ticks, states)


def _report_days(db: Database, box: Mailbox, ticks: int, states: Counter[tuple[str, str]]) -> None:
    copies = list_copies(box)
    print(f"{ticks} ticks, outcomes {sorted(states.items())}")
    done = db.execute(
        "SELECT job, key, count(*) FROM runs WHERE state IN ('ok', 'degraded')"
        " AND job NOT LIKE '%:%' GROUP BY job, key"
    ).fetchall()
    print("done more than once:", [row for row in done if row[2] > 1])
    for job in ("crawl", "daily-send", "weekly", "weekly-send", "monthly", "monthly-send"):
        keys = sorted(key for name, key, _ in done if name == job)
        print(f"{job}: {len(keys)}", "" if job in ("crawl", "daily-send") else keys)
    issues = sorted({issue for _, issue in copies})
    print(f"{len(issues)} issues mailed; copies per reader and issue: {Counter(copies.values())}")
    print("readers without an issue:", [
        (reader, issue)
        for reader, kinds in READERS.items()
        for issue in issues
        if issue.partition("-")[0] in kinds and not copies[reader, issue]
    ])  # fmt: skip
    (works,) = db.execute("SELECT count(*) FROM works").fetchone()
    print(f"{works} works, problems: {find_problems(db)}", flush=True)


def crowd(home: Path, seconds: float) -> None:
    """Run schedulers, readers, a writer and web clients on one home at once."""
    with tempfile.TemporaryDirectory() as folder, ArxivServer(invented(100)) as arxiv:
        shutil.copytree(home, Path(folder) / "home", ignore=lambda *_: ["models", "run.lock"])
        own = Path(folder) / "home"
        (own / "models").symlink_to((home / "models").resolve())
        variables = {
            "TRACKER_SOURCES__ARXIV_API__URL": arxiv.url,
            "TRACKER_HTTP__ALLOW_PRIVATE": "127.0.0.1",
            "TRACKER_SOURCES__ARXIV_API__PACE_SECONDS": "0",
        }
        end = time.monotonic() + seconds
        with (
            serving(own) as site,
            _schedulers(own, variables) as errors,
            ThreadPoolExecutor(20) as pool,
        ):
            readers = [pool.submit(_read, own, end) for _ in range(8)]
            writer = pool.submit(_write, own, end)
            clients = [pool.submit(_browse, site, end) for _ in range(4)]
            print("reads:", sum(one.result() for one in readers), "writes:", writer.result())
            statuses = sum((one.result() for one in clients), Counter[int]())
            print("web:", dict(statuses))
        text = "".join(file.read_text() for file in errors)
        print("locked:", text.count("locked"), "tracebacks:", text.count("Traceback"))
        print("lines of the schedulers:", len(text.splitlines()))
        with open_database(own / "tracker.db") as db:
            done = db.execute(
                "SELECT job, key, count(*) FROM runs WHERE state IN ('ok', 'degraded')"
                " AND job NOT LIKE '%:%' GROUP BY job, key HAVING count(*) > 1"
            ).fetchall()
            print("done twice:", done, "problems:", find_problems(db))


@contextmanager
def _schedulers(home: Path, variables: dict[str, str]) -> Iterator[list[Path]]:
    """Run two daemons; yield the files with their messages."""
    files = [home / f"daemon-{number}.txt" for number in range(2)]
    running = []
    for file in files:
        with file.open("w") as errors:
            running.append(subprocess.Popen(
                command("run"), env=environment(home, **variables), stderr=errors
            ))  # fmt: skip
    yield files
    for daemon in running:
        daemon.send_signal(signal.SIGTERM)
    codes = [daemon.wait(60) for daemon in running]
    print("daemons ended with", codes)


def _read(home: Path, end: float) -> int:
    done = 0
    while time.monotonic() < end:
        with open_read_only(home / "tracker.db") as db:
            db.execute("SELECT count(*) FROM works_fts WHERE works_fts MATCH 'model'").fetchone()
            json.dumps(db.execute("SELECT key, title FROM works LIMIT 200").fetchall())
        done += 1
    return done


def _write(home: Path, end: float) -> int:
    done = 0
    while time.monotonic() < end:
        with open_database(home / "tracker.db") as db:
            subscribers.add(db, f"r{done}@x.example", "", "en", NOW)
            subscribers.delete(db, f"r{done}@x.example")
        done += 1
        time.sleep(0.05)
    return done


def _browse(site: Any, end: float) -> Counter[int]:
    statuses: Counter[int] = Counter()
    pages = ("/", "/search?q=moe", "/topics", "/paper/2602.92029", "/healthz")
    while time.monotonic() < end:
        statuses.update(site.ask(page).status for page in pages)
    return statuses


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("kills", "channels", "days", "crowd"))
    parser.add_argument("--home", type=Path, default=Path(".demo/demo"))
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--days", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60)
    given = parser.parse_args()
    if given.what == "kills":
        kills(given.home / "models", given.kills)
    elif given.what == "channels":
        channels(given.home / "models", given.kills)
    elif given.what == "days":
        days(given.home / "models", given.days)
    else:
        crowd(given.home, given.seconds)


if __name__ == "__main__":
    main()
