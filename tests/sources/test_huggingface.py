"""Daily papers and trending models: live, saved, truncated and as Python literals."""

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.faults.web_server import LoggedRequest, Page, WebServer, document
from tests.sources.tasks import records, task, validators_of
from tracker.errors import SourceMalformed
from tracker.records import ModelCard, Popularity
from tracker.settings import KeyedSource
from tracker.sources.http.client import Client
from tracker.sources.huggingface import parse_daily, parse_models, read_pages

DAY = date(2026, 3, 10)


def entry(work: str = "2603.00001", upvotes: Any = 5, **paper: Any) -> dict[str, Any]:
    known = {"id": work, "upvotes": upvotes, "submittedOnDailyAt": "2026-03-10T01:24:03.220Z"}
    return {"paper": known | paper, "numComments": 2, "title": "Invented"}


def model(name: str, *tags: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "tags": list(tags), "likes": 3, "downloads": 90, "trendingScore": 41} | more


@pytest.fixture
def hub(web: WebServer) -> WebServer:
    """A server with two models, and one paper per day except on the 9th."""

    def papers(logged: LoggedRequest) -> Page:
        day = logged.params["date"]
        return document([] if day == "2026-03-09" else [entry(f"2603.000{day[-2:]}")])

    web.pages["/api/models"] = document([model("a/b", "arxiv:2603.00001"), model("c/d")])
    web.pages["/api/daily_papers"] = papers
    return web


def test_models_and_each_day_of_the_window_are_read(client: Client, hub: WebServer) -> None:
    pages = list(read_pages(client, task("huggingface", KeyedSource(url=hub.url))))
    found = records(pages)
    assert [type(record) for record in found] == [ModelCard, ModelCard, Popularity, Popularity]
    assert [(r.id, r.listed) for r in found[2:]] == [
        ("2603.00011", date(2026, 3, 11)),
        ("2603.00010", date(2026, 3, 10)),
    ]
    assert {record.day for record in found} == {date(2026, 3, 12)}
    assert hub.log[0].params == {"sort": "trendingScore", "limit": "100"}
    assert all(logged.headers["accept"] == "application/json, */*;q=0.1" for logged in hub.log)


def test_a_future_day_is_not_requested(client: Client, hub: WebServer) -> None:
    given = task("huggingface", KeyedSource(url=hub.url), until=date(2026, 4, 1))
    list(read_pages(client, given))
    assert max(logged.params.get("date", "") for logged in hub.log) == "2026-03-12"


def test_a_day_that_has_not_changed_is_not_sent_again(client: Client, hub: WebServer) -> None:
    first = task("huggingface", KeyedSource(url=hub.url))
    known = validators_of(list(read_pages(client, first)))
    pages = list(read_pages(client, task("huggingface", first.settings, cache_validators=known)))
    assert [type(record) for record in records(pages)] == [ModelCard, ModelCard]
    assert validators_of(pages) == known


def test_a_token_is_sent_as_bearer(client: Client, hub: WebServer, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("hf_invented")
    file.chmod(0o600)
    list(read_pages(client, task("huggingface", KeyedSource(url=hub.url, key_file=str(file)))))
    assert {logged.headers["authorization"] for logged in hub.log} == {"Bearer hf_invented"}


def test_a_paper_has_its_popularity() -> None:
    listed_entry = entry(githubRepo="https://github.com/a/b", githubStars=14)
    page = parse_daily(json.dumps([listed_entry]).encode(), DAY, date(2026, 3, 12))
    received = date(2026, 3, 12)
    assert page.records == (
        Popularity("2603.00001", received, DAY, 5, 2, "https://github.com/a/b", 14),
    )


@pytest.mark.parametrize(
    ("organization", "name"),
    [
        ({"name": "oak-lab", "fullname": " Oak\u00a0Lab\n"}, "Oak Lab"), ({"name": "oak"}, "oak"),
        ({"fullname": 7}, ""), ("Oak Lab", ""), (None, ""), ({"name": "o" * 99}, "o" * 80),
    ],
)  # fmt: skip
def test_a_paper_has_the_group_that_its_submitter_names(organization: object, name: str) -> None:
    listed = entry(organization=organization)
    (record,) = parse_daily(json.dumps([listed]).encode(), DAY, DAY).records
    assert isinstance(record, Popularity)
    assert record.organization == name


@pytest.mark.parametrize(
    ("listed", "name", "day"),
    [
        (date(2026, 3, 8), "2026-03-09.json", date(2026, 3, 8)),
        (None, "saved/2026-03-09.json.gz", date(2026, 3, 9)),
        (None, "saved.json", DAY),
    ],
)
def test_the_day_of_a_saved_list_is_from_the_argument_its_name_or_the_papers(
    listed: date | None, name: str, day: date
) -> None:
    (record,) = parse_daily(json.dumps([entry()]).encode(), listed, url=name).records
    assert (record.listed, record.day) == (day, day)


@pytest.mark.parametrize(
    "listed_entry",
    [
        {},
        {"paper": None},
        {"paper": {"id": "not-arxiv", "upvotes": 1}},
        entry("0000.00000"),
        entry(upvotes=None),
        entry(upvotes=-3),
        entry(upvotes=1e300),
        entry(upvotes=True),
        "{'paper':",
        "__import__('os').abort()",
        "(" * 5_000,
        7,
        None,
    ],
)
def test_an_unusable_entry_is_skipped(listed_entry: Any) -> None:
    page = parse_daily(json.dumps([entry(), listed_entry]).encode(), DAY)
    assert len(page.records) == 1
    assert page.skipped[0].startswith("entry 2: ")


def test_entries_as_python_literals_are_parsed() -> None:
    body = json.dumps([str(entry(isAuthor=True, note="it's")), "{'cut'"]).encode()
    page = parse_daily(body, DAY)
    assert [record.upvotes for record in page.records] == [5]
    assert len(page.skipped) == 1


def test_a_truncated_list_has_its_complete_entries() -> None:
    whole = json.dumps([entry(f"2603.{n:05}", title="é" * 3) for n in range(1, 6)], indent=1)
    first = whole.index('"numComments"')
    for size in range(first + 60, len(whole.encode())):
        body = whole.encode()[:size]
        page = parse_daily(body, DAY)
        begun = body.count(b'"numComments"')
        assert begun - 1 <= len(page.records) <= begun
        assert "after" in page.skipped[-1]


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b'{"error": "Invalid date"}', b"<html>", b"[" * 9999, b"\xff[]", b'["x"]', b"7"],
)
def test_other_documents_than_papers_are_rejected_with_the_reason(body: bytes) -> None:
    with pytest.raises(SourceMalformed, match=r"JSON|list|UTF-8|no entry"):
        parse_daily(body, DAY)


def test_models_have_their_position_and_papers() -> None:
    listed_entry = [
        model("a/b", "arxiv:2603.00001", "arxiv:0000.00000", "arxiv:2603.00001", "license:mit"),
        {"tags": []},
        model("c/d", trendingScore=None, likes="?", pipeline_tag="text-generation"),
    ]
    page = parse_models(json.dumps(listed_entry).encode(), DAY)
    assert page.records == (
        ModelCard("a/b", DAY, 1, 41.0, 3, 90, "", ("2603.00001",), None, "mit"),
        ModelCard("c/d", DAY, 3, None, None, 90, "text-generation", ()),
    )
    assert page.skipped == ("model 2: it has no name",)


@pytest.mark.parametrize(
    ("tags", "derived"),
    [
        ((), False),
        (("base_model:a/b-Base", "base_model:finetune:a/b-Base"), False),
        (("base_model:finetune:other/b",), True),
        (("base_model:quantized:a/b",), True),
        (("base_model:adapter:a/b", "base_model:a/b"), True),
    ],
)
def test_a_model_made_from_that_of_others_or_converted_is_derived(
    tags: tuple[str, ...], derived: bool
) -> None:
    listed = model("a/c", *tags, createdAt="2026-03-02T10:00:00.000Z")
    (card,) = parse_models(json.dumps([listed]).encode(), DAY).records
    assert card.is_derived == derived
    assert card.created == date(2026, 3, 2)


def test_a_saved_list_of_models_has_its_day() -> None:
    saved = {"fetchedAt": "2026-03-10T07:02:30Z", "models": [model("a/b", rank=4)]}
    (card,) = parse_models(json.dumps(saved).encode()).records
    assert (card.day, card.position) == (DAY, 4)
    with pytest.raises(SourceMalformed, match="day is not known"):
        parse_models(json.dumps([model("a/b")]).encode())


@pytest.mark.parametrize("body", [b"{}", b"7", b'{"models": 3}', b"null", b"[", b'"2026-03-10"'])
def test_other_documents_than_models_are_rejected_with_the_reason(body: bytes) -> None:
    with pytest.raises(SourceMalformed, match=r"JSON|list"):
        parse_models(body, DAY)


def test_real_days_are_parsed_completely_including_malformed_ones(shared_data: Path) -> None:
    files = sorted((shared_data / "hf_daily").glob("*.json.gz"))
    assert files
    for file in files:
        body = gzip.decompress(file.read_bytes())
        page = parse_daily(body, url=file.name)
        assert len(page.records) == len(json.loads(body))
        assert page.skipped == ()


def test_real_lists_of_models_are_parsed_completely(shared_data: Path) -> None:
    for file in sorted((shared_data / "leaderboards" / "hf_trending_models").glob("*.json")):
        page = parse_models(file.read_bytes(), url=file.name)
        assert len(page.records) == json.loads(file.read_bytes())["count"]
        assert any(isinstance(card, ModelCard) and card.arxiv for card in page.records)
