"""What a mail has for a reader who learns: the hour at their level, a paper for a gap, questions.

Public: `load_hours`, `gap_remarks`, `load_review`.
"""

from collections.abc import Mapping, Sequence

from tracker.calendar import Period
from tracker.digest.document import Document, ReviewQuestion
from tracker.digest.writing.feedback_notes import gap_remark
from tracker.digest.writing.phrasing import concept_name
from tracker.language import get_language
from tracker.learning.reading import Reading
from tracker.pipeline.issue.paper_reading import reading_at_level
from tracker.pipeline.learning import weekly_choice
from tracker.pipeline.learning.review_questions import questions_of_month
from tracker.settings import Config
from tracker.store import issues
from tracker.store.database import Database
from tracker.store.subscribers import Subscriber
from tracker.topics.taxonomy import concepts_with_custom


def load_hours(
    db: Database,
    config: Config,
    readers: Sequence[Subscriber],
    documents: Mapping[str, Document],
) -> dict[int, Reading]:
    """Return the hour of each reader whose level or minutes are not those of the settings."""
    made: dict[tuple[str, str, int], Reading | None] = {}
    found = {}
    for reader in readers:
        level = reader.level or config.reading.level
        minutes = reader.minutes or config.reading.minutes
        if (level, minutes) == (config.reading.level, config.reading.minutes):
            continue
        key = (reader.language, level, minutes)
        if key not in made:
            made[key] = reading_at_level(db, config, documents[reader.language], level, minutes)
        if (hour := made[key]) is not None:
            found[reader.number] = hour
    return found


def gap_remarks(
    db: Database, config: Config, reader: Subscriber, document: Document
) -> tuple[str, ...]:
    """Return a sentence on the paper of the week for a gap of the reader's map, if there is one.

    Only readers who follow or like a direction and have marked what they read have such a map.
    """
    wanted = [one.key for one in weekly_choice.wanted_directions(db, config, reader.number)]
    if not wanted:
        return ()
    picks = issues.pick_ids(db, document.kind, document.period)
    choice = weekly_choice.choose_from(db, config, document.period, picks, wanted, reader.number)
    cells = [cell for cell in choice.new_cells if cell[0] in wanted] if choice else []
    if choice is None or not cells:
        return ()
    language, concepts = get_language(document.language), concepts_with_custom(config.directions)
    direction = concept_name(concepts[cells[0][0]], language)
    return (gap_remark(choice.id, choice.title, direction, language),)


def load_review(db: Database, month: Period, number: int) -> tuple[ReviewQuestion, ...]:
    """Return questions about what a reader read a month ago, for a report."""
    return tuple(
        ReviewQuestion(one.question.id, one.title, one.question.text, one.question.answer)
        for one in questions_of_month(db, month, number)
    )
