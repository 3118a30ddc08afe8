"""The committed sample issues are what the demo composes today, byte for byte.

Vectors differ in their last digits from one processor to the next, and the tags that rest on them.
So both are recorded beside this file and replayed: what is compared is all that follows from them.
`make golden` records and writes anew; a change of these files is a change that readers see.
"""

import difflib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tracker.config import load
from tracker.models import Tag
from tracker.pipeline.composing import write
from tracker.pipeline.demo import compose_all, take_in
from tracker.pipeline.indexing import current_encoder
from tracker.search.embedder import identity
from tracker.store import findings, papers, vectors
from tracker.store.database import Database, opened
from tracker.topics import tagging, taxonomy
from tracker.version import __version__

GOLDEN = Path(__file__).parents[2] / "digests" / "sample"
RECORDED = Path(__file__).with_name("recorded.npz")
NAMES = ("weekly-2026-W11", "monthly-2026-02")
PAGES = [f"{name}.{suffix}" for name in NAMES for suffix in ("html", "txt", "md")]
HINT = "is not as committed; if that is meant, run `make golden` and look at what changes"


def _record(home: Path) -> None:
    """Keep the vectors and tags of the demo that ran on this machine."""
    config = load(home, environ={})
    with opened(config.database) as db:
        works = _works(db)
        space = current_encoder(db, config)
        assert space is not None
        order, matrix = vectors.of_works(db, space[1], list(works.values()))
        given = findings.tags(db, *_span(db))
    keys = {number: key for key, number in works.items()}
    rows = [(keys[n], tag) for n, tags in sorted(given.items()) for tag in tags]
    np.savez_compressed(
        RECORDED,
        works=np.array([keys[int(number)] for number in order]),
        vectors=matrix.astype(np.float16),
        tagged=np.array([key for key, _ in rows]),
        names=np.array([tag.name for _, tag in rows]),
        scores=np.array([tag.score for _, tag in rows]),
        reasons=np.array([tag.why for _, tag in rows]),
    )


def _works(db: Database) -> dict[str, int]:
    return {paper.id: number for number, paper in papers.announced(db, *_span(db)).items()}


def _span(db: Database) -> Any:
    span = papers.span(db)
    assert span is not None
    return span


def _replay(db: Database, home: Path) -> None:
    """Put the recorded vectors and tags in the place of an indexing."""
    config = load(home, environ={})
    space = identity(config.embedding, config.models)
    assert space is not None
    encoder = vectors.encoder_number(db, space.model, space.revision, space.dimension)
    numbers = _works(db)
    with np.load(RECORDED, allow_pickle=False) as kept:
        works = [numbers[key] for key in kept["works"].tolist()]
        assert sorted(works) == sorted(numbers.values()), f"another sample was recorded: {HINT}"
        by_work = papers.by_number(db, works)
        vectors.add(db, encoder, by_work, kept["vectors"].astype(np.float32))
        tags: dict[int, list[Tag]] = {number: [] for number in works}
        columns = (kept[name].tolist() for name in ("tagged", "names", "scores", "reasons"))
        for key, *tag in zip(*columns, strict=True):
            tags[numbers[key]].append(Tag(*tag))
        findings.add_tags(db, tagging.version(taxonomy.load()), tags)


@pytest.fixture(scope="module")
def composed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the pages as they are composed now; --update-golden makes the committed one."""
    anew = request.config.getoption("--update-golden")
    if anew:
        _record(request.getfixturevalue("demo_home"))
    elif missing := _missing():
        pytest.fail(f"{missing[0]} and {len(missing) - 1} more are missing; run `make golden`")
    folder = tmp_path_factory.mktemp("golden")
    config = load(folder / "home", environ={})
    out = GOLDEN if anew else folder / "out"
    with opened(config.database) as db:
        take_in(db)
        _replay(db, config.home)
        issues = compose_all(db, config, out=folder / "first")
    for issue in issues:
        name = f"{issue.document.kind}-{issue.document.period}"
        if name in NAMES:
            runs_on, release = ("FAISS on CPU", __version__) if anew else _machine(name)
            told = replace(issue.document.small_print, runs_on=runs_on, tracker=release)
            write(replace(issue.document, small_print=told), out)
    return out


def _missing() -> list[str]:
    files = [*(GOLDEN / page for page in PAGES), *(GOLDEN / f"{n}.json" for n in NAMES), RECORDED]
    return [file.name for file in files if not file.exists()]


def _machine(name: str) -> tuple[str, str]:
    """What the committed issue says of the machine and the release that made it."""
    told = _json(GOLDEN, name)["small_print"]
    return told["runs_on"], told["tracker"]


def _json(folder: Path, name: str) -> Any:
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_as_committed(page: str, composed: Path) -> None:
    ours, theirs = ((folder / page).read_bytes() for folder in (composed, GOLDEN))
    if ours != theirs:
        lines = (text.decode().splitlines() for text in (theirs, ours))
        shown = "\n".join(list(difflib.unified_diff(*lines, "committed", "now", lineterm=""))[:40])
        pytest.fail(f"{page} {HINT}:\n{shown}")


@pytest.mark.parametrize("name", NAMES)
def test_the_data_are_as_committed(name: str, composed: Path) -> None:
    """Every text, id, order and count; the last digits of sums differ by processor."""
    assert _json(composed, name) == _about(_json(GOLDEN, name)), f"{name} {HINT}"


def _about(value: Any) -> Any:
    """The same, but a number stands for all that are equal to four digits."""
    if isinstance(value, dict):
        return {key: _about(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_about(item) for item in value]
    return pytest.approx(value, abs=1e-4) if isinstance(value, float) else value


@pytest.mark.usefixtures("composed")
def test_the_recording_is_near_to_what_this_machine_computes(demo_home: Path) -> None:
    """Other digits are fine; another model, tagger or sample must be recorded anew."""
    config = load(demo_home, environ={})
    with opened(config.database) as db, np.load(RECORDED, allow_pickle=False) as kept:
        space = current_encoder(db, config)
        assert space is not None
        numbers = _works(db)
        order, matrix = vectors.of_works(db, space[1], list(numbers.values()))
        recorded = dict(
            zip(kept["works"].tolist(), kept["vectors"].astype(np.float32), strict=True)
        )
        rows = np.array([recorded[key] for key in _keys(numbers, order)])
        assert np.sum(rows * matrix, axis=1).min() > 0.998, f"the recording {HINT}"
        now = {(key, tag.name) for key, number in numbers.items()
               for tag in findings.tags(db, *_span(db)).get(number, [])}  # fmt: skip
        then = set(zip(kept["tagged"].tolist(), kept["names"].tolist(), strict=True))
    assert len(now ^ then) <= 0.05 * len(now), f"the recording {HINT}"


def _keys(numbers: dict[str, int], order: np.ndarray[Any, np.dtype[np.int64]]) -> list[str]:
    keys = {number: key for key, number in numbers.items()}
    return [keys[int(number)] for number in order]
