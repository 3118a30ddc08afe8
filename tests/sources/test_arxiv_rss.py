"""The daily feed as records: RSS and Atom, complete or rejected, each listing with its day."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.faults.arxiv_documents import rss
from tests.faults.arxiv_server import Record
from tracker.errors import SourceMalformed
from tracker.models import Paper
from tracker.records import Listing, Revision
from tracker.sources.arxiv_rss import parse

DAY = date(2026, 3, 18)
NEW = Record("2603.00001", datetime(2026, 3, 17, 12, tzinfo=UTC), title="A $x<y$ title",
             abstract="If $a<b$ & so on.", categories=("cs.CL", "68T50"))  # fmt: skip
CROSS = replace(NEW, id="2603.00002", categories=("cs.CV", "cs.CL"))
OLD = Record("2601.00003", datetime(2026, 1, 5, tzinfo=UTC), version=3,
             updated=datetime(2026, 3, 17, 9, tzinfo=UTC))  # fmt: skip
WHOLE = rss([NEW, CROSS, OLD], DAY, ["cs.CL", "cs.LG"])
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><updated>2026-03-18T04:00:19.8+00:00</updated>
<entry><id>oai:arXiv.org:2603.00001v1</id><title>An invented
 title</title><summary>arXiv:2603.00001v1 Announce Type: new
Abstract: An invented abstract.</summary><category term="cs.CL"/><category term="cs.AI"/>
<published>2026-03-18T00:00:00-04:00</published><arxiv:announce_type>new</arxiv:announce_type>
<dc:rights>http://x.example/by</dc:rights><dc:creator>Ada Example, Bo Instance</dc:creator></entry>
</feed>"""


def test_a_feed_has_listings_papers_and_revisions() -> None:
    feed = parse(WHOLE)
    assert (feed.day, feed.items, feed.skipped) == (DAY, 3, ())
    listings = [record for record in feed.records if isinstance(record, Listing)]
    assert listings == [
        Listing(DAY, "2603.00001", "new", ("cs.CL",)),
        Listing(DAY, "2603.00002", "cross", ("cs.CV", "cs.CL")),
    ]
    paper = next(record for record in feed.records if isinstance(record, Paper))
    assert (paper.title, paper.abstract) == ("A $x<y$ title", "If $a<b$ & so on.")
    assert paper.authors == ("Ada Example", "Bo Ünlaut")
    assert (paper.announced, paper.published, paper.updated) == (DAY, DAY, date.min)
    (revision,) = (record for record in feed.records if isinstance(record, Revision))
    assert (revision.paper.id, revision.paper.version) == ("2601.00003", 3)
    assert revision.paper.published == date(2026, 1, 31), "its number was given in January"


def test_atom_has_the_same_records() -> None:
    feed = parse(ATOM)
    assert (feed.day, feed.items) == (DAY, 1)
    listing, paper = feed.records
    assert listing == Listing(DAY, "2603.00001", "new", ("cs.CL", "cs.AI"))
    assert isinstance(paper, Paper)
    assert (paper.title, paper.abstract) == ("An invented title", "An invented abstract.")
    assert (paper.authors, paper.license) == (
        ("Ada Example", "Bo Instance"), "http://x.example/by"
    )  # fmt: skip


def test_an_empty_feed_has_a_day_and_nothing_else() -> None:
    feed = parse(rss([], DAY, ["cs.CL"]))
    assert (feed.day, feed.records, feed.items) == (DAY, (), 0)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (b"oai:arXiv.org:2603.00001v1", b"oai:arXiv.org:moon", "'oai:arXiv.org:moon' is not"),
        (b"announce_type>new", b"announce_type>gone", "its kind 'gone' is not known"),
        (b"<title>A $x&lt;y$ title</title>", b"<title> </title>", "it has no title"),
        (b"<pubDate>Wed, 18 Mar 2026 00:00:00 -0400</pubDate>\n      <arx",
         b"<pubDate>soon</pubDate>\n      <arx", "its date 'soon' cannot be read"),
    ],
)  # fmt: skip
def test_an_entry_that_cannot_be_read_is_skipped_with_the_reason(
    before: bytes, after: bytes, reason: str
) -> None:
    body = rss([NEW], DAY, ["cs.CL"])
    assert before in body
    feed = parse(body.replace(before, after, 1))
    assert feed.items == 1
    assert not any(isinstance(record, Paper) for record in feed.records)
    assert reason in feed.skipped[0]


def test_a_feed_truncated_at_any_byte_is_rejected() -> None:
    for length in range(len(WHOLE.rstrip())):
        with pytest.raises(SourceMalformed):
            parse(WHOLE[:length])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<!DOCTYPE html><html/>", "HTML page"),
        (b"<moon/>", "not a feed but 'moon'"),
        (b"<rss><channel/></rss>", "its date '' cannot be read"),
    ],
)
def test_other_documents_are_rejected_with_the_reason(body: bytes, reason: str) -> None:
    with pytest.raises(SourceMalformed, match=reason):
        parse(body)


def test_the_recorded_feed_is_parsed_and_the_database_beside_it_rejected(shared_data: Path) -> None:
    folder = shared_data / "wire" / "arxiv_rss"
    (recorded,) = folder.glob("*/*.xml")
    feed = parse(recorded.read_bytes())
    assert feed.items == sum(not isinstance(record, Listing) for record in feed.records) > 0
    assert feed.skipped == ()
    (database,) = folder.glob("*/*.db")
    with pytest.raises(SourceMalformed, match="not well formed"):
        parse(database.read_bytes())
