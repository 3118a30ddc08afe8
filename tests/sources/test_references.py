"""References in batches: the requests, the key, and implausible responses."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.faults.web_server import LoggedRequest, Page, WebServer, document
from tests.sources.tasks import NOW, records, task
from tracker.errors import SourceMalformed
from tracker.records import CitedWorks
from tracker.settings import KeyedSource
from tracker.sources.http.client import Client
from tracker.sources.references import parse, read_pages

BATCH = "/graph/v1/paper/batch"
DAY = NOW.date()


def entry(work: str, *cited: Any) -> dict[str, Any]:
    references = [{"paperId": "x", "externalIds": {"ArXiv": key}} for key in cited]
    return {"paperId": "p", "externalIds": {"ArXiv": work}, "references": references}


def test_works_are_requested_in_batches_of_one_hundred(client: Client, web: WebServer) -> None:
    def page(logged: LoggedRequest) -> Page:
        names = [name.removeprefix("ARXIV:") for name in logged.json["ids"]]
        return document([entry(name, "1706.03762") for name in names])

    web.pages[BATCH] = page
    works = tuple(f"2401.{n:05}" for n in range(1, 203))
    settings = KeyedSource(url=web.url)
    pages = list(read_pages(client, task("references", settings, works=works)))
    assert [len(page.records) for page in pages] == [100, 100, 2]
    assert records(pages)[-1] == CitedWorks("2401.00202", DAY, ("1706.03762",), 1)
    assert "references.externalIds" in web.log[0].params["fields"]
    assert "x-api-key" not in web.log[0].headers


def test_the_key_is_sent_in_a_header(client: Client, web: WebServer, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("abc-123\n")
    file.chmod(0o600)
    web.pages[BATCH] = document([None])
    settings = KeyedSource(url=web.url, key_file=str(file))
    pages = list(read_pages(client, task("references", settings, works=("2401.00001",))))
    assert records(pages) == [CitedWorks("2401.00001", DAY, (), 0)]
    assert web.log[0].headers["x-api-key"] == "abc-123"


def test_each_cited_work_on_arxiv_is_listed_once() -> None:
    given = entry("2401.00001", "1706.03762v5", "1706.03762", "2401.00001", "nonsense", None)
    given["references"] += [{"externalIds": None}, None, {"externalIds": {"DOI": "10.1/x"}}]
    page = parse(json.dumps([given]).encode(), ["2401.00001"], DAY)
    assert page.records == (CitedWorks("2401.00001", DAY, ("1706.03762",), 8),)


@pytest.mark.parametrize(
    ("received", "reason"),
    [
        (entry("2401.00009"), "the response is about 2401.00009"),
        ({"references": "many"}, "its references are 'many'"),
        ("text", "not an entry"),
    ],
)
def test_an_implausible_entry_is_skipped_with_the_reason(received: Any, reason: str) -> None:
    page = parse(json.dumps([received]).encode(), ["2401.00001"], DAY)
    assert page.records == ()
    assert reason in page.skipped[0]


@pytest.mark.parametrize("body", [b"", b"<html>busy</html>", b"[]", b'{"error": "no"}', b"null"])
def test_any_other_document_is_malformed(body: bytes) -> None:
    with pytest.raises(SourceMalformed, match="references"):
        parse(body, ["2401.00001"], DAY)
