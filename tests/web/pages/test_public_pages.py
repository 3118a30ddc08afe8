"""The public pages: issues, search, papers, topics."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest

from summarizer.text.sentences import to_plain_text
from tests.cli.commands import process
from tests.web.browsing import Site, published, serving
from tracker.language import LANGUAGES
from tracker.records import CitedWorks
from tracker.store import citation_links
from tracker.store.database import open_database, write_transaction
from tracker.web.pages.public_pages import omit_commands

PAPER = "2602.92029"
PAGES = ["/", "/search", "/search?q=MoE+routing", "/search?q=experts&sort=date&n=100",
         f"/paper/{PAPER}", f"/similar/{PAPER}", "/topics", "/topic/moe", "/nothing"]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("code", LANGUAGES)
def test_pages_are_well_formed_in_every_language_without_scripts(
    path: str, code: str, site: Site
) -> None:
    reply = site.ask(path, Accept_Language=code)
    assert f'<html lang="{code}">' in reply.text
    page = reply.page
    assert not {"script", "iframe", "img", "style", "object"} & set(page.elements)
    names = {name for name, _ in page.attributes}
    assert not [name for name in names if name.startswith("on") or name == "style"]
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert "unsafe" not in reply.headers["content-security-policy"]
    assert reply.headers["x-content-type-options"] == "nosniff"


def test_every_internal_link_works(site: Site) -> None:
    seen, left = {"/"}, ["/"]
    while left and len(seen) < 400:
        path = left.pop()
        reply = site.ask(path)
        assert reply.status == 200, path
        if not reply.headers["content-type"].startswith("text/html") or path.startswith("/weekly"):
            continue
        for link in reply.page.links:
            found = urljoin(f"http://here{path}", link)
            parts = urlsplit(found)
            if parts.netloc != "here":
                assert parts.scheme == "https", link
                continue
            # One page of each kind of answer to a search is enough.
            query = "" if parts.path == "/search" and len(seen) > 60 else parts.query
            inner = parts.path + (f"?{query}" if query else "")
            if inner not in seen and "lang=" not in inner:
                seen.add(inner)
                left.append(inner)
    kinds = {path.split("/")[1].partition("?")[0] for path in seen}
    assert {"", "search", "paper", "similar", "topic", "topics", "style.css"} <= kinds


def test_search_shows_the_results_and_reasons_of_the_command(site: Site) -> None:
    expected = process("search", "MoE routing", "--json", "-n", "20", home=site.home).json
    page = site.find("MoE routing")
    ids = [link.rpartition("/")[2] for link in page.page.links if link.startswith("./paper/")]
    assert ids == [hit["id"] for hit in expected["hits"]]
    assert "also named mixture of experts" in page.text
    assert "<mark>Mixture of Experts</mark>" in page.text


def test_search_supports_the_query_language(site: Site) -> None:
    assert "No papers match." in site.find("moe after:2027-01-01").text
    wrong = site.find("moe topic:nonsense")
    assert wrong.status == 400
    assert "There is no topic &#39;nonsense&#39;" in wrong.text
    assert 'value="moe topic:nonsense"' in wrong.text, "it can be mended where it was typed"


def test_queries_are_escaped(site: Site) -> None:
    page = site.find('"><script>alert(1)</script> MoE\r\n<b>')
    assert page.status == 200
    assert "script" not in page.page.elements
    assert "b" not in page.page.elements
    assert "&lt;script&gt;" in page.text


def test_more_results_are_a_link_away(site: Site) -> None:
    (more,) = [link for link in site.find("language model").page.links if "n=40" in link]
    assert parse_qs(urlsplit(more).query)["q"] == ["language model"]
    assert site.ask(f"/search{more}").text.count("<li>") == 40


def test_a_paper_page_shows_the_facts_of_the_command(site: Site) -> None:
    work = process("show", PAPER, "--json", home=site.home).json
    text = " ".join(site.ask(f"/paper/{PAPER}").page.text.split())
    for sentence in work["summary"]["sentences"]:
        assert sentence["text"] in text
        assert sentence["source"] in text
    for author in work["paper"]["authors"]:
        assert author in text
    assert "v1 · 19 Feb 2026 v2 · 1 Mar 2026" in text
    assert work["paper"]["comments"] in text
    assert "Mixture of Experts" in text


@pytest.fixture
def linked(site: Site) -> Iterator[tuple[str, str]]:
    """A work that the example builds on, and one that builds on it; forgotten afterwards."""
    links = site.ask(f"/similar/{PAPER}").page.links
    keys = [link.rpartition("/")[2] for link in links if "/paper/26" in link]
    base, follower = [key for key in dict.fromkeys(keys) if key != PAPER][:2]
    day = date(2026, 3, 12)
    records = [CitedWorks(PAPER, day, (base,), 1), CitedWorks(follower, day, (PAPER,), 1)]
    with open_database(site.home / "tracker.db") as db:
        citation_links.replace_cited_works(db, records)
        yield base, follower
        with write_transaction(db):
            db.execute("DELETE FROM citation_links")
            db.execute("DELETE FROM reference_lookups")


def test_a_paper_page_links_to_what_it_builds_on_and_what_builds_on_it(
    linked: tuple[str, str], site: Site
) -> None:
    page = site.ask(f"/paper/{PAPER}")
    assert page.text.index("Builds on") < page.text.index("Built on by")
    assert set(linked) <= {link.rpartition("/")[2] for link in page.page.links}


def test_a_paper_page_without_references_has_no_headings_for_them(site: Site) -> None:
    text = site.ask(f"/paper/{PAPER}").text
    assert "Builds on" not in text
    assert "Built on by" not in text


def test_a_paper_page_has_the_whole_abstract_as_the_command_does(site: Site) -> None:
    done = process("show", PAPER, "--json", home=site.home)
    abstract = " ".join(to_plain_text(done.json["paper"]["abstract"]).split())
    assert abstract in " ".join(site.ask(f"/paper/{PAPER}").page.text.split())
    assert f"abstract: {abstract}" in " ".join(process("show", PAPER, home=site.home).out.split())


def test_the_requested_language_is_kept(site: Site) -> None:
    page = site.ask("/topics?lang=zh-CN", Accept_Language="en")
    assert '<html lang="zh-CN">' in page.text
    assert "混合专家" in page.text
    assert "./topic/moe?lang=zh-CN" in page.page.links
    assert '<html lang="zh-TW">' in site.ask("/", Accept_Language="zh-HK").text
    assert '<html lang="en">' in site.ask("/?lang=fr", Accept_Language="fr").text
    assert site.ask("/").headers["vary"] == "Accept-Language"


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        ("weekly-2026-W11.html", "text/html; charset=utf-8"),
        ("index.html", "text/html; charset=utf-8"),
        ("feed.atom", "application/atom+xml"),
        ("feed.json", "application/feed+json"),
    ],
)
def test_an_issue_is_served_as_published_and_cacheable(page: str, kind: str, site: Site) -> None:
    written = (site.home / "digests" / "web" / page).read_bytes()
    reply = site.ask(f"/{page}")
    assert (reply.status, reply.headers["content-type"], reply.body) == (200, kind, written)
    assert "script" not in reply.headers["content-security-policy"]
    head = site.ask(f"/{page}", "HEAD")
    assert (head.status, head.body, int(head.headers["content-length"])) == (200, b"", len(written))
    for known in ({"If_None_Match": reply.headers["etag"]},
                  {"If_Modified_Since": reply.headers["last-modified"]}):  # fmt: skip
        again = site.ask(f"/{page}", **known)
        assert (again.status, again.body) == (304, b"")


def test_the_front_page_lists_issues_newest_first(site: Site) -> None:
    links = [link for link in site.ask("/").page.links if link.endswith(".html")]
    english = [link for link in links if ".zh-" not in link]
    assert english == ["./weekly-2026-W11.html", "./weekly-2026-W10.html", "./monthly-2026-02.html"]


def test_issues_in_the_requested_language_come_first(demo_home: Path, tmp_path: Path) -> None:
    home = published(demo_home, tmp_path / "home")
    done = process("digest", "--week", "2026-W11", "--lang", "zh-TW", home=home)
    assert done.code == 0
    (home / "digests" / "web" / "weekly-2026-W10.html").unlink()
    with serving(home) as site:
        page = site.ask("/", Accept_Language="zh-TW").page
        links = [link for link in page.links if link.endswith(".html")]
        assert links[0] == "./weekly-2026-W11.zh-TW.html"
        assert "尚未發布" in page.text
        assert "./weekly-2026-W10.html" not in links
        assert site.ask("/weekly-2026-W10.html").status == 404
        assert site.ask("/weekly-2026-W11.zh-TW.html").status == 200


def test_the_site_works_with_an_empty_home(tmp_path: Path) -> None:
    with serving(tmp_path) as site:
        assert "No issues yet." in site.ask("/").text
        assert "There are no papers yet" in site.find("moe").text
        assert site.ask("/topics").status == 200
        assert site.ask("/feed.atom").status == 404
        similar = site.ask(f"/similar/{PAPER}")
        assert similar.status == 404
        assert "tracker search" in similar.text


def test_links_are_relative_for_any_proxy_path(site: Site) -> None:
    for path in PAGES:
        page = site.ask(path).page
        assert not [link for link in page.links if link.startswith("/")]
    assert any(link.startswith("../style.css?") for link in site.ask(f"/paper/{PAPER}").page.links)
    assert json.loads(site.ask("/feed.json").body)["items"]


@pytest.mark.parametrize(
    ("note", "shown"),
    [
        ("1 of 9 papers are indexed; `tracker index` does the rest.", "1 of 9 papers are indexed."),
        ("The index is damaged. Run `tracker index`.", "The index is damaged."),
        ("Searching with m-1.0 until `tracker index` has run for m-2.0.", "Searching with m-1.0."),
        ("Corrected: tea; 3 papers.", "Corrected: tea; 3 papers."),
    ],
)
def test_visitors_are_shown_no_commands(note: str, shown: str) -> None:
    assert omit_commands(note) == shown


def test_a_direction_begins_with_a_reading_path(site: Site) -> None:
    page = site.ask("/topic/moe").page
    assert "Start here" in page.text
    assert "https://arxiv.org/abs/1701.06538" in page.links
    chinese = site.ask("/topic/moe?lang=zh-TW").page.text
    assert "從這裡開始" in chinese
    assert "提出稀疏門控和負載均衡損失。" in chinese
    assert "Start here" not in site.ask("/topic/training").page.text
