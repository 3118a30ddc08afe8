"""Saved leaderboards: the same columns under many names, and a clear no where there is no table."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tracker import sample
from tracker.errors import SourceMalformed
from tracker.models import BoardRow, BoardSnapshot
from tracker.sources.boards import parse

SAMPLES = sorted((Path(sample.__file__).parent / "boards").glob("*.json"))


def read(content: str | bytes, name: str = "b.2026-03-09.csv", **given: Any) -> BoardSnapshot:
    body = content.encode() if isinstance(content, str) else content
    return parse(body, board="b", file_name=name, **given)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_board_of_the_sample_is_read_whole(path: Path) -> None:
    snapshot = parse(path.read_bytes(), board="demo", file_name=path.name)
    assert snapshot.day.isoformat() in path.name
    document = json.loads(path.read_bytes())
    rows = document if isinstance(document, list) else document["rows"]
    assert [row.model for row in snapshot.rows] == [row["model"] for row in rows]
    assert all(row.rank is None or row.rank >= 1 for row in snapshot.rows)


ROW = BoardRow("m-1", 1400.0, 2, 1396.0, 1405.0, 12345, "Lab", "MIT")


@pytest.mark.parametrize(
    "table",
    [
        'rank,model,score,low,high,votes,organization,license\n2,m-1,1400,1396,1405,"12,345",Lab,MIT',
        "Rank* (UB),Model,Arena_Score,95_pct_CI,Votes,Organization,License\n"
        '2, m-1 ,"1,400",+5/-4,12345,Lab,MIT',
        "\ufeffrank,name,rating,rating_q025,rating_q975,num_battles,provider,licence\r\n"
        "2,m-1,1400.0,1396,1405,12345,Lab,MIT\r\n",
    ],
)
def test_headers_that_drift_give_the_same_columns(table: str) -> None:
    (row,) = read(table).rows
    assert BoardRow(*(getattr(row, name) for name in list(BoardRow.__slots__)[:8])) == ROW
    assert len(row.raw) == 8 or "95_pct_CI" in row.raw


@pytest.mark.parametrize(
    "document",
    [
        [{"model": "a", "score": 1}],
        {"rows": [{"model": "a", "score": 1}], "date": "2026-03-09"},
        {"models": [{"name": "a", "score": "1"}]},
        {"a": {"rating": 1.0}},
    ],
)
def test_a_table_may_be_a_list_or_be_keyed_by_model(document: Any) -> None:
    (row,) = read(json.dumps(document), "b.2026-03-09.json").rows
    assert (row.model, row.score) == ("a", 1.0)


@pytest.mark.parametrize(
    ("name", "stated", "given", "day"),
    [
        ("b.2026-03-09.json", None, None, "2026-03-09"),
        ("b_2026_03_09.json", None, None, "2026-03-09"),
        ("b.2026-03-09.json", "2026-03-08", None, "2026-03-08"),
        ("b.json", "2026-03-08T12:00:00Z", None, "2026-03-08"),
        ("b.2026-03-09.json", "2026-03-08", date(2026, 3, 7), "2026-03-07"),
    ],
)
def test_the_day_is_what_was_said_last_the_document_or_the_name(
    name: str, stated: str | None, given: date | None, day: str
) -> None:
    document = {"rows": [{"model": "a", "score": 1}]} | ({"fetched_at": stated} if stated else {})
    assert read(json.dumps(document), name, day=given).day == date.fromisoformat(day)


@pytest.mark.parametrize("score", ["", "n/a", "NaN", "inf", "-", "True", "1e999"])
def test_a_row_without_a_number_for_a_score_is_left_out(score: str) -> None:
    assert [row.model for row in read(f"model,score\na,{score}\nb,2\n").rows] == ["b"]


@pytest.mark.parametrize("odd", ["NaN", "", "?", "1e400", "-"])
def test_odd_ranks_and_votes_are_unknown_not_wrong(odd: str) -> None:
    (row,) = read(f"model,score,rank,votes,low,high\na,1,{odd},{odd},{odd},{odd}\n").rows
    assert (row.rank, row.votes, row.low, row.high) == (None,) * 4
    (row,) = read("model,score,95_pct_ci\na,1,+./-.\n").rows
    assert (row.low, row.high) == (None, None)


def test_a_model_listed_twice_counts_once() -> None:
    assert [row.score for row in read("model,score\na,2\na,1\n").rows] == [2.0]


BAD = [
    ("b.2026-03-09.json", b"{", "it is not JSON"),
    ("b.2026-03-09.json", b"[" * 100_000, "it is not JSON"),
    ("b.2026-03-09.json", b"3", "it holds no table of models"),
    ("b.2026-03-09.json", b'["a"]', "it holds no table of models"),
    ("b.2026-03-09.json", b'{"rows": 3}', "it holds no table of models"),
    ("b.2026-03-09.json", b'{"rows": null}', "it holds no table of models"),
    ("b.2026-03-09.json", b"[]", "no row has both a model and a score"),
    ("b.2026-03-09.csv", b"", "no row has both a model and a score"),
    ("b.2026-03-09.csv", b"x,y\n1,2\n", "no row has both a model and a score"),
    ("b.2026-03-09.csv", b"\xff\xfe\x00", "it is not UTF-8 text"),
    ("b.2026-03-09.csv", b"model,score\n\"a\x00b,1\n", r"\w"),
    ("b.2026-03-09.csv", b'model,score\n"' + b"x" * 200_000 + b'",1\n', "it is not CSV"),
    ("b.csv", b"model,score\na,1\n", "its day is not known; give it with --date"),
    ("b.2026-02-30.csv", b"model,score\na,1\n", "its day is not known"),
    ("b.2026-03-09.parquet", b"PAR1\x15\x04", r"\w"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "body", "reason"), BAD, ids=range(len(BAD)))
def test_what_is_no_table_is_refused_with_its_reason(name: str, body: bytes, reason: str) -> None:
    with pytest.raises(SourceMalformed, match=reason) as failure:
        read(body, name)
    assert name in str(failure.value)


def test_a_row_longer_than_its_header_is_read() -> None:
    (row,) = read("model,score\na,1,left,over\n").rows
    assert row.score == 1.0
    json.dumps(dict(row.raw))
    assert all(isinstance(key, str) for key in row.raw)


def test_real_tables_with_one_overall_ranking_are_read(shared_data: Path) -> None:
    paths = sorted((shared_data / "leaderboards" / "lmsys_csv").iterdir())
    assert paths
    for path in paths:
        snapshot = parse(path.read_bytes(), board="arena", file_name=path.name)
        assert len(snapshot.rows) > 100
        assert abs((snapshot.day - date.fromisoformat(path.name[:10])).days) <= 1
        assert sum(row.rank is not None for row in snapshot.rows) > 100
        assert all(600 < row.score < 1700 for row in snapshot.rows)
        assert all(row.low <= row.score <= row.high for row in snapshot.rows if row.low)


# Scores by category and none for all; ranks without scores; a column for each task.
@pytest.mark.parametrize(
    "kind", ["lmarena_text", "lmarena_2026-02", "livebench", "hf_trending_models"]
)
def test_real_tables_of_other_shapes_are_refused_not_misread(kind: str, shared_data: Path) -> None:
    for path in sorted((shared_data / "leaderboards" / kind).iterdir()):
        with pytest.raises(SourceMalformed) as failure:
            parse(path.read_bytes(), board="b", file_name=path.name)
        assert path.name in str(failure.value)
