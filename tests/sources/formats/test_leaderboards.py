"""Saved leaderboards: columns under many names, and a clear reason where there is no table."""

import csv
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker import sample
from tracker.errors import SourceMalformed
from tracker.models import BoardRow, BoardSnapshot
from tracker.sources.formats.boards.leaderboards import ParsedBoards, SavedFile, parse, parse_files

SAMPLES = sorted((Path(sample.__file__).parent / "boards").glob("*.json"))


def read(content: str | bytes, name: str = "b.2026-03-09.csv", **given: Any) -> BoardSnapshot:
    (snapshot,) = parsed(content, name, **given).snapshots
    return snapshot


def parsed(content: str | bytes, name: str = "b.2026-03-09.csv", **given: Any) -> ParsedBoards:
    body = content.encode() if isinstance(content, str) else content
    return parse(body, board="b", file_name=name, **given)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_board_of_the_sample_is_parsed_completely(path: Path) -> None:
    (snapshot,) = parse(path.read_bytes(), board="demo", file_name=path.name).snapshots
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
        "Rank (UB),Model Name,ELO,Rating Lower,Rating-Upper,Vote Count,Organization,License\n"
        "2,m-1,1400,1396,1405,12345,Lab,MIT\n",
    ],
)
def test_renamed_headers_map_to_the_same_columns(table: str) -> None:
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
def test_the_day_is_from_the_argument_the_document_or_the_name(
    name: str, stated: str | None, given: date | None, day: str
) -> None:
    document = {"rows": [{"model": "a", "score": 1}]} | ({"fetched_at": stated} if stated else {})
    assert read(json.dumps(document), name, day=given).day == date.fromisoformat(day)


@pytest.mark.parametrize("score", ["", "n/a", "NaN", "inf", "-", "True", "1e999", "1e300"])
def test_a_row_without_a_numeric_score_is_omitted(score: str) -> None:
    assert [row.model for row in read(f"model,score\na,{score}\nb,2\n").rows] == ["b"]


@pytest.mark.parametrize("odd", ["NaN", "", "?", "1e400", "-", "-1", "1e30"])
def test_implausible_ranks_and_votes_are_unknown(odd: str) -> None:
    (row,) = read(f"model,score,rank,votes\na,1,{odd},{odd}\n").rows
    assert (row.rank, row.votes) == (None, None)


@pytest.mark.parametrize("odd", ["NaN", "", "?", "1e400", "-"])
def test_an_implausible_interval_is_unknown(odd: str) -> None:
    (row,) = read(f"model,score,low,high\na,1,{odd},{odd}\n").rows
    assert (row.low, row.high) == (None, None)
    (row,) = read("model,score,95_pct_ci\na,1,+./-.\n").rows
    assert (row.low, row.high) == (None, None)


def test_a_model_listed_twice_counts_once() -> None:
    assert [row.score for row in read("model,score\na,2\na,1\n").rows] == [2.0]


BAD = [
    ("b.2026-03-09.json", b"{", "it is not JSON"),
    ("b.2026-03-09.json", b"[" * 100_000, "it is not JSON"),
    ("b.2026-03-09.json", b"3", "it has no table of models"),
    ("b.2026-03-09.json", b'["a"]', "it has no table of models"),
    ("b.2026-03-09.json", b'{"rows": 3}', "it has no table of models"),
    ("b.2026-03-09.json", b'{"rows": null}', "it has no table of models"),
    ("b.2026-03-09.json", b"[]", "no row has both a model and a score"),
    ("b.2026-03-09.csv", b"", "no row has both a model and a score"),
    ("b.2026-03-09.csv", b"x,y\n1,2\n", "no row has both a model and a score"),
    ("b.2026-03-09.csv", b"\xff\xfe\x00", "it is saved as UTF-16"),
    ("b.2026-03-09.csv", b"model,score\n\"a\x00b,1\n", r"\w"),
    ("b.2026-03-09.csv", b'model,score\n"' + b"x" * 200_000 + b'",1\n', "it is not CSV"),
    ("b.csv", b"model,score\na,1\n", "its day is not known; give it with --date"),
    ("b.2026-02-30.csv", b"model,score\na,1\n", "its day is not known"),
    ("b.2026-03-09.parquet", b"PAR1\x15\x04", r"\w"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "body", "reason"), BAD, ids=range(len(BAD)))
def test_a_file_without_a_table_is_rejected_with_the_reason(
    name: str, body: bytes, reason: str
) -> None:
    with pytest.raises(SourceMalformed, match=reason) as failure:
        read(body, name)
    assert name in str(failure.value)


def test_a_row_longer_than_its_header_is_read() -> None:
    (row,) = read("model,score\na,1,left,over\n").rows
    assert row.score == 1.0
    json.dumps(dict(row.raw))
    assert all(isinstance(key, str) for key in row.raw)


def boards(content: Any, name: str = "b.2026-03-09.json") -> dict[str, list[tuple[Any, ...]]]:
    """(rank, model, score) of each row, by board."""
    found = parsed(json.dumps(content), name).snapshots
    return {s.board: [(row.rank, row.model, row.score) for row in s.rows] for s in found}


def test_each_category_is_a_board_and_the_overall_one_is_named_after_the_file() -> None:
    ratings = {"x": {"rating": "1400.5"}, "y": {"rating": "1500.5"}}
    document = {"full": ratings, "if": {"y": {"rating": "1.5"}}, "note": "none of them"}
    assert boards(document) == {
        "b": [(1, "y", 1500.5), (2, "x", 1400.5)],
        "b/instruction_following": [(1, "y", 1.5)],
    }


def test_rows_are_split_by_their_category_and_day() -> None:
    rows = [
        {"model_name": "x", "rating": 2, "rank": rank, "category": category, day: "2026-09-13"}
        for rank, category, day in [
            (4, "overall", "leaderboard_publish_date"),
            (5, "Hard Prompts", "leaderboard_publish_date"),
        ]
    ]
    found = parsed(json.dumps(rows), "latest.json")
    assert [(s.board, str(s.day), s.rows[0].rank) for s in found.snapshots] == [
        ("b", "2026-09-13", 4),
        ("b/hard_prompts", "2026-09-13", 5),
    ]
    assert found.warnings == ()


def test_a_table_of_ranks_has_no_scores() -> None:
    rows = [
        {
            "name": "x",
            "organization": "Lab",
            "rank_overall": 2,
            "rank_math": 1,
            "rank_expert": None,
        },
        {"name": "y", "organization": "Lab", "rank_overall": 1, "rank_math": None},
    ]
    document = {"models": rows, "fetched_at": "2026-02-12T01:43:18.448Z"}
    assert boards(document) == {
        "b": [(2, "x", None), (1, "y", None)],
        "b/math": [(1, "x", None)],
    }
    found = parsed(json.dumps(document), "b.json")
    assert found.warnings == ()
    assert found.snapshots[1].rows[0].raw == rows[0]


def test_a_table_without_ranks_is_ranked_by_score_and_equal_scores_share_a_rank() -> None:
    rows = read("model,score\na,1\nb,3\nc,3\nd,2\n").rows
    assert [(row.rank, row.model) for row in rows] == [(1, "b"), (1, "c"), (3, "d"), (4, "a")]


def test_unknown_columns_are_stored_with_a_warning() -> None:
    found = parsed("model,score,knowledge_cutoff,Mood,n\na,1,2025,good,7\nb,-,2024,bad,8\n")
    assert found.warnings == (
        "columns that are not known, kept as they are: Mood, n",
        "1 rows left out, which have no model or no score",
    )
    (row,) = found.snapshots[0].rows
    assert row.raw["Mood"] == "good"


TASKS = {"Reasoning": ["zebra", "web"], "IF": ["simplify"]}
TABLE = "model,zebra,web,simplify\nall,50.0,70.0,20.0\nhalf,90.0,,80.0\nnone,,,99.0\n"


def of_tasks(
    table: str = TABLE, tasks: Mapping[str, Any] = TASKS
) -> list[ParsedBoards | SourceMalformed]:
    files = [
        SavedFile("table_2026_01_08.csv", table.encode()),
        SavedFile("categories_2026_01_08.json", json.dumps(tasks).encode()),
    ]
    return list(parse_files(files, board="livebench"))


def test_a_table_of_tasks_is_averaged_by_the_categories_saved_with_it() -> None:
    table, categories = of_tasks()
    assert isinstance(table, ParsedBoards)
    assert {s.board: [(r.rank, r.model, r.score) for r in s.rows] for s in table.snapshots} == {
        "livebench": [(1, "half", 85.0), (2, "all", 40.0)],
        "livebench/reasoning": [(1, "half", 90.0), (2, "all", 60.0)],
        "livebench/instruction_following": [(1, "none", 99.0), (2, "half", 80.0), (3, "all", 20.0)],
    }
    assert {str(s.day) for s in table.snapshots} == {"2026-01-08"}
    assert table.snapshots[0].rows[0].raw == {
        "model": "half", "zebra": "90.0", "web": "", "simplify": "80.0"
    }  # fmt: skip
    assert categories == ParsedBoards()


def test_tasks_and_columns_that_do_not_match_are_reported() -> None:
    (table, _) = of_tasks(tasks={"Reasoning": ["zebra", "web", "spatial"]})
    assert isinstance(table, ParsedBoards)
    assert table.warnings == (
        "table_2026_01_08.csv: columns in no category, kept as they are: simplify",
        "table_2026_01_08.csv: tasks without a column: spatial",
    )


def test_implausibly_large_numbers_are_ignored() -> None:
    (table, _) = of_tasks("model,zebra,web,simplify\na,1e308,1e308,1\nb,1,1,1\n")
    assert isinstance(table, ParsedBoards)
    assert [row.model for row in table.snapshots[0].rows] == ["b"]
    (row,) = read('[{"model": "a", "score": 1, "x": 1e999, "y": NaN}]', "b.2026-03-09.json").rows
    assert row.raw == {"model": "a", "score": 1, "x": None, "y": None}


def test_a_table_of_tasks_requires_its_categories() -> None:
    with pytest.raises(SourceMalformed, match="give the file that lists them by category"):
        read(TABLE)


def test_one_bad_file_does_not_stop_the_others() -> None:
    files = [SavedFile("a.json", b"{"), SavedFile("b.2026-03-09.csv", b"model,score\na,1\n")]
    bad, good = parse_files(files, board="b")
    assert isinstance(bad, SourceMalformed)
    assert isinstance(good, ParsedBoards)


# What every real file must come to: boards, and the rows of the first and the last of them.
REAL = {
    "lmsys_csv": (1, range(186, 214)),
    "lmarena_text": (20, range(129, 283)),
    "lmarena_2026-02": (7, range(254, 317)),
    "livebench": (7, range(57, 128)),
}


@pytest.mark.parametrize("kind", REAL)
def test_every_real_file_comes_to_dated_boards_of_one_shape(kind: str, shared_data: Path) -> None:
    least, sizes = REAL[kind]
    paths = sorted((shared_data / "leaderboards" / kind).iterdir())
    files = [SavedFile(path.name, path.read_bytes()) for path in paths]
    for file, found in zip(files, parse_files(files, board="real"), strict=True):
        assert isinstance(found, ParsedBoards), found
        assert found.warnings == ()
        if file.name.startswith("categories_"):
            continue
        assert len({s.board for s in found.snapshots}) == len(found.snapshots) >= least
        assert any(snapshot.board == "real" for snapshot in found.snapshots)
        for snapshot in found.snapshots:
            assert len(snapshot.rows) in sizes
            assert_plausible(snapshot)


def assert_plausible(snapshot: BoardSnapshot) -> None:
    ranks = [row.rank for row in snapshot.rows if row.rank]
    assert len(ranks) == len(snapshot.rows)
    assert min(ranks) == 1
    for row in snapshot.rows:
        json.dumps(dict(row.raw))
        assert row.score is None or 0 <= row.score < 1700
        if row.low is not None and row.high is not None and row.score is not None:
            assert row.low <= row.score <= row.high


def test_a_real_release_has_the_averages_that_the_site_shows(shared_data: Path) -> None:
    """Computed from the table: the mean of the means, for a model that was run on all tasks."""
    folder = shared_data / "leaderboards" / "livebench"
    tasks = json.loads((folder / "categories_2026_01_08.json").read_bytes())
    body = (folder / "table_2026_01_08.csv").read_bytes()
    raw = next(iter(csv.DictReader(body.decode().splitlines())))
    means = [sum(float(raw[task]) for task in group) / len(group) for group in tasks.values()]
    found = parse(body, board="l", file_name="table_2026_01_08.csv", tasks=tasks).snapshots[0]
    (row,) = [row for row in found.rows if row.model == raw["model"]]
    assert row.score == pytest.approx(sum(means) / len(means))


def test_real_lists_of_trending_models_are_not_boards(shared_data: Path) -> None:
    for path in sorted((shared_data / "leaderboards" / "hf_trending_models").iterdir()):
        with pytest.raises(SourceMalformed, match="no row has both a model and a score"):
            parse(path.read_bytes(), board="b", file_name=path.name)


HEADERS = st.sampled_from(["model", "score", "rank", "rank_math", "category", "Votes", "x", "rows"])
CELLS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
DOCUMENTS = st.recursive(
    CELLS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(HEADERS, inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(document=DOCUMENTS, rows=st.lists(st.dictionaries(HEADERS, CELLS, max_size=6), max_size=4))
def test_arbitrary_documents_do_not_crash_the_parser(document: Any, rows: Any) -> None:
    by_model = {f"m-{n}": row for n, row in enumerate(rows)}
    for found in (document, rows, {"rows": rows}, {"coding": by_model}):
        body = json.dumps(found).encode()
        for name in ("b.2026-03-09.json", "b.2026-03-09.csv"):
            outcome, _ = parse_files([SavedFile(name, body), SavedFile("c.json", b"")], board="b")
            if isinstance(outcome, ParsedBoards):
                for snapshot in outcome.snapshots:
                    assert all(row.model for row in snapshot.rows)
                    json.dumps([dict(row.raw) for row in snapshot.rows], allow_nan=False)
