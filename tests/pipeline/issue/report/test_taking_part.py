"""The report lists what one can join, and nothing that only sounds like it."""

from dataclasses import replace
from datetime import UTC, date, datetime

from tests.digest import documents
from tracker.digest.monthly.month_parts import MonthFacts
from tracker.pipeline.issue.report.taking_part import add_taking_part
from tracker.records import Deadline, FeedItem
from tracker.settings import Config
from tracker.store import feed_items
from tracker.store.database import Database

NOW = datetime(2026, 3, 20, 9, tzinfo=UTC)


def _entry(number: int, title: str, link: str = "", summary: str = "") -> FeedItem:
    address = link or f"https://blog.example.org/{number}"
    return FeedItem(f"k{number}", title, address, NOW, summary=summary)


def test_a_report_lists_competitions_courses_calls_and_issues_for_newcomers(
    db: Database, config: Config
) -> None:
    entries = [
        _entry(1, "Announcing the Tarnwick Routing Competition: $20,000 in prizes"),
        _entry(2, "Our course on building agents starts on 4 May: enrolment is open"),
        _entry(3, "Call for participation: workshop on small models"),
        _entry(4, "Add a test for the tokenizer", "https://github.com/acme/tok/issues/12",
               "good first issue"),
        _entry(5, "The challenge of aligning models that plan"),
        _entry(6, "What we learned from a course of reinforcement learning"),
        _entry(7, "Fix a crash", "https://github.com/acme/tok/issues/13"),
    ]  # fmt: skip
    feed_items.upsert_items(db, "feed", entries, NOW)
    shared_task = Deadline("SemEval", 2027, "other", date(2026, 4, 20), label="Shared task begins")
    paper = Deadline("EMNLP", 2026, "paper", date(2026, 5, 1))
    feed_items.upsert_deadlines(db, [shared_task, paper])
    document = replace(documents.monthly(), month=MonthFacts((), 0, None))
    document = replace(document, start=date(2026, 3, 1), end=date(2026, 3, 31))
    month = add_taking_part(db, config, document).month
    assert month is not None
    found = {(one.kind, one.name.split()[0]) for one in month.taking_part}
    assert found == {
        ("competition", "SemEval"), ("competition", "Announcing"), ("course", "Our"),
        ("call", "Call"), ("issue", "Add"),
    }  # fmt: skip
    assert month.taking_part[0].day == date(2026, 4, 20)
