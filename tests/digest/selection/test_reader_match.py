"""A reader's interests find matching papers, with the reason."""

import numpy as np
import pytest

from tests.store.records import paper
from tracker.digest.selection.reader_match import (
    CandidatePool,
    Interests,
    Match,
    Vectors,
    match_readers,
)
from tracker.models import Tag

RNG = np.random.default_rng(3)
AXES = np.eye(16, dtype=np.float32)


def near(axis: int, number: int) -> Vectors:
    """Return unit rows (number, 16) around an axis."""
    rows = AXES[axis] + RNG.normal(scale=0.1, size=(number, 16)).astype(np.float32)
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


# Ten papers around each of four axes; paper 10 has another author, paper 20 a topic.
ROWS = np.concatenate([near(axis, 10) for axis in range(4)])
PAPERS = {
    one.id: one
    for one in (
        paper(f"2603.{n:05}", authors=("Ann Lee",) if n == 10 else ("Bo Ek",)) for n in range(40)
    )
}
KEYS = list(PAPERS)
FIELD = CandidatePool(
    PAPERS, {KEYS[20]: [Tag("moe", 0.9)]}, dict(zip(KEYS, ROWS, strict=True))
)  # fmt: skip
SCORES = {key: 1 - n / 100 for n, key in enumerate(KEYS)}


def found(reader: Interests, shown: frozenset[str] = frozenset()) -> dict[str, tuple[Match, ...]]:
    return match_readers(FIELD, [reader], SCORES, shown, 5)[0]


def test_followed_searches_find_papers_and_are_the_reason() -> None:
    reader = Interests(
        topics=frozenset({"moe"}), authors=frozenset({"ann lee"}),
        queries={"sparse experts": frozenset({KEYS[20], KEYS[30]})},
    )  # fmt: skip
    assert found(reader) == {
        KEYS[20]: (Match("query", "sparse experts"), Match("topic", "moe")),
        KEYS[10]: (Match("author", "ann lee"),),
        KEYS[30]: (Match("query", "sparse experts"),),
    }


@pytest.mark.parametrize("likes", [1, 4, 5, 12])
def test_papers_like_the_liked_ones_are_found(likes: int) -> None:
    liked = {f"old{n}": row for n, row in enumerate(near(2, likes))}
    mine = found(Interests(liked=liked))
    assert len(mine) == 5
    assert set(mine) <= set(KEYS[20:30])
    assert all(match.kind == "like" and match.fact in liked for (match,) in mine.values())


def test_papers_like_the_disliked_ones_score_lower() -> None:
    both = {f"old{n}": row for n, row in enumerate([*near(0, 6), *near(1, 6)])}
    disliked = {f"bad{n}": row for n, row in enumerate(near(1, 6))}
    before, after = FIELD.like_scores(
        [Interests(liked=both), Interests(liked=both, disliked=disliked)]
    )
    assert before is not None
    assert after is not None
    assert after[10:20].mean() < before[10:20].mean() - 0.1


def test_papers_that_the_issue_shows_are_not_repeated() -> None:
    reader = Interests(queries={"q": frozenset(KEYS[:3])})
    assert set(found(reader, frozenset(KEYS[:2]))) == {KEYS[2]}


def test_without_interests_there_are_no_matches() -> None:
    assert not Interests()
    assert found(Interests()) == {}
    assert CandidatePool({}, {}, {}).like_scores([Interests(liked={"a": AXES[0]})]) == [None]


def test_judged_papers_are_not_recommended_again() -> None:
    liked = {KEYS[20]: ROWS[20], KEYS[21]: ROWS[21]}
    reader = Interests(topics=frozenset({"moe"}), liked=liked, disliked={KEYS[22]: ROWS[22]})
    mine = found(reader)
    assert set(mine) <= set(KEYS[23:30])
    assert len(mine) == 5


def test_a_broad_query_does_not_crowd_out_a_rare_one() -> None:
    broad, rare = frozenset(KEYS[:30]), frozenset({KEYS[35], KEYS[38]})
    mine = found(Interests(queries={"broad": broad, "rare": rare}))
    assert list(mine) == [KEYS[0], KEYS[35], KEYS[1], KEYS[38], KEYS[2]]


def test_readers_matched_together_get_the_same_as_alone() -> None:
    few, many = ({f"old{n}": row for n, row in enumerate(near(1, size))} for size in (3, 9))
    readers = [
        Interests(liked=many), Interests(), Interests(topics=frozenset({"moe"})),
        Interests(liked=few, disliked=many), Interests(liked=many, disliked=few),
    ]  # fmt: skip
    together = match_readers(FIELD, readers, SCORES, frozenset(), 5)
    assert together == [found(reader) for reader in readers]
    assert [len(matches) for matches in together] == [5, 0, 1, 5, 5]


def test_papers_like_a_disliked_one_come_last() -> None:
    liked, disliked = near(2, 1)[0], ROWS[25]
    reader = Interests(liked={"old": liked}, disliked={"bad": disliked})
    nearer = {key for key, row in zip(KEYS, ROWS, strict=True) if row @ disliked > row @ liked}
    unwanted = [key in nearer for key in found(reader)]
    assert unwanted == sorted(unwanted)
    assert any(key in nearer for key in found(Interests(liked={"old": liked})))
    query = {"q": frozenset({KEYS[20], KEYS[22], KEYS[30]})}
    assert list(found(Interests(queries=query))) == [KEYS[20], KEYS[22], KEYS[30]]
    assert next(iter(found(Interests(queries=query, disliked={"bad": disliked})))) == KEYS[30]


def test_papers_on_the_reading_list_are_not_recommended() -> None:
    reader = Interests(topics=frozenset({"moe"}), seen=frozenset({KEYS[20]}))
    assert found(reader) == {}


def test_papers_by_the_authors_of_a_liked_paper_are_found_unless_the_name_is_common() -> None:
    reader = Interests(
        liked={"old": AXES[3]}, liked_authors={"Ann Lee": "old", "Bo Ek": "old", "A Lee": "old"}
    )
    matches = found(reader)
    assert matches[KEYS[10]] == (Match("same_author", "old", "Ann Lee"),)
    assert [match.kind for own in matches.values() for match in own].count("same_author") == 1
