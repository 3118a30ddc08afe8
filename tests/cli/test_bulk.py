"""Work for other machines on the command line: export work, import vectors and summaries."""

from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.store.records import paper
from tracker.store import papers
from tracker.store.database import open_database


@pytest.fixture
def undone(home: Path) -> Path:
    """A home with one paper that has neither vector nor summary."""
    with open_database(home / "tracker.db") as db:
        papers.upsert(db, [paper("2603.80001")])
    return home


def test_work_is_exported_to_a_folder(call: Call, undone: Path, tmp_path: Path) -> None:
    day = ("--since", "2026-03-10", "--until", "2026-03-10")
    done = call("export", "work", "--out", str(tmp_path / "work"), *day, home=undone)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("1 texts to embed and ")
    assert (tmp_path / "work" / "texts" / "000000.parquet").exists()
    again = call("export", "work", str(tmp_path / "work"), *day, home=undone)
    assert again.out == done.out


def test_other_files_are_never_replaced_by_work(call: Call, undone: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("do not lose", encoding="utf-8")
    done = call("export", "work", str(mine), home=undone)
    assert done.code == 2
    assert "is not empty" in done.err
    done = call("export", "work", str(mine / "thesis.txt"), home=undone)
    assert done.code == 2
    assert "is a file" in done.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["export", "work"], 2, "Missing argument 'DEST'"),
        (["export", "work", "a", "--out", "b"], 2, "once"),
        (["export", "ris", "a", "--since", "3d"], 2, "go with `tracker export work` only"),
        (["export", "work", "a", "--lang", "fr"], 2, "there is no 'fr'"),
        (["import", "vectors", "absent"], 1, "No folder 'absent'"),
        (["import", "summaries", "."], 1, "no Parquet files"),
        (["import", "--as", "vectors", "absent"], 1, "No folder 'absent'"),
        (["import", "vectors", ".", "--date", "2026-03-10"], 2, "have none"),
        (["import", "vectors"], 1, "No file 'vectors'"),
        (["import", "."], 2, "is a folder, not a file"),
    ],
)
def test_mistakes_get_one_sentence(
    call: Call, undone: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    arguments: list[str], code: int, message: str,
) -> None:  # fmt: skip
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    done = call(*arguments, home=undone)
    assert done.code == code
    assert message in done.err


def test_refused_results_degrade_the_import(call: Call, undone: Path, tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "a.parquet").write_bytes(b"not Parquet")
    done = call("import", "vectors", str(tmp_path / "results"), home=undone)
    assert done.code == 3
    assert "0 added" in done.out
    assert "1 refused" in done.out
    assert "a.parquet: it is not Parquet" in done.err
