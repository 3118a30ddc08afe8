"""The opening paragraph states facts of the issue, each with a link, in every language."""

import re
from dataclasses import replace
from datetime import date

import pytest

from tests.digest import documents
from tracker.digest.document import Document, MonthFacts, VenueEvent
from tracker.digest.monthly.month_parts import ShareChange
from tracker.digest.render.pages import render_pages
from tracker.digest.writing.brief import BriefFacts, compose_brief
from tracker.digest.writing.trend_sentences import add_dimensions
from tracker.language import LANGUAGES, get_language
from tracker.resources import templates_folder

EN = get_language("en")
VENUES = (
    VenueEvent("accepted", "TREES 2026", date(2026, 3, 11), papers=1204),
    VenueEvent("deadline", "HILLS 2026", date(2026, 4, 15), "https://hills.example"),
    VenueEvent("deadline", "ROOTS 2026", date(2026, 4, 2)),
)


def facts(**changes: object) -> BriefFacts:
    document = documents.weekly()
    found = BriefFacts(
        document.period, document.counts, document.read_first, document.top, document.themes,
        document.boards, VENUES,
    )  # fmt: skip
    return replace(found, **changes)


def by_kind(given: BriefFacts) -> dict[str, str]:
    return {sentence.kind: sentence.text for sentence in compose_brief(given, EN)}


def test_a_brief_has_four_to_six_sentences_with_links_to_what_they_are_about() -> None:
    for given in (facts(), facts(boards=(), venues=())):
        sentences = compose_brief(given, EN)
        assert 4 <= len(sentences) <= 6
        assert all(re.match(r"https?://|#[a-z]+$", sentence.url) for sentence in sentences)
        assert sentences[0].kind == "volume"


def test_volume_is_compared_in_plain_words() -> None:
    usual = replace(documents.weekly().counts, papers=1357, baseline=1400.0)
    for baseline, words in ((1400.0, "about as many as usual"), (1100.0, "23% more than usual"),
                            (1550.0, "12% fewer than usual")):  # fmt: skip
        text = by_kind(facts(counts=replace(usual, baseline=baseline)))["volume"]
        assert "1,357 papers" in text
        assert text.endswith(f", {words}.")
    alone = by_kind(facts(counts=replace(usual, baseline=None)))["volume"]
    assert "usual" not in alone


def test_only_changes_beyond_chance_are_growth() -> None:
    counts = documents.weekly().counts
    steady = tuple(replace(row, trend="steady") for row in counts.directions)
    assert "chance" in by_kind(facts(counts=replace(counts, directions=steady)))["trend"]
    first = replace(steady[0], trend="growing", share=0.09, share_before=0.06)
    grown = by_kind(facts(counts=replace(counts, directions=(first, *steady[1:]))))["trend"]
    assert grown == (
        f"The share of “{first.name}” (from 6% to 9%) grew by more than chance explains."
    )
    uncompared = tuple(replace(row, share_before=None) for row in steady)
    assert "trend" not in by_kind(facts(counts=replace(counts, directions=uncompared)))


def test_the_paper_to_read_comes_with_its_result() -> None:
    first = replace(documents.picked(), result="We find that trees hold 31% more hills.")
    sentence = next(s for s in compose_brief(facts(read_first=first), EN) if s.kind == "paper")
    assert first.title in sentence.text
    assert sentence.text.endswith(": trees hold 31% more hills.")
    assert (sentence.url, sentence.ids) == (first.url, (first.id,))


def test_conferences_and_boards_are_named() -> None:
    found = by_kind(facts())
    assert found["accepted"] == "TREES 2026 published its list of 1,204 accepted papers."
    assert found["deadline"] == "Submissions to ROOTS 2026 close on 2 April 2026."
    assert "board" not in by_kind(facts(boards=()))


def test_a_new_theme_comes_before_the_largest() -> None:
    themes = documents.themes()
    new = replace(themes[2], state="new")
    text = by_kind(facts(boards=(), venues=(), themes=(new, *themes[:2])))["theme"]
    assert text == f"A theme is new: “{new.label}”, with {new.size} papers."


def test_an_issue_without_papers_has_no_brief() -> None:
    assert compose_brief(facts(read_first=None), EN) == ()


def test_consecutive_issues_are_worded_differently_and_each_always_the_same() -> None:
    one, other = (facts(period=week) for week in ("2026-W09", "2026-W10"))
    assert by_kind(one)["paper"] != by_kind(other)["paper"]
    assert compose_brief(one, EN) == compose_brief(one, EN)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_page_shows_the_brief(code: str) -> None:
    language = get_language(code)
    brief = compose_brief(facts(), language)
    document: Document = replace(documents.weekly(), language=code, brief=brief, venues=VENUES)
    pages = render_pages(document, templates_folder())
    for sentence in brief:
        assert not re.search(r"[{}]", sentence.text)
        assert code == "en" or re.search(r"[\u4e00-\u9fff]", sentence.text)
    for sentence in brief:
        if sentence.url.startswith("#"):
            assert f'href="{sentence.url}"' in pages["html"]
            assert f'id="{sentence.url[1:]}"' in pages["html"], "the section is on the page"
    assert language.gettext("The week in brief") in pages["txt"]
    assert language.gettext("The week in brief") in pages["md"]


def test_a_paper_is_named_once_though_it_has_the_most_upvotes() -> None:
    first, second, *_ = documents.weekly().top
    top = (replace(first, upvotes=50), replace(second, upvotes=0))
    sentences = compose_brief(facts(top=top, boards=(), venues=()), EN)
    ids = {sentence.kind: sentence.ids for sentence in sentences}
    assert ids["attention"] == (first.id,)
    assert ids["second"] == (second.id,)


def _changed(name: str, change: float, *, holds: bool) -> ShareChange:
    return ShareChange(name, "dimension", name, 90, 0.05 + change, 0.05, change, change - 0.01,
                       change + 0.01, 0.01, holds, 0.02)  # fmt: skip


@pytest.mark.parametrize(
    ("code", "expected"),
    [("en", "Steady. Of the dimensions, “Bark” grew, and “Roots”, “Leaves” and “Buds” shrank."),
     ("zh-TW", "Steady.各維度中，「Bark」上升，「Roots」、「Leaves」和「Buds」下降。")],
)  # fmt: skip
def test_dimensions_that_changed_beyond_chance_are_named(code: str, expected: str) -> None:
    month = replace(MonthFacts((), 22, 0.01), changes=(
        _changed("Bark", 0.02, holds=True), _changed("Roots", -0.02, holds=True),
        _changed("Leaves", -0.02, holds=True), _changed("Buds", -0.01, holds=True),
        _changed("Moss", 0.01, holds=False),
    ))  # fmt: skip
    assert add_dimensions("Steady.", month, get_language(code)) == expected
