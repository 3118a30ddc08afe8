"""Work that leaves as files and comes back as results is the work that was done here."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from summarizer.llm.prompt import VERSION
from summarizer.summary import EXTRACTIVE_MODEL
from tests.store.records import paper
from tracker.config import load
from tracker.models import ImportReport
from tracker.pipeline.bulk import work_files
from tracker.pipeline.bulk.export_work import export_work
from tracker.pipeline.bulk.import_summaries import import_summaries
from tracker.pipeline.bulk.import_vectors import import_vectors
from tracker.pipeline.bulk.workers import EmbedWorker, ExtractWorker, plan_workers
from tracker.pipeline.retrieval.index_refresh import index_papers
from tracker.pipeline.summarize.summaries import SummaryOptions, summarize_works, summary_store
from tracker.settings import Config
from tracker.sources.formats.parquet import Schema, read_table_batches, write_table
from tracker.store import papers, vectors
from tracker.store.database import Database

NOW = datetime(2026, 3, 20, tzinfo=UTC)
Row = dict[str, Any]
TITLE = "Sparse routing for experts"
ABSTRACT = (
    "Mixtures of experts are costly to serve. We propose Sparse Routing, which selects two of"
    " eight experts for each token. On three benchmarks it reduces latency by 40% without loss of"
    " quality."
)


@pytest.fixture
def config(home: Path) -> Config:
    return load(home, environ={})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "work"


def add_papers(db: Database, number: int) -> list[str]:
    """Store papers without vectors or summaries; return their ids."""
    keys = [f"2603.8{n:04d}" for n in range(number)]
    # Of many lengths, so that padding matters.
    texts = {key: ABSTRACT + " It is invented." * (n % 7) for n, key in enumerate(keys)}
    papers.upsert(
        db, [paper(key, title=f"{TITLE} {key[-4:]}", abstract=texts[key]) for key in keys]
    )
    return keys


def rows_of(path: Path, schema: Schema) -> list[Row]:
    """Return the rows of a file."""
    return [
        dict(zip(batch, row, strict=True))
        for batch in read_table_batches(path, schema)
        for row in zip(*batch.values(), strict=True)
    ]


def write_rows(path: Path, schema: Schema, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as an engine would."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {name: [row.get(name) for row in rows] for name in schema}
    write_table(path, schema, columns, group_rows=256)


def embed(config: Config, folder: Path) -> list[Row]:
    """Compute the vectors of a folder of work as a worker does; return the rows of results."""
    worker = EmbedWorker(plan_workers(config), lambda _: b"")
    rows: list[Row] = []
    for path in work_files.block_files(folder / "texts").values():
        for batch in read_table_batches(path, work_files.TEXT_SCHEMA):
            made = worker(batch)
            rows += [dict(zip(made, row, strict=True)) for row in zip(*made.values(), strict=True)]
    return rows


def stored_vectors(db: Database) -> dict[str, bytes]:
    return dict(
        db.execute("SELECT w.key, v.data FROM works w JOIN vectors v ON v.work = w.id").fetchall()
    )


def errors_of(report: ImportReport) -> str:
    return "\n".join(error.reason for error in report.errors)


def test_imported_vectors_equal_those_of_the_local_path(
    db: Database, config: Config, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("work_files.SLICE_ROWS", "workers.SLICE_ROWS"):
        monkeypatch.setattr(f"tracker.pipeline.bulk.{name}", 16)
    monkeypatch.setattr("tracker.pipeline.bulk.export_work.TEXTS_PER_BLOCK", 32)
    monkeypatch.setattr("tracker.pipeline.retrieval.index_refresh.SLICE", 16)
    add_papers(db, 70)
    assert export_work(db, config, folder).texts == 70
    assert len(work_files.block_files(folder / "texts")) == 3
    rows = embed(config, folder)
    # Any engine may write any number of files, in any order, with markers beside them.
    write_rows(folder / "vectors" / "part-1.parquet", work_files.VECTOR_SCHEMA, rows[50:])
    write_rows(folder / "vectors" / "part-2.parquet", work_files.VECTOR_SCHEMA, rows[:50])
    (folder / "vectors" / "_SUCCESS").touch()
    report = import_vectors(db, config, folder)
    assert (report.read, report.added, report.skipped, report.rejected) == (70, 70, 0, 0)
    imported = stored_vectors(db)
    again = import_vectors(db, config, folder)
    assert (again.read, again.added, again.skipped) == (70, 0, 70)
    db.execute("DELETE FROM vectors WHERE work IN (SELECT id FROM works WHERE key LIKE '2603.8%')")
    assert index_papers(db, config).embedded == 70
    assert stored_vectors(db) == imported


def _without(name: str) -> Callable[[Row], Row]:
    return lambda row: {key: value for key, value in row.items() if key != name}


BAD_VECTORS: Mapping[str, Callable[[Row], Row]] = {
    "not all finite": lambda row: row | {"vector": row["vector"] * np.float32("nan")},
    "its length is 2, not 1": lambda row: row | {"vector": row["vector"] * 2},
    "its length is 0, not 1": lambda row: row | {"vector": row["vector"] * 0},
    "it has 383 numbers, not 384": lambda row: row | {"vector": row["vector"][1:]},
    "it has 0 numbers": lambda row: row | {"vector": row["vector"][:0]},
    "it has no vector": _without("vector"),
    "it has no model": _without("model_hash"),
    "it is of the model 'other'": lambda row: row | {"model_hash": "other"},
    "no paper has its text": lambda row: row | {"content_hash": "0" * 24},
    "not 24 hexadecimal digits": lambda row: row | {"content_hash": "' OR 1=1"},
    "content_hash is not": _without("content_hash"),
    "its worker failed: out of memory": lambda row: row | {"error": "out of memory"},
}


def test_bad_rows_are_refused_with_reasons_and_the_others_imported(
    db: Database, config: Config, folder: Path
) -> None:
    add_papers(db, len(BAD_VECTORS) + 1)
    export_work(db, config, folder)
    good, *rest = embed(config, folder)
    rows = [good, *(change(row) for change, row in zip(BAD_VECTORS.values(), rest, strict=True))]
    write_rows(folder / "vectors" / "all.parquet", work_files.VECTOR_SCHEMA, rows)
    report = import_vectors(db, config, folder)
    assert (report.read, report.added, report.rejected) == (len(rows), 1, len(BAD_VECTORS))
    for reason, error in zip(BAD_VECTORS, report.errors, strict=True):
        assert reason in error.reason
    # What was refused is still to do.
    assert export_work(db, config, folder).texts == len(BAD_VECTORS)


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (None, "it is not Parquet"),
        (pa.table({"content_hash": ["0" * 24], "vector": ["text"]}), "its column vector is string"),
        (pa.table({"content_hash": [1]}), "its column content_hash is int64"),
    ],
)
def test_a_file_that_cannot_be_read_does_not_hide_the_others(
    db: Database, config: Config, folder: Path, table: Any, reason: str
) -> None:
    add_papers(db, 1)
    export_work(db, config, folder)
    write_rows(folder / "vectors" / "b.parquet", work_files.VECTOR_SCHEMA, embed(config, folder))
    bad = folder / "vectors" / "a.parquet"
    pq.write_table(table, bad) if table else bad.write_bytes(b"PAR1 and then nothing")
    report = import_vectors(db, config, folder)
    assert (report.added, report.rejected) == (1, 1)
    assert reason in errors_of(report)


@pytest.mark.parametrize("form", [pa.float16(), pa.float64()])
@pytest.mark.parametrize("fixed", [True, False])
def test_vectors_of_any_precision_and_layout_are_accepted(
    db: Database, config: Config, folder: Path, form: Any, fixed: bool
) -> None:
    add_papers(db, 2)
    export_work(db, config, folder)
    rows = embed(config, folder)
    numbers = pa.array([n for row in rows for n in row["vector"].astype(np.float64)])
    flat = numbers.cast(pa.float32()).cast(form)
    lists = (
        pa.FixedSizeListArray.from_arrays(flat, 384)
        if fixed
        else pa.ListArray.from_arrays(pa.array([0, 384, 768], pa.int32()), flat)
    )
    names = ("content_hash", "model_hash")
    table = pa.table({name: [row[name] for row in rows] for name in names} | {"vector": lists})
    (folder / "elsewhere").mkdir()
    pq.write_table(table, folder / "elsewhere" / "x.parquet")
    assert import_vectors(db, config, folder / "elsewhere").added == 2


def extract(config: Config, folder: Path) -> list[Row]:
    """Summarize a folder of work as a worker does; return the rows of results."""
    worker = ExtractWorker(plan_workers(config), lambda _: b"")
    rows: list[Row] = []
    for path in work_files.block_files(folder / "papers").values():
        for batch in read_table_batches(path, work_files.PAPER_SCHEMA):
            made = worker(batch)
            rows += [dict(zip(made, row, strict=True)) for row in zip(*made.values(), strict=True)]
    return rows


def test_imported_extracts_equal_those_of_the_local_path(
    db: Database, config: Config, folder: Path
) -> None:
    done = export_work(db, config, folder)
    write_rows(
        folder / "summaries" / "a.parquet", work_files.SUMMARY_SCHEMA, extract(config, folder)
    )
    report = import_summaries(db, config, folder, NOW)
    assert (report.read, report.added, report.rejected) == (done.papers, done.papers, 0)
    assert import_summaries(db, config, folder, NOW).skipped == done.papers
    dump = "SELECT work, version, model, language, method, dropped, note, tldr, sentences"
    imported = db.execute(f"{dump} FROM summaries ORDER BY work, model").fetchall()
    keys = [
        row["id"] for row in rows_of(folder / "papers" / "000000.parquet", work_files.PAPER_SCHEMA)
    ]
    works = list(papers.load_by_key(db, keys).values())
    marks = ",".join("?" * len(keys))
    db.execute(
        f"DELETE FROM summaries WHERE work IN (SELECT id FROM works WHERE key IN ({marks}))", keys
    )
    summarize_works(db, config, works, NOW, SummaryOptions(store=summary_store(db, NOW)))
    assert db.execute(f"{dump} FROM summaries ORDER BY work, model").fetchall() == imported


def generated(**changes: Any) -> Row:
    """Return a row that a language model elsewhere made of the paper with TITLE and ABSTRACT."""
    answer = {
        "tldr": "Sparse Routing selects two of eight experts for each token.",
        "result": "It reduces latency by 40% on three benchmarks.",
    }
    row: Row = {
        "model": "some-model", "prompt_version": VERSION, "language": "en", "method": "generated",
        "answer": json.dumps(answer),
    }  # fmt: skip
    return row | changes


def import_generated(db: Database, config: Config, folder: Path, row: Row) -> ImportReport:
    works = papers.load_by_key(db, add_papers(db, 1)).values()
    (content_hash,) = (work.text_hash for work in works)
    path = folder / "one.parquet"
    write_rows(path, work_files.SUMMARY_SCHEMA, [{"content_hash": content_hash} | row])
    return import_summaries(db, config, folder, NOW)


def sentences(db: Database, model: str = "some-model") -> list[list[str]]:
    (content,) = db.execute("SELECT sentences FROM summaries WHERE model = ?", [model]).fetchone()
    found: list[list[str]] = json.loads(content)
    return found


def test_answers_of_a_model_elsewhere_are_grounded_on_import(
    db: Database, config: Config, folder: Path
) -> None:
    assert import_generated(db, config, folder, generated()).added == 1
    assert [role for role, _, _ in sentences(db)] == ["tldr", "result"]
    assert all(source in ABSTRACT for _, _, source in sentences(db))


def test_an_unsupported_sentence_is_dropped_and_a_supported_one_kept(
    db: Database, config: Config, folder: Path
) -> None:
    answer = json.loads(generated()["answer"]) | {"result": "It reduces latency by 90%."}
    assert import_generated(db, config, folder, generated(answer=json.dumps(answer))).added == 1
    assert [role for role, _, _ in sentences(db)] == ["tldr"]


def test_carried_sentences_are_not_trusted(db: Database, config: Config, folder: Path) -> None:
    carried = [
        ["tldr", "Sparse Routing selects two of eight experts for each token.", "invented source"],
        ["result", "It beats every model by 95%.", ABSTRACT],
    ]
    row = generated(answer=None, sentences=json.dumps(carried))
    assert import_generated(db, config, folder, row).added == 1
    ((role, _, source),) = sentences(db)
    assert role == "tldr"
    assert source in ABSTRACT


BAD_SUMMARIES: Mapping[str, Row] = {
    "did not bear out": generated(answer='{"tldr": "Dolphins sleep with one half of the brain."}'),
    "is not JSON": generated(answer="I am sorry, I cannot do that."),
    "prompt_version": generated(prompt_version="0-00000000"),
    "its model is ''": generated(model=""),
    "its model is 'extractive": generated(model=EXTRACTIVE_MODEL),
    "its language is 'fr'": generated(language="fr"),
    "its method is None": generated(method=None),
    "neither the model's answer": generated(answer=None),
    "nor English sentences": generated(answer=None, sentences="[[1, 2"),
    "it is not the extract of this release": generated(method="extractive", prompt_version=""),
    "not those that the abstract has": generated(
        model=EXTRACTIVE_MODEL, prompt_version="", method="extractive", tldr="We propose nothing.",
        sentences=json.dumps([["tldr", "We propose nothing.", "We propose nothing."]]),
    ),
    "its worker failed": generated(error="the server did not answer"),
}  # fmt: skip


@pytest.mark.parametrize("reason", BAD_SUMMARIES)
def test_a_summary_that_cannot_be_proven_is_refused_with_the_reason(
    db: Database, config: Config, folder: Path, reason: str
) -> None:
    report = import_generated(db, config, folder, BAD_SUMMARIES[reason])
    assert (report.read, report.added, report.rejected) == (1, 0, 1)
    assert reason in errors_of(report)
    count = "SELECT count(*) FROM summaries WHERE model = 'some-model'"
    assert db.execute(count).fetchone() == (0,)


def test_a_result_of_an_older_text_is_refused(db: Database, config: Config, folder: Path) -> None:
    (key,) = add_papers(db, 1)
    export_work(db, config, folder)
    write_rows(folder / "vectors" / "a.parquet", work_files.VECTOR_SCHEMA, embed(config, folder))
    (known,) = papers.load_by_key(db, [key]).values()
    papers.upsert(db, [replace(known, title="Another title", updated=NOW.date())])
    report = import_vectors(db, config, folder)
    assert (report.added, report.rejected) == (0, 1)
    assert vectors.works_without_vector(db, 1) != []
