"""Which paper of a week a reader should read: the one that covers most of what they have not read.

A cell of the map is a direction in a dimension. The candidates are the papers that the digest of
the week picked, so that every choice is worth reading.

Public: `WeeklyChoice`, `choose_weekly`, `choose_from`, `wanted_directions`, `pick_for_gaps`,
`load_cells`, `Cell`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tracker.settings import Config
from tracker.store import (
    daily_counts,
    interests,
    issues,
    papers,
    reading_progress,
    summaries_and_tags,
)
from tracker.store.database import Database
from tracker.store.interests import Owner
from tracker.store.reading_progress import FINISHED
from tracker.topics.taxonomy import Concept, concepts_of_kind, concepts_with_custom

# A direction and a dimension; "" is a direction without any.
Cell = tuple[str, str]


@dataclass(frozen=True, slots=True)
class WeeklyChoice:
    """A paper of the week `week`, and the cells of the map that nothing read is in so far."""

    week: str
    id: str
    title: str
    new_cells: tuple[Cell, ...]


def choose_weekly(
    db: Database, config: Config, directions: Collection[str] = (), owner: Owner = None
) -> WeeklyChoice | None:
    """Return what to read of the newest composed week; None if all of it was read.

    `directions` are those that the reader wants; without any, all count.
    """
    weeks = [period for kind, period, _, _ in issues.list_issue_keys(db) if kind == "weekly"]
    if not weeks:
        return None
    week = max(weeks)
    return choose_from(db, config, week, issues.pick_ids(db, "weekly", week), directions, owner)


def choose_from(
    db: Database,
    config: Config,
    week: str,
    picks: Sequence[str],
    directions: Collection[str] = (),
    owner: Owner = None,
) -> WeeklyChoice | None:
    """Return what to read of the picks of a week, best first; None if all were read."""
    states = reading_progress.states_by_key(db, owner)
    finished = {key for key, state in states.items() if state in FINISHED}
    candidates = [key for key in picks if key not in finished]
    if not candidates:
        return None
    cells = load_cells(db, config, {*candidates, *finished})
    known = {cell for key in finished for cell in cells.get(key, ())}
    chosen = pick_for_gaps(candidates, cells, known, directions)
    (paper,) = papers.load_by_key(db, [chosen]).values()
    new = tuple(sorted(set(cells.get(chosen, ())) - known))
    return WeeklyChoice(week, chosen, paper.title, new)


def wanted_directions(db: Database, config: Config, owner: Owner = None) -> list[Concept]:
    """Return the directions that a reader follows or likes."""
    directions = concepts_of_kind("direction", concepts_with_custom(config.directions))
    opinions = interests.list_opinions(db, owner)
    liked = daily_counts.count_tags_of_keys(db, [one.paper.id for one in opinions if one.liked])
    queries = " ".join(one.query for one in interests.list_saved_searches(db, owner)).split()
    return [one for one in directions if one.key in liked or f"topic:{one.key}" in queries]


def pick_for_gaps(
    candidates: Sequence[str],
    cells: Mapping[str, Collection[Cell]],
    known: Collection[Cell],
    directions: Collection[str] = (),
) -> str:
    """Return the candidate with most unread cells of the wanted directions, then of all, then rank.

    `candidates` are in order of rank, and there is at least one.
    """

    def gain(key: str) -> tuple[int, int]:
        new = set(cells.get(key, ())) - set(known)
        wanted = [cell for cell in new if not directions or cell[0] in directions]
        return len(wanted), len(new)

    return max(candidates, key=gain)


def load_cells(db: Database, config: Config, keys: Collection[str]) -> dict[str, set[Cell]]:
    """Return the cells of each stored work, by id."""
    works = papers.numbers_by_key(db, keys)
    concepts = concepts_with_custom(config.directions)
    tags = summaries_and_tags.tags_for_works(db, list(works.values()))
    found = {}
    for key, number in works.items():
        names = [tag.name for tag in tags.get(number, ()) if tag.name in concepts]
        dimensions = [name for name in names if concepts[name].kind == "dimension"] or [""]
        directions = [name for name in names if concepts[name].kind == "direction"]
        found[key] = {(direction, one) for direction in directions for one in dimensions}
    return found
