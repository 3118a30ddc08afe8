"""Leaderboards, completeness, BibTeX, facets, growth charts and changed abstracts."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.store.records import paper
from tests.web.browsing import Site
from tracker.language import LANGUAGES
from tracker.models import Version
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
