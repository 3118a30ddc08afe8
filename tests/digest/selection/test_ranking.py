"""Ranking: reasons add up to scores, the order is deterministic, and the selection is diverse."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.records import paper
from tracker.digest.selection.paper_kinds import paper_kind
from tracker.digest.selection.ranking import rank_candidates, select_diverse
from tracker.digest.selection.signals import EXPLORE, SIGNALS, Candidates, UpvoteSnapshot
from tracker.digest.selection.variety import PaperTraits, paper_traits
from tracker.digest.writing import phrasing
from tracker.language import get_language
from tracker.models import Paper, Pick, Reason, Tag
from tracker.settings import Ranking


def candidates(papers: Sequence[Paper], **columns: Any) -> Candidates:
    """Candidates with no other data than `columns`."""
    count = len(papers)
    given: dict[str, Any] = {
        "interest": None,
        "nearest_earlier": None,
        "papers": papers,
        "tags": [[] for _ in papers],
        "vectors": np.eye(max(count, 2), dtype=np.float32)[:count],
        "centrality": np.zeros(count, np.float32),
    }
    return Candidates(**given | columns)


NAMES = [signal.name for signal in SIGNALS]


def by(signal: str) -> Ranking:
    """Return weights with which only one signal counts."""
    return replace(Ranking(), **dict.fromkeys(NAMES, 0.0) | {signal: 1.0})  # type: ignore[arg-type]


def ids(picks: Sequence[Pick]) -> list[str]:
    return [pick.paper.id for pick in picks]


PAPERS = [paper(f"2603.0000{n}") for n in range(5)]


def test_every_signal_is_a_reason_and_the_points_add_up_to_the_score() -> None:
    rng = np.random.default_rng(5)
    picks = rank_candidates(
        candidates(
            PAPERS,
            tags=[[Tag("moe", 0.9)], [], [], [], [Tag("rag", 0.6), Tag("moe", 0.5)]],
            interest=rng.random(5, np.float32),
            nearest_earlier=rng.random(5, np.float32),
            centrality=rng.random(5, np.float32),
        )
    )
    for pick in picks:
        assert [reason.signal for reason in pick.why] == NAMES
        assert all(0 <= reason.value <= 1 for reason in pick.why)
        assert all(abs(r.weight) == getattr(Ranking(), r.signal) for r in pick.why)
        assert pick.score == pytest.approx(sum(reason.points for reason in pick.why), abs=1e-6)
    assert [pick.score for pick in picks] == sorted((pick.score for pick in picks), reverse=True)


def test_withdrawn_papers_are_not_ranked() -> None:
    gone = paper("2603.00009", comments="withdrawn by the authors")
    assert ids(rank_candidates(candidates([*PAPERS, gone]))) == [one.id for one in PAPERS]


def test_papers_with_equal_scores_are_sorted_by_id() -> None:
    assert ids(rank_candidates(candidates(PAPERS[::-1]))) == [one.id for one in PAPERS]


def test_papers_unlike_earlier_ones_have_the_highest_novelty() -> None:
    nearest = np.array([0.9, 0.2, 0.5, 0.7, 0.6], np.float32)
    picks = rank_candidates(candidates(PAPERS, nearest_earlier=nearest), by("novelty"))
    assert ids(picks) == [PAPERS[place].id for place in np.argsort(nearest)]
    assert (picks[0].score, picks[-1].score) == (1, 0)


def test_a_followed_topic_of_many_papers_counts_less_than_a_rare_author() -> None:
    follows = {one.id: "topic:agents" for one in PAPERS[:4]} | {PAPERS[4].id: "author:Ada"}
    picks = rank_candidates(candidates(PAPERS, follows=follows), by("follow"))
    assert picks[0].paper.id == PAPERS[4].id
    assert picks[0].score == 1
    assert 0 < picks[1].score < 0.5


def test_without_earlier_papers_novelty_is_zero() -> None:
    picks = rank_candidates(candidates(PAPERS), by("novelty"))
    assert {pick.score for pick in picks} == {0}


def test_the_topic_with_the_highest_score_counts() -> None:
    tags = [[], [Tag("moe", 0.6)], [Tag("rag", 0.9), Tag("moe", 0.7)], [], []]
    picks = rank_candidates(candidates(PAPERS, tags=tags), by("topic"))
    assert ids(picks)[:2] == [PAPERS[2].id, PAPERS[1].id]
    assert picks[0].score == pytest.approx(0.9)


def test_no_papers_give_no_picks_and_one_gives_one() -> None:
    assert rank_candidates(candidates([])) == []
    one = candidates(PAPERS[:1], nearest_earlier=np.array([0.4], np.float32))
    assert ids(rank_candidates(one)) == [PAPERS[0].id]


@given(order=st.permutations(range(5)), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None, database=None)
def test_the_order_of_the_rows_does_not_matter(order: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    nearest, central = (rng.integers(0, 4, 5).astype(np.float32) / 4 for _ in range(2))
    in_order = candidates(PAPERS, nearest_earlier=nearest, centrality=central)
    shuffled = candidates(
        [PAPERS[row] for row in order], nearest_earlier=nearest[order], centrality=central[order]
    )
    assert rank_candidates(in_order) == rank_candidates(shuffled)


def test_upvotes_count_less_over_time() -> None:
    seen = {
        PAPERS[0].id: UpvoteSnapshot(40, date(2026, 3, 1)),
        PAPERS[1].id: UpvoteSnapshot(40, date(2026, 3, 15)),
        PAPERS[2].id: UpvoteSnapshot(4, date(2026, 3, 15)),
    }
    picks = rank_candidates(
        candidates(PAPERS, upvotes=seen, until=date(2026, 3, 15)), by("attention")
    )
    assert ids(picks)[0] == PAPERS[1].id
    assert picks[1].score == pytest.approx(picks[0].score / 2, abs=1e-5)
    assert [pick.score for pick in picks[3:]] == [0, 0]


def test_a_theme_cannot_fill_the_list() -> None:
    unit = dict(zip((one.id for one in PAPERS), np.eye(5, dtype=np.float32), strict=True))
    themes = {one.id: PaperTraits(theme=int(n > 2)) for n, one in enumerate(PAPERS)}
    picks = picks_with([0.9, 0.8, 0.7, 0.2, 0.1])
    chosen = select_diverse(picks, unit, 4, replace(Ranking(), per_theme=2), themes)
    assert ids(chosen) == [PAPERS[n].id for n in (0, 1, 3, 4)]


def _many(directions: Sequence[Sequence[str]]) -> tuple[list[Pick], Any, dict[str, PaperTraits]]:
    """Picks, best first, that are equally unlike each other, with these directions."""
    known = [paper(f"2603.{n:05}") for n in range(len(directions))]
    unit = np.eye(len(known), dtype=np.float32)
    traits = {
        one.id: PaperTraits(directions=tuple(names), kind="method")
        for one, names in zip(known, directions, strict=True)
    }
    picks = [Pick(one, 0.9 - n / 100_000, ()) for n, one in enumerate(known)]
    return picks, {one.id: unit[n] for n, one in enumerate(known)}, traits


@pytest.mark.parametrize("seed", ["", "2026-W10", "2026-W11", "2026-W12"])
def test_no_direction_takes_more_than_three_places(seed: str) -> None:
    directions = [["agents"], ["rag", "agents"], ["agents", "code"]] * 12 + [["moe"], ["code"]] * 6
    picks, unit, traits = _many(directions)
    chosen = select_diverse(picks, unit, 10, Ranking(), traits, seed)
    counted = Counter(name for pick in chosen for name in traits[pick.paper.id].directions)
    assert counted["agents"] == 3
    assert max(counted.values()) == 3


@pytest.mark.parametrize(("limit", "agents"), [(1, 1), (5, 5), (0, 10)])
def test_a_setting_changes_how_many_places_a_direction_can_take(limit: int, agents: int) -> None:
    picks, unit, traits = _many([["agents"]] * 20)
    weights = replace(Ranking(), max_per_direction=limit)
    assert len(select_diverse(picks, unit, 10, weights, traits)) == agents


def test_equally_good_papers_of_other_directions_are_listed_too() -> None:
    names = ("agents", "rag", "moe", "code", "data", "evaluation")
    picks, unit, traits = _many([["agents"]] * 15 + [[name] for name in names[1:]])
    chosen = select_diverse(picks, unit, 10, replace(Ranking(), max_per_direction=0), traits)
    found = Counter(name for pick in chosen for name in traits[pick.paper.id].directions)
    assert len(found) > 2
    assert found["agents"] == max(found.values()) > 2, "most papers are about agents"
    plain = replace(Ranking(), max_per_direction=0, calibration=0)
    assert ids(select_diverse(picks, unit, 10, plain, traits)) == ids(picks[:10])


@pytest.mark.parametrize("seed", ["", "2026-W10", "2026-W11"])
def test_a_list_has_six_leading_directions_if_the_period_has_them(seed: str) -> None:
    common = [["agents"], ["reasoning"], ["evaluation"], ["multimodal"]] * 9
    picks, unit, traits = _many([*common, ["rag"], ["moe"], ["data"]])
    chosen = select_diverse(picks, unit, 11, Ranking(), traits, seed)
    assert len(chosen) == 11
    assert chosen[0] == picks[0]
    assert len({traits[pick.paper.id].directions[0] for pick in chosen[1:]}) >= 6
    few, unit, traits = _many(common)
    assert len(select_diverse(few, unit, 11, Ranking(), traits, seed)) == 11


def test_the_traits_of_a_paper_are_its_shown_directions_its_dimensions_and_its_kind() -> None:
    tags = [Tag(name, 0.9) for name in ("agents", "training", "rag", "my-own", "moe", "safety")]
    survey = paper(title="A Survey of Invented Agents")
    assert paper_traits(survey, tags, 4) == PaperTraits(
        4, ("agents", "rag", "my-own"), ("training", "safety"), "survey"
    )


@pytest.mark.parametrize(("title", "abstract", "kind"), [
    ("Sparse Kettles: A Survey", "We propose a benchmark, too.", "survey"),
    ("KettleBench: Can Agents Boil Water?", "", "benchmark"),
    ("Boiling Water", "We introduce KettleSet, a benchmark of 40 kettles.", "benchmark"),
    ("A Corpus of Kettles", "", "dataset"),
    ("Boiling Water", "We present Pots, a dataset of 40 pots.", "dataset"),
    ("Kettle-8B Technical Report", "", "model release"),
    ("Kettle", "We introduce Kettle, a family of open language models.", "model release"),
    ("Provable Boiling", "", "theory"),
    ("Boiling Water", "We prove that water boils.", "theory"),
    ("Faster Kettles", "We propose a kettle, evaluated on five benchmarks.", "method"),
    ("Faster Kettles", "", "method"),
])  # fmt: skip
def test_the_kind_of_a_paper_follows_from_its_words(title: str, abstract: str, kind: str) -> None:
    assert paper_kind(title, abstract) == kind


def test_the_last_pick_is_random_and_the_same_for_the_same_seed() -> None:
    many = [paper(f"2603.{n:05}") for n in range(60)]
    picks = [Pick(one, 1 - n / 100, ()) for n, one in enumerate(many)]
    unit = {one.id: np.eye(60, dtype=np.float32)[n] for n, one in enumerate(many)}
    drawn = {seed: select_diverse(picks, unit, 5, seed=seed) for seed in map(str, range(20))}
    again = select_diverse(picks, unit, 5, seed="3")
    assert again == drawn["3"]
    assert all(ids(chosen)[:4] == ids(picks)[:4] for chosen in drawn.values())
    assert len({chosen[4].paper.id for chosen in drawn.values()}) > 3
    assert all(chosen[4].why[-1].signal == "explore" for chosen in drawn.values())


def picks_with(scores: Sequence[float]) -> list[Pick]:
    return [Pick(one, score, ()) for one, score in zip(PAPERS, scores, strict=False)]


def test_a_near_copy_is_passed_over() -> None:
    vectors = {PAPERS[0].id: [1, 0], PAPERS[1].id: [0.999, 0.04], PAPERS[2].id: [0, 1]}
    unit = {key: np.array(row, np.float32) for key, row in vectors.items()}
    chosen = select_diverse(picks_with([0.9, 0.89, 0.8]), unit, 2)
    assert ids(chosen) == [PAPERS[0].id, PAPERS[2].id]


@given(limit=st.integers(0, 7), size=st.integers(0, 5), seed=st.integers(0, 99))
@settings(max_examples=50, deadline=None, database=None)
def test_the_best_pick_is_first_and_none_is_repeated(limit: int, size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(5, 3)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    picks = picks_with(sorted(rng.random(size), reverse=True))
    chosen = select_diverse(picks, dict(zip((one.id for one in PAPERS), rows, strict=True)), limit)
    assert len(chosen) == min(limit, size)
    assert len(set(ids(chosen))) == len(chosen)
    assert chosen[:1] == picks[: min(limit, 1)]


def test_papers_of_the_same_week_have_the_same_age_signal() -> None:
    week = [paper(f"2603.0000{n}", announced=date(2026, 3, 9 + n)) for n in range(5)]
    picks = rank_candidates(candidates(week, until=date(2026, 3, 15)))
    assert len({pick.score for pick in picks}) == 1


def test_papers_older_than_a_week_count_less_with_age() -> None:
    days = (date(2026, 3, 13), date(2026, 3, 9), date(2026, 3, 6), date(2026, 3, 2))
    known = [paper(f"2603.0000{n}", announced=day) for n, day in enumerate(days)]
    picks = rank_candidates(candidates(known[::-1], until=date(2026, 3, 15)))
    assert ids(picks) == [one.id for one in known]
    assert picks[0].score == picks[1].score > picks[2].score > picks[3].score


def test_every_signal_has_a_weight_setting_and_a_text() -> None:
    weights = {field.name for field in fields(Ranking)} - {
        "diversity", "calibration", "per_theme", "max_per_direction", "explore",
    }  # fmt: skip
    assert weights == set(NAMES)
    for name in (*NAMES, EXPLORE):
        assert phrasing.reason_text(Reason(name, 0.5, 0.1, "7"), get_language("en"))
