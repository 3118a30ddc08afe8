"""Responses of arXiv's OAI-PMH interface: records with all versions, tokens, protocol errors."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.faults.arxiv_documents import oai, oai_error
from tests.faults.arxiv_server import Record
from tracker.errors import SourceError, SourceMalformed, SourceRefused
from tracker.sources.arxiv_oai import TokenExpired, oai_set_name, parse

DAY = date(2026, 3, 18)
RECORDS = [
    Record("2603.00001", datetime(2026, 3, 16, 12, tzinfo=UTC), comments="12 pages"),
    Record("2603.00002", datetime(2026, 3, 9, 12, 30, tzinfo=UTC), version=2,
           updated=datetime(2026, 3, 17, 12, tzinfo=UTC)),
    Record("2603.00003", datetime(2026, 3, 17, 12, tzinfo=UTC)),
]  # fmt: skip
REQUEST = {"set": "cs:cs:CL", "from": "2026-03-01"}
WHOLE = oai(RECORDS, DAY, REQUEST, page=3)


def test_records_have_their_versions_and_the_day_of_their_last_change() -> None:
    answer = parse(WHOLE)
    assert (answer.day, answer.token, answer.skipped) == (DAY, "", ())
    (first, stamp), (second, changed), _ = answer.papers
    assert (first.id, first.comments, stamp) == ("2603.00001", "12 pages", date(2026, 3, 17))
    assert (first.announced, first.license[-8:]) == (date(2026, 3, 17), "/by/4.0/")
    assert first.versions[0].created == datetime(2026, 3, 16, 12, tzinfo=UTC)
    assert ([v.number for v in second.versions], changed) == ([1, 2], DAY)
    assert second.announced == date(2026, 3, 10), "as it was submitted, not as it was changed"


def test_a_page_that_is_not_the_last_has_a_token() -> None:
    answer = parse(oai(RECORDS, DAY, REQUEST, page=2))
    assert (len(answer.papers), bool(answer.token)) == (2, True)
    rest = parse(oai(RECORDS, DAY, {"resumptionToken": answer.token}, page=2))
    assert ([paper.id for paper, _ in rest.papers], rest.token) == (["2603.00003"], "")


def test_no_records_is_an_empty_response_and_other_errors_are_raised() -> None:
    assert parse(oai_error("noRecordsMatch", DAY)).papers == ()
    with pytest.raises(SourceRefused, match="badArgument"):
        parse(oai_error("badArgument", DAY))
    with pytest.raises(TokenExpired):
        parse(oai_error("badResumptionToken", DAY))


def test_a_deleted_record_and_one_that_cannot_be_read_are_counted() -> None:
    body = WHOLE.replace(b"<header>", b'<header status="deleted">', 1)
    body = body.replace(b"<title>An invented title</title>", b"", 2)
    answer = parse(body)
    assert len(answer.papers) == 1
    assert answer.skipped == (
        "oai:arXiv.org:2603.00001: arXiv has deleted it",
        "oai:arXiv.org:2603.00002: it has no title",
    )


@pytest.mark.parametrize(
    ("comments", "types", "stored", "withdrawn"),
    [
        ("12 pages", ("D", "I"), "12 pages. arXiv marks this version as withdrawn.", True),
        ("", ("D", "I"), "arXiv marks this version as withdrawn.", True),
        ("Withdrawn by the authors", ("D", "I"), "Withdrawn by the authors", True),
        ("12 pages", ("I", "D"), "12 pages", False),
        ("12 pages", ("D", "X"), "12 pages", False),
    ],
)
def test_a_version_without_files_is_withdrawn(
    comments: str, types: tuple[str, str], stored: str, withdrawn: bool
) -> None:
    record = replace(RECORDS[1], comments=comments or "x")
    body = oai([record], DAY, REQUEST, page=3)
    body = body.replace(b"<comments>x</comments>", b"")
    for kind in types:
        mark = f"</date><source_type>{kind}</source_type></version>".encode()
        body = body.replace(b"</date></version>", mark, 1)
    ((harvested, _),) = parse(body).papers
    assert (harvested.comments, harvested.withdrawn) == (stored, withdrawn)


def test_a_response_truncated_at_any_byte_is_rejected() -> None:
    for length in range(len(WHOLE.rstrip())):
        with pytest.raises(SourceMalformed):
            parse(WHOLE[:length])


def test_a_response_to_another_request_is_rejected() -> None:
    body = WHOLE.replace(b"ListRecords>", b"Identify>")
    with pytest.raises(SourceMalformed, match="it lists no records"):
        parse(body)


@pytest.mark.parametrize(
    ("category", "name"),
    [("cs.CL", "cs:cs:CL"), ("stat.ML", "stat:stat:ML"), ("hep-th", "physics:hep-th"),
     ("astro-ph.HE", "physics:astro-ph:HE"), ("q-bio.NC", "q-bio:q-bio:NC")],
)  # fmt: skip
def test_a_category_has_its_set(category: str, name: str) -> None:
    assert oai_set_name(category) == name


def test_recorded_files_are_parsed_or_rejected_with_a_reason(shared_data: Path) -> None:
    read, refused = 0, []
    for file in sorted((shared_data / "wire" / "oai_pmh").glob("*/*")):
        try:
            answer = parse(file.read_bytes())
            read += len(answer.papers)
            assert all(": " in reason for reason in answer.skipped)
        except SourceError as error:
            refused.append(error.reason)
    assert read > 20, "those in arXiv's own format"
    assert len(refused) > 10
    assert all(refused)
