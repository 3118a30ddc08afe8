"""A month lists its surveys, benchmarks, data sets and code, and the groups behind its papers."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from sqlite3 import connect

import pytest

from tests.digest import documents
from tests.store.records import paper
from tracker.digest.document import MonthFacts, as_json, from_json
from tracker.digest.monthly.month_lists import (
    GroupedWork,
    build_paper_lists,
    choose_listed,
    count_groups,
)
from tracker.digest.render.pages import render_pages
from tracker.language import LANGUAGES
from tracker.models import Paper, Pick
from tracker.records import Popularity
from tracker.resources import templates_folder
from tracker.store import month_counts, papers, popularity, schema
from tracker.store.database import Database, write_transaction

START, END = date(2026, 3, 1), date(2026, 3, 31)


def titled(number: int, title: str, comments: str = "") -> Paper:
    return replace(paper(), id=f"2603.{number:05}", title=title, comments=comments)


SURVEY = titled(1, "Bark Beetles: A Survey", "Code: https://github.com/oak/beetles")
BENCHMARK = titled(2, "OakBench: Can Agents Climb?")
METHOD = titled(3, "Sap Flow in Transformers", "Code: https://github.com/elm/sap")


def picks(*found: Paper) -> list[Pick]:
    return [Pick(one, 1.0 - place / 10, ()) for place, one in enumerate(found)]


def works(*groups: str) -> Iterable[GroupedWork]:
    for number, group in enumerate(groups):
        yield GroupedWork(group, f"2603.{number:05}", f"Work {number}", 10 * number)


def test_a_paper_is_in_the_first_list_that_it_belongs_to() -> None:
    chosen = choose_listed(picks(METHOD, SURVEY, BENCHMARK))
    listed = {key: [pick.paper.id for pick in found] for key, found in chosen.items() if found}
    assert listed == {"survey": [SURVEY.id], "benchmark": [BENCHMARK.id], "code": [METHOD.id]}


def test_lists_have_the_number_of_all_papers_and_their_code_and_stars() -> None:
    chosen = choose_listed(picks(METHOD, SURVEY))
    survey, code = build_paper_lists(
        {"survey": 28, "code": 752}, chosen, {METHOD.id: 18}, lambda _: "it flows"
    )
    assert (survey.key, survey.papers, survey.best[0].finding) == ("survey", 28, "")
    assert (code.papers, code.best[0].finding, code.best[0].stars) == (752, "it flows", 18)
    assert code.best[0].code == "https://github.com/elm/sap"


def test_groups_with_three_papers_are_listed_with_the_most_upvoted_one() -> None:
    (oak,) = count_groups(works("Oak Lab", "Elm Inc", "Oak Lab", "Elm Inc", "Oak Lab"))
    assert (oak.name, oak.papers, oak.upvotes) == ("Oak Lab", 3, 60)
    assert oak.best.id == "2603.00004"


def test_kinds_code_stars_and_groups_are_counted_in_the_store() -> None:
    db = Database(connect(":memory:"))
    with write_transaction(db):
        schema.migrate(db)
        papers.upsert(db, [SURVEY, BENCHMARK, METHOD])
        votes = Popularity(METHOD.id, END, END, 7, 0, "https://github.com/Elm/sap/", 18, "Elm Inc")
        popularity.upsert_upvotes(db, [votes, replace(votes, day=START, upvotes=2)])
    assert month_counts.count_kinds(db, START, END, METHOD.categories) == {
        "survey": 1, "benchmark": 1, "code": 2,
    }  # fmt: skip
    assert month_counts.count_kinds(db, START, END, ["q-bio.GN"]) == {}
    assert month_counts.stars_of_works(db, START, END) == {METHOD.id: 18}
    assert month_counts.works_with_groups(db, START, END) == [
        ("Elm Inc", METHOD.id, METHOD.title, 7)
    ]


@pytest.mark.parametrize("code", LANGUAGES)
def test_pages_show_lists_and_groups(code: str) -> None:
    chosen = choose_listed(picks(METHOD, SURVEY, BENCHMARK))
    lists = build_paper_lists(
        {"survey": 28, "benchmark": 182, "code": 752}, chosen, {METHOD.id: 18}, lambda _: ""
    )
    month = replace(
        MonthFacts((), 0, None), lists=lists, groups=count_groups(works(*["<Oak>"] * 3))
    )
    document = from_json(as_json(replace(documents.monthly(), language=code, month=month)))
    pages = render_pages(document, templates_folder())
    for page in (pages["md"], pages["html"]):
        for part in (
            "28",
            "182",
            "752",
            "18",
            "github.com/elm/sap",
            "Bark Beetles: A Survey",
            "Oak",
        ):
            assert part in page
        assert "<Oak>" not in page


def test_a_judged_paper_leaves_its_list() -> None:
    lists = build_paper_lists({}, choose_listed(picks(METHOD, SURVEY)), {}, lambda _: "")
    month = replace(MonthFacts((), 0, None), lists=lists)
    document = replace(documents.monthly(), month=month)
    left = document.without_judged(frozenset(), frozenset({SURVEY.id})).month
    assert left is not None
    assert [found.key for found in left.lists] == ["code"]
