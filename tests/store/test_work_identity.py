"""When two records are one work: by ids, or by a long title with a shared author."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.records import paper
from tracker.models import Paper
from tracker.pipeline.ingest.link_acceptances import link_accepted_papers
from tracker.records import Acceptance, Listing
from tracker.store import acceptances, listings, papers
from tracker.store.database import Database, open_database
from tracker.store.work_identity import doi_key, match_evidence, title_key

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
def test_ids_decide_and_else_a_long_title_with_a_shared_author(
    record: dict[str, Any], work: dict[str, Any], expected: str
) -> None:
    assert match_evidence(accepted(**record), paper(**work)) == expected


def test_arxivs_doi_is_not_the_doi_of_a_publication() -> None:
    assert doi_key("https://doi.org/10.48550/arXiv.2603.00001") == ""
    assert title_key("Too short a one") == ""


@pytest.fixture
def db(tmp_path: Path) -> Any:
    with open_database(tmp_path / "t.db") as database:
        yield database


def ties(db: Database) -> list[tuple[str, str, str | None]]:
    return sorted(db.execute(
        "SELECT a.key, a.proof, w.key FROM acceptances a LEFT JOIN works w ON w.id = a.work"
    ))  # fmt: skip


def test_accepted_papers_are_linked_to_works_in_any_order_of_arrival(db: Database) -> None:
    acceptances.upsert(
        db, "acl", [accepted(), accepted(key="b", title="Nobody Knows This One Yet")]
    )
    link_accepted_papers(db)
    assert ties(db) == [("2026.moon-long.1", "", None), ("b", "", None)]
    papers.upsert(db, [paper(title=TITLE)])
    assert link_accepted_papers(db) == 1
    assert link_accepted_papers(db) == 0
    assert ties(db)[0] == ("2026.moon-long.1", "title", "2603.00001")
    assert acceptances.venue_labels(db, ["2603.00001", "2603.00009"]) == {"2603.00001": "MOON 2026"}


def test_a_record_with_two_matching_works_is_not_linked(db: Database) -> None:
    papers.upsert(db, [paper(title=TITLE), paper("2603.00002", title=TITLE)])
    acceptances.upsert(db, "acl", [accepted()])
    assert link_accepted_papers(db) == 0
    acceptances.upsert(db, "acl", [accepted(arxiv="2603.00002")])
    link_accepted_papers(db)
    assert ties(db) == [("2026.moon-long.1", "arxiv", "2603.00002")]


def test_a_changed_title_removes_the_link(db: Database) -> None:
    papers.upsert(db, [paper(title=TITLE)])
    acceptances.upsert(db, "acl", [accepted()])
    link_accepted_papers(db)
    papers.upsert(db, [paper(version=2, title="Something Entirely Else Is This Now")])
    assert link_accepted_papers(db) == 1
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


def _outcome(path: Path, received: Any) -> Any:
    with open_database(path) as db:
        for record in received:
            if isinstance(record, Paper):
                papers.upsert(db, [record], datetime(2026, 3, 20, tzinfo=UTC))
            elif isinstance(record, Listing):
                listings.store_listings(db, [record])
                papers.refresh_announcement_days(db, [record.id])
            else:
                acceptances.upsert(db, "acl", [record])
            link_accepted_papers(db)
        works = [replace(work) for work in papers.load_by_number(db, range(1, 9)).values()]
        path_of = sorted(works, key=lambda work: work.id)
        return path_of, ties(db)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    received=st.lists(
        _RECORDS, min_size=2, max_size=4, unique_by=lambda r: (type(r), getattr(r, "key", r))
    )
)
def test_the_order_of_arrival_does_not_matter(received: list[Any], tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("orders")
    outcomes = [
        _outcome(folder / f"{n}.db", order) for n, order in enumerate(permutations(received))
    ]
    assert all(outcome == outcomes[0] for outcome in outcomes)
