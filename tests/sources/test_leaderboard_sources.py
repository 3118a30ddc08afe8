"""Leaderboards on the web: read after changes, with warnings about differences, or rejected."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.faults.file_server import FileServer, Reply, redirect
from tests.sources.parquets import parquet
from tracker.errors import SourceError, SourceMalformed, SourceUnavailable
from tracker.models import BoardSnapshot
from tracker.records import Page, TrendingPaper
from tracker.settings import BoardSource
from tracker.sources import arena, livebench, open_llm, paperswithcode
from tracker.sources.http.client import Client
from tracker.sources.protocol import Task
from tracker.sources.registry import READERS

NOW = datetime(2026, 9, 16, 6, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[FileServer]:
    with FileServer() as running:
        yield running


class Crawls:
    """Repeated crawls of one source, with the state that a store would have of its pages."""

    def __init__(self, client: Client, server: FileServer, name: str, *boards: str) -> None:
        settings = BoardSource(url=server.url, boards=boards)
        self.client, self.read = client, READERS[name]
        self.task = Task(name, settings, NOW.date(), NOW.date(), NOW)
        self.error: SourceError | None = None

    def __call__(self) -> list[Page]:
        pages, self.error = [], None
        try:
            for page in self.read(self.client, self.task):
                pages.append(page)
                cache_validators = {
                    **self.task.cache_validators,
                    **{copy.url: copy for copy in page.cache_validators},
                }
                cursor = self.task.cursor if page.cursor is None else page.cursor
                self.task = replace(self.task, cache_validators=cache_validators, cursor=cursor)
        except SourceError as error:
            self.error = error
        return pages


def table(pages: list[Page]) -> dict[str, list[tuple[Any, ...]]]:
    """(rank, model, score) of each row, by board and day."""
    return {
        f"{s.board} {s.day}": [(row.rank, row.model, row.score) for row in s.rows]
        for page in pages
        for s in page.records
        if isinstance(s, BoardSnapshot)
    }


def warnings(pages: list[Page]) -> list[str]:
    return [warning for page in pages for warning in page.warnings]


# --- the arena ------------------------------------------------------------------------------------

TREE = f"/api/datasets/{arena.DATA_SET}/tree/main"


def rating(model: str, score: float, category: str = "overall", **more: Any) -> dict[str, Any]:
    return {
        "model_name": model, "organization": "Lab", "license": "MIT", "rating": score,
        "rating_lower": score - 5, "rating_upper": score + 5, "variance": 2.5, "vote_count": 900,
        "rank": 1, "category": category, "leaderboard_publish_date": "2026-09-13", **more,
    }  # fmt: skip


def publish(server: FileServer, data_set: str, files: dict[str, bytes]) -> None:
    """Publish a data set as on the Hub: a list of files, and a redirect for each."""
    tree = [{"type": "directory", "path": "text"}]
    tree += [{"type": "file", "path": path} for path in files]
    server.files[f"/api/datasets/{data_set}/tree/main"] = json.dumps(tree).encode()
    for path, body in files.items():
        server.files[f"/cdn/{path}"] = body
        server.files[f"/datasets/{data_set}/resolve/main/{path}"] = redirect(f"/cdn/{path}")


STYLED = "text_style_control/latest-00000-of-00001.parquet"
ARENA = {
    STYLED: parquet(
        [
            rating("m-1", 1500.5), rating("m-2", 1490.5, rank=2),
            rating("m-1", 1520.0, "coding"), rating("m-1", 1510.0, "math"),
            rating("m-1", 1400.0, "french"), rating("m-2", 1515.0, "hard_prompts"),
        ]
    ),
    "webdev/latest-00000-of-00001.parquet": parquet([rating("w-1", 1300.0)]),
}  # fmt: skip


@pytest.fixture
def on_arena(server: FileServer, client: Client) -> Callable[..., Crawls]:
    publish(server, arena.DATA_SET, ARENA)
    return lambda *boards: Crawls(client, server, "arena", *boards)


def test_the_arenas_known_boards_are_read_and_no_others(on_arena: Callable[..., Crawls]) -> None:
    crawl = on_arena()
    pages = crawl()
    assert table(pages) == {
        "arena/text_style_control 2026-09-13": [(1, "m-1", 1500.5), (2, "m-2", 1490.5)],
        "arena/text_style_control/coding 2026-09-13": [(1, "m-1", 1520.0)],
        "arena/text_style_control/math 2026-09-13": [(1, "m-1", 1510.0)],
        "arena/text_style_control/hard_prompts 2026-09-13": [(1, "m-2", 1515.0)],
    }
    assert warnings(pages) == []
    (snapshot, *_) = pages[0].records
    assert isinstance(snapshot, BoardSnapshot)
    row = snapshot.rows[0]
    assert (row.low, row.high, row.votes, row.organization) == (1495.5, 1505.5, 900, "Lab")
    assert row.raw == rating("m-1", 1500.5)


def test_the_arena_is_requested_conditionally(
    on_arena: Callable[..., Crawls], server: FileServer
) -> None:
    crawl = on_arena("text_style_control", "webdev/overall")
    crawl()
    server.drain_log()
    assert crawl() == []
    assert [status for path, status in server.drain_log() if "cdn" in path] == [304, 304]

    server.files[f"/cdn/{STYLED}"] = parquet([rating("m-3", 1501.0)])
    assert table(crawl()) == {"arena/text_style_control 2026-09-13": [(1, "m-3", 1501.0)]}


def test_a_newly_requested_board_is_read_though_its_file_is_unchanged(
    on_arena: Callable[..., Crawls],
) -> None:
    crawl = on_arena("text_style_control")
    crawl()
    settings = replace(crawl.task.settings, boards=("text_style_control/french",))
    crawl.task = replace(crawl.task, settings=settings)
    assert list(table(crawl())) == ["arena/text_style_control/french 2026-09-13"]
    assert crawl() == []


def test_missing_boards_of_the_arena_are_reported(on_arena: Callable[..., Crawls]) -> None:
    crawl = on_arena("vision", "text_style_control/latin", "webdev")
    assert warnings(crawl()) == [
        "there is no board vision",
        "there is no board arena/text_style_control/latin",
    ]
    assert on_arena("vision")() == []
    crawl = on_arena("vision")
    crawl()
    assert isinstance(crawl.error, SourceMalformed)


def test_a_changed_schema_of_the_arena_is_stored_with_a_warning(
    on_arena: Callable[..., Crawls], server: FileServer
) -> None:
    row = rating("m-1", 1500.5, mood="good")
    del row["vote_count"]
    server.files[f"/cdn/{STYLED}"] = parquet([row])
    pages = on_arena("text_style_control")()
    assert warnings(pages) == [
        "columns that are not known, kept as they are: mood",
        "columns that are gone: votes",
    ]
    assert pages[0].records[0].rows[0].raw["mood"] == "good"  # type: ignore[union-attr]


def test_parts_of_one_table_are_one_board(
    on_arena: Callable[..., Crawls], server: FileServer
) -> None:
    parts = {f"text/latest-0000{n}-of-00002.parquet": parquet([rating(f"m-{n}", 1.0 + n)])
             for n in range(2)}  # fmt: skip
    publish(server, arena.DATA_SET, parts)
    crawl = on_arena("text")
    publish(server, arena.DATA_SET, parts)
    assert [len(rows) for rows in table(crawl()).values()] == [2]
    server.files["/cdn/text/latest-00001-of-00002.parquet"] = parquet([rating("new", 9.0)])
    assert [len(rows) for rows in table(crawl()).values()] == [2]


HISTORY = "text_style_control/full-00000-of-00001.parquet"


def history(**days: float) -> bytes:
    """Return a history with a score of m-1 on each day ("d0906"), overall and in French."""
    return parquet(
        [
            rating("m-1", score, category, leaderboard_publish_date=f"2026-{day[1:3]}-{day[3:]}")
            for day, score in days.items()
            for category in ("overall", "french")
        ]
    )


def test_the_first_crawl_reads_the_last_weeks_of_its_boards(
    on_arena: Callable[..., Crawls], server: FileServer
) -> None:
    body = history(d0101=1000.0, d0830=1490.0, d0906=1495.0)
    publish(server, arena.DATA_SET, ARENA | {HISTORY: body})
    crawl = on_arena("text_style_control")
    assert table(crawl()) == {
        "arena/text_style_control 2026-09-13": [(1, "m-1", 1500.5), (2, "m-2", 1490.5)],
        "arena/text_style_control 2026-08-30": [(1, "m-1", 1490.0)],
        "arena/text_style_control 2026-09-06": [(1, "m-1", 1495.0)],
    }
    server.drain_log()
    assert crawl() == []
    assert not any("full" in path for path, _ in server.drain_log())


@pytest.mark.parametrize("body", [b"<html>", Reply(status=404), history(d0906=1.0)[:400]])
def test_a_history_that_cannot_be_read_costs_only_a_warning(
    body: bytes | Reply, on_arena: Callable[..., Crawls], server: FileServer
) -> None:
    publish(server, arena.DATA_SET, ARENA | {HISTORY: b""})
    server.files[f"/cdn/{HISTORY}"] = body
    crawl = on_arena("text_style_control")
    (warning,) = warnings(crawl())
    assert warning.startswith("the history of text_style_control was not read: ")
    assert (crawl.error, crawl()) == (None, [])


BROKEN: dict[str, bytes | Reply] = {
    "html": b"<!DOCTYPE html><html>busy</html>",
    "cut": ARENA[STYLED][:700],
    "no scores": parquet([{"model_name": "m"}]),
    "a list of lists": parquet([{"model_name": ["m"], "rating": [1]}]),
    "too large": bytes(33 * 2**20),
    "404": Reply(status=404),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_damaged_table_of_the_arena_is_rejected_with_its_address(
    name: str, on_arena: Callable[..., Crawls], server: FileServer
) -> None:
    server.files[f"/cdn/{STYLED}"] = BROKEN[name]
    crawl = on_arena("text_style_control", "webdev")
    assert crawl() == []
    assert isinstance(crawl.error, SourceMalformed)
    assert "arena" in str(crawl.error)
    assert STYLED in str(crawl.error)


@pytest.mark.parametrize("tree", [b"{}", b"[1]", b"nonsense", b"[]", b'[{"type": "file"}]'])
def test_an_invalid_list_of_files_is_rejected(
    tree: bytes, on_arena: Callable[..., Crawls], server: FileServer
) -> None:
    crawl = on_arena()
    server.files[TREE] = tree
    assert crawl() == []
    assert isinstance(crawl.error, SourceMalformed)


def test_temporary_faults_cause_no_loss(
    on_arena: Callable[..., Crawls], server: FileServer
) -> None:
    server.script.extend(
        [Reply(status=503), None, Reply(status=429, headers={"Retry-After": "0"}), None,
         Reply(b"PAR1", sent=2, headers={"Content-Length": "9"})]
    )  # fmt: skip
    assert len(table(on_arena()())) == 4


def test_a_site_that_stays_down_is_unavailable(
    on_arena: Callable[..., Crawls], server: FileServer
) -> None:
    server.script.extend([Reply(status=500)] * 99)
    crawl = on_arena()
    assert crawl() == []
    assert isinstance(crawl.error, SourceUnavailable)


@pytest.mark.parametrize(
    "name", ["arena", "livebench", "open_llm", "paperswithcode", "hf_benchmarks"]
)
def test_every_request_has_an_accept_header(name: str, server: FileServer, client: Client) -> None:
    publish(server, arena.DATA_SET, ARENA)
    publish(server, open_llm.DATA_SET, ARCHIVE)
    server.files.update(SITE)
    Crawls(client, server, name)()
    assert server.log
    assert all(logged.headers["accept"] != "*/*" for logged in server.log)


# --- LiveBench ------------------------------------------------------------------------------------

PROGRAM = b'x=["2025-01-01"];r=["2024-06-24","2026-06-25","2026-01-08"],y={d:"2027-01-01"}'
SITE: dict[str, bytes | Reply] = {
    "/asset-manifest.json": b'{"files": {"main.js": "./static/js/main.d1.js"}}',
    "/static/js/main.d1.js": PROGRAM,
    "/table_2026_06_25.csv": b"model,zebra,web,code\nx,50,70,20\ny,90,80,40\n",
    "/categories_2026_06_25.json": b'{"Reasoning": ["zebra", "web"], "Coding": ["code"]}',
}


@pytest.fixture
def on_livebench(server: FileServer, client: Client) -> Callable[..., Crawls]:
    server.files.update(SITE)
    return lambda *boards: Crawls(client, server, "livebench", *boards)


def test_the_newest_release_is_found_and_averaged_by_category(
    on_livebench: Callable[..., Crawls],
) -> None:
    pages = on_livebench()()
    assert table(pages) == {
        "livebench 2026-09-16": [(1, "y", 62.5), (2, "x", 40.0)],
        "livebench/reasoning 2026-09-16": [(1, "y", 85.0), (2, "x", 60.0)],
        "livebench/coding 2026-09-16": [(1, "y", 40.0), (2, "x", 20.0)],
    }
    assert warnings(pages) == []


@pytest.mark.parametrize("tagged", [True, False])
def test_the_sites_program_is_read_once_and_its_tables_after_a_change(
    tagged: bool, on_livebench: Callable[..., Crawls], server: FileServer
) -> None:
    server.tagged = tagged
    crawl = on_livebench()
    crawl()
    server.drain_log()
    assert crawl() == []
    assert server.drain_log() == [
        ("/asset-manifest.json", 200),
        ("/table_2026_06_25.csv", 304),
        ("/categories_2026_06_25.json", 304),
    ]
    server.files["/table_2026_06_25.csv"] = b"model,zebra,web,code\nnew,1,1,1\n"
    assert len(table(crawl())) == 3


def test_a_new_program_lists_a_new_release(
    on_livebench: Callable[..., Crawls], server: FileServer
) -> None:
    crawl = on_livebench()
    crawl()
    server.files |= {
        "/asset-manifest.json": b'{"files": {"main.js": "static/js/main.d2.js"}}',
        "/static/js/main.d2.js": PROGRAM.replace(b"2024-06-24", b"2026-09-01"),
        "/table_2026_09_01.csv": b"model,code\nz,5\n",
        "/categories_2026_09_01.json": b'{"Coding": ["code", "rust"]}',
    }
    pages = crawl()
    assert table(pages)["livebench 2026-09-16"] == [(1, "z", 5.0)]
    assert warnings(pages) == ["tasks without a column: rust"]


def test_a_release_in_the_settings_needs_no_list(
    on_livebench: Callable[..., Crawls], server: FileServer
) -> None:
    del server.files["/asset-manifest.json"]
    assert len(table(on_livebench("2026-06-25")())) == 3


LIVEBENCH_BROKEN = [
    ("/asset-manifest.json", b"{}", "does not name the site's program"),
    ("/asset-manifest.json", b'{"files": {"main.js": "https://x/main.js"}}', "does not name"),
    ("/static/js/main.d1.js", b'r=["2026-06-25"]', "name one in sources.livebench.boards"),
    ("/categories_2026_06_25.json", b'{"Reasoning": {"a": 1}}', "does not list tasks"),
    ("/categories_2026_06_25.json", b"<html>", "it is not JSON"),
    ("/table_2026_06_25.csv", b"<html>", "no row has a model and a number"),
    ("/table_2026_06_25.csv", b"\xff\xfe", "it is saved as UTF-16"),
    ("/table_2026_06_25.csv", Reply(status=404), "HTTP 404"),
]


@pytest.mark.parametrize(
    ("path", "content", "reason"), LIVEBENCH_BROKEN, ids=range(len(LIVEBENCH_BROKEN))
)
def test_a_site_with_another_format_is_rejected(
    path: str, content: bytes | Reply, reason: str, on_livebench: Callable[..., Crawls],
    server: FileServer,
) -> None:  # fmt: skip
    crawl = on_livebench()
    server.files[path] = content
    assert crawl() == []
    assert isinstance(crawl.error, SourceMalformed)
    assert reason in crawl.error.reason
    assert crawl.error.source == "livebench"


@pytest.mark.parametrize("release", ["newest", "2026-06-25/../x", "2026_06_25"])
def test_a_release_is_named_by_its_day(release: str, on_livebench: Callable[..., Crawls]) -> None:
    crawl = on_livebench(release)
    assert crawl() == []
    assert "they are named by day" in str(crawl.error)


# --- the Open LLM Leaderboard ---------------------------------------------------------------------


def run(model: str, average: float, day: str, *, flagged: bool = False) -> dict[str, Any]:
    link = f'<a href="https://huggingface.co/{model}">{model}</a>'
    return {
        "eval_name": model, "Model": link, "fullname": model, "Average ⬆️": average,
        "Hub License": "mit", "#Params (B)": 7.0, "MMLU-PRO": 1.0, "CO₂ cost (kg)": 0.5,
        "Flagged": flagged, "Submission Date": day, "Maintainer's Highlight": False,
    }  # fmt: skip


ARCHIVE = {
    "data/train-00000-of-00001.parquet": parquet(
        [
            run("lab/a", 30.0, "2025-03-01"), run("lab/a", 32.0, "2025-03-12"),
            run("lab/b", 40.0, "2999-01-01"), run("lab/c", 90.0, "2024-01-01", flagged=True),
        ]
    ),
    "README.md": b"",
}  # fmt: skip


def test_the_archive_is_read_once_with_the_best_run_of_each_model(
    server: FileServer, client: Client
) -> None:
    publish(server, open_llm.DATA_SET, ARCHIVE)
    crawl = Crawls(client, server, "open_llm")
    pages = crawl()
    assert table(pages) == {"open_llm 2025-03-12": [(1, "lab/b", 40.0), (2, "lab/a", 32.0)]}
    assert warnings(pages) == []
    assert crawl() == []


# --- benchmarks of the Hub ------------------------------------------------------------------------

ENTRIES = [
    {
        "rank": 1,
        "modelId": "lab/Velkan-3",
        "value": 76.4,
        "verified": True,
        "author": {"name": "l"},
    },
    {"rank": 2, "modelId": "tarn/Tarn-7B", "value": "75.8", "filename": "a.yaml"},
    {"rank": 3, "modelId": "lab/Velkan-3", "value": 70},
    {"rank": 4, "modelId": None, "value": 70},
    "nonsense",
]


@pytest.fixture
def on_hub(server: FileServer, client: Client) -> Callable[..., Crawls]:
    server.files |= {
        "/api/datasets": json.dumps([{"id": "a/Code_Bench"}, {"id": "b/closed"}, {}, 3]).encode(),
        "/api/datasets/a/Code_Bench/leaderboard": json.dumps(ENTRIES).encode(),
        "/api/datasets/b/closed/leaderboard": Reply(status=403),
    }
    return lambda *boards: Crawls(client, server, "hf_benchmarks", *boards)


def test_official_benchmarks_are_read_and_closed_ones_reported(
    on_hub: Callable[..., Crawls], server: FileServer
) -> None:
    crawl = on_hub()
    pages = crawl()
    assert table(pages) == {
        "hf_benchmarks/code_bench 2026-09-16": [
            (1, "lab/Velkan-3", 76.4),
            (2, "tarn/Tarn-7B", 75.8),
        ]
    }
    assert warnings(pages) == ["b/closed has no public leaderboard (HTTP 403)"]
    assert len(pages[0].skipped) == 2
    assert server.log[0].params == {"filter": "benchmark:official", "limit": "40"}
    assert list(table(crawl())) == []


def test_other_benchmarks_can_be_named(on_hub: Callable[..., Crawls]) -> None:
    assert list(table(on_hub("a/Code_Bench")())) == ["hf_benchmarks/code_bench 2026-09-16"]


@pytest.mark.parametrize("body", [b"{}", b"[]", b"<html>", b"[1]"])
def test_an_invalid_list_of_benchmarks_is_rejected(
    body: bytes, on_hub: Callable[..., Crawls], server: FileServer
) -> None:
    crawl = on_hub()
    server.files["/api/datasets"] = body
    assert crawl() == []
    assert isinstance(crawl.error, SourceMalformed)


@pytest.mark.parametrize("body", [b"{}", b"[]"])
def test_an_invalid_leaderboard_is_a_warning(
    body: bytes, on_hub: Callable[..., Crawls], server: FileServer
) -> None:
    server.files["/api/datasets/a/Code_Bench/leaderboard"] = body
    assert len(warnings(on_hub("a/Code_Bench")())) == 1


# --- Papers with Code -----------------------------------------------------------------------------

CATALOG = {"results": [{"id": 7, "name": "MMLU-Pro"}, {"id": 8, "slug": "mmlu"}]}
ROWS = [
    {"id": 1, "model_name": "x", "metrics": {"Acc": "85.1%", "n": 3}, "best_metric": "Acc",
     "best_rank": 1},
    {"id": 2, "model_name": "y", "metrics": {"Acc": 80}, "best_metric": "Acc", "best_rank": None},
    {"id": 3, "model_name": "x", "metrics": {"Acc": 70}, "best_rank": 3},
    {"id": 4, "model_name": "z", "metrics": {"F1": 70}},
    {"id": 5, "metrics": {"Acc": 70}},
    {"id": 6, "model_name": 3, "metrics": None},
]  # fmt: skip


@pytest.fixture
def on_papers(server: FileServer, client: Client) -> Crawls:
    server.files |= {
        "/datasets/": json.dumps(CATALOG).encode(),
        "/datasets/7/evaluations/": json.dumps({"results": ROWS}).encode(),
    }
    return Crawls(client, server, "paperswithcode", "mmlu-pro", "unheard of")


def test_the_top_of_a_benchmark_is_read_by_its_main_metric(on_papers: Crawls) -> None:
    pages = on_papers()
    assert table(pages) == {"paperswithcode/mmlu_pro 2026-09-16": [(1, "x", 85.1), (None, "y", 80)]}
    assert [text.partition(": ")[2] for text in pages[0].skipped] == [
        "4 has no model or no Acc", "5 has no model or no Acc", "6 has no model or no Acc"
    ]  # fmt: skip
    assert warnings(pages) == ["there is no benchmark unheard of"]


TRENDING = [
    {"arxiv_id": "2603.00001v2", "title": "x", "repositories": [
        {"url": "https://github.com/fork/x", "stars": 3},
        {"url": "https://github.com/lab/x", "stars": 900, "is_official": True}]},
    {"id": 17, "title": "not on arXiv"},
    {"id": "2603.00002", "github_url": "https://github.com/lab/y", "github_stars": 4},
    {"arxiv_id": "2603.00001", "title": "twice"},
    {"arxiv_id": "2603.00003", "repositories": "none", "url": "https://arxiv.org/abs/2603.00003"},
]  # fmt: skip


@pytest.mark.parametrize("wrapped", [{"results": TRENDING}, {"items": TRENDING}, TRENDING])
def test_trending_papers_have_their_place_and_repository(
    wrapped: Any, on_papers: Crawls, server: FileServer
) -> None:
    server.files["/papers/trending"] = json.dumps(wrapped).encode()
    trending = on_papers()[-1]
    assert trending.records == (
        TrendingPaper("2603.00001", NOW.date(), 1, "https://github.com/lab/x", 900),
        TrendingPaper("2603.00002", NOW.date(), 3, "https://github.com/lab/y", 4),
        TrendingPaper("2603.00003", NOW.date(), 5),
    )


@pytest.mark.parametrize("body", [b"<html>", b'{"detail": "gone"}', b'[{"id": 3}]'])
def test_trending_papers_of_another_format_are_a_warning(
    body: bytes, on_papers: Crawls, server: FileServer
) -> None:
    server.files["/papers/trending"] = body
    pages = on_papers()
    assert table(pages) and on_papers.error is None
    assert warnings(pages)[-1].startswith("trending papers: ")


def test_a_missing_api_is_a_warning(on_papers: Crawls, server: FileServer) -> None:
    server.files.clear()
    assert warnings(on_papers()) == ["there is no interface at its address (HTTP 404)"]
    assert on_papers.error is None
    assert len(server.log) == 1


@pytest.mark.parametrize("body", [b"{}", b'{"results": 3}', b"<html>", b'"x"'])
def test_a_response_with_another_format_is_rejected(
    body: bytes, on_papers: Crawls, server: FileServer
) -> None:
    server.files["/datasets/"] = body
    assert on_papers() == []
    assert isinstance(on_papers.error, SourceMalformed)


@pytest.mark.parametrize("status", [403, 503])
def test_an_api_that_does_not_answer_is_a_warning(
    status: int, on_papers: Crawls, server: FileServer
) -> None:
    server.script.extend([Reply(status=status)] * 99)
    (warning,) = warnings(on_papers())
    assert warning == f"its interface does not answer: HTTP {status}"
    assert on_papers.error is None


def test_recorded_evaluations_are_parsed(shared_data: Path) -> None:
    for path in sorted((shared_data / "wire" / "pwc_api").iterdir()):
        document = json.loads(path.read_bytes())
        rows = document.get("results", [document])
        page = paperswithcode.parse_evaluations(rows, "pwc", date(2026, 9, 16))
        if path.name == "paper_result_list.json":
            assert [len(s.rows) for s in page.records] == [1]  # type: ignore[union-attr]
            assert len(page.skipped) == 1
        else:
            assert page.records == ()
            assert page.warnings == ("pwc: no evaluation could be read",)


def test_releases_are_distinguished_from_other_days() -> None:
    assert livebench.find_releases(PROGRAM) == ["2024-06-24", "2026-01-08", "2026-06-25"]
    assert livebench.find_releases(b"no list") == []
