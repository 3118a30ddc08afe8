"""Topics that last: which of this week's groups is which topic of the weeks before.

Groups and topics are paired by the Hungarian method on how near their centres are and how many
terms they share; a topic keeps its id and its name for as long as it is continued. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.topics.phrasing import fold
from tracker.topics.statistics import pairing

# What nearness of centres counts beside shared words, and from which sum on two groups are one
# topic: chosen on the weeks of January and February 2026 (docs/log.md, 2026-11-25, "identity").
_CENTRE_SHARE = 0.8
SAME = 0.75
# How much of a topic's centre stays when a week is added; and for how many weeks one that did not
# come up is still looked for.
_STAYS, REMEMBERED_WEEKS = 0.7, 2


@dataclass(frozen=True, slots=True)
class Group:
    """A week's group or a known topic: unit centre (d,) and terms; `id` is a topic's, or None."""

    centre: NDArray[np.float32]
    terms: tuple[str, ...]
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a group or topic.

    `kind` is continued, split (a part of topic `of` that stands by itself now), merged (topic `id`
    went into topic or group `of`), new or faded. `group` is the group's place, `id` the topic's.
    """

    kind: str
    group: int | None = None
    id: int | None = None
    of: int | None = None


def moved(topic: NDArray[np.float32], group: NDArray[np.float32]) -> NDArray[np.float32]:
    """The unit centre (d,) of a topic after a week in which it was that group."""
    mean = _STAYS * topic + (1 - _STAYS) * group
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


def changes(known: Sequence[Group], groups: Sequence[Group]) -> list[Change]:
    """One change for each group, in their order, then one for each topic that is not continued.

    The `of` of a split is a topic's id, that of a merger the place of the group it went into.
    """
    if not known or not groups:
        fresh = [Change("new", group=place) for place in range(len(groups))]
        return [*fresh, *(Change("faded", id=topic.id) for topic in known)]
    likeness = _likeness(known, groups)
    pairs = {c: r for r, c in pairing(likeness) if likeness[r, c] >= SAME}
    return [
        *(_of_group(place, pairs, likeness, known) for place in range(len(groups))),
        *(
            _of_topic(row, likeness, known)
            for row in range(len(known))
            if row not in pairs.values()
        ),
    ]


def _of_group(
    place: int, pairs: dict[int, int], likeness: NDArray[np.float64], known: Sequence[Group]
) -> Change:
    if place in pairs:
        return Change("continued", group=place, id=known[pairs[place]].id)
    nearest = int(likeness[:, place].argmax())
    if likeness[nearest, place] >= SAME:
        return Change("split", group=place, of=known[nearest].id)
    return Change("new", group=place)


def _of_topic(row: int, likeness: NDArray[np.float64], known: Sequence[Group]) -> Change:
    nearest = int(likeness[row].argmax())
    if likeness[row, nearest] >= SAME:
        return Change("merged", id=known[row].id, of=nearest)
    return Change("faded", id=known[row].id)


def _likeness(known: Sequence[Group], groups: Sequence[Group]) -> NDArray[np.float64]:
    """(topics, groups), each in 0..1."""
    cosines = np.array([one.centre for one in known]) @ np.array([g.centre for g in groups]).T
    shared = [[_shared(one.terms, other.terms) for other in groups] for one in known]
    return np.asarray(
        _CENTRE_SHARE * np.clip(cosines, 0, 1) + (1 - _CENTRE_SHARE) * np.array(shared), np.float64
    )


def _shared(one: Sequence[str], other: Sequence[str]) -> float:
    """The share of the words of the shorter list of terms that the other has too."""
    words, others = ({word for term in terms for word in fold(term).split()} for terms in
                     (one, other))  # fmt: skip
    return len(words & others) / max(1, min(len(words), len(others)))
