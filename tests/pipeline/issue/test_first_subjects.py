"""A leading paper says so if it is the first in ninety days on a known subject."""

from datetime import date, timedelta

import pytest

from tests.store.records import paper
from tracker.calendar import Period
from tracker.models import Pick
from tracker.pipeline.issue.first_subjects import find_first_subjects
from tracker.store import papers
from tracker.store.database import Database

WEEK = Period.parse_week("2026-W11")
LONG_AGO = WEEK.start - timedelta(days=200)


def store(db: Database, title: str, day: date, number: int) -> Pick:
    one = paper(f"2603.{number:05}", title=title, announced=day)
    papers.upsert(db, [one])
    return Pick(one, 1.0, ())


def titled(db: Database, title: str, day: date, number: int, times: int = 6) -> None:
    for n in range(times):
        store(db, f"{title} of Kettle {n}", day, number + n)


@pytest.mark.parametrize(
    ("between", "subject"), [(None, {"2603.00001": "copper samovars"}), (30, {})]
)
def test_a_known_subject_that_comes_back_is_named(
    db: Database, between: int | None, subject: dict[str, str]
) -> None:
    titled(db, "Copper Samovars", LONG_AGO, 100)
    if between:
        store(db, "More Copper Samovars", WEEK.start - timedelta(days=between), 200)
    pick = store(db, "HotPot: Copper Samovars for Tea", WEEK.start, 1)
    assert find_first_subjects(db, [pick], WEEK) == subject


def test_a_new_name_is_no_subject(db: Database) -> None:
    titled(db, "Boiling Water", LONG_AGO, 100)
    pick = store(db, "HotPot: Self-Evolving Kettles", WEEK.start, 1)
    assert find_first_subjects(db, [pick], WEEK) == {}
