"""The Anthology's XML: volumes, names and titles in its format, and missing files."""

from pathlib import Path

import pytest

from tests.faults.web_server import Page, WebServer
from tests.sources.tasks import records, task, validators_of
from tracker.errors import SourceMalformed
from tracker.records import Acceptance
from tracker.settings import VenueSource
from tracker.sources.acl import parse, read_pages
from tracker.sources.http.client import Client

PAPER = (
    '<paper id="1"><title><fixed-case>GPT</fixed-case>s with <tex-math>O(n^2)</tex-math> <b>bold'
    "</b> <!-- a note -->hopes</title>"
    "<author><first>Ada</first><last>Example</last><affiliation>Nowhere</affiliation></author>"
    '<author id="bo"><last>Ünlaut</last></author><doi>10.1/ex.1</doi></paper>'
)


def collection(papers: str = PAPER, *, name: str = "2026.acl", volume: str = "long") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><collection id="{name}"><volume id="{volume}">'
        "<meta><booktitle>Invented</booktitle><year>2026</year><venue>acl</venue></meta>"
        f"<frontmatter><url>{name}-{volume}.0</url></frontmatter>{papers}</volume></collection>"
    ).encode()


def test_a_paper_is_parsed_as_plain_text() -> None:
    page = parse(collection())
    assert page.records == (
        Acceptance(
            key="2026.acl-long.1",
            title="GPTs with O(n²) bold hopes",
            authors=("Ada Example", "Ünlaut"),
            venue="ACL",
            year=2026,
            track="main",
            url="https://aclanthology.org/2026.acl-long.1/",
            doi="10.1/ex.1",
        ),
    )
    assert (page.total, page.skipped) == (1, ())


@pytest.mark.parametrize(
    ("name", "volume", "venue", "track"),
    [
        ("2026.acl", "main", "ACL", "main"),
        ("2026.acl", "short", "ACL", "short"),
        ("2026.emnlp", "demos", "EMNLP", "demo"),
        ("2026.findings", "acl", "ACL", "findings"),
        ("2026.findings", "naacl-1", "NAACL", "findings"),
        ("2026.tacl", "1", "TACL", ""),
        ("2026.conll", "1", "CoNLL", ""),
        ("2026.newconf", "long", "NEWCONF", "main"),
    ],
)
def test_venue_and_track_follow_from_the_volume(
    name: str, volume: str, venue: str, track: str
) -> None:
    (record,) = parse(collection(name=name, volume=volume)).records
    assert isinstance(record, Acceptance)
    assert (record.venue, record.track) == (venue, track)


def test_retracted_papers_and_those_without_title_are_skipped() -> None:
    papers = (
        '<paper id="2"><title>Gone</title><retracted date="2026-01-01">why</retracted></paper>'
        '<paper id="3"><title>Never</title><removed/></paper><paper id="4"><title/></paper>'
    )
    page = parse(collection(PAPER + papers))
    assert [getattr(record, "key", "") for record in page.records] == ["2026.acl-long.1"]
    assert page.skipped == (
        "2026.acl-long.2: retracted",
        "2026.acl-long.3: removed",
        "2026.acl-long.4: it has no title or no year",
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><html>404</html>",
        b"<rss/>",
        collection()[:-4],
        b'<!DOCTYPE c [<!ENTITY a "b">]><collection/>',
        b"<a>" * 10_000,
    ],
)
def test_an_incomplete_collection_is_rejected(body: bytes) -> None:
    with pytest.raises(SourceMalformed):
        parse(body)


def test_published_files_are_read_and_missing_ones_are_not_an_error(
    client: Client, web: WebServer
) -> None:
    web.pages["/2026.acl.xml"] = Page(collection())
    web.pages["/2025.tacl.xml"] = Page(collection(name="2025.tacl", volume="1"))
    settings = VenueSource(url=web.url, years=1)
    pages = list(read_pages(client, task("acl", settings)))
    assert [record.venue for record in records(pages)] == ["ACL", "TACL"]
    assert {logged.path for logged in web.log} >= {"/2026.emnlp.xml", "/2025.findings.xml"}
    again = list(read_pages(client, task("acl", settings, cache_validators=validators_of(pages))))
    assert records(again) == []


def test_the_venues_can_be_chosen(client: Client, web: WebServer) -> None:
    list(
        read_pages(
            client, task("acl", VenueSource(url=web.url, years=0, venues=("ACL", "semeval")))
        )
    )
    assert [logged.path for logged in web.log] == ["/2026.acl.xml", "/2026.semeval.xml"]


@pytest.mark.parametrize(("name", "count"), [("2024.eacl.xml", 281), ("2022.tacl.xml", 84)])
def test_real_files_are_parsed_completely(name: str, count: int, shared_data: Path) -> None:
    page = parse((shared_data / "conferences" / "acl_xml" / name).read_bytes())
    assert (len(page.records), page.total, page.skipped) == (count, count, ())
    assert all(isinstance(record, Acceptance) and record.authors for record in page.records)
