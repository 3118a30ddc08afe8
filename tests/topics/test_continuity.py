"""A theme keeps its id while it continues; splits, mergers, new and faded themes are recognised."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.store.records import paper
from tracker.calendar import Period
from tracker.models import Cluster
from tracker.pipeline.issue import topic_continuity as following
from tracker.store import clusters, papers, topic_history, vectors
from tracker.store.database import Database, open_database
from tracker.topics.continuity import TopicChange, TopicGroup, topic_changes

AXES = np.eye(6, dtype=np.float32)


def near(axis: int, other: int = 0, share: float = 0.0) -> NDArray[np.float32]:
    """Return a unit vector on an axis, tilted towards another."""
    vector = (1 - share) * AXES[axis] + share * AXES[other]
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


ROUTING, DECODING, SAFETY = (
    TopicGroup(near(0), ("expert routing", "load balancing"), 1),
    TopicGroup(near(1), ("speculative decoding", "draft"), 2),
    TopicGroup(near(2), ("jailbreak", "refusal"), 3),
)


def test_themes_continue_in_any_order_of_clusters() -> None:
    groups = [
        TopicGroup(near(1, 0, 0.1), DECODING.terms),
        TopicGroup(near(0, 1, 0.1), ROUTING.terms),
    ]
    assert topic_changes([ROUTING, DECODING], groups) == [
        TopicChange("continued", 0, 2), TopicChange("continued", 1, 1)
    ]  # fmt: skip


def test_an_unrelated_cluster_is_new_and_a_missing_theme_is_faded() -> None:
    unrelated = TopicGroup(near(4), ("lemurs",))
    assert topic_changes([SAFETY], [unrelated]) == [
        TopicChange("new", 0),
        TopicChange("faded", id=3),
    ]


def test_of_two_parts_the_more_similar_continues_and_the_other_is_a_split() -> None:
    parts = [TopicGroup(near(0, 3, 0.3), ROUTING.terms), TopicGroup(near(0, 3, 0.1), ROUTING.terms)]
    assert topic_changes([ROUTING], parts) == [
        TopicChange("split", 0, other=1),
        TopicChange("continued", 1, 1),
    ]


def test_of_two_themes_in_one_cluster_the_more_similar_continues_and_the_other_merges() -> None:
    other = TopicGroup(near(0, 5, 0.3), ROUTING.terms, 7)
    found = topic_changes([other, ROUTING], [TopicGroup(near(0), ROUTING.terms)])
    assert found == [TopicChange("continued", 0, 1), TopicChange("merged", id=7, other=0)]


def test_similar_centroids_without_a_common_word_are_not_enough() -> None:
    assert topic_changes([ROUTING], [TopicGroup(near(0, 3, 0.3), ("lemurs",))])[0].kind == "new"


@pytest.mark.parametrize("known", [[], [ROUTING]])
def test_without_clusters_all_themes_fade(known: list[TopicGroup]) -> None:
    assert [change.kind for change in topic_changes(known, [])] == ["faded"] * len(known)


WEEKS = [Period.parse_week(week) for week in ("2026-W10", "2026-W11", "2026-W12")]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "tracker.db") as found:
        works = [paper(f"2603.{n:05}") for n in range(3)]
        papers.upsert(found, works)
        number = vectors.get_or_create_encoder(found, "model", "1", 6)
        known = papers.announced_between(found, date(2026, 1, 1), date(2026, 12, 31))
        vectors.store_vectors(found, number, known, AXES[:3])
        yield found


def _week(db: Database, period: Period, label: str, axis: int) -> str:
    """Store one week with one cluster and return its label."""
    cluster = Cluster(label, ("expert routing",), ("2603.00000", "2603.00001"))
    rows = {key: near(axis) for key in cluster.members}
    followed = following.load_previous_topics(db, 1, period)
    found = following.match_topics([cluster], rows, followed)
    clusters.store_clusters(db, period.key, found.clusters)
    following.store_topics(db, 1, period, found)
    return found.clusters[0].label


def test_names_and_ids_are_stable_from_week_to_week(db: Database) -> None:
    labels = [_week(db, week, f"Label {n}", 0) for n, week in enumerate(WEEKS)]
    assert labels == ["Label 0"] * 3
    ids = {change.id for week in WEEKS for change in topic_history.for_period(db, week.key)}
    assert len(ids) == 1


def test_a_week_can_be_repeated(db: Database) -> None:
    for week in (*WEEKS, WEEKS[2], WEEKS[2]):
        _week(db, week, "Label", 0)
    kinds = [[c.kind for c in topic_history.for_period(db, week.key)] for week in WEEKS]
    assert kinds == [["new"], ["continued"], ["continued"]]
    assert db.execute("SELECT count(*) FROM lasting_topics").fetchone() == (1,)


def test_another_theme_gets_another_id_and_the_old_one_fades(db: Database) -> None:
    _week(db, WEEKS[0], "Routing", 0)
    assert _week(db, WEEKS[1], "Lemurs", 4) == "Lemurs"
    assert [(c.name, c.kind) for c in topic_history.for_period(db, WEEKS[1].key)] == [
        ("Lemurs", "new"), ("Routing", "faded")
    ]  # fmt: skip
    assert _week(db, WEEKS[2], "Back", 0) == "Routing", "a faded theme is remembered for 2 weeks"


def test_a_name_of_an_earlier_release_is_replaced(db: Database) -> None:
    _week(db, WEEKS[0], "Routing · items", 0)
    assert _week(db, WEEKS[1], "Expert routing", 0) == "Expert routing"
    assert [topic.name for topic in topic_history.for_period(db, WEEKS[1].key)] == [
        "Expert routing"
    ]
