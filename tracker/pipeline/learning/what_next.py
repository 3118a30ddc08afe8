"""What to do now: the next paper of the path that was read least, how to read it, an exercise.

Public: `Suggestion`, `suggest_next`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tracker.language import get_language
from tracker.learning.exercises import Exercise, choose_exercise, load_exercises
from tracker.learning.reading import PlanStep
from tracker.learning.reading_plan import plan_reading
from tracker.paper.paper_outline import PaperOutline
from tracker.pipeline.learning.reading_paths import PathStep, ReadingPath, load_path
from tracker.pipeline.learning.weekly_choice import WeeklyChoice, choose_weekly
from tracker.settings import Config
from tracker.store import daily_counts, interests, outlines, papers, reading_progress
from tracker.store.database import Database
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


def suggest_next(db: Database, config: Config, today: date, minutes: int) -> Suggestion:
    """Return what to read now; the same all day as long as nothing else is read."""
    path = load_path(db, _choose_direction(db, config, today), _PATH_LENGTH)
    paper = next((one for one in path.steps if one.state not in ("read", "tried")), None)
    exercise = _choose_exercise(config, path, today)
    plan = _plan(db, config, paper, minutes) if paper else ()
    weekly = choose_weekly(db, config, [one.key for one in _wanted_directions(db, config)])
    return Suggestion(path.key, path.name, path.read, path.total, paper, plan, exercise, weekly)


def _wanted_directions(db: Database, config: Config) -> list[Concept]:
    """Return the directions that the reader follows or likes."""
    directions = concepts_of_kind("direction", concepts_with_custom(config.directions))
    liked = daily_counts.count_tags_of_keys(db, interests.liked_work_ids(db))
    queries = " ".join(one.query for one in interests.list_saved_searches(db)).split()
    return [one for one in directions if one.key in liked or f"topic:{one.key}" in queries]


def _choose_direction(db: Database, config: Config, today: date) -> Concept:
    """Return the least-read direction that the reader follows or likes, else of all."""
    directions = concepts_of_kind("direction", concepts_with_custom(config.directions))
    wanted = _wanted_directions(db, config)
    read = reading_progress.read_keys_by_tag(db)
    # Directions that were read equally take turns, a day each.
    candidates = wanted or directions
    turn = today.toordinal() % len(candidates)
    return min([*candidates[turn:], *candidates[:turn]], key=lambda one: len(read.get(one.key, ())))


def _plan(db: Database, config: Config, step: PathStep, minutes: int) -> tuple[PlanStep, ...]:
    found = list(papers.load_by_key(db, [step.id]).values())
    outline = outlines.load_outline(db, found[0]) if found else PaperOutline()
    return _fit(plan_reading(outline, config.reading.level, get_language("en")), minutes)


def _fit(plan: Sequence[PlanStep], minutes: int) -> tuple[PlanStep, ...]:
    """Return the first steps that fit into the minutes, at least one."""
    kept: list[PlanStep] = []
    for step in plan:
        if kept and sum(one.minutes for one in kept) + step.minutes > minutes:
            break
        kept.append(step)
    return tuple(kept)


def _choose_exercise(config: Config, path: ReadingPath, today: date) -> Exercise | None:
    directions = concepts_of_kind("direction", concepts_with_custom(config.directions))
    exercises = load_exercises(config.home, [one.key for one in directions])
    return choose_exercise(exercises, path.key, config.reading.level, today.toordinal())
