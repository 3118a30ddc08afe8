"""The hour for the paper that an issue puts first: what to read of it, and what to try.

Public: `add_reading`, `reading_at_level`.
"""

from collections.abc import Mapping
from dataclasses import replace

from tracker.digest.compose import IssueContent
from tracker.digest.document import Document
from tracker.language import Language, get_language
from tracker.learning.exercises import Exercise, choose_exercise, load_exercises
from tracker.learning.practice import plan_practice
from tracker.learning.reading import Reading, ReadingLink
from tracker.learning.reading_plan import fit_minutes, main_table, names_parts, plan_reading
from tracker.models import Paper
from tracker.paper.paper_links import find_links
from tracker.paper.paper_outline import PaperOutline
from tracker.settings import Config
from tracker.store import papers
from tracker.store.database import Database
from tracker.store.outlines import load_outline
from tracker.topics.taxonomy import concepts_of_kind, concepts_with_custom


def add_reading(
    document: Document,
    content: IssueContent,
    outlines: Mapping[str, PaperOutline],
    config: Config,
    language: Language,
) -> Document:
    """Return the document with the hour for its paper to read first, if it has one.

    A daily edition has none: it is read in some minutes.

    Raises ConfigError for a user's catalogue of exercises that is not valid.
    """
    exercise = _choose_exercise(document, config, config.reading.level)
    pick = content.selection.read_first
    if pick is None or document.kind == "daily":
        return document
    outline = outlines.get(pick.paper.id, PaperOutline())
    return replace(
        document,
        reading=_build_reading(pick.paper, outline, exercise, config.reading.level, language),
    )


def reading_at_level(
    db: Database, config: Config, document: Document, level: str, minutes: int
) -> Reading | None:
    """Return the hour of a document for another level, and the minutes a day of a reader."""
    entry = document.read_first
    found = papers.load_by_key(db, [entry.id]) if entry else {}
    if document.reading is None or not found:
        return None
    (paper,) = found.values()
    exercise = _choose_exercise(document, config, level)
    outline = load_outline(db, paper)
    reading = _build_reading(paper, outline, exercise, level, get_language(document.language))
    return replace(reading, plan=fit_minutes(reading.plan, minutes))


def _choose_exercise(document: Document, config: Config, level: str) -> Exercise | None:
    directions = concepts_of_kind("direction", concepts_with_custom(config.directions))
    exercises = load_exercises(config.home, [direction.key for direction in directions])
    entry = document.read_first
    direction = entry.topics[0].key if entry and entry.topics else ""
    return choose_exercise(exercises, direction, level, _turn_of(document))


def _turn_of(document: Document) -> int:
    """Return a number that grows by one from each issue of a kind to the next."""
    day = document.start
    return 12 * day.year + day.month if document.kind == "monthly" else day.toordinal() // 7


def _build_reading(
    paper: Paper,
    outline: PaperOutline,
    exercise: Exercise | None,
    level: str,
    language: Language,
) -> Reading:
    links = find_links(paper.facts, paper.abstract, paper.comments, outline.releases)
    return Reading(
        id=paper.id,
        level=level,
        plan=plan_reading(outline, level, language),
        practice=plan_practice(links, exercise, level, main_table(outline), language),
        links=tuple(ReadingLink(link.kind, link.url, link.name) for link in links),
        conclusion=outline.conclusion,
        limitations=outline.limitations,
        from_full_text=names_parts(outline),
    )
