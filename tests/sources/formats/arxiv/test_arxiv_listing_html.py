"""Listing pages as data: their day, sections and counts, and pages that prove nothing."""

from datetime import date

import pytest

from tests.faults.arxiv_in_process import listing_page
from tracker.errors import SourceMalformed
from tracker.sources.formats.arxiv.arxiv_listing_html import Section, parse

DAY = date(2026, 3, 10)
WHOLE = listing_page(DAY, ["2603.01234", "2603.01235"], ["2603.00001"], ["2512.00007"])


def page(*parts: str) -> bytes:
    return f"<html><body>{''.join(parts)}</body></html>".encode()


HEAD = "<h3>Showing new listings for Tuesday, 10 March 2026</h3>"
ENTRY = '<dl><dt><a href="/abs/2603.01234">x</a></dt></dl>'
NEW = f"<h3>New submissions (showing 1 of 1 entries)</h3>{ENTRY}"


def test_a_page_has_a_day_sections_and_a_total() -> None:
    found = parse(WHOLE, "arxiv_listings")
    assert (found.day, found.total) == (DAY, 4)
    assert found.sections == (
        Section("new", ("2603.01234", "2603.01235"), 2),
        Section("cross", ("2603.00001",), 1),
        Section("replace", ("2512.00007",), 1),
    )


@pytest.mark.parametrize(
    "heading",
    [
        "<h3>Showing new listings for Tuesday, 10 March 2026</h3>",
        "<h2>Catchup results for Computation and Language on Tue, 10 Mar 2026</h2>",
        "<h1>cs.CL</h1><h3>Showing new listings for Tuesday 10 March 2026 </h3>",
    ],
)
def test_the_day_is_in_a_heading(heading: str) -> None:
    assert parse(page(heading, NEW), "arxiv_listings").day == DAY


@pytest.mark.parametrize(
    ("heading", "kind", "total"),
    [
        ("Cross submissions (showing 1 of 1 entries)", "cross", 1),
        ("Cross-lists (showing 1 of 1 entries)", "cross", 1),
        ("Cross-listings (showing 1 of 1 entries )", "cross", 1),
        ("Replacement submissions (showing 1 of 1 entries)", "replace", 1),
        ("Replacements (continued, showing last 1 of 1,127 entries)", "replace", 1127),
        ("New submissions (showing first 1 of 127 entries)", "new", 127),
    ],
)
def test_the_names_of_sections_vary(heading: str, kind: str, total: int) -> None:
    entry = '<dl id="articles"><dt>[<a href="https://arxiv.org/abs/2603.01234v2">x</a>]</dt></dl>'
    (section,) = parse(page(HEAD, f"<h3>{heading}</h3>{entry}"), "arxiv_listings").sections
    assert section == Section(kind, ("2603.01234",), total)


def test_entries_without_a_term_element_are_counted() -> None:
    bare = NEW.replace("<dt>", "<p>").replace("</dt>", "</p>")
    assert parse(page(HEAD, bare), "arxiv_listings").sections[0].ids == ("2603.01234",)


def test_a_day_without_listings_is_empty() -> None:
    found = parse(listing_page(DAY, []), "arxiv_listings")
    assert (found.day, found.sections) == (DAY, ())


def test_a_page_cut_at_any_place_is_rejected() -> None:
    end = WHOLE.index(b"</html>")
    for length in range(0, end, 7):
        with pytest.raises(SourceMalformed):
            parse(WHOLE[:length], "arxiv_listings")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (page("<h1>Rate exceeded.</h1>"), "no heading has a date"),
        (page(HEAD), "without any section"),
        (page(HEAD, NEW.replace("1 of 1", "2 of 2")), "has 1 of 2 entries"),
        (page(HEAD.replace("10 March", "31 February"), NEW), "no heading has a date"),
        (b"<html><body>", "cut"),
    ],
)
def test_a_page_that_contradicts_itself_is_rejected(body: bytes, reason: str) -> None:
    with pytest.raises(SourceMalformed, match=reason):
        parse(body, "arxiv_listings")
