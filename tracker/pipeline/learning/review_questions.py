"""The questions about what was read, and those that are due.

Public: `DueQuestion`, `load_questions`, `due_questions`, `questions_of_month`, `store_answer`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from summarizer.text.sentences import to_plain_text
from tracker.calendar import Period
from tracker.errors import NotFound
from tracker.learning.cloze_questions import Card, Question, answer_card, build_questions, first_due
from tracker.models import Paper
from tracker.pipeline.summarize.summaries import load_summaries
from tracker.store import outlines, papers, reading_progress, review_cards, subscribers
from tracker.store.database import Database
from tracker.store.interests import Owner
from tracker.store.reading_progress import FINISHED

_IN_A_REPORT = 3


@dataclass(frozen=True, slots=True)
class DueQuestion:
    """A question with the title of its work, and the day from which it is asked."""

    title: str
    question: Question
    due: date
    card: Card | None = None


def load_questions(db: Database, owner: Owner = None) -> list[DueQuestion]:
    """Return the questions about all works read or tried, in the order in which they are due.

    Only the owner of the home can answer them, so the others' are due once.
    """
    read = [one for one in reading_progress.list_progress(db, owner) if one.state in FINISHED]
    days = {one.id: one.day for one in read}
    works = list(papers.load_by_key(db, days).values())
    summaries = load_summaries(db, works)
    is_owner = owner in (None, subscribers.owner_number(db))
    cards = review_cards.load_cards(db) if is_owner else {}
    found = []
    for paper in works:
        sentences: dict[str, str] = {
            one.role: one.text for one in reversed(summaries[paper.id].sentences)
        }
        for question in _questions(db, paper, sentences):
            card = cards.get((paper.id, question.role))
            due = card[1] if card else first_due(days[paper.id])
            title = to_plain_text(paper.title)
            found.append(DueQuestion(title, question, due, Card(*card) if card else None))
    return sorted(found, key=lambda one: (one.due, one.question.id))


def _questions(db: Database, paper: Paper, sentences: dict[str, str]) -> Sequence[Question]:
    if not sentences.get("limits"):
        sentences["limits"] = outlines.load_outline(db, paper).limitations
    return build_questions(paper.id, to_plain_text(paper.title), sentences)


def due_questions(
    db: Database, today: date, limit: int = 3, owner: Owner = None
) -> list[DueQuestion]:
    """Return the first questions that are due; none about a work read less than a month ago."""
    return [one for one in load_questions(db, owner) if one.due <= today][:limit]


def questions_of_month(db: Database, month: Period, owner: Owner) -> list[DueQuestion]:
    """Return questions for a report: those due in its month, one for each of up to three works."""
    due = [one for one in load_questions(db, owner) if month.start <= one.due <= month.end]
    first: dict[str, DueQuestion] = {}
    for one in due:
        first.setdefault(one.question.id, one)
    return list(first.values())[:_IN_A_REPORT]


def store_answer(db: Database, key: str, *, right: bool, today: date) -> date:
    """Store whether a question was answered rightly; return when it is asked again.

    Raises NotFound if there is no question with that key about a work that was read.
    """
    found = next((one for one in load_questions(db) if one.question.key == key), None)
    if found is None:
        raise NotFound("question", key, "`tracker review --all` lists them.")
    card = answer_card(found.card, right=right, today=today)
    review_cards.store_card(db, found.question.id, found.question.role, card.box, card.due)
    return card.due
