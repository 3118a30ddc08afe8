"""Why this paper and not that one: reasons add up, the order is total, picks are no copies."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.records import paper
from tracker.digest.ranking import Attention, Candidates, code_link, diverse, rank, venue
from tracker.models import Paper, Pick, Tag
from tracker.settings import Ranking


def candidates(papers: Sequence[Paper], **columns: Any) -> Candidates:
    """Papers about which nothing else is known; `columns` replace what is."""
    count = len(papers)
    given: dict[str, Any] = {
        "interest": None,
        "nearest_before": None,
        "papers": papers,
        "tags": [[] for _ in papers],
        "vectors": np.eye(max(count, 2), dtype=np.float32)[:count],
        "centrality": np.zeros(count, np.float32),
    }
    return Candidates(**given | columns)


SIGNALS = (
    "interest", "age", "attention", "likes", "follow", "team", "topic", "centrality", "novelty",
    "code", "venue",
)  # fmt: skip


def by(signal: str) -> Ranking:
    """Weights under which one signal alone counts."""
    return replace(Ranking(), **dict.fromkeys(SIGNALS, 0.0) | {signal: 1.0})  # type: ignore[arg-type]


def ids(picks: Sequence[Pick]) -> list[str]:
    return [pick.paper.id for pick in picks]


PAPERS = [paper(f"2603.0000{n}") for n in range(5)]


def test_every_signal_is_told_and_the_points_make_the_score() -> None:
    rng = np.random.default_rng(5)
    picks = rank(
        candidates(
            PAPERS,
            tags=[[Tag("moe", 0.9)], [], [], [], [Tag("rag", 0.6), Tag("moe", 0.5)]],
            interest=rng.random(5, np.float32),
            nearest_before=rng.random(5, np.float32),
            centrality=rng.random(5, np.float32),
        )
    )
    for pick in picks:
        assert [reason.signal for reason in pick.why] == list(SIGNALS)
        assert all(0 <= reason.value <= 1 for reason in pick.why)
        assert all(abs(r.weight) == getattr(Ranking(), r.signal) for r in pick.why)
        assert pick.score == pytest.approx(sum(reason.points for reason in pick.why), abs=1e-6)
    assert [pick.score for pick in picks] == sorted((pick.score for pick in picks), reverse=True)


def test_what_is_withdrawn_is_left_out() -> None:
    gone = paper("2603.00009", comments="withdrawn by the authors")
    assert ids(rank(candidates([*PAPERS, gone]))) == [one.id for one in PAPERS]


def test_equal_papers_stand_in_the_order_of_their_ids() -> None:
    assert ids(rank(candidates(PAPERS[::-1]))) == [one.id for one in PAPERS]


def test_the_least_like_what_came_before_is_the_newest() -> None:
    nearest = np.array([0.9, 0.2, 0.5, 0.7, 0.6], np.float32)
    picks = rank(candidates(PAPERS, nearest_before=nearest), by("novelty"))
    assert ids(picks) == [PAPERS[place].id for place in np.argsort(nearest)]
    assert (picks[0].score, picks[-1].score) == (1, 0)


def test_a_followed_thing_that_many_papers_hold_counts_less_than_a_rare_one() -> None:
    follows = {one.id: "topic:agents" for one in PAPERS[:4]} | {PAPERS[4].id: "author:Ada"}
    picks = rank(candidates(PAPERS, follows=follows), by("follow"))
    assert picks[0].paper.id == PAPERS[4].id
    assert picks[0].score == 1
    assert 0 < picks[1].score < 0.5


def test_without_anything_before_nothing_is_new() -> None:
    picks = rank(candidates(PAPERS), by("novelty"))
    assert {pick.score for pick in picks} == {0}


def test_the_surest_topic_counts() -> None:
    tags = [[], [Tag("moe", 0.6)], [Tag("rag", 0.9), Tag("moe", 0.7)], [], []]
    picks = rank(candidates(PAPERS, tags=tags), by("topic"))
    assert ids(picks)[:2] == [PAPERS[2].id, PAPERS[1].id]
    assert picks[0].score == pytest.approx(0.9)


def test_no_papers_are_no_picks_and_one_is_one() -> None:
    assert rank(candidates([])) == []
    one = candidates(PAPERS[:1], nearest_before=np.array([0.4], np.float32))
    assert ids(rank(one)) == [PAPERS[0].id]


@given(order=st.permutations(range(5)), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None, database=None)
def test_the_order_of_the_rows_does_not_matter(order: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    nearest, central = (rng.integers(0, 4, 5).astype(np.float32) / 4 for _ in range(2))
    straight = candidates(PAPERS, nearest_before=nearest, centrality=central)
    shuffled = candidates(
        [PAPERS[row] for row in order], nearest_before=nearest[order], centrality=central[order]
    )
    assert rank(straight) == rank(shuffled)


def test_upvotes_count_and_fade() -> None:
    seen = {
        PAPERS[0].id: Attention(40, date(2026, 3, 1)),
        PAPERS[1].id: Attention(40, date(2026, 3, 15)),
        PAPERS[2].id: Attention(4, date(2026, 3, 15)),
    }
    picks = rank(candidates(PAPERS, attention=seen, until=date(2026, 3, 15)), by("attention"))
    assert ids(picks)[0] == PAPERS[1].id
    assert picks[1].score == pytest.approx(picks[0].score / 2, abs=1e-5)
    assert [pick.score for pick in picks[3:]] == [0, 0]


def test_one_theme_can_not_fill_the_list() -> None:
    unit = dict(zip((one.id for one in PAPERS), np.eye(5, dtype=np.float32), strict=True))
    themes = {one.id: int(place > 2) for place, one in enumerate(PAPERS)}
    picks = picks_with([0.9, 0.8, 0.7, 0.2, 0.1])
    chosen = diverse(picks, unit, 4, replace(Ranking(), per_theme=2), themes)
    assert ids(chosen) == [PAPERS[n].id for n in (0, 1, 3, 4)]


def test_chance_has_the_last_place_and_is_the_same_for_the_same_seed() -> None:
    many = [paper(f"2603.{n:05}") for n in range(60)]
    picks = [Pick(one, 1 - n / 100, ()) for n, one in enumerate(many)]
    unit = {one.id: np.eye(60, dtype=np.float32)[n] for n, one in enumerate(many)}
    drawn = {seed: diverse(picks, unit, 5, seed=seed) for seed in map(str, range(20))}
    again = diverse(picks, unit, 5, seed="3")
    assert again == drawn["3"]
    assert all(ids(chosen)[:4] == ids(picks)[:4] for chosen in drawn.values())
    assert len({chosen[4].paper.id for chosen in drawn.values()}) > 3
    assert all(chosen[4].why[-1].signal == "explore" for chosen in drawn.values())


def picks_with(scores: Sequence[float]) -> list[Pick]:
    return [Pick(one, score, ()) for one, score in zip(PAPERS, scores, strict=False)]


def test_a_near_copy_gives_way_to_something_else() -> None:
    vectors = {PAPERS[0].id: [1, 0], PAPERS[1].id: [0.999, 0.04], PAPERS[2].id: [0, 1]}
    unit = {key: np.array(row, np.float32) for key, row in vectors.items()}
    chosen = diverse(picks_with([0.9, 0.89, 0.8]), unit, 2)
    assert ids(chosen) == [PAPERS[0].id, PAPERS[2].id]


@given(limit=st.integers(0, 7), size=st.integers(0, 5), seed=st.integers(0, 99))
@settings(max_examples=50, deadline=None, database=None)
def test_the_best_comes_first_and_nothing_twice(limit: int, size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(5, 3)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    picks = picks_with(sorted(rng.random(size), reverse=True))
    chosen = diverse(picks, dict(zip((one.id for one in PAPERS), rows, strict=True)), limit)
    assert len(chosen) == min(limit, size)
    assert len(set(ids(chosen))) == len(chosen)
    assert chosen[:1] == picks[: min(limit, 1)]


@pytest.mark.parametrize(
    ("comments", "abstract", "found"),
    [
        ("Code: https://github.com/some/code.", "", "https://github.com/some/code"),
        ("12 pages", "See https://gitlab.com/a/b for it.", "https://gitlab.com/a/b"),
        ("at https://github.com/a/b", "or https://github.com/c/d", "https://github.com/a/b"),
        ("Project page: https://example.com/x", "", ""),
        ("", "Our code and data live at https://a.example/x/y.", "https://a.example/x/y"),
        ("", "We break the code. See https://a.example/x for photographs.", ""),
        ("", "", ""),
    ],
)
def test_code_is_found_where_it_is_named(comments: str, abstract: str, found: str) -> None:
    assert code_link(paper(comments=comments, abstract=abstract)) == found


@pytest.mark.parametrize(
    ("comments", "journal", "found"),
    [
        ("Accepted at ICLR 2026", "", "ICLR 2026"),
        ("12 pages, to appear in NeurIPS'25; code released", "", "NeurIPS'25"),
        ("Accepted to the Findings of ACL 2026", "", "ACL 2026"),
        ("Submitted to ICML 2026", "", ""),
        ("12 pages", "Some Journal 3 (2026)", "Some Journal 3 (2026)"),
        ("Rejected. Published elsewhere", "", ""),
    ],
)
def test_a_venue_is_one_that_has_accepted(comments: str, journal: str, found: str) -> None:
    assert venue(paper(comments=comments, journal_ref=journal)) == found


def test_a_paper_of_friday_is_worth_what_the_same_paper_of_monday_is() -> None:
    week = [paper(f"2603.0000{n}", announced=date(2026, 3, 9 + n)) for n in range(5)]
    picks = rank(candidates(week, until=date(2026, 3, 15)))
    assert len({pick.score for pick in picks}) == 1


def test_what_came_before_the_last_week_counts_less_the_older_it_is() -> None:
    days = (date(2026, 3, 13), date(2026, 3, 9), date(2026, 3, 6), date(2026, 3, 2))
    known = [paper(f"2603.0000{n}", announced=day) for n, day in enumerate(days)]
    picks = rank(candidates(known[::-1], until=date(2026, 3, 15)))
    assert ids(picks) == [one.id for one in known]
    assert picks[0].score == picks[1].score > picks[2].score > picks[3].score
