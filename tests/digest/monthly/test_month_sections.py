"""What became of last month, papers with listed models, and what a new edition changes."""

from dataclasses import replace
from datetime import date

import pytest

from tests.digest import documents
from tracker.digest.document import BoardMoves, Entry, as_json, from_json
from tracker.digest.monthly.accepted_papers import count_accepted
from tracker.digest.monthly.board_lines import build_board_lines
from tracker.digest.monthly.editions import with_edition
from tracker.digest.monthly.last_month import (
    PickRecords,
    list_pick_outcomes,
    list_trend_outcomes,
)
from tracker.digest.monthly.model_evidence import BoardSpan, TitledWork, find_model_evidence
from tracker.digest.monthly.month_parts import (
    LastMonth,
    ModelEvidence,
    MonthFacts,
    MonthVolume,
    NextMonth,
    PlannedPaper,
    TrendOutcome,
    VolumeChange,
)
from tracker.digest.render.pages import render_pages
from tracker.digest.writing.brief import BriefFacts, compose_brief
from tracker.language import get_language
from tracker.models import BoardRow, BoardSnapshot, Paper
from tracker.records import ModelCard
from tracker.resources import templates_folder
from tracker.topics.trends import Trend

DAY = date(2026, 3, 31)
EN = get_language("en")


def trend(kind: str, share: float = 0.1) -> Trend:
    return Trend("moe", "Mixture of Experts", 40, 30, share, 0.08, kind, 0.02, 0.01, 0.03, 0.01)


@pytest.mark.parametrize(
    ("before", "now", "outcome"),
    [
        ("growing", "growing", "continued"), ("growing", "shrinking", "reversed"),
        ("growing", "steady", "open"), ("shrinking", "shrinking", "continued"),
        ("shrinking", "growing", "reversed"),
    ],
)  # fmt: skip
def test_a_change_of_last_month_is_followed(before: str, now: str, outcome: str) -> None:
    (found,) = list_trend_outcomes([trend(before)], {"moe": trend(now)})
    assert (found.trend, found.outcome) == (before, outcome)


def test_only_changes_that_held_are_followed() -> None:
    assert not list_trend_outcomes([trend("steady"), trend("new")], {"moe": trend("growing")})
    assert not list_trend_outcomes([trend("growing")], {})


def paper(entry: Entry, comments: str = "", abstract: str = "") -> Paper:
    return Paper(
        id=entry.id, versions=(), title=entry.title, abstract=abstract, authors=entry.authors,
        categories=entry.categories, published=DAY, updated=DAY, announced=DAY, comments=comments,
    )  # fmt: skip


def test_papers_of_last_month_are_listed_with_what_they_gained() -> None:
    shown = [replace(documents.entry(n), venue="", code="") for n in range(5)]
    known = {entry.id: paper(entry) for entry in shown}
    known[shown[0].id] = paper(shown[0], comments="Accepted at ICML 2026")
    known[shown[1].id] = paper(shown[1], abstract="Code: https://github.com/invented/code")
    records = PickRecords(
        known, citations={shown[2].id: 7}, upvotes={shown[3].id: -2}, models={shown[2].id: ["a/b"]}
    )
    venue, code, cited = list_pick_outcomes(shown, records)
    assert (venue.id, venue.venue) == (shown[0].id, "ICML 2026")
    assert (code.id, code.code) == (shown[1].id, "https://github.com/invented/code")
    assert (cited.citations, cited.models, cited.upvotes) == (7, ("a/b",), 0)


def test_what_a_paper_had_already_is_no_gain() -> None:
    shown = replace(documents.entry(1), venue="ICML 2026", code="https://github.com/invented/code")
    found = paper(shown, "Accepted at ICML 2026", "Code: https://github.com/invented/code")
    assert not list_pick_outcomes([shown], PickRecords({shown.id: found}))


def snapshot(day: date, *rows: tuple[str, float]) -> BoardSnapshot:
    return BoardSnapshot("arena", day, tuple(
        BoardRow(model, score, rank, score - 5, score + 5, license="Apache 2.0")
        for rank, (model, score) in enumerate(rows, 1)
    ))  # fmt: skip


NEWEST = snapshot(DAY, ("oak-5-air", 1400), ("oak-5", 1398), ("elm-5.1", 1300), ("ash", 1200))
EARLIER = snapshot(date(2026, 2, 1), ("elm-5.1", 1300), ("oak-5", 1250), ("ash", 1200))


def find(*works: TitledWork, cards: tuple[ModelCard, ...] = ()) -> tuple[ModelEvidence, ...]:
    return find_model_evidence(works, cards, [BoardSpan(NEWEST, EARLIER)])


def test_a_model_is_joined_with_its_paper_and_its_ranks() -> None:
    (found,) = find(TitledWork("2603.00001", "Oak-5: An Invented Model", ""))
    assert (found.board_name, found.evidence, found.license) == ("oak-5", "title", "Apache 2.0")
    assert (found.best, found.worst, found.best_before, found.worst_before) == (1, 2, 2, 2)


@pytest.mark.parametrize(
    "title", ["Elm-5: Another", "Ash: A Word Is No Name", "Towards Oak-5", "Oak: No Number"]
)
def test_an_ambiguous_name_is_not_joined(title: str) -> None:
    assert not find(TitledWork("2603.00001", title, ""))


def test_a_page_that_names_the_paper_is_evidence_but_not_for_a_model_made_from_it() -> None:
    work = TitledWork("2603.00002", "BirchNet: An Invented Model", "")
    made = ModelCard("someone/Remix-9B", DAY, 1, None, None, 10, "", ("2603.00002",))
    own = ModelCard("birch/BirchNet-7B", DAY, 2, None, None, 20, "", ("2603.00002",))
    assert not find(work, cards=(made,))
    (found,) = find(work, cards=(made, own))
    assert (found.model, found.evidence, found.downloads) == ("birch/BirchNet-7B", "card", 20)


def test_a_number_after_the_name_is_part_of_it() -> None:
    work = TitledWork("2603.00003", "Larch-Cascade 2: An Invented Model", "")
    own = ModelCard("larch/Larch-Cascade-2-30B-A3B", DAY, 1, arxiv=("2603.00003",))
    (found,) = find(work, cards=(own,))
    assert (found.model, found.evidence) == (own.name, "card")


def test_spellings_of_a_venue_are_one_and_a_year_is_needed() -> None:
    found = count_accepted(
        {"CVPR 2026": ["a", "b"], "CVPR2026": ["c"], "cvpr 2026": ["d"], "CVPR": ["e"] * 9,
         "ICLR 2026": ["f", "g"]}, [],
    )  # fmt: skip
    assert [(venue.venue, venue.papers) for venue in found] == [("CVPR 2026", 4)]


def test_a_board_has_lines_from_two_snapshots_on() -> None:
    assert build_board_lines([NEWEST]) is None
    lines = build_board_lines([EARLIER, NEWEST])
    assert lines is not None
    assert {line.model: line.ranks for line in lines.lines}["oak-5"] == (2, 2)


def report(**changes: object) -> MonthFacts:
    return replace(MonthFacts((), 0, None), **changes)


def test_a_later_edition_lists_what_differs_from_the_first_one() -> None:
    first = with_edition(replace(documents.monthly(), month=report()), None, DAY)
    assert first.month is not None
    assert not first.month.changed
    again = with_edition(replace(documents.monthly(), month=report()), first, date(2026, 9, 9))
    assert again == first, "the same store gives the same report"
    counts = replace(first.counts, papers=first.counts.papers + 3)
    later = with_edition(
        replace(first, counts=counts, top=first.top[1:]), from_json(as_json(first)), DAY
    )
    assert later.month is not None
    assert [(one.kind, one.name) for one in later.month.changed] == [
        ("papers", ""), ("shown", first.top[0].id)
    ]  # fmt: skip


def test_the_facts_of_a_model_have_no_marks_of_html_in_markdown() -> None:
    found = ModelEvidence(
        "Oak-9B", "2603.00001", "Oak-9B: A Tree", "card", board="arena", board_name="oak-9b",
        board_day=DAY, best=1, worst=3, downloads=7,
    )  # fmt: skip
    page = render_pages(
        replace(documents.monthly(), month=report(models=(found,))), templates_folder()
    )["md"]
    assert "7 downloads; the model's page names the paper" in page
    assert "&" not in next(line for line in page.splitlines() if "Oak-9B: A Tree" in line)


def test_a_first_snapshot_says_nothing_of_moves() -> None:
    first = BoardMoves("arena", DAY, None, (), ((1, "oak-9b", 1200.0),), 1)
    later = replace(first, day_before=date(2026, 2, 28))
    for news, stated in ((first, False), (later, True)):
        pages = render_pages(replace(documents.monthly(), boards=(news,)), templates_folder())
        assert {"No model moved" in pages[form] for form in ("md", "html")} == {stated}


def test_a_difference_that_may_be_chance_is_stated_as_one() -> None:
    document = documents.monthly()
    whole = VolumeChange(
        "", document.counts.papers - 33, 8000.0, -0.24, -0.41, -0.02, 0.07, False, 0.3
    )
    volume = MonthVolume(date(2025, 6, 2), (), (whole,))
    page = render_pages(replace(document, month=report(volume=volume)), templates_folder())["md"]
    assert "the previous six months suggest 8,000; chance may explain the difference" in page
    assert "33 papers of other days are left out" in page
    assert "in line with" not in page


def test_a_report_lists_what_it_lacks() -> None:
    page = render_pages(replace(documents.monthly(), month=report()), templates_folder())["md"]
    (line,) = (line for line in page.splitlines() if line.startswith("Not in this report: "))
    assert "twelve weeks" in line
    assert "the month before was not collected" in line


def test_a_month_with_missing_days_is_not_compared_with_whole_ones() -> None:
    document = documents.monthly()
    days = tuple(
        replace(day, state="empty", papers=0) if number > 2 else day
        for number, day in enumerate(document.counts.days)
    )
    counts = replace(document.counts, papers=3, days=days, baseline=6000.0, baseline_periods=6)
    facts = BriefFacts(document.period, counts, document.read_first, document.top, document.themes,
                       month=report())  # fmt: skip
    (volume,) = (one.text for one in compose_brief(facts, EN) if one.kind == "volume")
    assert "usual" not in volume


def test_pages_show_what_became_of_last_month_and_plan_the_next() -> None:
    month = report(
        last_month=LastMonth("2026-01", (TrendOutcome("moe", "MoE", "growing", 0.01, 0.02, 0.0, 0.1,
                                                      "continued"),), 10, ()),
        next_month=NextMonth((PlannedPaper("2603.00001", "https://arxiv.org/abs/2603.00001", "Oak",
                                           "MoE", 2, 173, 30, "Read it first."),),
                             "Count tokens", 25, ("`python -V`", "Count."), "ACL 2026", DAY),
        models=find(TitledWork("2603.00001", "Oak-5: An Invented Model", "")),
    )  # fmt: skip
    document = replace(documents.monthly(), month=month)
    pages = render_pages(document, templates_folder())
    for page in (pages["md"].replace("\\", ""), pages["html"]):
        parts = (
            "grew in January 2026 and kept growing, from 1.0% to 2.0%",
            "Week 1, 30 minutes: MoE, 2 of 173 papers read.",
            "Next deadline: ACL 2026, 31 Mar 2026",
            "rank 1–2 on arena, 31 Mar 2026, before 2",
            "Try by hand, 25 minutes",
        )
        assert [part for part in parts if part not in page] == []
    shared = document.without_personal_parts().month
    assert shared is not None
    assert shared.next_month is None, "the plan is for the reader of this installation"
