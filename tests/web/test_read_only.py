"""`tracker serve --read-only`: one snapshot for each request, and no change to anything."""

import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.web.browsing import Site, published, serving
from tracker.config import load
from tracker.pipeline.admin.replica_snapshots import make_snapshot
from tracker.pipeline.retrieval.hybrid_search import find_work
from tracker.store.database import open_database, read_only, write_transaction

_PAPER = "2602.92029"


@dataclass(frozen=True)
class Replicated:
    """A home to change, its replica, and a site that serves the replica."""

    home: Path
    replica: Path
    site: Site

    def switch(self, number: int) -> str:
        """Write a number to the database and to a page; return the name of a snapshot of both."""
        return _snapshot(self.home, self.replica, number)


def _snapshot(home: Path, replica: Path, number: int) -> str:
    config = load(home, environ={})
    with open_database(config.database) as db, write_transaction(db):
        title = f"Edition {number} of a mixture of experts"
        db.execute("UPDATE works SET title = ? WHERE id = ?", [title, find_work(db, _PAPER)[0]])
    (config.web_pages / "index.html").write_text(f"<p>Edition {number}")
    with read_only(config.database) as db:
        return make_snapshot(db, config, replica, 2, datetime.now(UTC)).name


@pytest.fixture(scope="module")
def replicated(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicated]:
    folder = tmp_path_factory.mktemp("replicated")
    home, replica = published(demo_home, folder / "home"), folder / "copy"
    _snapshot(home, replica, 0)
    with serving(replica / "current", read_only=True) as site:
        yield Replicated(home, replica, site)


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/u/x"), ("GET", "/u/x"), ("POST", "/p/x"), ("GET", "/p/x/issue"),
     ("POST", "/f/like/x/2602.92029"), ("GET", "/f/like/x/2602.92029"), ("POST", "/subscribe"),
     ("GET", "/s/x"), ("POST", "/api/v1/like"), ("POST", "/api/v1/follow"), ("PUT", "/"),
     ("DELETE", "/api/v1/works/2602.92029")],
)  # fmt: skip
def test_changes_are_refused_with_one_sentence(
    method: str, path: str, replicated: Replicated
) -> None:
    reply = replicated.site.ask(path, method, b'{"id": "2602.92029"}')
    assert reply.status == 403
    sentence = json.loads(reply.text)["detail"] if "/api/" in path else reply.text.strip()
    assert sentence == "This site is a read-only copy; use the main site for changes."
    assert "content-security-policy" in reply.headers


def test_requests_write_nothing(replicated: Replicated) -> None:
    before = _list_files(replicated.replica)
    for path in ("/", "/search?q=MoE", "/topics", f"/paper/{_PAPER}", "/feeds/all.atom",
                 f"/similar/{_PAPER}", "/metrics", "/u/x", "/api/v1/issues"):  # fmt: skip
        assert replicated.site.ask(path).status < 500, path
    assert _list_files(replicated.replica) == before


def _list_files(folder: Path) -> dict[Path, int]:
    return {path: path.lstat().st_mtime_ns for path in folder.rglob("*")}


def test_the_age_of_the_snapshot_is_shown(replicated: Replicated) -> None:
    name = (replicated.replica / "current").resolve().name
    reply = replicated.site.ask("/healthz")
    assert reply.headers["x-snapshot"] == json.loads(reply.text)["snapshot"] == name
    age = int(reply.headers["x-snapshot-age"])
    assert 0 <= age <= json.loads(reply.text)["snapshot_age_seconds"] + 1 < 600


def test_each_answer_is_of_one_snapshot_while_they_are_switched(replicated: Replicated) -> None:
    paths = (f"/api/v1/works/{_PAPER}", "/index.html", "/search?q=Edition+mixture+of+experts")
    stop, seen = threading.Event(), list[tuple[str, str]]()

    def read_until_stopped(path: str) -> int:
        count = 0
        while not stop.is_set():
            reply = replicated.site.ask(path)
            assert reply.status == 200, reply.text
            found = re.search(r"Edition (\d+)", re.sub("<[^p][^>]*>", "", reply.text))
            assert found, reply.text
            seen.append((reply.headers["x-snapshot"], found.group(1)))
            count += 1
        return count

    with ThreadPoolExecutor(len(paths)) as readers:
        counts = [readers.submit(read_until_stopped, path) for path in paths]
        try:
            made = {replicated.switch(number): str(number) for number in range(1, 6)}
            # The last one is in use from the moment of the switch.
            after = replicated.site.ask("/index.html").text
        finally:
            stop.set()
        assert all(count.result() for count in counts)

    assert after == "<p>Edition 5"
    assert {(name, number) for name, number in seen if name in made} <= set(made.items())
    assert len({name for name, _ in seen}) >= 3


def test_a_replica_that_is_gone_is_reported_and_recovers(replicated: Replicated) -> None:
    current = replicated.replica / "current"
    target = current.readlink()
    current.unlink()
    assert replicated.site.ask("/topics").status == 503
    current.symlink_to(target)
    assert replicated.site.ask("/topics").status == 200
