"""What one reader cares for finds their papers, says why, and is the same for the same reader."""

import numpy as np
import pytest

from tests.store.records import paper
from tracker.digest.reader import Field, Interests, Match, Vectors, for_readers
from tracker.models import Tag

RNG = np.random.default_rng(3)
AXES = np.eye(16, dtype=np.float32)


def near(axis: int, number: int) -> Vectors:
    """Unit rows (number, 16) around one axis."""
    rows = AXES[axis] + RNG.normal(scale=0.1, size=(number, 16)).astype(np.float32)
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


# Ten papers around each of four axes; the first of each has an author and a topic of its own.
ROWS = np.concatenate([near(axis, 10) for axis in range(4)])
PAPERS = {
    one.id: one
    for one in (
        paper(f"2603.{n:05}", authors=("Ann Lee",) if n == 10 else ("Bo Ek",)) for n in range(40)
    )
}
KEYS = list(PAPERS)
FIELD = Field(
    PAPERS, {KEYS[20]: [Tag("moe", 0.9)]}, dict(zip(KEYS, ROWS, strict=True))
)  # fmt: skip
SCORES = {key: 1 - n / 100 for n, key in enumerate(KEYS)}


def found(reader: Interests, shown: frozenset[str] = frozenset()) -> dict[str, tuple[Match, ...]]:
    return for_readers(FIELD, [reader], SCORES, shown, 5)[0]


def test_what_is_followed_is_found_and_says_which() -> None:
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


def test_what_is_disliked_is_kept_away_from() -> None:
    both = {f"old{n}": row for n, row in enumerate([*near(0, 6), *near(1, 6)])}
    disliked = {f"bad{n}": row for n, row in enumerate(near(1, 6))}
    before, after = FIELD.likeness(
        [Interests(liked=both), Interests(liked=both, disliked=disliked)]
    )
    assert before is not None
    assert after is not None
    assert after[10:20].mean() < before[10:20].mean() - 0.1


def test_what_the_issue_shows_is_not_shown_again() -> None:
    reader = Interests(queries={"q": frozenset(KEYS[:3])})
    assert set(found(reader, frozenset(KEYS[:2]))) == {KEYS[2]}


def test_whoever_cares_for_nothing_gets_nothing() -> None:
    assert not Interests()
    assert found(Interests()) == {}
    assert Field({}, {}, {}).likeness([Interests(liked={"a": AXES[0]})]) == [None]


def test_what_was_judged_already_is_not_told_again() -> None:
    liked = {KEYS[20]: ROWS[20], KEYS[21]: ROWS[21]}
    reader = Interests(topics=frozenset({"moe"}), liked=liked, disliked={KEYS[22]: ROWS[22]})
    mine = found(reader)
    assert set(mine) <= set(KEYS[23:30])
    assert len(mine) == 5


def test_a_broad_query_leaves_room_for_a_rare_one() -> None:
    broad, rare = frozenset(KEYS[:30]), frozenset({KEYS[35], KEYS[38]})
    mine = found(Interests(queries={"broad": broad, "rare": rare}))
    assert list(mine) == [KEYS[0], KEYS[35], KEYS[1], KEYS[38], KEYS[2]]


def test_readers_together_get_what_each_alone_does() -> None:
    few, many = ({f"old{n}": row for n, row in enumerate(near(1, size))} for size in (3, 9))
    readers = [
        Interests(liked=many), Interests(), Interests(topics=frozenset({"moe"})),
        Interests(liked=few, disliked=many), Interests(liked=many, disliked=few),
    ]  # fmt: skip
    together = for_readers(FIELD, readers, SCORES, frozenset(), 5)
    assert together == [found(reader) for reader in readers]
    assert [len(one) for one in together] == [5, 0, 1, 5, 5]
