"""When two records are one work: ids prove or forbid it, long titles with an author suggest it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.records import paper
from tracker.identity import doi_key, proof, title_key
from tracker.models import Paper
from tracker.pipeline.linking import link
from tracker.records import Acceptance, Listing
from tracker.store import acceptances, listings, papers
from tracker.store.database import Database, opened

TITLE = "Invented Giraffes Attend to Very Sparse Trees"


def accepted(**fields: Any) -> Acceptance:
    given: dict[str, Any] = {
        "key": "2026.moon-long.1", "title": TITLE, "authors": ("Ada Example", "Cy Other"),
        "venue": "MOON", "year": 2026,
    }  # fmt: skip
    return Acceptance(**given | fields)


@pytest.mark.parametrize(
    ("record", "work", "expected"),
    [
        ({"arxiv": "2603.00001", "title": "Else"}, {"title": "Other"}, "arxiv"),
        ({"doi": "10.48550/arXiv.2603.00001", "title": "Else"}, {"title": "Other"}, "arxiv"),
        ({"arxiv": "2603.00002"}, {"title": TITLE}, ""),
        ({"doi": "https://doi.org/10.1/ABC"}, {"doi": "10.1/abc", "title": "Other"}, "doi"),
        ({"doi": "10.1/abc"}, {"doi": "10.1/xyz", "title": TITLE}, ""),
        ({"doi": "10.1/abc"}, {"title": TITLE}, "title"),
        ({"doi": "10.1/abc"}, {"doi": "10.1/xyz, 10.1/ABC", "title": "Other"}, "doi"),
        ({}, {"title": TITLE}, "title"),
        ({"title": "{I}nvented giraffes attend to very sparse TREES."}, {"title": TITLE}, "title"),
        ({"title": "Invented Gïraffes, attend to Very-Sparse trees"}, {"title": TITLE}, "title"),
        ({"authors": ("A. Example",)}, {"title": TITLE}, "title"),
        ({"authors": ("Dora Nobody",)}, {"title": TITLE}, ""),
        ({"title": "A Reply"}, {"title": "A Reply"}, ""),
        ({}, {"title": TITLE + " Again"}, ""),
    ],
)
def test_ids_prove_or_forbid_and_a_long_title_with_an_author_suggests(
    record: dict[str, Any], work: dict[str, Any], expected: str
) -> None:
    assert proof(accepted(**record), paper(**work)) == expected


def test_arxivs_own_doi_is_no_doi_of_a_publication() -> None:
    assert doi_key("https://doi.org/10.48550/arXiv.2603.00001") == ""
    assert title_key("Too short a one") == ""


@pytest.fixture
def db(tmp_path: Path) -> Any:
    with opened(tmp_path / "t.db") as database:
        yield database


def ties(db: Database) -> list[tuple[str, str, str | None]]:
    return sorted(db.execute(
        "SELECT a.key, a.proof, w.key FROM acceptances a LEFT JOIN works w ON w.id = a.work"
    ))  # fmt: skip


def test_accepted_papers_are_tied_to_works_whichever_came_first(db: Database) -> None:
    acceptances.take(db, "acl", [accepted(), accepted(key="b", title="Nobody Knows This One Yet")])
    link(db)
    assert ties(db) == [("2026.moon-long.1", "", None), ("b", "", None)]
    papers.take(db, [paper(title=TITLE)])
    assert link(db) == 1
    assert link(db) == 0
    assert ties(db)[0] == ("2026.moon-long.1", "title", "2603.00001")
    assert acceptances.venues(db, ["2603.00001", "2603.00009"]) == {"2603.00001": "MOON 2026"}


def test_two_works_with_the_same_proof_leave_a_record_alone(db: Database) -> None:
    papers.take(db, [paper(title=TITLE), paper("2603.00002", title=TITLE)])
    acceptances.take(db, "acl", [accepted()])
    assert link(db) == 0
    acceptances.take(db, "acl", [accepted(arxiv="2603.00002")])
    link(db)
    assert ties(db) == [("2026.moon-long.1", "arxiv", "2603.00002")]


def test_a_title_that_changes_unties(db: Database) -> None:
    papers.take(db, [paper(title=TITLE)])
    acceptances.take(db, "acl", [accepted()])
    link(db)
    papers.take(db, [paper(version=2, title="Something Entirely Else Is This Now")])
    assert link(db) == 1
    assert ties(db) == [("2026.moon-long.1", "", None)]


_SOME = st.sampled_from
_RECORDS = st.one_of(
    st.builds(
        lambda n, version, title, doi, day: paper(
            f"2603.0000{n}", version, title=title, doi=doi, announced=date(2026, 3, 9 + day)
        ),
        st.integers(1, 3), st.integers(1, 3), _SOME([TITLE, "Another Long Invented Title"]),
        _SOME(["", "10.1/a", "10.1/b"]), st.integers(0, 3),
    ),
    st.builds(
        lambda key, title, doi, arxiv: accepted(key=key, title=title, doi=doi, arxiv=arxiv),
        _SOME("ab"), _SOME([TITLE, "Another long invented title"]),
        _SOME(["", "10.1/A", "10.48550/arXiv.2603.00002"]), _SOME(["", "2603.00001", "2603.00003"]),
    ),
    st.builds(
        lambda n, day: Listing(date(2026, 3, 9 + day), f"2603.0000{n}", "new", ("cs.CL",)),
        st.integers(1, 3), st.integers(0, 3),
    ),
)  # fmt: skip


def _outcome(path: Path, told: Any) -> Any:
    with opened(path) as db:
        for record in told:
            if isinstance(record, Paper):
                papers.take(db, [record], datetime(2026, 3, 20, tzinfo=UTC))
            elif isinstance(record, Listing):
                listings.take(db, [record])
                papers.settle(db, [record.id])
            else:
                acceptances.take(db, "acl", [record])
            link(db)
        works = [replace(work) for work in papers.by_number(db, range(1, 9)).values()]
        path_of = sorted(works, key=lambda work: work.id)
        return path_of, ties(db)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    told=st.lists(
        _RECORDS, min_size=2, max_size=4, unique_by=lambda r: (type(r), getattr(r, "key", r))
    )
)
def test_the_order_of_arrival_does_not_matter(told: list[Any], tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("orders")
    outcomes = [_outcome(folder / f"{n}.db", order) for n, order in enumerate(permutations(told))]
    assert all(outcome == outcomes[0] for outcome in outcomes)
