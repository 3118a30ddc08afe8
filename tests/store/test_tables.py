"""The smaller tables of the store: boards, runs, vectors, summaries, tags, issues."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np

from summarizer import Sentence, Summary
from tests.store.records import DAY, paper
from tracker.calendar import Period
from tracker.models import BoardRow, BoardSnapshot, Pick, Reason, Tag
from tracker.store import boards, issues, outbox, papers, summaries_and_tags, vectors
from tracker.store.database import Database
from tracker.store.runs import RunHistory
from tracker.store.summaries_and_tags import SummaryKey

NOW = datetime(2026, 3, 11, 6, tzinfo=UTC)
ROW = BoardRow("é-model", 1400.5, 1, 1390.0, 1410.0, 99, "Lab", "MIT", {"Model": "é", "x": None})


def test_a_board_is_loaded_unchanged_best_first(db: Database) -> None:
    low = BoardRow("low", 1.0)
    assert boards.store_snapshots(db, [BoardSnapshot("arena", DAY, (low, ROW))]) == 1
    assert boards.list_names(db) == ["arena"]
    assert boards.latest_snapshot(db, "arena", DAY) == BoardSnapshot("arena", DAY, (ROW, low))
    assert boards.latest_snapshot(db, "arena", date(2026, 3, 9)) is None


def test_a_board_stored_again_replaces_that_day_only(db: Database) -> None:
    earlier = BoardSnapshot("arena", date(2026, 3, 1), (ROW,))
    boards.store_snapshots(db, [earlier, BoardSnapshot("arena", DAY, (ROW,))])
    again = BoardSnapshot("arena", DAY, (BoardRow("new", 2.0),))
    assert boards.store_snapshots(db, [again]) == 0
    assert boards.latest_snapshot(db, "arena", DAY) == again
    assert boards.latest_snapshot(db, "arena", date(2026, 3, 5)) == earlier
    assert db.execute("SELECT count(*) FROM board_rows").fetchone() == (2,)


def test_the_run_history_has_every_attempt_in_order(db: Database) -> None:
    history = RunHistory(db)
    history.record("crawl:a", "2026-03-09", "ok", detail="", at=NOW)
    history.record("crawl:a", "2026-03-10", "failed", detail="why", at=NOW)
    history.record("crawler", "2026-12-31", "ok", detail="", at=NOW, report={"since": DAY})
    assert history.attempts("crawl:a", "2026-03-10") == [("failed", NOW)]
    assert history.last_attempt("crawl:a") == ("2026-03-10", "failed", "why", NOW)
    assert history.last_success_at("crawl:a") == NOW
    assert history.last_success_at("report") is None
    assert history.last_attempt("nothing") is None


def test_a_vector_is_stale_when_its_text_has_changed(db: Database) -> None:
    papers.upsert(db, [paper()])
    space = vectors.get_or_create_encoder(db, "m", "r", 4)
    assert vectors.get_or_create_encoder(db, "m", "r", 4) == space
    assert vectors.get_or_create_encoder(db, "m", "r", 5) != space
    works = papers.load_by_number(db, vectors.works_without_vector(db, space))
    vectors.store_vectors(db, space, works, np.eye(1, 4, dtype=np.float32))
    assert vectors.works_without_vector(db, space) == []
    assert vectors.coverage(db, space) == vectors.Coverage(1, 1, 0)

    papers.upsert(db, [paper(version=2)])
    assert vectors.coverage(db, space) == vectors.Coverage(1, 1, 1)
    assert vectors.works_without_vector(db, space) == [1]
    numbers, matrix = vectors.load_vectors(db, space, [1, 99])
    assert (numbers.tolist(), matrix.tolist()) == ([1], [[1.0, 0.0, 0.0, 0.0]])


def test_a_summary_belongs_to_one_version_of_a_work(db: Database) -> None:
    papers.upsert(db, [paper()])
    key = SummaryKey("model", "1", "en")
    proof = (Sentence("result", "A", "A."),)
    summary = Summary("Short.", proof, "generated", "model", "1", "en", 2, "a note")
    summaries_and_tags.store_summaries(db, {(1, 1): summary}, NOW)
    assert summaries_and_tags.load_summaries(db, [1], key) == {1: replace(summary, created=NOW)}
    assert summaries_and_tags.load_generated_summaries(db, [1], "en") == {
        1: replace(summary, created=NOW)
    }
    assert summaries_and_tags.load_generated_summaries(db, [1], "zh-TW") == {}
    assert summaries_and_tags.load_summaries(db, [1], SummaryKey("model", "2", "en")) == {}

    papers.upsert(db, [paper(version=2)])
    assert summaries_and_tags.load_summaries(db, [1], key) == {}


def test_a_work_without_tags_is_processed_until_its_text_changes(db: Database) -> None:
    papers.upsert(db, [paper(), paper("2603.00002")])
    space = vectors.get_or_create_encoder(db, "m", "r", 2)
    vectors.store_vectors(db, space, papers.load_by_number(db, [1, 2]), np.ones((2, 2), np.float32))
    assert summaries_and_tags.list_untagged_works(db, "t", space) == [1, 2]

    summaries_and_tags.store_tags(db, "t", {1: [], 2: [Tag("moe", 0.5, "why"), Tag("rag", 0.7)]})
    assert summaries_and_tags.list_untagged_works(db, "t", space) == []
    assert summaries_and_tags.works_with_current_tags(db, [1, 2, 3]) == {1, 2}
    assert summaries_and_tags.tags_between(db, DAY, DAY) == {
        2: [Tag("rag", 0.7), Tag("moe", 0.5, "why")]
    }

    papers.upsert(db, [paper(version=2)])
    assert summaries_and_tags.list_untagged_works(db, "t", space) == [1]
    assert summaries_and_tags.list_untagged_works(db, "another", space) == [1, 2]


def test_an_issue_composed_again_replaces_its_picks(db: Database) -> None:
    papers.upsert(db, [paper(), paper("2603.00002")])
    first, second = papers.load_by_number(db, [1, 2]).values()
    why = (Reason("fresh", 0.5, 2.0, "new"),)
    week = ("weekly", "2026-W11", "en")
    issues.store_issue(db, week, {"a": 1}, [Pick(first, 2.0, why), Pick(second, 1.0, why)], NOW)
    issues.store_issue(db, week, {"a": 2}, [Pick(second, 1.0, why)], NOW)
    assert issues.list_issue_keys(db) == [(*week, NOW.date())]
    assert issues.ids_picked_before(db, "weekly", "2026-W12") == {"2603.00002"}
    assert issues.ids_picked_before(db, "weekly", "2026-W11") == set()
    assert outbox.count_by_state(db)["sent"] == 0


def test_a_changed_pick_is_returned_as_shown_and_as_it_is(db: Database) -> None:
    papers.upsert(db, [paper()])
    (picked,) = papers.load_by_number(db, [1]).values()
    issues.store_issue(db, ("weekly", "2026-W11", "en"), {}, [Pick(picked, 1.0, ())], NOW)
    papers.upsert(db, [paper(version=2, comments="Withdrawn", updated=date(2026, 3, 18))])
    week = Period.parse_week("2026-W12")
    ((then, now),) = issues.picks_changed_in(db, "weekly", week)
    assert (then.version, now.version) == (1, 2)
    assert (then.withdrawn, now.withdrawn) == (False, True)
    assert issues.picks_changed_in(db, "weekly", week.previous()) == []
