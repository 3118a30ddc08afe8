"""The smaller nouns of the store: boards, the ledger, vectors, findings, issues."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np

from summarizer import Sentence, Summary
from tests.store.records import DAY, paper
from tracker.calendar import Period
from tracker.models import BoardRow, BoardSnapshot, Pick, Reason, Tag
from tracker.store import boards, findings, issues, outbox, papers, vectors
from tracker.store.database import Database
from tracker.store.findings import SummaryKey
from tracker.store.ledger import Ledger

NOW = datetime(2026, 3, 11, 6, tzinfo=UTC)
ROW = BoardRow("é-model", 1400.5, 1, 1390.0, 1410.0, 99, "Lab", "MIT", {"Model": "é", "x": None})


def test_a_board_comes_back_as_it_was_read_best_first(db: Database) -> None:
    low = BoardRow("low", 1.0)
    assert boards.take(db, [BoardSnapshot("arena", DAY, (low, ROW))]) == 1
    assert boards.names(db) == ["arena"]
    assert boards.latest(db, "arena", DAY) == BoardSnapshot("arena", DAY, (ROW, low))
    assert boards.latest(db, "arena", date(2026, 3, 9)) is None


def test_a_board_taken_again_replaces_that_day_only(db: Database) -> None:
    earlier = BoardSnapshot("arena", date(2026, 3, 1), (ROW,))
    boards.take(db, [earlier, BoardSnapshot("arena", DAY, (ROW,))])
    again = BoardSnapshot("arena", DAY, (BoardRow("new", 2.0),))
    assert boards.take(db, [again]) == 0
    assert boards.latest(db, "arena", DAY) == again
    assert boards.latest(db, "arena", date(2026, 3, 5)) == earlier
    assert db.execute("SELECT count(*) FROM board_rows").fetchone() == (2,)


def test_the_ledger_keeps_every_attempt_in_order(db: Database) -> None:
    ledger = Ledger(db)
    ledger.record("crawl:a", "2026-03-09", "ok", detail="", at=NOW)
    ledger.record("crawl:a", "2026-03-10", "failed", detail="why", at=NOW)
    ledger.record("crawler", "2026-12-31", "ok", detail="", at=NOW, report={"since": DAY})
    assert ledger.attempts("crawl:a", "2026-03-10") == [("failed", NOW)]
    assert ledger.last("crawl:a") == ("2026-03-10", "failed", "why", NOW)
    assert ledger.last_good("crawl:a") == NOW
    assert ledger.last_good("report") is None
    assert ledger.last("nothing") is None


def test_a_vector_is_stale_when_its_text_has_changed(db: Database) -> None:
    papers.take(db, [paper()])
    space = vectors.encoder_number(db, "m", "r", 4)
    assert vectors.encoder_number(db, "m", "r", 4) == space
    assert vectors.encoder_number(db, "m", "r", 5) != space
    works = papers.by_number(db, vectors.pending(db, space))
    vectors.add(db, space, works, np.eye(1, 4, dtype=np.float32))
    assert vectors.pending(db, space) == []
    assert vectors.coverage(db, space) == vectors.Coverage(1, 1, 0)

    papers.take(db, [paper(version=2)])
    assert vectors.coverage(db, space) == vectors.Coverage(1, 1, 1)
    assert vectors.pending(db, space) == [1]
    numbers, matrix = vectors.of_works(db, space, [1, 99])
    assert (numbers.tolist(), matrix.tolist()) == ([1], [[1.0, 0.0, 0.0, 0.0]])


def test_a_summary_belongs_to_one_version_of_a_work(db: Database) -> None:
    papers.take(db, [paper()])
    key = SummaryKey("model", "1", "en")
    proof = (Sentence("result", "A", "A."),)
    summary = Summary("Short.", proof, "generated", "model", "1", "en", 2, "a note")
    findings.add_summaries(db, {(1, 1): summary}, NOW)
    assert findings.summaries(db, [1], key) == {1: replace(summary, created=NOW)}
    assert findings.generated(db, [1], "en") == {1: replace(summary, created=NOW)}
    assert findings.generated(db, [1], "zh-TW") == {}
    assert findings.summaries(db, [1], SummaryKey("model", "2", "en")) == {}

    papers.take(db, [paper(version=2)])
    assert findings.summaries(db, [1], key) == {}


def test_no_tag_at_all_is_an_answer_too_until_the_text_changes(db: Database) -> None:
    papers.take(db, [paper(), paper("2603.00002")])
    space = vectors.encoder_number(db, "m", "r", 2)
    vectors.add(db, space, papers.by_number(db, [1, 2]), np.ones((2, 2), np.float32))
    assert findings.untagged(db, "t", space) == [1, 2]

    findings.add_tags(db, "t", {1: [], 2: [Tag("moe", 0.5, "why"), Tag("rag", 0.7)]})
    assert findings.untagged(db, "t", space) == []
    assert findings.tagged(db, [1, 2, 3]) == {1, 2}
    assert findings.tags(db, DAY, DAY) == {2: [Tag("rag", 0.7), Tag("moe", 0.5, "why")]}

    papers.take(db, [paper(version=2)])
    assert findings.untagged(db, "t", space) == [1]
    assert findings.untagged(db, "another", space) == [1, 2]


def test_an_issue_composed_again_replaces_its_picks(db: Database) -> None:
    papers.take(db, [paper(), paper("2603.00002")])
    first, second = papers.by_number(db, [1, 2]).values()
    why = (Reason("fresh", 0.5, 2.0, "new"),)
    week = ("weekly", "2026-W11", "en")
    issues.keep(db, week, {"a": 1}, [Pick(first, 2.0, why), Pick(second, 1.0, why)], NOW)
    issues.keep(db, week, {"a": 2}, [Pick(second, 1.0, why)], NOW)
    assert issues.kept(db) == [(*week, NOW.date())]
    assert issues.picked_before(db, "weekly", "2026-W12") == {"2603.00002"}
    assert issues.picked_before(db, "weekly", "2026-W11") == set()
    assert outbox.counts(db)["sent"] == 0


def test_a_picked_work_that_changed_is_told_later_as_it_was_and_as_it_is(db: Database) -> None:
    papers.take(db, [paper()])
    (picked,) = papers.by_number(db, [1]).values()
    issues.keep(db, ("weekly", "2026-W11", "en"), {}, [Pick(picked, 1.0, ())], NOW)
    papers.take(db, [paper(version=2, comments="Withdrawn", updated=date(2026, 3, 18))])
    week = Period.parse_week("2026-W12")
    ((then, now),) = issues.changed_since(db, "weekly", week)
    assert (then.version, now.version) == (1, 2)
    assert (then.withdrawn, now.withdrawn) == (False, True)
    assert issues.changed_since(db, "weekly", week.previous()) == []
