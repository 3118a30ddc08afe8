"""Leaderboards, completeness, BibTeX, facets, growth charts and changed abstracts."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.store.records import paper
from tests.web.browsing import Site
from tracker.language import LANGUAGES
from tracker.models import Version
from tracker.web.pages.site_pages import DayState, build_weeks
from tracker.web.pages.source_sentences import number_of, split_at_sources
from tracker.web.pages.version_diff import diff_versions

PAPER = "2602.92029"


@pytest.mark.parametrize("path", ["/leaderboards", "/completeness", "/topic/moe"])
@pytest.mark.parametrize("code", LANGUAGES)
def test_pages_are_well_formed_in_every_language(path: str, code: str, site: Site) -> None:
    reply = site.ask(path, Accept_Language=code)
    assert reply.status == 200
    assert f'<html lang="{code}">' in reply.text
    assert reply.page.elements
    assert not [name for name, _ in reply.page.attributes if name == "style"]


def test_leaderboards_and_the_chart_of_a_topic_have_their_numbers(site: Site) -> None:
    boards = site.ask("/leaderboards")
    assert boards.page.elements.count("table") >= 1
    topic = site.ask("/topic/moe")
    bars = topic.page.elements.count("rect")
    assert bars == topic.text.count('<td class="n">') // 2 > 1


def test_a_paper_has_a_bibtex_entry(site: Site) -> None:
    assert f"../bibtex/{PAPER}" in site.ask(f"/paper/{PAPER}").page.links
    reply = site.ask(f"/bibtex/{PAPER}")
    assert reply.headers["content-type"].startswith("text/plain")
    assert reply.text.startswith("@misc{")
    assert site.ask("/bibtex/9999.99999").status == 404


def test_facets_narrow_a_search_to_their_number(site: Site) -> None:
    found = site.find("experts")
    facets = re.search(r'<details class="facets">.*?</details>', found.text, re.DOTALL)
    assert facets
    links = re.findall(r'href="([^"]+)">[^<]*</a> <span class="size">\((\d+)\)', facets[0])
    assert links
    for link, number in links:
        (query,) = parse_qs(urlsplit(link.replace("&amp;", "&")).query)["q"]
        reply = site.find(query)
        assert reply.status == 200
        assert reply.page.elements.count("li") >= int(number)


def test_changed_abstracts_show_what_was_added_and_removed() -> None:
    moment = datetime(2026, 3, 9, tzinfo=UTC)
    one = replace(
        paper("2603.00001", abstract="We reach 45 points on a test."),
        versions=(
            Version(1, moment, "We reach 40 points on a test."),
            Version(2, moment, "We reach 40 points on a test."),
            Version(3, moment),
        ),
    )
    (diff,) = diff_versions(one)
    assert diff.number == 3
    assert ("removed", " 40") in diff.pieces
    assert ("added", " 45") in diff.pieces
    assert "".join(text for kind, text in diff.pieces if kind != "removed") == one.abstract


def test_each_sentence_of_a_summary_points_to_its_source(site: Site) -> None:
    page = site.ask(f"/paper/{PAPER}")
    targets = [value for name, value in page.page.attributes if name == "id"]
    links = [link for link in page.page.links if link.startswith("#source-")]
    assert links
    assert {link[1:] for link in links} <= set(targets)


def test_an_abstract_is_split_at_its_source_sentences() -> None:
    abstract = "We study experts. They route tokens. It works."
    pieces = split_at_sources(abstract, ["They route tokens.", "It works.", "Not in it.", ""])
    assert "".join(piece.text for piece in pieces) == abstract
    assert all(piece.text.strip() for piece in pieces)
    assert number_of(pieces) == {"They route tokens.": 1, "It works.": 2}


def test_the_calendar_of_completeness_has_the_days_of_each_week() -> None:
    days = [
        DayState(date(2026, 3, 9) + timedelta(days=n), 100 + n, 0, ("complete", state))
        for n, state in enumerate(["complete", "degraded", "unverified", "complete", "closed"])
    ]
    (week,) = build_weeks(days)
    assert week.monday == date(2026, 3, 9)
    assert [day and day.state for day in week.days] == [
        "complete", "degraded", "unverified", "complete", "complete",
    ]  # fmt: skip
