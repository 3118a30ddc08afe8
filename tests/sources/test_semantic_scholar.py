"""Citations in batches: the requests, the key, and implausible responses."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.faults.web_server import LoggedRequest, Page, WebServer, document
from tests.sources.tasks import records, task
from tracker.errors import ConfigError, SourceMalformed
from tracker.records import Citations
from tracker.settings import KeyedSource
from tracker.sources.http.client import Client
from tracker.sources.semantic_scholar import parse, read_pages

BATCH = "/graph/v1/paper/batch"
DAY = date(2026, 3, 12)


def entry(work: str, cited: Any = 7, **more: Any) -> dict[str, Any]:
    return {"externalIds": {"ArXiv": work, "DOI": "10.1/x"}, "citationCount": cited} | more


def settings(web: WebServer, **more: Any) -> KeyedSource:
    return KeyedSource(url=web.url, **more)


def test_works_are_requested_in_batches_of_five_hundred(client: Client, web: WebServer) -> None:
    def page(logged: LoggedRequest) -> Page:
        return document([entry(name.removeprefix("ARXIV:")) for name in logged.json["ids"]])

    web.pages[BATCH] = page
    works = tuple(f"2401.{n:05}" for n in range(1, 1202))
    pages = list(read_pages(client, task("semantic_scholar", settings(web), works=works)))
    assert [len(page.records) for page in pages] == [500, 500, 201]
    assert [record.id for record in records(pages)] == list(works)
    assert {logged.method for logged in web.log} == {"POST"}
    assert "citationCount" in web.log[0].params["fields"]
    assert "x-api-key" not in web.log[0].headers


def test_the_key_is_read_from_its_file(client: Client, web: WebServer, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("abc-123\n")
    file.chmod(0o600)
    web.pages[BATCH] = document([entry("2401.00001")])
    given = settings(web, key_file=str(file))
    list(read_pages(client, task("semantic_scholar", given, works=("2401.00001",))))
    assert web.log[0].headers["x-api-key"] == "abc-123"


@pytest.mark.parametrize(
    ("content", "mode", "reason"),
    [
        ("hidden1", 0o644, "chmod 600"),
        ("hidden1", 0o640, "chmod 600"),
        ("", 0o600, "one key"),
        ("hidden1 hidden2", 0o600, "one key"),
        ("hidden1\nhidden2", 0o600, "one key"),
        ("hidden\u00fc", 0o600, "one key"),
        (None, 0o600, "cannot be read"),
    ],
)
def test_an_unusable_key_is_a_configuration_error(
    content: str | None, mode: int, reason: str, client: Client, web: WebServer, tmp_path: Path
) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_text(content)
        file.chmod(mode)
    given = settings(web, key_file=str(file))
    with pytest.raises(ConfigError, match=reason) as caught:
        list(read_pages(client, task("semantic_scholar", given, works=("2401.00001",))))
    assert "hidden" not in str(caught.value)
    assert "semantic_scholar.key_file" in str(caught.value)
    assert web.log == []


def test_a_response_is_in_the_order_of_the_request() -> None:
    full = entry("2401.00002", influentialCitationCount=2, venue="ICLR")
    page = parse(json.dumps([None, full]).encode(), ["2401.00001", "2401.00002"], DAY)
    assert page.records == (Citations("2401.00002", DAY, 7, 2, "ICLR", "10.1/x"),)
    assert page.skipped == ()


@pytest.mark.parametrize(
    ("received", "reason"),
    [
        (entry("2401.00009"), "the response is about 2401.00009"),
        (entry("2401.00001", None), "citationCount"),
        (entry("2401.00001", -1), "citationCount"),
        (entry("2401.00001", "many"), "citationCount"),
        ("text", "not an entry"),
    ],
)
def test_an_implausible_entry_is_skipped_with_the_reason(received: Any, reason: str) -> None:
    page = parse(json.dumps([received]).encode(), ["2401.00001"], DAY)
    assert page.records == ()
    assert reason in page.skipped[0]


def test_no_known_work_is_not_an_error(client: Client, web: WebServer) -> None:
    web.pages[BATCH] = document({"error": "No valid paper ids given"}, 400)
    pages = list(read_pages(client, task("semantic_scholar", settings(web), works=("2401.00001",))))
    assert records(pages) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[",
        b"[1, 2]",
        b"<html>busy</html>",
        b'{"error": "Unrecognized fields"}',
        b"null",
        b"{}",
        b"[" * 100_000,
    ],
)
def test_other_documents_are_rejected_with_the_reason(body: bytes) -> None:
    with pytest.raises(SourceMalformed, match=r"JSON|not a list|says"):
        parse(body, ["2401.00001"], DAY)


def _recorded(folder: Path) -> Iterator[tuple[list[str], bytes]]:
    for path in sorted(folder.glob("*.yaml")):
        for exchange in yaml.safe_load(path.read_bytes())["interactions"]:
            logged, received = exchange["request"], exchange["response"]
            if "paper/batch" in logged["uri"] and "string" in received.get("body", {}):
                yield json.loads(logged["body"])["ids"], received["body"]["string"].encode()


def test_recorded_responses_are_parsed_or_rejected_with_a_reason(shared_data: Path) -> None:
    answers = list(_recorded(shared_data / "wire" / "semantic_scholar"))
    assert answers
    for ids, body in answers:
        received = json.loads(body)
        if isinstance(received, dict):
            with pytest.raises(SourceMalformed, match="says: "):
                parse(body, ids, DAY)
        else:
            page = parse(body, ids, DAY)
            known = [entry for entry in received if entry is not None]
            assert len(page.records) + len(page.skipped) == len(known)
