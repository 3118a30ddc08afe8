"""A week's groups as the topics they are: those of the weeks before go on under their names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from summarizer.naming import Unnamed
from tracker.calendar import Period
from tracker.models import Cluster, TopicWeek
from tracker.pipeline import writing
from tracker.settings import Config
from tracker.store import lasting
from tracker.store.database import Database
from tracker.store.database import writing as transaction
from tracker.store.lasting import LastingTopic
from tracker.topics.identity import REMEMBERED_WEEKS, Change, Group, changes, moved

# What becomes of a group that has no name from earlier weeks.
_FRESH = ("new", "split")


@dataclass(frozen=True, slots=True)
class Followed:
    """The topics that a week's groups are compared with."""

    topics: tuple[LastingTopic, ...]

    @property
    def centres(self) -> NDArray[np.float32] | None:
        """Their unit centres (m, d); None when there are none."""
        return np.array([topic.centre for topic in self.topics]) if self.topics else None


def before(db: Database, encoder: int | None, period: Period) -> Followed:
    """The topics of the weeks before `period`; what is stored of the period itself is ignored."""
    if encoder is None or period.kind != "week":
        return Followed(())
    weeks, earlier = [], period
    for _ in range(REMEMBERED_WEEKS):
        earlier = earlier.previous()
        weeks.append(earlier.key)
    return Followed(tuple(lasting.known(db, encoder, weeks)))


@dataclass(frozen=True, slots=True)
class Recognised:
    """A week's clusters, those that continue a topic under its name, and what became of each."""

    clusters: tuple[Cluster, ...]
    changes: tuple[Change, ...]
    centres: tuple[NDArray[np.float32], ...]
    followed: Followed


def recognised(
    clusters: Sequence[Cluster], vectors: Mapping[str, NDArray[np.float32]], followed: Followed
) -> Recognised:
    """Pair clusters with the topics that are followed; `vectors` are unit, by paper id."""
    centres = tuple(_centre(cluster, vectors) for cluster in clusters)
    known = [Group(topic.centre, topic.terms, topic.id) for topic in followed.topics]
    groups = [Group(*pair) for pair in zip(centres, (c.terms for c in clusters), strict=True)]
    found = tuple(changes(known, groups))
    names = {topic.id: topic.name for topic in followed.topics}
    kept = {c.group: names[c.id] for c in found if c.kind == "continued" and c.id is not None}
    renamed = tuple(
        replace(cluster, label=kept.get(place, cluster.label))
        for place, cluster in enumerate(clusters)
    )
    return Recognised(renamed, found, centres, followed)


def named(config: Config, found: Recognised, titles: Mapping[str, str]) -> Recognised:
    """The same with names by a language model, where there is one, for topics that have none yet.

    `titles` are those of papers by id. A name that does not hold leaves the cluster's own label.
    """
    fresh = [c.group for c in found.changes if c.kind in _FRESH and c.group is not None]
    if not fresh or not writing.model(config):
        return found
    groups = [_unnamed(found.clusters[place], titles) for place in fresh]
    given = {fresh[n]: name for n, name in writing.names(config, groups).items()}
    renamed = tuple(
        replace(cluster, label=given.get(place, cluster.label))
        for place, cluster in enumerate(found.clusters)
    )
    return replace(found, clusters=renamed)


def _unnamed(cluster: Cluster, titles: Mapping[str, str]) -> Unnamed:
    return Unnamed(cluster.terms, tuple(titles[key] for key in cluster.members if key in titles))


def _centre(cluster: Cluster, vectors: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    """The unit mean (d,) of the vectors of a cluster's papers."""
    mean = np.mean([vectors[key] for key in cluster.members], axis=0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


def keep(db: Database, encoder: int | None, period: Period, found: Recognised) -> None:
    """Store what became of a week's topics, in place of what was stored of that week before.

    New topics get an id and the name of their cluster.
    """
    if encoder is None or period.kind != "week":
        return
    with transaction(db):
        lasting.delete_topic_week(db, period.key)
        _store(db, encoder, period, found)


def _store(db: Database, encoder: int, period: Period, found: Recognised) -> None:
    fresh = [c.group for c in found.changes if c.kind in _FRESH and c.group is not None]
    ids = lasting.name(db, encoder, [found.clusters[place].label for place in fresh])
    by_place = dict(zip(fresh, ids, strict=True))
    was = {topic.id: topic.centre for topic in found.followed.topics}
    weeks, centres = [], {}
    for change in found.changes:
        number = change.id if change.id is not None else by_place[change.group or 0]
        weeks.append(_week(number, change))
        if change.group is not None:
            here = found.centres[change.group]
            centres[number] = moved(was[number], here) if number in was else here
    lasting.keep(db, period.key, weeks, centres)


def _week(number: int, change: Change) -> TopicWeek:
    into = change.of if change.kind == "merged" else change.group
    origin = change.of if change.kind == "split" else None
    return TopicWeek(number, "", change.kind, into, origin)
