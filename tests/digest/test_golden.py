"""The committed sample issues are what the demo composes today, byte for byte.

Vectors differ in their last digits between processors, and so do the tags computed from them. Both
are recorded next to this file and replayed; the test compares everything that follows from them.
`make golden` records and writes them again; a change of these files is a change that readers see.
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
from tracker.pipeline.admin.demo import compose_sample_issues, import_sample
from tracker.pipeline.issue.issue_pages import write_pages
from tracker.pipeline.retrieval.index_refresh import current_encoder
from tracker.search.encoder.select import find_encoder_id
from tracker.store import papers, summaries_and_tags, vectors
from tracker.store.database import Database, open_database
from tracker.topics import tagging, taxonomy
from tracker.version import __version__

GOLDEN = Path(__file__).parents[2] / "digests" / "sample"
RECORDED = Path(__file__).with_name("recorded.npz")
NAMES = ("weekly-2026-W11", "monthly-2026-02")
PAGES = [f"{name}.{suffix}" for name in NAMES for suffix in ("html", "txt", "md")]
HINT = "differs from the committed file; if that is intended, run `make golden` and review the diff"


def _record(home: Path) -> None:
    """Record the vectors and tags of the demo that ran on this machine."""
    config = load(home, environ={})
    with open_database(config.database) as db:
        works = _works(db)
        space = current_encoder(db, config)
        assert space is not None
        order, matrix = vectors.load_vectors(db, space[1], list(works.values()))
        by_work = summaries_and_tags.tags_between(db, *_span(db))
    keys = {number: key for key, number in works.items()}
    rows = [(keys[n], tag) for n, tags in sorted(by_work.items()) for tag in tags]
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
    return {paper.id: number for number, paper in papers.announced_between(db, *_span(db)).items()}


def _span(db: Database) -> Any:
    span = papers.announcement_span(db)
    assert span is not None
    return span


def _replay(db: Database, home: Path) -> None:
    """Store the recorded vectors and tags instead of indexing."""
    config = load(home, environ={})
    space = find_encoder_id(config.embedding, config.models)
    assert space is not None
    encoder = vectors.get_or_create_encoder(db, space.model, space.revision, space.dimension)
    numbers = _works(db)
    with np.load(RECORDED, allow_pickle=False) as recorded:
        works = [numbers[key] for key in recorded["works"].tolist()]
        assert sorted(works) == sorted(numbers.values()), (
            f"the recording is of another sample: {HINT}"
        )
        by_work = papers.load_by_number(db, works)
        vectors.store_vectors(db, encoder, by_work, recorded["vectors"].astype(np.float32))
        tags: dict[int, list[Tag]] = {number: [] for number in works}
        columns = (recorded[name].tolist() for name in ("tagged", "names", "scores", "reasons"))
        for key, *tag in zip(*columns, strict=True):
            tags[numbers[key]].append(Tag(*tag))
        summaries_and_tags.store_tags(db, tagging.tagging_version(taxonomy.load_concepts()), tags)


@pytest.fixture(scope="module")
def composed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the pages composed now; --update-golden writes the committed ones."""
    update = request.config.getoption("--update-golden")
    if update:
        _record(request.getfixturevalue("demo_home"))
    elif missing := _missing():
        pytest.fail(f"{missing[0]} and {len(missing) - 1} more are missing; run `make golden`")
    folder = tmp_path_factory.mktemp("golden")
    config = load(folder / "home", environ={})
    out = GOLDEN if update else folder / "out"
    with open_database(config.database) as db:
        import_sample(db)
        _replay(db, config.home)
        issues = compose_sample_issues(db, config, out=folder / "first")
    for issue in issues:
        name = f"{issue.document.kind}-{issue.document.period}"
        if name in NAMES:
            runs_on, release = ("FAISS on CPU", __version__) if update else _machine(name)
            small_print = replace(issue.document.small_print, runs_on=runs_on, tracker=release)
            write_pages(replace(issue.document, small_print=small_print), out)
    return out


def _missing() -> list[str]:
    files = [*(GOLDEN / page for page in PAGES), *(GOLDEN / f"{n}.json" for n in NAMES), RECORDED]
    return [file.name for file in files if not file.exists()]


def _machine(name: str) -> tuple[str, str]:
    """Return the device and the release named in the committed issue."""
    small_print = _json(GOLDEN, name)["small_print"]
    return small_print["runs_on"], small_print["tracker"]


def _json(folder: Path, name: str) -> Any:
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES)
def test_pages_equal_the_committed_ones(page: str, composed: Path) -> None:
    now, committed = ((folder / page).read_bytes() for folder in (composed, GOLDEN))
    if now != committed:
        lines = (text.decode().splitlines() for text in (committed, now))
        shown = "\n".join(list(difflib.unified_diff(*lines, "committed", "now", lineterm=""))[:40])
        pytest.fail(f"{page} {HINT}:\n{shown}")


@pytest.mark.parametrize("name", NAMES)
def test_data_equal_the_committed_ones(name: str, composed: Path) -> None:
    """Compares every text, id, order and count; the last digits of sums differ by processor."""
    assert _json(composed, name) == _approximate(_json(GOLDEN, name)), f"{name} {HINT}"


def _approximate(value: Any) -> Any:
    """Return the value with numbers that compare equal to four digits."""
    if isinstance(value, dict):
        return {key: _approximate(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_approximate(item) for item in value]
    return pytest.approx(value, abs=1e-4) if isinstance(value, float) else value


@pytest.mark.usefixtures("composed")
def test_the_recording_is_close_to_what_this_machine_computes(demo_home: Path) -> None:
    """Other digits are fine; another model, tagger or sample must be recorded again."""
    config = load(demo_home, environ={})
    with open_database(config.database) as db, np.load(RECORDED, allow_pickle=False) as archive:
        space = current_encoder(db, config)
        assert space is not None
        numbers = _works(db)
        order, matrix = vectors.load_vectors(db, space[1], list(numbers.values()))
        recorded = dict(
            zip(archive["works"].tolist(), archive["vectors"].astype(np.float32), strict=True)
        )
        rows = np.array([recorded[key] for key in _keys(numbers, order)])
        assert np.sum(rows * matrix, axis=1).min() > 0.998, f"the recording {HINT}"
        tags = summaries_and_tags.tags_between(db, *_span(db))
        now = {(key, tag.name) for key, number in numbers.items() for tag in tags.get(number, [])}
        then = set(zip(archive["tagged"].tolist(), archive["names"].tolist(), strict=True))
    assert len(now ^ then) <= 0.05 * len(now), f"the recording {HINT}"


def _keys(numbers: dict[str, int], order: np.ndarray[Any, np.dtype[np.int64]]) -> list[str]:
    keys = {number: key for key, number in numbers.items()}
    return [keys[int(number)] for number in order]
