"""Parsing of one response of the query API: recorded, damaged and unusual entries."""

import contextlib
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.faults.arxiv_server import Record, feed, invented
from tracker.errors import SourceMalformed
from tracker.models import Version
from tracker.sources.formats.arxiv.arxiv_atom import parse

SUBMITTED = datetime(2026, 3, 5, 20, 30, 0, tzinfo=UTC)
WHOLE = feed(invented(4), total=4)


def test_recorded_responses_are_parsed_or_rejected_with_a_reason(shared_data: Path) -> None:
    files = sorted((shared_data / "wire" / "arxiv_api_recorded").glob("*.json"))
    assert len(files) >= 20
    for file in files:
        recorded = json.loads(file.read_text())
        body = recorded["body"].encode()
        if recorded["status_code"] == 200:
            page = parse(body)
            assert len(page.papers) == recorded["body"].count("<entry>")
            assert page.skipped == ()
        else:
            with pytest.raises(SourceMalformed, match="arXiv says: incorrect id format"):
                parse(body)


def test_an_entry_becomes_a_paper() -> None:
    record = Record(
        "2603.04321",
        SUBMITTED,
        title="A title  over\n   lines",
        categories=("cs.LG", "I.2.7; 68T50", "stat.ML", "68T07", "cond-mat.dis-nn", "quant-ph"),
        version=3,
        updated=datetime(2026, 4, 1, tzinfo=UTC),
    )
    (paper,) = parse(feed([record], total=1)).papers
    assert paper.id == "2603.04321"
    assert paper.title == "A title over lines"
    assert paper.abstract == "An invented abstract about $a<b$ & more."
    assert paper.authors == ("Ada Example", "Bo Ünlaut")
    assert paper.categories == ("cs.LG", "stat.ML", "cond-mat.dis-nn", "quant-ph")
    assert (paper.published, paper.updated) == (date(2026, 3, 5), date(2026, 4, 1))
    assert paper.versions == (Version(1, SUBMITTED), Version(3, datetime(2026, 4, 1, tzinfo=UTC)))
    assert paper.announced == date(2026, 3, 9)  # Thursday after the deadline: Sunday evening
    assert paper.version == 3


def test_the_paper_titled_0_has_a_title() -> None:
    (paper,) = parse(feed([Record("2603.00001", SUBMITTED, title="0")], total=1)).papers
    assert paper.title == "0"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("hep-th/9901001", "hep-th/9901001"),
        ("math.CA/0611800", "math/0611800"),  # the subject class is no part of the identity
        ("0704.0001", "0704.0001"),
    ],
)
def test_ids_of_all_formats_are_parsed(name: str, key: str) -> None:
    (paper,) = parse(feed([Record(name, SUBMITTED)], total=1)).papers
    assert paper.id == key


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"<published>2026-03-02T00:00:00Z</published>", b"", "date is missing"),
        (b"<updated>2026-03-02T00:00:00Z</updated>", b"", "date is missing"),
        (b"<published>2026-03-02T00", b"<published>2026-13-45T00", "2603.00001v1"),
        (b"<published>2026", b"<published>0001", "impossible"),
        (b"<published>2026-03-02T00:00:00Z", b"<published>0001-01-01T00:00:00+14:00", "00001v1"),
        (b"abs/2603.00001v1</id>", b"abs/what</id>", "not an arXiv identifier"),
        (b"<id>http://arxiv.org/abs/2603.00001v1</id>", b"", "without id"),
        (b"Paper\n  number 0", b" ", "no title"),
    ],
)
def test_an_unreadable_entry_is_reported_and_the_others_are_parsed(
    old: bytes, new: bytes, reason: str
) -> None:
    assert old in WHOLE
    page = parse(WHOLE.replace(old, new, 1))
    assert [paper.id for paper in page.papers] == ["2603.00002", "2603.00003", "2603.00004"]
    assert len(page.skipped) == 1
    assert reason in page.skipped[0]


@settings(deadline=None)  # the first example also pays for the imports
@given(st.integers(0, len(WHOLE.rstrip()) - 1))
def test_a_response_truncated_at_any_byte_is_rejected(length: int) -> None:
    with pytest.raises(SourceMalformed):
        parse(WHOLE[:length])


@settings(deadline=None)
@given(
    st.binary(max_size=200)
    | st.builds(lambda b, n: WHOLE[:n] + b + WHOLE[n:], st.binary(max_size=9), st.integers(0, 900))
)
def test_arbitrary_bytes_raise_only_our_error(body: bytes) -> None:
    with contextlib.suppress(SourceMalformed):
        parse(body)


BOMB = b"""<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">
<!ENTITY x SYSTEM "file:///etc/passwd">]><feed xmlns="http://www.w3.org/2005/Atom">&b;&x;</feed>"""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not well formed"),
        (b"Rate exceeded.", "not well formed"),
        (b"<!DOCTYPE html><html><br></html>", "HTML page"),
        (b"\n <HTML><body/></HTML>", "HTML page"),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "HTML page"),
        (b"<rss version='2.0'/>", "'rss'"),
        (b"<feed/>", "not an Atom feed"),
        (BOMB, "a DOCTYPE"),
        (WHOLE + b"<more/>", "not well formed"),
        (WHOLE.replace(b">4<", b"><", 1), "totalResults"),
        (WHOLE.replace(b">4<", b">many<", 1), "totalResults"),
        (WHOLE.replace(b">4<", b">3<", 1), "4 entries from 0 on, but 3 in all"),
        (WHOLE.replace(b"startIndex", b"other"), "startIndex"),
    ],
)
def test_an_incomplete_feed_is_rejected_with_the_reason(body: bytes, reason: str) -> None:
    with pytest.raises(SourceMalformed, match=reason):
        parse(body)


def test_the_private_builder_of_the_arxiv_package_is_unchanged() -> None:
    """`arxiv._feed._build_result(element)` gives a Result, or None without id or dates."""
    from arxiv import Result, _feed  # type: ignore[import-untyped]  # ships no types
    from lxml import etree  # type: ignore[import-untyped]  # ships no types

    entry = etree.fromstring(WHOLE).find("{http://www.w3.org/2005/Atom}entry")
    record = _feed._build_result(entry)
    assert isinstance(record, Result)
    assert record.entry_id == "http://arxiv.org/abs/2603.00001v1"
    assert record.published == datetime(2026, 3, 2, tzinfo=UTC)
    assert [author.name for author in record.authors] == ["Ada Example", "Bo Ünlaut"]
    assert record.primary_category == "cs.CL"
    assert (record.comment, record.journal_ref, record.doi) == (None, None, None)
    assert _feed._build_result(etree.fromstring(b"<entry/>")) is None
