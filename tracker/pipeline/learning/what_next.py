"""What to do now: the next paper of the path that was read least, how to read it, an exercise.

Public: `Suggestion`, `suggest_next`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tracker.language import get_language
from tracker.learning.exercises import Exercise, choose_exercise, load_exercises
from tracker.learning.reading import PlanStep
from tracker.learning.reading_plan import fit_minutes, plan_reading
from tracker.paper.paper_outline import PaperOutline
from tracker.pipeline.learning.reading_paths import PathStep, ReadingPath, load_path
from tracker.pipeline.learning.weekly_choice import (
    WeeklyChoice,
    choose_weekly,
    wanted_directions,
)
from tracker.settings import Config
from tracker.store import outlines, papers, reading_progress
from tracker.store.database import Database
from tracker.store.interests import Owner
from tracker.store.reading_progress import FINISHED
from tracker.topics.taxonomy import Concept, concepts_of_kind, concepts_with_custom

_PATH_LENGTH = 50


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One paper of the direction `key`; None if all works of its path were read.

    `plan` has the steps of reading that fit into the minutes. `weekly` is the paper of the newest
    digest that covers most cells of the map of which nothing was read.
    """

    key: str
    name: str
    read: int
    total: int
    paper: PathStep | None
    plan: tuple[PlanStep, ...]
    exercise: Exercise | None
    weekly: WeeklyChoice | None = None


def suggest_next(
    db: Database, config: Config, today: date, minutes: int, owner: Owner = None
) -> Suggestion:
    """Return what to read now; the same all day as long as nothing else is read.

    The level is that of `config`; `owner` is the reader whose marks and interests count.
    """
    wanted = wanted_directions(db, config, owner)
    path = load_path(db, _choose_direction(db, config, today, wanted, owner), _PATH_LENGTH, owner)
    paper = next((one for one in path.steps if one.state not in FINISHED), None)
    exercise = _choose_exercise(config, path, today)
    plan = _plan(db, config, paper, minutes) if paper else ()
    weekly = choose_weekly(db, config, [one.key for one in wanted], owner)
    return Suggestion(path.key, path.name, path.read, path.total, paper, plan, exercise, weekly)


def _choose_direction(
    db: Database, config: Config, today: date, wanted: Sequence[Concept], owner: Owner
) -> Concept:
    """Return the least-read of the directions that the reader wants, else of all."""
    read = reading_progress.read_keys_by_tag(db, owner)
    # Directions that were read equally take turns, a day each.
    everything = concepts_of_kind("direction", concepts_with_custom(config.directions))
    candidates = wanted or everything
    turn = today.toordinal() % len(candidates)
    return min([*candidates[turn:], *candidates[:turn]], key=lambda one: len(read.get(one.key, ())))


def _plan(db: Database, config: Config, step: PathStep, minutes: int) -> tuple[PlanStep, ...]:
    found = list(papers.load_by_key(db, [step.id]).values())
    outline = outlines.load_outline(db, found[0]) if found else PaperOutline()
    return fit_minutes(plan_reading(outline, config.reading.level, get_language("en")), minutes)


def _choose_exercise(config: Config, path: ReadingPath, today: date) -> Exercise | None:
    directions = concepts_of_kind("direction", concepts_with_custom(config.directions))
    exercises = load_exercises(config.home, [one.key for one in directions])
    return choose_exercise(exercises, path.key, config.reading.level, today.toordinal())
