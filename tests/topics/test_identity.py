"""A topic keeps its id while it goes on; what splits, merges, comes up and fades is told apart."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.store.records import paper
from tracker.calendar import Period
from tracker.models import Cluster
from tracker.pipeline import lasting as following
from tracker.store import lasting, papers, topics, vectors
from tracker.store.database import Database, opened
from tracker.topics.identity import Change, Group, changes

AXES = np.eye(6, dtype=np.float32)


def near(axis: int, other: int = 0, share: float = 0.0) -> NDArray[np.float32]:
    """A unit vector on an axis, leaning to another."""
    vector = (1 - share) * AXES[axis] + share * AXES[other]
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


ROUTING, DECODING, SAFETY = (
    Group(near(0), ("expert routing", "load balancing"), 1),
    Group(near(1), ("speculative decoding", "draft"), 2),
    Group(near(2), ("jailbreak", "refusal"), 3),
)


def test_topics_go_on_whatever_the_order_of_the_groups() -> None:
    groups = [Group(near(1, 0, 0.1), DECODING.terms), Group(near(0, 1, 0.1), ROUTING.terms)]
    assert changes([ROUTING, DECODING], groups) == [
        Change("continued", 0, 2), Change("continued", 1, 1)
    ]  # fmt: skip


def test_what_is_unlike_everything_is_new_and_what_is_gone_faded() -> None:
    strange = Group(near(4), ("lemurs",))
    assert changes([SAFETY], [strange]) == [Change("new", 0), Change("faded", id=3)]


def test_of_two_parts_the_likelier_goes_on_and_the_other_is_split_off() -> None:
    parts = [Group(near(0, 3, 0.3), ROUTING.terms), Group(near(0, 3, 0.1), ROUTING.terms)]
    assert changes([ROUTING], parts) == [Change("split", 0, of=1), Change("continued", 1, 1)]


def test_of_two_topics_in_one_group_the_likelier_goes_on_and_the_other_is_merged() -> None:
    other = Group(near(0, 5, 0.3), ROUTING.terms, 7)
    found = changes([other, ROUTING], [Group(near(0), ROUTING.terms)])
    assert found == [Change("continued", 0, 1), Change("merged", id=7, of=0)]


def test_like_centres_without_a_common_word_are_not_enough() -> None:
    assert changes([ROUTING], [Group(near(0, 3, 0.3), ("lemurs",))])[0].kind == "new"


@pytest.mark.parametrize("known", [[], [ROUTING]])
def test_nothing_to_compare_is_no_trouble(known: list[Group]) -> None:
    assert [change.kind for change in changes(known, [])] == ["faded"] * len(known)


WEEKS = [Period.parse_week(week) for week in ("2026-W10", "2026-W11", "2026-W12")]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path / "tracker.db") as found:
        works = [paper(f"2603.{n:05}") for n in range(3)]
        papers.take(found, works)
        number = vectors.encoder_number(found, "model", "1", 6)
        known = papers.announced(found, date(2026, 1, 1), date(2026, 12, 31))
        vectors.add(found, number, known, AXES[:3])
        yield found


def _week(db: Database, period: Period, label: str, axis: int) -> str:
    """One week with one group; gives the name that it goes by."""
    cluster = Cluster(label, ("expert routing",), ("2603.00000", "2603.00001"))
    rows = {key: near(axis) for key in cluster.members}
    followed = following.before(db, 1, period)
    found = following.recognised([cluster], rows, followed)
    topics.keep(db, period.key, found.clusters)
    following.keep(db, 1, period, found)
    return found.clusters[0].label


def test_names_and_ids_stay_from_week_to_week(db: Database) -> None:
    said = [_week(db, week, f"Label {n}", 0) for n, week in enumerate(WEEKS)]
    assert said == ["Label 0"] * 3
    ids = {change.id for week in WEEKS for change in lasting.of_period(db, week.key)}
    assert len(ids) == 1


def test_a_week_may_be_done_again(db: Database) -> None:
    for week in (*WEEKS, WEEKS[2], WEEKS[2]):
        _week(db, week, "Label", 0)
    kinds = [[c.kind for c in lasting.of_period(db, week.key)] for week in WEEKS]
    assert kinds == [["new"], ["continued"], ["continued"]]
    assert db.execute("SELECT count(*) FROM lasting_topics").fetchone() == (1,)


def test_another_topic_gets_another_id_and_the_old_one_fades(db: Database) -> None:
    _week(db, WEEKS[0], "Routing", 0)
    assert _week(db, WEEKS[1], "Lemurs", 4) == "Lemurs"
    assert [(c.name, c.kind) for c in lasting.of_period(db, WEEKS[1].key)] == [
        ("Lemurs", "new"), ("Routing", "faded")
    ]  # fmt: skip
    assert _week(db, WEEKS[2], "Back", 0) == "Routing", "it is remembered for a while"
