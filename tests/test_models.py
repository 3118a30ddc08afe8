"""The central records: identifiers, merging of records, and withdrawals."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.records import paper
from tracker.models import Paper, PaperId, RejectedLine, Version, merge_papers
from tracker.sources.arxiv_snapshot import read_papers


@pytest.mark.parametrize(
    ("text", "key", "version"),
    [
        ("2403.01234", "2403.01234", None),
        ("0704.0001v2", "0704.0001", 2),
        (" arXiv:2403.01234v12 ", "2403.01234", 12),
        ("oai:arXiv.org:2403.01234v3", "2403.01234", 3),
        ("http://arxiv.org/abs/2403.01234v1", "2403.01234", 1),
        ("https://export.arxiv.org/pdf/2403.01234v1.pdf", "2403.01234", 1),
        ("https://arxiv.org/html/2403.01234", "2403.01234", None),
        ("hep-th/9901001", "hep-th/9901001", None),
        ("hep-th/9901001v3", "hep-th/9901001", 3),
        ("https://arxiv.org/abs/math.GT/0309136v1", "math/0309136", 1),
        ("math/0309136", "math/0309136", None),
        ("https://arxiv.org/abs/2403.01234/", "2403.01234", None),
        ("https://arxiv.org/abs/2403.01234v2?context=cs#comments", "2403.01234", 2),
        ("arxiv.org/abs/2403.01234", "2403.01234", None),
        ("https://doi.org/10.48550/arXiv.2403.01234", "2403.01234", None),
        ("doi:10.48550/ARXIV.2403.01234", "2403.01234", None),
        ("https://huggingface.co/papers/2403.01234", "2403.01234", None),
        ("https://www.alphaxiv.org/overview/2403.01234v1", "2403.01234", 1),
        ("https://ar5iv.labs.arxiv.org/html/2403.01234", "2403.01234", None),
        ("https://www.semanticscholar.org/arxiv/2403.01234", "2403.01234", None),
        ("arXiv:2403.01234v1 [cs.CL] 9 Mar 2024", "2403.01234", 1),
        ("[arXiv:2403.01234v1] [cs.CL]", "2403.01234", 1),
        ("arXiv preprint arXiv:2403.01234.", "2403.01234", None),
        ("arXiv%3A2403.01234", "2403.01234", None),
    ],
)
def test_an_identifier_is_parsed_in_every_common_form(
    text: str, key: str, version: int | None
) -> None:
    assert PaperId.parse(text) == PaperId(key, version)
    assert PaperId.parse(text).url == f"https://arxiv.org/abs/{key}"


@pytest.mark.parametrize(
    "text",
    ["", "2403", "2403.123", "2403.1234567", "2403.01234v0", "2403.01234v", "٢٤٠٣.٠١٢٣٤", "../etc",
     "2403.01234\n2403.01235", "HEP-TH/9901001", "hep-th/99010", "doi:10.1/x", "2403.01234/../x",
     "2403.01234 and 2403.01235", "https://example.org/abs/2403.01234", "12403.01234"],
)  # fmt: skip
def test_an_invalid_identifier_is_rejected_with_a_short_reason(text: str) -> None:
    with pytest.raises(ValueError, match="is not an arXiv identifier"):
        PaperId.parse(text)


WORDS = st.sampled_from(["", "a", "bb", "ccc"])
DAYS = st.dates(date(2026, 3, 1), date(2026, 3, 4))


@st.composite
def records(draw: st.DrawFn) -> Paper:
    """Generate a record of some source: any version, with all, a part, or none of its history."""
    newest = draw(st.integers(1, 4))
    numbers = sorted({newest, *draw(st.sets(st.integers(1, newest)))})
    versions = tuple(
        Version(n, datetime(2026, 3, draw(st.integers(1, 3)), tzinfo=UTC)) for n in numbers
    )
    return paper(
        title=draw(WORDS), abstract=draw(WORDS), comments=draw(WORDS), journal_ref=draw(WORDS),
        doi=draw(WORDS), license=draw(WORDS), authors=(draw(WORDS),), categories=(draw(WORDS),),
        published=draw(DAYS), announced=draw(DAYS), updated=draw(DAYS), versions=versions,
    )  # fmt: skip


@given(records(), records())
@settings(max_examples=150, deadline=None)
def test_two_records_make_the_same_work_in_either_order(one: Paper, other: Paper) -> None:
    both = merge_papers(one, other)
    assert both == merge_papers(other, one)
    assert both.published == min(one.published, other.published)
    assert both.announced == min(one.announced, other.announced)
    assert both.version == max(one.version, other.version)


@given(records())
@settings(max_examples=50, deadline=None)
def test_the_same_record_twice_is_that_record(one: Paper) -> None:
    assert merge_papers(one, one) == one


@given(st.lists(records(), min_size=3, max_size=4))
@settings(max_examples=300, deadline=None)
def test_any_number_of_records_make_the_same_work_in_any_order(given_: list[Paper]) -> None:
    works = [reduce(merge_papers, order) for order in permutations(given_)]
    assert all(work == works[0] for work in works)
    assert merge_papers(works[0], given_[0]) == works[0]


@given(st.lists(records(), min_size=4, max_size=4))
@settings(max_examples=100, deadline=None)
def test_merging_records_is_associative(given_: list[Paper]) -> None:
    a, b, c, d = given_
    assert merge_papers(merge_papers(a, b), merge_papers(c, d)) == merge_papers(
        a, merge_papers(b, merge_papers(c, d))
    )


def test_the_newest_version_is_used_and_replaced_abstracts_remain() -> None:
    work = merge_papers(paper(version=3), paper(version=1))
    assert work.title == "An invented title, version 3"
    assert [v.abstract for v in work.versions] == ["An invented abstract, version 1.", None, None]


def test_of_one_version_the_newer_record_is_used() -> None:
    older = paper(comments="12 pages, accepted at a conference", doi="10.1/wrong")
    newer = paper(updated=older.updated + timedelta(days=1), comments="to appear", doi="10.1/r")
    assert (merge_papers(older, newer).comments, merge_papers(older, newer).doi) == (
        "to appear",
        "10.1/r",
    )
    emptied = replace(newer, comments="", updated=newer.updated + timedelta(days=1))
    assert merge_papers(newer, emptied).comments == ""


def test_a_withdrawal_is_undone_by_a_later_version_without_a_comment() -> None:
    withdrawn = paper(version=2, comments="This paper has been withdrawn by the authors")
    assert merge_papers(paper(), withdrawn).withdrawn
    assert not merge_papers(withdrawn, paper(version=3)).withdrawn


def test_fields_missing_in_one_source_come_from_the_other() -> None:
    """The API gives no licence; some saved records have lost their categories."""
    saved = paper(license="CC", categories=(), updated=date(2026, 3, 20))
    requested = paper()
    work = merge_papers(saved, requested)
    assert (work.license, work.categories) == ("CC", requested.categories)
    assert merge_papers(work, paper(version=2, categories=())).categories == requested.categories


@pytest.mark.parametrize(
    "comment",
    [
        "Withdrawn",
        "Paper withdrawn",
        "withdrawn by the author",
        "This paper has been withdrawn by the author(s) due to a sign error in equation 1",
        "This submission has been withdrawn by arXiv administrators",
        "arXiv admin note: submission has been withdrawn by arXiv administrators",
        "arXiv admin note: This paper has been withdrawn by arXiv due to disputed authorship",
        "12 pages, 3 figures. Withdrawn due to an error in Lemma 3",
        "The proof contains a gap, and is therefore withdrawn",
        "We have decided to withdraw this manuscript in order to revise it",
        "The authors have withdrawn this paper",
        "The author has requested to withdraw this submission",
        "This paper is withdrawn pending review of the analysis",
        "This article has been temporarily withdrawn.",
        "This version has been withdrawn by the authors from arXiv",
        "[invented] withdrawn by the authors",
    ],
)
def test_a_withdrawal_is_recognized_by_its_comment(comment: str) -> None:
    assert paper(comments=comment).withdrawn
    assert paper(comments=comment.upper()).withdrawn


@pytest.mark.parametrize(
    "comment",
    [
        "",
        "12 pages",
        "9 pages. This paper was withdrawn from the proceedings of a conference",
        "Accepted at a workshop (withdrawn before presentation for lack of travel funding)",
        "Withdrawn from ICLR 2025",
        "This paper was withdrawn by the authors from a conference",
        "ICLR 2025 withdrawn submission",
        "We have withdrawn this paper from a journal",
        "We will not withdraw this paper",
        "replaces the withdrawn arXiv:2401.00001",
        "Data: money withdrawn from accounts",
        "A study of retracted papers",
    ],
)
def test_a_withdrawal_from_a_venue_is_not_one_from_arxiv(comment: str) -> None:
    assert not paper(comments=comment).withdrawn


def test_an_abstract_states_a_withdrawal_only_at_its_start() -> None:
    assert paper(abstract="This paper has been withdrawn by the author.").withdrawn
    assert not paper(abstract="We study why this paper has been withdrawn by many.").withdrawn


def test_of_the_real_records_exactly_the_withdrawn_are_withdrawn(shared_data: Path) -> None:
    """Five of all 707 + 68,394, read by eye; only the lines that could matter are parsed here."""
    import gzip

    from tracker.sources.arxiv_snapshot import parse_line

    found = []
    with gzip.open(shared_data / "arxiv" / "arxiv-metadata-2024-12_2026-03.jsonl.gz") as lines:
        for line in lines:
            if b"ithdr" in line or b"etract" in line:
                work = parse_line(line)
                found += [work.id] if work.withdrawn else []
    assert sorted(found) == [
        "2006.13456", "2406.17112", "2502.14916", "2504.05355", "2601.09200",
    ]  # fmt: skip
    others = read_papers(shared_data / "arxiv" / "other-categories-2026-03-10.jsonl")
    assert not any(isinstance(work, RejectedLine) or work.withdrawn for work in others)
