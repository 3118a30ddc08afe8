"""Looking after a home folder: its state in numbers, and a check of all that can be wrong."""

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from typing import Any

from tracker import resources, schedules
from tracker.delivery.links import public_url
from tracker.errors import TrackerError
from tracker.pipeline import writing
from tracker.pipeline.indexing import current_encoder
from tracker.search import index as faiss_index
from tracker.search.embedder import query_encoder
from tracker.search.index import VectorIndex
from tracker.settings import Config
from tracker.store import database, issues, outbox, papers, vectors
from tracker.store.database import Database
from tracker.store.ledger import Ledger
from tracker.version import __version__


def status(db: Database, config: Config) -> dict[str, Any]:
    """The state of the store as the public JSON of `tracker status`."""
    span = papers.span(db)
    space = current_encoder(db, config)
    ledger = Ledger(db)
    return {
        "home": config.home,
        "tracker": __version__,
        "papers": papers.count(db),
        "announced": {"first": span[0], "last": span[1]} if span else None,
        "index": vectors.coverage(db, space and space[1]),
        "crawls": {name: ledger.last(f"crawl:{name}") for name in config.sources},
        "issues": [
            {"kind": kind, "period": period, "language": language, "composed": day}
            for kind, period, language, day in issues.kept(db)
        ],
        "outbox": outbox.counts(db),
    }


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source: `state` is how its last crawl ended, or never; `last_ok` when one ended well."""

    name: str
    enabled: bool
    url: str
    last_ok: datetime | None
    state: str
    detail: str


def sources(db: Database, config: Config) -> list[SourceState]:
    """The state of every source there is."""
    ledger = Ledger(db)
    return [
        SourceState(
            name, source.enabled, source.url, ledger.last_good(f"crawl:{name}"),
            *((last[1], last[2]) if (last := ledger.last(f"crawl:{name}")) else ("never", "")),
        )
        for name, source in config.sources.items()
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked; `state` is ok, note (worth knowing) or FAIL."""

    what: str
    state: str
    detail: str


def check(config: Config) -> Iterator[Finding]:
    """Check everything; a check that fails says what to do and the others go on."""
    yield Finding("tracker", "ok", f"{__version__}, Python {sys.version.split()[0]}")
    yield from _settings(config)
    for what, look in (
        ("database", _database),
        ("vectors", _index),
        ("model", _model),
        ("language model", writing.probe),
        ("schedules", _schedules),
        ("links of mails", _links),
    ):
        yield _guarded(what, look, config)
    yield Finding("journal", *_journal())
    yield Finding("faiss", *_faiss())


Check = Callable[[Config], tuple[str, str]]


def _guarded(what: str, look: Check, config: Config) -> Finding:
    try:
        return Finding(what, *look(config))
    except TrackerError as error:
        return Finding(what, "FAIL", str(error))


def _settings(config: Config) -> Iterator[Finding]:
    unknown = ", ".join(config.unknown)
    yield Finding(
        "settings",
        "note" if unknown else "ok",
        f"unknown: {unknown}" if unknown else str(config.file),
    )
    if not config.http.contact:
        yield Finding("contact", "note", "http.contact is not set; arXiv asks for an address")
    if not os.access(config.home if config.home.exists() else config.home.parent, os.W_OK):
        yield Finding("home", "FAIL", f"{config.home} cannot be written to")


def _database(config: Config) -> tuple[str, str]:
    with database.read_only(config.database) as db:
        wrong = database.problems(db)
        number = papers.count(db)
    if wrong:
        return "FAIL", f"{config.database}: {'; '.join(wrong)}. `tracker restore FILE` mends it."
    return "ok", f"{config.database}, {number:,} papers"


def _journal() -> tuple[str, str]:
    linked = sqlite3.sqlite_version
    if database.wal_is_safe():
        return "ok", f"SQLite {linked}: write-ahead log"
    return "note", f"SQLite {linked} has the WAL-reset bug (fixed in 3.51.3): rollback journal"


def _faiss() -> tuple[str, str]:
    builds = [name for name in ("faiss-cpu", "faiss-gpu") if _is_installed(name)]
    if len(builds) > 1:
        return "FAIL", "faiss-cpu and faiss-gpu overwrite each other; see docs/install.md"
    return "ok", faiss_index.runs_on()


def _is_installed(distribution: str) -> bool:
    try:
        return bool(metadata.version(distribution))
    except metadata.PackageNotFoundError:
        return False


def _index(config: Config) -> tuple[str, str]:
    with database.read_only(config.database) as db:
        space = current_encoder(db, config)
        covered = vectors.coverage(db, space and space[1])
    if space is None:
        return "note", "nothing has been embedded yet; run `tracker index`"
    with closing(VectorIndex.open(config.index, space[0])) as index:
        return "ok", f"{index.size:,} of {covered.papers:,} papers, {covered.stale:,} stale"


def _model(config: Config) -> tuple[str, str]:
    encoder = query_encoder(config.embedding, config.models)
    return "ok", f"{encoder.id.model}, {encoder.id.dimension} dimensions, {encoder.runs_on}"


def _schedules(config: Config) -> tuple[str, str]:
    folder = schedules.folder(config.home, resources.schedules())
    jobs = schedules.load(folder, schedules.VERBS)
    return "ok", ", ".join(f"{job.name} {job.every} {job.at:%H:%M} {job.timezone}" for job in jobs)


def _links(config: Config) -> tuple[str, str]:
    """Whether mail services will show their button (RFC 8058, section 3.1)."""
    address = public_url(config.web)
    if not address:
        return "note", "web.public_url is not set: mails have no link that unsubscribes"
    if not address.startswith("https://"):
        return "note", f"{address} is not https: mail services show no button that unsubscribes"
    return "ok", address
