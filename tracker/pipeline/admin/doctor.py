"""The state of a home folder in numbers, and checks of the installation.

Public: `load_status`, `list_source_states`, `SourceState`, `run_checks`, `CheckResult`.
"""

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from tracker import resources
from tracker.delivery.mail.links import public_url
from tracker.errors import TrackerError
from tracker.pipeline.retrieval.index_refresh import current_encoder
from tracker.pipeline.summarize import llm
from tracker.scheduling import schedules
from tracker.search.encoder.select import is_prepared, load_query_encoder, verify_source
from tracker.search.index import faiss_index, index_files
from tracker.search.index.postings import Postings
from tracker.search.index.vector_index import open_index
from tracker.settings import Config, OpenReviewSource, VenueSource
from tracker.sources import acl, openreview, openreview_session, paper_lists
from tracker.store import database, issues, outbox, papers, vectors
from tracker.store.database import Database
from tracker.store.runs import RunHistory
from tracker.version import __version__

_NOT_INDEXED = "nothing has been embedded yet; run `tracker index`"
_FIRST_STEPS = (
    "Next: `tracker init` writes the settings, `tracker crawl` reads what is new,"
    " `tracker index` makes it searchable."
)


def load_status(db: Database, config: Config) -> dict[str, Any]:
    """Return the state of the store as the public JSON of `tracker status`, without its jobs."""
    span = papers.announcement_span(db)
    space = current_encoder(db, config)
    history = RunHistory(db)
    return {
        "home": config.home,
        "tracker": __version__,
        "papers": papers.count_works(db),
        "announced": {"first": span[0], "last": span[1]} if span else None,
        "index": vectors.coverage(db, space and space[1]),
        "crawls": {name: history.last_attempt(f"crawl:{name}") for name in config.sources},
        "issues": [
            {"kind": kind, "period": period, "language": language, "composed": day}
            for kind, period, language, day in issues.list_issue_keys(db)
        ],
        "outbox": outbox.count_by_state(db),
    }


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source: the state of its last crawl, or "never", and the time of its last success."""

    name: str
    enabled: bool
    url: str
    last_ok: datetime | None
    state: str
    detail: str


def list_source_states(db: Database, config: Config) -> list[SourceState]:
    """Return the state of every source in the settings."""
    history = RunHistory(db)
    states = []
    for name, source in config.sources.items():
        _, state, detail, *_ = history.last_attempt(f"crawl:{name}") or ("", "never", "")
        last_ok = history.last_success_at(f"crawl:{name}")
        states.append(SourceState(name, source.enabled, source.url, last_ok, state, detail))
    return states


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check; `state` is ok, note (worth knowing) or FAIL."""

    what: str
    state: str
    detail: str


def run_checks(config: Config) -> Iterator[CheckResult]:
    """Run all checks; the message of a failed check says what to do, and the others continue."""
    yield CheckResult("tracker", "ok", f"{__version__}, Python {sys.version.split()[0]}")
    yield from _check_settings(config)
    for what, check in (
        ("database", _check_database),
        ("vectors", _check_index),
        ("words", _check_postings),
        ("model", _check_encoder),
        ("language model", llm.probe_model),
        ("conferences", _check_conferences),
        ("schedules", _check_schedules),
        ("links of mails", _check_public_url),
    ):
        yield _run_check(what, check, config)
    yield CheckResult("journal", *_check_journal_mode())
    yield CheckResult("faiss", *_check_faiss_builds())


CheckFunction = Callable[[Config], tuple[str, str]]


def _run_check(what: str, check: CheckFunction, config: Config) -> CheckResult:
    try:
        return CheckResult(what, *check(config))
    except TrackerError as error:
        return CheckResult(what, "FAIL", str(error))


def _check_settings(config: Config) -> Iterator[CheckResult]:
    unknown = ", ".join(config.unknown)
    yield CheckResult(
        "settings",
        "note" if unknown else "ok",
        f"unknown: {unknown}" if unknown else str(config.file),
    )
    if not config.http.contact:
        yield CheckResult("contact", "note", "http.contact is not set; arXiv asks for an address")
    if not os.access(next(filter(Path.exists, (config.home, *config.home.parents))), os.W_OK):
        yield CheckResult("home", "FAIL", f"{config.home} cannot be written to")
    if config.database.exists() and config.database.stat().st_mode & 0o077:
        reason = f"others can read {config.database}; `chmod 600` it"
        yield CheckResult("privacy", "note", reason)


def _check_database(config: Config) -> tuple[str, str]:
    if _is_fresh(config):
        return "note", f"there is none yet. {_FIRST_STEPS}"
    with database.read_only(config.database) as db:
        problems = database.find_problems(db)
        number = papers.count_works(db)
    if problems:
        reasons = "; ".join(problems)
        return "FAIL", f"{config.database}: {reasons}. `tracker restore FILE` repairs it."
    if not number:
        return "note", f"{config.database} has no papers yet. {_FIRST_STEPS}"
    return "ok", f"{config.database}, {number:,} papers"


def _is_fresh(config: Config) -> bool:
    """Return whether this home was never used, so that there is nothing to check."""
    written = (config.database, config.index, config.digests)
    return not any(path.exists() for path in written)


def _check_journal_mode() -> tuple[str, str]:
    linked = sqlite3.sqlite_version
    if database.wal_is_safe():
        return "ok", f"SQLite {linked}: write-ahead log"
    return "note", f"SQLite {linked} has the WAL-reset bug (fixed in 3.51.3): rollback journal"


def _check_faiss_builds() -> tuple[str, str]:
    builds = [name for name in ("faiss-cpu", "faiss-gpu") if _is_installed(name)]
    if len(builds) > 1:
        return "FAIL", "faiss-cpu and faiss-gpu overwrite each other; see docs/install.md"
    return "ok", faiss_index.describe_device()


def _is_installed(distribution: str) -> bool:
    try:
        return bool(metadata.version(distribution))
    except metadata.PackageNotFoundError:
        return False


def _check_index(config: Config) -> tuple[str, str]:
    if _is_fresh(config):
        return "note", _NOT_INDEXED
    with database.read_only(config.database) as db:
        space = current_encoder(db, config)
        covered = vectors.coverage(db, space and space[1])
    if space is None:
        return "note", _NOT_INDEXED
    found = index_files.find_generation(config.index, space[0])
    index_files.verify_files(config.index, found, thorough=True)
    with closing(open_index(config.index, space[0])) as index:
        return "ok", f"{index.count:,} of {covered.papers:,} papers, {covered.stale:,} stale"


def _check_postings(config: Config) -> tuple[str, str]:
    if not config.postings.is_dir():
        return "note", _NOT_INDEXED
    return "ok", f"{len(Postings.open(config.postings).works):,} papers"


def _check_encoder(config: Config) -> tuple[str, str]:
    if not config.index.is_dir() and not is_prepared(config.embedding, config.models):
        verify_source(config.embedding)
        return "note", f"{config.embedding.model} is not prepared yet; `tracker index` does it"
    encoder = load_query_encoder(config.embedding, config.models, thorough=True)
    return "ok", f"{encoder.id.model}, {encoder.id.dimension} dimensions, {encoder.runs_on}"


def _check_schedules(config: Config) -> tuple[str, str]:
    folder = schedules.choose_folder(config.home, resources.schedules_folder())
    jobs = schedules.load_jobs(folder, schedules.VERBS)
    return "ok", ", ".join(f"{job.name} {job.every} {job.at:%H:%M} {job.timezone}" for job in jobs)


def _check_conferences(config: Config) -> tuple[str, str]:
    """Say by which road the accepted papers of each conference arrive."""
    roads = list(_list_conference_roads(config))
    problem = _describe_openreview_problem(config)
    shown = "; ".join(f"{road}: {', '.join(names)}" for road, names in roads if names)
    unread = any(road.startswith("no road") for road, names in roads if names)
    return "note" if problem or unread else "ok", "; ".join(filter(None, (shown, problem)))


def _list_conference_roads(config: Config) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield each road with the conferences that use it."""
    source = config.sources.get("openreview")
    if isinstance(source, OpenReviewSource) and source.enabled:
        names = openreview.find_conferences(source)
        listed = [name for name in names if source.lists_url and name in paper_lists.LISTED]
        if credentials := openreview_session.check_credentials(source):
            yield f"OpenReview with your {credentials}", names
        else:
            yield "public lists, as OpenReview needs an account", listed
            hint = "no road without sources.openreview.user and password_file"
            yield hint, [name for name in names if name not in listed]
    anthology = config.sources.get("acl")
    if isinstance(anthology, VenueSource) and anthology.enabled:
        yield "ACL Anthology", anthology.venues or tuple(acl.VENUES.values())


def _describe_openreview_problem(config: Config) -> str:
    """Return why the last crawl of OpenReview was not complete, if it was not."""
    if _is_fresh(config):
        return ""
    with database.read_only(config.database) as db:
        last = RunHistory(db).last_attempt("crawl:openreview")
    return f"last crawl of OpenReview {last[1]}: {last[2]}" if last and last[1] != "ok" else ""


def _check_public_url(config: Config) -> tuple[str, str]:
    """Check that mail services will show an unsubscribe button (RFC 8058, section 3.1)."""
    address = public_url(config.web)
    if not address:
        return "note", "web.public_url is not set: mails have no link that unsubscribes"
    if not address.startswith("https://"):
        return "note", f"{address} is not https: mail services show no button that unsubscribes"
    return "ok", address
