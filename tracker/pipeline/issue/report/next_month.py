"""The plan for the month after a report: papers to read, something to try, and a deadline.

Public: `add_plan`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from summarizer.text.sentences import to_plain_text
from tracker.digest.document import Document
from tracker.digest.monthly.month_parts import NextMonth, PlannedPaper
from tracker.language import get_language
from tracker.learning.exercises import choose_exercise, load_exercises
from tracker.learning.reading_plan import plan_reading
from tracker.paper.paper_outline import PaperOutline
from tracker.pipeline.issue.report.local_deadlines import list_local_deadlines
from tracker.pipeline.learning.reading_paths import ReadingPath, load_path
from tracker.records import Deadline
from tracker.settings import Config
from tracker.store import outlines, papers, reading_progress
from tracker.store.database import Database
from tracker.topics.taxonomy import Concept, concepts_of_kind, concepts_with_custom

_WEEKS, _PATH_LENGTH = 4, 50
_AHEAD = timedelta(days=60)
# What is not only for authors of papers.
_OPEN_TO_ALL = re.compile(r"\b(competition|challenge|shared task|course|school|hackathon)\b", re.I)


def add_plan(db: Database, config: Config, document: Document) -> Document:
    """Return a report with the plan of its reader for the month after."""
    if document.month is None:
        return document
    directions = _choose_directions(db, config, document.start)
    planned = tuple(_planned_papers(db, config, directions))
    plan = _with_exercise(config, document, NextMonth(planned))
    plan = _with_deadline(db, config, document.end, plan)
    return replace(document, month=replace(document.month, next_month=plan))


def _choose_directions(db: Database, config: Config, start: date) -> list[Concept]:
    """Return the directions of which least was read; equal ones take turns, month by month."""
    known = concepts_of_kind("direction", concepts_with_custom(config.directions))
    read = reading_progress.read_keys_by_tag(db)
    turn = _WEEKS * (12 * start.year + start.month) % len(known)
    rotated = [*known[turn:], *known[:turn]]
    return sorted(rotated, key=lambda one: len(read.get(one.key, ())))


def _planned_papers(
    db: Database, config: Config, directions: Sequence[Concept]
) -> Iterator[PlannedPaper]:
    """Yield the next work of the first directions that have one."""
    used: set[str] = set()
    for direction in directions:
        if len(used) == _WEEKS:
            return
        path = load_path(db, direction, _PATH_LENGTH)
        planned = _next_of_path(db, config, path, used)
        if planned:
            used.add(planned.id)
            yield planned


def _next_of_path(
    db: Database, config: Config, path: ReadingPath, used: set[str]
) -> PlannedPaper | None:
    unread = (step for step in path.steps if step.state not in ("read", "tried"))
    step = next((step for step in unread if step.id not in used), None)
    if step is None:
        return None
    paper = next(iter(papers.load_by_key(db, [step.id]).values()), None)
    outline = outlines.load_outline(db, paper) if paper else PaperOutline()
    plan = plan_reading(outline, config.reading.level, get_language("en"))
    return PlannedPaper(
        step.id, f"https://arxiv.org/abs/{step.id}", to_plain_text(step.title), path.name,
        path.read, path.total, sum(part.minutes for part in plan), step.why,
    )  # fmt: skip


def _with_exercise(config: Config, document: Document, plan: NextMonth) -> NextMonth:
    """Return the plan with an exercise; it continues those of the issues, a month ahead."""
    known = concepts_of_kind("direction", concepts_with_custom(config.directions))
    exercises = load_exercises(config.home, [one.key for one in known])
    turn = 12 * document.start.year + document.start.month + 1
    name = plan.papers[0].direction if plan.papers else ""
    key = next((one.key for one in known if one.name == name), "")
    exercise = choose_exercise(exercises, key, config.reading.level, turn)
    if exercise is None:
        return plan
    steps = (f"`{exercise.setup}`", *exercise.steps) if exercise.setup else exercise.steps
    return replace(plan, try_title=exercise.title, try_minutes=exercise.minutes, try_steps=steps)


def _with_deadline(db: Database, config: Config, end: date, plan: NextMonth) -> NextMonth:
    """Return the plan with the next deadline of a competition or course, else of any venue."""
    ahead = list_local_deadlines(db, config, end, end + _AHEAD)
    submissions = (one for one in ahead if one.deadline.kind in ("abstract", "paper"))
    open_to_all = (one for one in ahead if _is_open_to_all(one.deadline))
    found = next(open_to_all, next(submissions, None))
    if found is None:
        return plan
    known = found.deadline
    name = f"{known.conference} {known.year}"
    return replace(
        plan,
        deadline=f"{name}: {known.label}" if known.label else name,
        deadline_day=found.day,
        deadline_time=found.time,
        deadline_url=known.url,
    )


def _is_open_to_all(deadline: Deadline) -> bool:
    return bool(_OPEN_TO_ALL.search(f"{deadline.conference} {deadline.label} {deadline.kind}"))
