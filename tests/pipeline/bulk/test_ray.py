"""With Ray the results are those of the local path, whatever dies meanwhile."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import environment
from tests.cli.conftest import Call
from tests.cli.conftest import call as call
from tests.extras import without
from tests.pipeline.bulk.ray_driver import BLOCK, NOW
from tests.store.records import paper
from tracker.config import load
from tracker.pipeline.bulk.local_summaries import summarize_all_here
from tracker.pipeline.bulk.workers import EmbedWorker, plan_workers
from tracker.settings import Config
from tracker.store import papers
from tracker.store.database import Database, open_database

ROOT = Path(__file__).parents[3]


@pytest.fixture
def config(home: Path) -> Config:
    return load(home, environ={})


def drive(home: Path, action: str) -> tuple[int, Any]:
    """Run a driver; return its exit code and what it printed."""
    pytest.importorskip("ray", reason="needs the extra ray")
    done = subprocess.run(
        [sys.executable, "-m", "tests.pipeline.bulk.ray_driver", str(home), action],
        cwd=ROOT, env=environment(home, HOME=str(home)), capture_output=True, text=True,
        check=False, timeout=500,
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    assert done.returncode < 0 or lines, done.stderr
    return done.returncode, json.loads(lines[-1]) if lines else None


def add_papers(home: Path, number: int) -> None:
    with open_database(home / "tracker.db") as db:
        papers.upsert(
            db,
            [
                paper(
                    f"2603.8{n:04d}", title=f"On routing {n}",
                    abstract="We route tokens to experts. " * (1 + n % 9) + f"It saves {n}%.",
                )
                for n in range(number)
            ],
        )  # fmt: skip


def vectors_of(db: Database) -> dict[str, bytes]:
    rows = db.execute(
        "SELECT w.key, v.data FROM works w JOIN vectors v ON v.work = w.id WHERE key LIKE '2603.8%'"
    )
    return dict(rows.fetchall())


def test_a_killed_node_loses_and_doubles_nothing(home: Path, config: Config) -> None:
    add_papers(home, 5 * BLOCK)
    code, report = drive(home, "cluster")
    assert (code, report["killed"]) == (0, 1)
    assert (report["added"], report["rejected"]) == (5 * BLOCK, 0)
    worker = EmbedWorker(plan_workers(config), lambda _: b"")
    with open_database(config.database) as db:
        stored, works = vectors_of(db), papers.load_by_key(db, vectors_of(db))
        number = "SELECT count(*) FROM vectors"
        assert db.execute(number).fetchone() == (163 + 5 * BLOCK,)
    assert len(stored) == 5 * BLOCK
    # The same batches, in the order of the export, give the same bytes.
    ordered = list(works.values())
    for start in range(0, len(ordered), BLOCK):
        batch = ordered[start : start + BLOCK]
        made = worker(
            {
                "block": [0] * BLOCK, "position": list(range(BLOCK)),
                "content_hash": [""] * BLOCK, "model_hash": [""] * BLOCK,
                "text": [work.text for work in batch],
            }
        )  # fmt: skip
        halves = [vector.astype("float16").tobytes() for vector in made["vector"]]
        assert [stored[work.id] for work in batch] == halves
    assert not (home / "bulk" / "texts").exists()


def test_a_killed_driver_continues_where_it_stopped(home: Path, config: Config) -> None:
    add_papers(home, 6 * BLOCK)
    dump = "SELECT work, version, model, method, dropped, note, tldr, sentences FROM summaries"
    with open_database(config.database) as db:
        db.execute("DELETE FROM summaries")
        number = db.execute("SELECT count(*) FROM works WHERE abstract != ''").fetchone()[0]
    code, _ = drive(home, "killed")
    assert code == -9
    complete = len(list((home / "bulk" / "papers" / "summaries").glob("[0-9]*.parquet")))
    assert complete >= 1
    code, report = drive(home, "again")
    assert code == 0
    assert report["resumed"] == complete * BLOCK
    assert report["rows"] == number - complete * BLOCK
    assert (report["added"], report["rejected"]) == (number, 0)
    with open_database(config.database) as db:
        made = db.execute(f"{dump} ORDER BY work").fetchall()
        db.execute("DELETE FROM summaries")
        assert summarize_all_here(db, config, "en", (None, None), NOW).added == number
        assert db.execute(f"{dump} ORDER BY work").fetchall() == made


@pytest.mark.parametrize("command", [["index"], ["summarize", "--all"]])
def test_without_ray_one_sentence_says_how_to_install_it(
    call: Call, home: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    without(monkeypatch, "ray")
    done = call(*command, "--engine", "ray", home=home)
    assert done.code == 4
    assert done.err == (
        "tracker: `--engine ray` needs libraries that are not installed;"
        " run `pip install 'llm-research-tracker[ray]'`.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["index", "--address", "auto"], "give --engine ray"),
        (["summarize", "--all", "2603.80001"], "not both"),
        (["summarize"], "Missing argument 'PAPER'"),
        (["summarize", "2603.80001", "--engine", "ray"], "go with --all"),
        (["summarize", "--all", "--lang", "fr"], "there is no 'fr'"),
        (["index", "--engine", "spark"], "is not one of 'local', 'ray'"),
    ],
)
def test_contradictions_are_usage_errors(
    call: Call, home: Path, arguments: list[str], message: str
) -> None:
    done = call(*arguments, home=home)
    assert done.code == 2
    assert message in done.err
