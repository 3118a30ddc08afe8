"""OpenReview: whole accepted lists from either interface, and lists that people saved."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.faults.web_server import Asked, Page, WebServer, document
from tests.sources.tasks import records, task
from tracker.errors import ConfigError, SourceMalformed
from tracker.records import Acceptance
from tracker.records import Page as Told
from tracker.settings import VenueSource
from tracker.sources import openreview, paperlists
from tracker.sources.http import Client
from tracker.sources.openreview import Group, parse, read

ICLR = "ICLR.cc/2026/Conference"
GROUP = Group(ICLR, "ICLR", 2026)


def note(
    key: str, group: str = ICLR, told: str = "ICLR 2026 Poster", **more: Any
) -> dict[str, Any]:
    """A note as the newer interface gives it; None takes a value out."""
    content = {"title": f"On {key}", "authors": ["Ada Example"], "venue": told, "venueid": group}
    wrapped = {name: {"value": value} for name, value in content.items()}
    return {"id": key, "forum": key, "pdate": 1_767_225_600_000, "content": wrapped} | more


def older(told: dict[str, Any]) -> dict[str, Any]:
    """The note as the older interface gives it."""
    return told | {"content": {name: part["value"] for name, part in told["content"].items()}}


class Archive:
    """Answers as the API does: the notes of a group, by offset and limit."""

    def __init__(self, notes: list[dict[str, Any]], lie: int = 0) -> None:
        self.notes, self.lie = notes, lie

    def __call__(self, asked: Asked) -> Page:
        group = asked.params["content.venueid"]
        found = [n for n in self.notes if group in json.dumps(n)]
        offset, limit = int(asked.params["offset"]), int(asked.params["limit"])
        chosen = found[offset : offset + limit]
        return document({"notes": chosen, "count": len(found) + self.lie})


def settings(web: WebServer, *venues: str, **more: Any) -> VenueSource:
    urls = {"url": f"{web.url}/v2", "url_v1": f"{web.url}/v1"}
    return VenueSource(**{**urls, "venues": venues or ("ICLR",), "years": 0, **more})


def nothing(web: WebServer) -> None:
    web.pages["/v2/notes"] = web.pages["/v1/notes"] = Archive([])


def test_a_list_is_read_page_by_page(client: Client, web: WebServer) -> None:
    nothing(web)
    web.pages["/v2/notes"] = Archive([note(f"n{n}") for n in range(2_300)])
    pages = list(read(client, task("openreview", settings(web))))
    assert [len(page.records) for page in pages] == [1000, 1000, 300, 0]
    assert records(pages)[0] == Acceptance(
        key="n0",
        title="On n0",
        authors=("Ada Example",),
        venue="ICLR",
        year=2026,
        track="poster",
        url="https://openreview.net/forum?id=n0",
    )
    assert json.loads(pages[-1].cursor or "") == {ICLR: 2300}


def test_a_list_of_the_same_length_is_not_read_again(client: Client, web: WebServer) -> None:
    nothing(web)
    archive = web.pages["/v2/notes"] = Archive([note("a"), note("b")])
    given = settings(web)
    cursor = list(read(client, task("openreview", given)))[-1].cursor
    web.log.clear()
    assert list(read(client, task("openreview", given, cursor=cursor))) == []
    assert len(web.log) == 1
    archive.notes.append(note("c"))
    pages = list(read(client, task("openreview", given, cursor=cursor)))
    assert [record.key for record in records(pages)] == ["a", "b", "c"]


@pytest.mark.parametrize("cursor", ["nonsense", "[1]", '{"a": "b"}', "null"])
def test_a_cursor_of_another_hand_is_as_none(cursor: str, client: Client, web: WebServer) -> None:
    web.pages["/v2/notes"] = Archive([note("a")])
    pages = list(read(client, task("openreview", settings(web), cursor=cursor)))
    assert len(records(pages)) == 1


def test_an_older_venue_is_read_from_the_older_interface(client: Client, web: WebServer) -> None:
    nothing(web)
    web.pages["/v1/notes"] = Archive([older(note("old"))])
    (record,) = records(list(read(client, task("openreview", settings(web)))))
    assert (record.key, record.authors, record.track) == ("old", ("Ada Example",), "poster")


def test_a_venue_that_has_not_decided_gives_nothing(client: Client, web: WebServer) -> None:
    nothing(web)
    assert list(read(client, task("openreview", settings(web)))) == []


def test_notes_that_never_come_are_told_after_those_that_did(
    client: Client, web: WebServer
) -> None:
    web.pages["/v2/notes"] = Archive([note("a")], lie=2)
    pages: list[Told] = []
    coming = read(client, task("openreview", settings(web)))
    with pytest.raises(SourceMalformed, match="2 of 3 promised notes never came"):
        pages.extend(coming)
    assert [record.key for record in records(pages)] == ["a"]
    assert all(page.cursor is None for page in pages)


def test_a_journal_gives_the_years_that_are_wanted(client: Client, web: WebServer) -> None:
    stamps = {"new": 1_770_000_000_000, "old": 1_600_000_000_000}
    notes = [note(key, "TMLR", "Accepted by TMLR", pdate=stamp) for key, stamp in stamps.items()]
    web.pages["/v2/notes"] = Archive(notes)
    (record,) = records(list(read(client, task("openreview", settings(web, "TMLR")))))
    assert (record.key, record.venue, record.year, record.track) == ("new", "TMLR", 2026, "")


@pytest.mark.parametrize(
    ("named", "group"),
    [
        ("iclr", Group(ICLR, "ICLR", 2026)),
        ("COLM", Group("colmweb.org/COLM/2026/Conference", "COLM", 2026)),
        ("tmlr", Group("TMLR", "TMLR", None)),
        ("ICLR.cc/2025/Workshop/Ex", Group("ICLR.cc/2025/Workshop/Ex", "Ex", 2025)),
        ("auai.org/UAI/{year}/Conference", Group("auai.org/UAI/2026/Conference", "UAI", 2026)),
    ],
)
def test_a_venue_is_a_name_or_a_group(named: str, group: Group) -> None:
    assert openreview.groups(VenueSource(venues=(named,)), range(2026, 2027))[0] == group


def test_a_venue_that_nobody_knows_is_a_setting_to_mend() -> None:
    with pytest.raises(ConfigError, match="ICLR, NeurIPS"):
        openreview.groups(VenueSource(venues=("ICLLR",)), range(2026, 2027))


def test_only_what_was_accepted_is_taken() -> None:
    notes = [
        note("a"),
        note("b", f"{ICLR}/Rejected_Submission"),
        note("c", told="Submitted to ICLR 2026"),
        note("d", told="ICLR 2026 Oral"),
        {"id": "e"},
        7,
        note(""),
    ]
    page, number = parse(json.dumps({"notes": notes, "count": 7}).encode(), GROUP)
    assert [getattr(r, "track", "") for r in page.records] == ["poster", "oral"]
    assert page.warnings == (f"{ICLR}: 2 notes are not accepted papers",)
    assert len(page.skipped) == 3
    assert (number, page.total) == (7, 7)


def test_authors_may_be_objects_and_titles_hold_latex() -> None:
    told = note("a")
    told["content"] |= {
        "authors": {"value": [{"fullname": "Ada  Example", "username": "~Ada1"}, None, "Bo"]},
        "title": {"value": "$k$-NN is  \\textbf{back}"},
    }
    page, _ = parse(json.dumps({"notes": [told], "count": 1}).encode(), GROUP)
    (record,) = page.records
    assert isinstance(record, Acceptance)
    assert (record.title, record.authors) == ("k-NN is back", ("Ada Example", "Bo"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"notes": []}',
        b'{"notes": {}, "count": 1}',
        b"<html>",
        b"\xff",
        b"null",
    ],
)
def test_what_is_no_list_of_notes_is_refused(body: bytes) -> None:
    with pytest.raises(SourceMalformed):
        parse(body, GROUP)


def test_a_saved_list_gives_what_was_accepted() -> None:
    papers = [
        {"id": "a", "title": "One", "author": "Ada Example;Bo", "status": "Spotlight"},
        {"id": "b", "title": "Two", "status": "Reject"},
        {"id": "c", "title": "Three", "status": ""},
        {"title": "Four", "status": "Poster"},
        None,
    ]
    page = paperlists.parse(json.dumps(papers).encode(), "lists/nips2025.json")
    (record,) = page.records
    assert isinstance(record, Acceptance)
    assert (record.key, record.venue, record.year) == ("a", "NeurIPS", 2025)
    assert (record.authors, record.track) == (("Ada Example", "Bo"), "spotlight")
    assert len(page.skipped) == 2


@pytest.mark.parametrize(("body", "name"), [(b"{}", "colm2025.json"), (b"[]", "papers.json")])
def test_a_saved_list_that_is_none_is_refused(body: bytes, name: str) -> None:
    with pytest.raises(SourceMalformed):
        paperlists.parse(body, name)


def test_the_real_list_is_read_whole(shared_data: Path) -> None:
    file = shared_data / "conferences" / "paperlists" / "colm2025.json"
    page = paperlists.parse(file.read_bytes(), file.name)
    assert (len(page.records), page.skipped) == (418, ())
    assert all(isinstance(r, Acceptance) and r.authors and r.venue == "COLM" for r in page.records)
