"""One record with characters that XML does not allow never loses the records beside it."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import NamedTuple

import pytest

from tests.faults.arxiv_documents import oai, rss
from tests.faults.arxiv_server import Record, feed
from tracker.errors import SourceMalformed
from tracker.models import Paper
from tracker.sources import arxiv_oai, arxiv_rss
from tracker.sources.formats.arxiv import arxiv_atom

DAY = date(2026, 3, 10)
SUBMITTED = datetime(2026, 3, 9, 12, tzinfo=UTC)
RECORDS = [
    Record(f"2603.0000{number}", SUBMITTED, title=f"Title {number} of words", abstract="We do MARK")
    for number in range(1, 6)
]
IDS = [record.id for record in RECORDS]


class Outcome(NamedTuple):
    papers: list[Paper]
    repaired: tuple[str, ...]
    skipped: tuple[str, ...]


def read_api(body: bytes) -> Outcome:
    page = arxiv_atom.parse(body)
    return Outcome(list(page.papers), page.repaired, page.skipped)


def read_oai(body: bytes) -> Outcome:
    page = arxiv_oai.parse(body)
    assert page.token == "next"
    assert page.unread == bool(page.skipped)
    return Outcome([paper for paper, _ in page.papers], page.repaired, page.skipped)


def read_rss(body: bytes) -> Outcome:
    page = arxiv_rss.parse(body)
    papers = [record for record in page.records if isinstance(record, Paper)]
    assert page.items == len(papers) + len(page.skipped)
    assert page.unlisted == len(page.skipped)
    return Outcome(papers, page.repaired, page.skipped)


OAI_PAGE = oai(RECORDS, DAY, {"set": "cs:cs:CL", "from": "2026-03-01"}, page=9).replace(
    b"<resumptionToken>", b"<resumptionToken>next"
)
READERS: dict[str, tuple[bytes, Callable[[bytes], Outcome]]] = {
    "api": (feed(RECORDS, total=5), read_api),
    "oai": (OAI_PAGE, read_oai),
    "rss": (rss(RECORDS, DAY, ["cs.CL"]), read_rss),
}
# What an abstract contains, and what a reader gets.
DIRT = [
    (b"\x0b", ""), (b"a\x00b", "a b"), (b"\x1f\x08", ""), (b"\xef\xbf\xbe", ""),
    (b"&#x1;", ""), (b"&#0;", ""), (b"&#xD800;", ""), (b"&#x110000;", ""), (b"&#27;", ""),
    (b"R&D", "R&D"), (b"a & b &", "a & b &"), (b"caf&eacute;", "caf\u00e9"), (b"&copy", "&copy"),
    (b"a < b", "a < b"), (b"$a<b$ and $c>d$", "$a<b$ and $c>d$"), (b"x <5", "x <5"),
    (b"a]]>b", "a]]>b"), (b"<![CDATA[ a", "<![CDATA[ a"),
    (b"caf\xe9", "caf\u00e9"), (b"\x93so\x94", "\u201cso\u201d"),
]  # fmt: skip


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(("dirt", "text"), DIRT)
def test_a_dirty_record_is_repaired_and_counted(name: str, dirt: bytes, text: str) -> None:
    whole, read = READERS[name]
    at = whole.index(b"MARK", whole.index(b"2603.00003"))
    outcome = read(whole[:at] + dirt + whole[at + 4 :])
    assert [paper.id for paper in outcome.papers] == IDS
    assert outcome.papers[2].abstract == f"We do {text}".strip()
    assert outcome.papers[1].abstract == outcome.papers[3].abstract == "We do MARK"
    assert outcome.skipped == ()
    assert len(outcome.repaired) == 1
    assert outcome.repaired[0].startswith("2603.00003")


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("dirt", [b"<open>", b"</closed>", b"<a></b>"])
def test_a_record_that_cannot_be_repaired_is_skipped_by_name(name: str, dirt: bytes) -> None:
    whole, read = READERS[name]
    at = whole.index(b"MARK", whole.index(b"2603.00003"))
    outcome = read(whole[:at] + dirt + b"\x01" + whole[at + 4 :])
    assert [paper.id for paper in outcome.papers] == [*IDS[:2], *IDS[3:]]
    assert len(outcome.skipped) == 1
    assert outcome.skipped[0].startswith("2603.00003")


@pytest.mark.parametrize("name", READERS)
def test_every_record_may_be_dirty(name: str) -> None:
    whole, read = READERS[name]
    outcome = read(whole.replace(b"MARK", b"\x02 &"))
    assert [paper.id for paper in outcome.papers] == IDS
    assert len(outcome.repaired) == 5


@pytest.mark.parametrize("name", READERS)
def test_a_dirty_document_that_was_cut_is_rejected(name: str) -> None:
    whole, read = READERS[name]
    dirty = whole.replace(b"MARK", b"\x01", 1).rstrip()
    for length in range(0, len(dirty), 7):
        with pytest.raises(SourceMalformed):
            read(dirty[:length])


@pytest.mark.parametrize("name", READERS)
def test_no_other_record_is_lost_wherever_the_dirt_is(name: str) -> None:
    whole, read = READERS[name]
    chance = random.Random(name)
    first, last = whole.index(b"MARK"), whole.rindex(b"MARK")
    for _ in range(200):
        at = chance.randrange(first, last)
        body = whole[:at] + chance.choice((b"\x01", b"&", b"<", b"\xff", b"&#3;")) + whole[at:]
        outcome = read(body)
        lost = set(IDS) - {paper.id for paper in outcome.papers}
        assert len(lost) <= 2, body
        assert len(outcome.skipped) >= len(lost), (lost, outcome.skipped)
