"""Topics over weeks: a week's clusters that continue an earlier topic keep its name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from summarizer.grounding.names import safe_name
from summarizer.llm.group_names import GroupDescription
from tracker.calendar import Period
from tracker.digest.compose import IssueContent
from tracker.digest.writing.themes import ShownTheme
from tracker.models import Cluster, TopicWeek
from tracker.pipeline import Progress, silent
from tracker.pipeline.summarize import llm
from tracker.pipeline.summarize.answer_cache import AnswerCache
from tracker.settings import Config
from tracker.store import topic_history
from tracker.store.database import Database
from tracker.store.database import write_transaction as transaction
from tracker.store.topic_history import TrackedTopic
from tracker.topics.continuity import (
    REMEMBERED_WEEKS,
    TopicChange,
    TopicGroup,
    blend_centroids,
    topic_changes,
)
from tracker.topics.naming.theme_names import ThemeNamer

# Kinds of change of a cluster that has no name from earlier weeks.
_FRESH = ("new", "split")
# What stood between the two terms of a name before names were phrases.
_OLD_SEPARATOR = " · "
_UNNAMED = "Other papers"
# A topic is renamed if its name fits a smaller share of its papers. A name that a model gives must
# also fit so many of the papers that are shown.
_MIN_COVERAGE, _MIN_FITTING = 0.05, 2


@dataclass(frozen=True, slots=True)
class PreviousTopics:
    """The topics that a week's clusters are compared with."""

    topics: tuple[TrackedTopic, ...]

    @property
    def centroids(self) -> NDArray[np.float32] | None:
        """Their unit centroids (m, d); None if there are none."""
        return np.array([topic.centre for topic in self.topics]) if self.topics else None


def load_previous_topics(db: Database, encoder: int | None, period: Period) -> PreviousTopics:
    """Return the topics of the weeks before `period`, ignoring those stored for `period`."""
    if encoder is None or period.kind != "week":
        return PreviousTopics(())
    weeks, earlier = [], period
    for _ in range(REMEMBERED_WEEKS):
        earlier = earlier.previous()
        weeks.append(earlier.key)
    return PreviousTopics(tuple(topic_history.topics_seen_in(db, encoder, weeks)))


@dataclass(frozen=True, slots=True)
class TopicMatches:
    """A week's clusters, under the name of the topic they continue, and the kinds of change."""

    clusters: tuple[Cluster, ...]
    changes: tuple[TopicChange, ...]
    centroids: tuple[NDArray[np.float32], ...]
    previous: PreviousTopics


def match_topics(
    clusters: Sequence[Cluster],
    vectors: Mapping[str, NDArray[np.float32]],
    previous: PreviousTopics,
    namer: ThemeNamer | None = None,
) -> TopicMatches:
    """Match clusters to previous topics; `vectors` are unit vectors by paper id.

    A topic keeps its name for as long as the name fits its papers; the `namer`, if any, names the
    other clusters.
    """
    centres = tuple(_centroid(cluster, vectors) for cluster in clusters)
    known = [TopicGroup(topic.centre, topic.terms, topic.id) for topic in previous.topics]
    groups = [TopicGroup(*pair) for pair in zip(centres, (c.terms for c in clusters), strict=True)]
    found = tuple(topic_changes(known, groups))
    names = {topic.id: topic.name for topic in previous.topics}
    continued = {
        c.group: names[c.id]
        for c in found
        if c.kind == "continued" and c.id is not None and c.group is not None
    }
    kept = {
        place: name
        for place, name in continued.items()
        if _is_valid_name(name, clusters[place], namer)
    }
    return TopicMatches(_with_names(clusters, kept, namer), found, centres, previous)


def _is_valid_name(name: str, cluster: Cluster, namer: ThemeNamer | None) -> bool:
    """Whether a topic can keep its name; earlier releases joined two terms by a dot."""
    if _OLD_SEPARATOR in name or safe_name(name, name) != name:
        return False
    return namer is None or namer.coverage(name, cluster.members) >= _MIN_COVERAGE


def _with_names(
    clusters: Sequence[Cluster], kept: Mapping[int, str], namer: ThemeNamer | None
) -> tuple[Cluster, ...]:
    """Return the clusters with the names that they keep, and different new names for the others."""
    used_names, named = set(kept.values()), []
    for place, cluster in enumerate(clusters):
        name = kept.get(place)
        if name is None:
            found = namer.name(cluster.members, used_names) if namer else None
            text = found.text if found else ""
            if namer and not text:
                text = namer.last_resort(cluster.members, used_names)
            name = _first_safe(text, cluster.label, *cluster.terms)
            used_names.add(name)
        named.append(replace(cluster, label=name))
    return tuple(named)


def _first_safe(*names: str) -> str:
    """Return the first name that has only plain characters and is no order to a model."""
    return next((name for name in names if safe_name(name, name) == name and name), _UNNAMED)


def name_shown_topics(
    config: Config,
    matches: TopicMatches,
    contents: Sequence[IssueContent],
    cache: AnswerCache,
    progress: Progress = silent,
) -> tuple[TopicMatches, tuple[IssueContent, ...]]:
    """Return matches and contents with the new topics that they show named by the language model.

    Without a model, and where its name does not fit the papers, a topic keeps its name.
    """
    shown = _list_fresh_themes(matches, contents)
    if not shown or not llm.model_name(config):
        return matches, tuple(contents)
    themes, data = list(shown.values()), contents[0].data
    titles = {pick.paper.id: pick.paper.title for pick in data.ranked.picks}
    groups = [_build_unnamed(theme.cluster, titles) for theme in themes]
    names, used = dict[tuple[str, ...], str](), {c.label.casefold() for c in matches.clusters}
    for done, (n, name) in enumerate(llm.generate_topic_names(config, groups, cache), 1):
        progress("names", done, len(groups))
        if name and name.casefold() not in used and _fits_examples(name, themes[n], data.namer):
            names[themes[n].cluster.members] = name
            used.add(name.casefold())
    renamed = replace(matches, clusters=_renamed(matches.clusters, names))
    return renamed, tuple(_with_theme_names(content, names) for content in contents)


def _list_fresh_themes(
    matches: TopicMatches, contents: Sequence[IssueContent]
) -> dict[tuple[str, ...], ShownTheme]:
    """Return the shown themes that have no name from earlier weeks, by their papers."""
    fresh = {
        matches.clusters[c.group].members
        for c in matches.changes
        if c.kind in _FRESH and c.group is not None
    }
    themes = (theme for content in contents for theme in content.selection.themes)
    return {theme.cluster.members: theme for theme in themes if theme.cluster.members in fresh}


def _fits_examples(name: str, theme: ShownTheme, namer: ThemeNamer | None) -> bool:
    """Whether a name fits the papers of a theme, and two of those that are shown for it."""
    if namer is None:
        return True
    fitting = sum(bool(namer.fit(name, pick.paper.id)) for pick in theme.picks)
    covered = namer.coverage(name, theme.cluster.members)
    return covered >= _MIN_COVERAGE and fitting >= min(_MIN_FITTING, len(theme.picks))


def _renamed(
    clusters: Sequence[Cluster], names: Mapping[tuple[str, ...], str]
) -> tuple[Cluster, ...]:
    return tuple(replace(c, label=names.get(c.members, c.label)) for c in clusters)


def _with_theme_names(content: IssueContent, names: Mapping[tuple[str, ...], str]) -> IssueContent:
    ranked = content.data.ranked
    themes = tuple(
        replace(theme, cluster=_renamed([theme.cluster], names)[0])
        for theme in content.selection.themes
    )
    return replace(
        content,
        data=replace(
            content.data, ranked=replace(ranked, clusters=_renamed(ranked.clusters, names))
        ),
        selection=replace(content.selection, themes=themes),
    )


def _build_unnamed(cluster: Cluster, titles: Mapping[str, str]) -> GroupDescription:
    return GroupDescription(
        cluster.terms, tuple(titles[key] for key in cluster.members if key in titles)
    )


def _centroid(cluster: Cluster, vectors: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return the unit mean (d,) of the vectors of a cluster's papers."""
    mean = np.mean([vectors[key] for key in cluster.members], axis=0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


def store_topics(db: Database, encoder: int | None, period: Period, matches: TopicMatches) -> None:
    """Store a week's topics, replacing what was stored for that week before.

    New topics get an id and the name of their cluster.
    """
    if encoder is None or period.kind != "week":
        return
    with transaction(db):
        topic_history.delete_topic_week(db, period.key)
        _store(db, encoder, period, matches)


def _store(db: Database, encoder: int, period: Period, found: TopicMatches) -> None:
    fresh = [c.group for c in found.changes if c.kind in _FRESH and c.group is not None]
    ids = topic_history.create_topics(db, encoder, [found.clusters[place].label for place in fresh])
    by_place = dict(zip(fresh, ids, strict=True))
    previous_centroids = {topic.id: topic.centre for topic in found.previous.topics}
    weeks, centres = [], {}
    for change in found.changes:
        number = change.id if change.id is not None else by_place[change.group or 0]
        weeks.append(_build_topic_week(number, change))
        if change.group is not None:
            current = found.centroids[change.group]
            centres[number] = (
                blend_centroids(previous_centroids[number], current)
                if number in previous_centroids
                else current
            )
    topic_history.rename_topics(db, _changed_names(found))
    topic_history.store_weeks(db, period.key, weeks, centres)


def _changed_names(found: TopicMatches) -> dict[int, str]:
    """Return the new names of continued topics whose old ones no longer fit, by topic id."""
    before = {topic.id: topic.name for topic in found.previous.topics}
    now = {
        c.id: found.clusters[c.group].label
        for c in found.changes
        if c.kind == "continued" and c.id is not None and c.group is not None
    }
    return {number: name for number, name in now.items() if before.get(number) != name}


def _build_topic_week(number: int, change: TopicChange) -> TopicWeek:
    into = change.other if change.kind == "merged" else change.group
    origin = change.other if change.kind == "split" else None
    return TopicWeek(number, "", change.kind, into, origin)
