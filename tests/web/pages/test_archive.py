"""The archive: a card with cover and contents for each issue, by day, week and month."""

import re
from pathlib import Path

import feedparser
import pytest

from tests.cli.commands import process
from tests.digest.documents import HOSTILE
from tests.web.browsing import Site, published, serving
from tracker import resources
from tracker.digest.render.archive import IssueCard, build_shelves
from tracker.digest.render.pages import render_web_page


@pytest.fixture(scope="module")
def daily_site(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Site:
    home = published(demo_home, tmp_path_factory.mktemp("archive") / "home")
    assert process("digest", "--day", "2026-03-10", home=home).code == 0
    with serving(home) as site:
        yield site  # type: ignore[misc]


def test_each_issue_has_a_cover_its_contents_and_its_dates(daily_site: Site) -> None:
    page = daily_site.ask("/").page
    assert "W11" in page.text
    assert "LLM Weekly 2026-W11" in page.text
    assert "LLM Daily 2026-03-10" in page.text
    assert re.search(r"9 Mar 2026.*15 Mar 2026", page.text)


@pytest.mark.parametrize(
    ("period", "page"),
    [("day", "daily-2026-03-10"), ("week", "weekly-2026-W11"), ("month", "monthly-2026-02")],
)
def test_the_archive_can_be_limited_to_a_kind_of_period(
    period: str, page: str, daily_site: Site
) -> None:
    links = [one for one in daily_site.ask(f"/?period={period}").page.links if "html" in one]
    assert f"./{page}.html" in links
    assert {link[2:].partition("-")[0] for link in links} == {page.partition("-")[0]}
    assert daily_site.ask(f"/{page}.html").status == 200


def test_another_period_is_refused(daily_site: Site) -> None:
    reply = daily_site.ask("/?period=year")
    assert reply.status == 400
    assert "day, week, month" in reply.page.text or "week, month, day" in reply.page.text


def test_daily_editions_are_only_in_their_own_feed(daily_site: Site) -> None:
    daily, everything = (
        feedparser.parse(daily_site.ask(f"/{name}.atom").text) for name in ("daily", "feed")
    )
    assert [entry.id for entry in daily.entries] == ["urn:tracker:daily-2026-03-10:en"]
    assert not [entry for entry in everything.entries if "daily" in entry.id]
    assert daily_site.ask("/daily.json").headers["content-type"] == "application/feed+json"


def test_the_api_lists_and_shows_issues_by_period(daily_site: Site) -> None:
    reply = daily_site.ask("/api/v1/issues?period=day")
    assert '"2026-03-10"' in reply.text
    assert "2026-W11" not in reply.text
    assert daily_site.ask("/api/v1/issues/daily/2026-03-10").status == 200
    assert daily_site.ask("/api/v1/issues?period=year").status == 400


def test_the_index_file_escapes_what_issues_contain() -> None:
    card = IssueCard("weekly", "2026-W11", "en", HOSTILE, 31, (HOSTILE,), "weekly-2026-W11.html")
    page = render_web_page(
        "index.jinja", resources.templates_folder(), "en",
        shelves=build_shelves([card], 5), feeds=["feed"],
    )  # fmt: skip
    assert "<script" not in page
    assert 'href="weekly-2026-W11.html"' in page


def test_a_shelf_tells_whether_there_are_older_issues() -> None:
    cards = [IssueCard("weekly", f"2026-W{n}", "en", "s", 1, (), "") for n in range(20, 10, -1)]
    (shelf,) = build_shelves(cards, 3)
    assert [card.period for card in shelf.cards] == ["2026-W20", "2026-W19", "2026-W18"]
    assert shelf.has_more
