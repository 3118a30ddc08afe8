"""Issues over time: no paper is repeated, withdrawals are corrected, recomposing replaces."""

import html
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from summarizer.text.sentences import to_plain_text
from tests.store.records import paper
from tracker.calendar import Period
from tracker.config import load
from tracker.digest.document import Document
from tracker.errors import UsageError
from tracker.models import Paper, Version
from tracker.pipeline.issue.compose_issue import (
    ComposedIssue,
    IssueOptions,
    compose_period,
)
from tracker.pipeline.issue.issue_content import rank_papers
from tracker.pipeline.issue.issue_pages import write_pages
from tracker.pipeline.issue.load_period import load_period
from tracker.pipeline.retrieval.index_refresh import index_papers
from tracker.settings import Config
from tracker.store import issues, papers
from tracker.store.database import Database

W10, W11 = Period.parse_week("2026-W10"), Period.parse_week("2026-W11")
FEBRUARY = Period.parse_month("2026-02")
NOW = datetime(2026, 3, 16, 8, tzinfo=UTC)
SAMPLE = Period("month", "all", date(2026, 2, 9), date(2026, 3, 13))


@pytest.fixture
def config(home: Path) -> Config:
    return load(home, environ={})


def _composed(
    db: Database, config: Config, period: Period, now: datetime = NOW, **options: Any
) -> Document:
    issue: ComposedIssue = compose_period(
        db, config, period, now=now, options=IssueOptions(**options)
    )
    return issue.document


def _shown(document: Document) -> list[str]:
    themed = [entry for theme in document.themes for entry in theme.entries]
    first = [document.read_first] if document.read_first else []
    return [entry.id for entry in (*first, *document.top, *themed)]


def _withdraw(db: Database, key: str, day: date) -> Paper:
    """Store a next version of a work, listed on `day`, that says it is withdrawn."""
    known = next(iter(papers.load_by_key(db, [key]).values()))
    version = Version(known.version + 1, datetime(day.year, day.month, day.day, 1, tzinfo=UTC))
    gone = replace(
        known, versions=(*known.versions, version), updated=day,
        comments="This paper has been withdrawn by the authors",
    )  # fmt: skip
    papers.upsert(db, [gone])
    return gone


def test_no_paper_is_shown_twice_in_an_issue_or_in_two(db: Database, config: Config) -> None:
    shown = [_shown(_composed(db, config, period)) for period in (W10, W11)]
    assert all(shown)
    assert len(set(shown[0]) | set(shown[1])) == len(shown[0]) + len(shown[1])


def test_names_of_themes_are_phrases_that_fit_their_papers(db: Database, config: Config) -> None:
    data, _ = load_period(db, config, FEBRUARY)
    document = _composed(db, config, FEBRUARY)
    assert data.namer is not None
    assert len({theme.label for theme in document.themes}) == len(document.themes) > 0
    for theme in document.themes:
        assert "·" not in theme.label
        fitting = [entry for entry in theme.entries if data.namer.fit(theme.label, entry.id)]
        assert len(fitting) >= min(2, len(theme.entries))


def test_the_subject_is_about_one_paper_and_differs_each_week(db: Database, config: Config) -> None:
    subjects = {_composed(db, config, week).subject for week in (W10, W11)}
    assert len(subjects) == 2
    assert all(len(subject) <= 70 and "·" not in subject for subject in subjects)


def test_the_list_of_issues_names_each_before_its_subject(db: Database, config: Config) -> None:
    document = _composed(db, config, W11)
    index = (config.web_pages / "index.html").read_text(encoding="utf-8")
    assert "LLM Weekly 2026-W11" in index
    assert html.escape(document.subject) in index


def test_papers_of_an_earlier_issue_are_not_picked_again(db: Database, config: Config) -> None:
    """A paper can move into a later week if its announcement day was estimated at first."""
    best = rank_papers(db, config, W11.start, W11.end)[:3]
    issues.store_issue(db, ("weekly", W10.key, "en"), {}, best, NOW)
    shown = _shown(_composed(db, config, W11))
    assert shown
    assert not {pick.paper.id for pick in best} & set(shown)


def test_a_monthly_report_may_show_papers_of_its_weeks(db: Database, config: Config) -> None:
    best = rank_papers(db, config, FEBRUARY.start, FEBRUARY.end)[:3]
    issues.store_issue(db, ("weekly", "2026-W08", "en"), {}, best, NOW)
    assert {pick.paper.id for pick in best} <= set(_shown(_composed(db, config, FEBRUARY)))


def test_a_report_composed_again_from_the_same_store_has_the_same_bytes(
    db: Database, config: Config
) -> None:
    """Only a report that differs says that it was made later, and then says what differs."""
    first = _report_files(db, config, NOW)
    assert _report_files(db, config, NOW + timedelta(days=1)) == first
    papers.upsert(db, [paper("2602.99999", announced=date(2026, 2, 27))])
    later = _report_files(db, config, NOW + timedelta(days=2))
    assert later["monthly-2026-02.md"] != first["monthly-2026-02.md"]
    assert b"18 Mar 2026" in later["monthly-2026-02.md"]
    assert b"Changed since the first edition" in later["monthly-2026-02.md"]


def _report_files(db: Database, config: Config, now: datetime) -> dict[str, bytes]:
    """Compose February; return the report's files, its page on the site, and the feeds."""
    done = compose_period(db, config, FEBRUARY, now=now)
    pages = (file for file in config.web_pages.iterdir() if file.is_file())
    return {file.name: file.read_bytes() for file in (*done.files, *pages)}


def test_age_does_not_count_in_a_monthly_report(db: Database, config: Config) -> None:
    ages = [why for pick in load_period(db, config, FEBRUARY)[0].ranked.picks for why in pick.why
            if why.signal == "age"]  # fmt: skip
    assert any(why.value for why in ages)
    assert not any(why.points for why in ages)


def test_a_withdrawn_paper_is_never_picked(db: Database, config: Config) -> None:
    picks = rank_papers(db, config, SAMPLE.start, SAMPLE.end)
    assert len(picks) > 100
    assert not [pick for pick in picks if pick.paper.withdrawn]
    assert "2602.93225" not in {pick.paper.id for pick in picks}, "the sample's withdrawn paper"


def test_a_withdrawal_is_a_correction_if_the_paper_had_been_picked(
    db: Database, config: Config
) -> None:
    before = _composed(db, config, W10)
    assert before.read_first is not None
    picked = before.read_first.id
    not_shown = next(
        pick.paper.id for pick in rank_papers(db, config, W10.start, W10.end)
        if pick.paper.id not in _shown(before)
    )  # fmt: skip
    for key in (picked, not_shown):
        _withdraw(db, key, date(2026, 3, 11))
    after = _composed(db, config, W11, out=config.home / "out")
    assert [entry.id for entry in after.corrections] == [picked]
    assert after.corrections[0].withdrawn
    for suffix in ("html", "txt", "md"):
        page = (config.home / "out" / f"weekly-2026-W11.{suffix}").read_text(encoding="utf-8")
        assert picked in page
        assert not_shown not in page
    assert picked not in _shown(_composed(db, config, W10)), "it is not picked when composed again"


def test_an_old_withdrawal_is_not_corrected_again(db: Database, config: Config) -> None:
    before = _composed(db, config, W10)
    assert before.read_first is not None
    _withdraw(db, before.read_first.id, date(2026, 3, 6))
    assert _composed(db, config, W11).corrections == ()


def test_composing_again_replaces_the_stored_issue(db: Database, config: Config) -> None:
    first = _composed(db, config, W11)
    assert first.read_first is not None
    _withdraw(db, first.read_first.id, date(2026, 3, 13))
    second = _composed(db, config, W11, now=NOW.replace(hour=12))
    assert first.read_first.id not in _shown(second)
    stored = [(kind, period) for kind, period, *_ in issues.list_issue_keys(db)]
    assert stored.count(("weekly", "2026-W11")) == 1
    assert issues.ids_picked_before(db, "weekly", "2026-W12") >= set(_shown(second))


def test_the_stored_document_equals_the_written_one(db: Database, config: Config) -> None:
    done = compose_period(db, config, W11, now=NOW)
    (page,) = (path for path in done.files if path.suffix == ".json")
    stored = db.execute(
        "SELECT document FROM issues WHERE kind = 'weekly' AND period = '2026-W11'"
    ).fetchone()
    assert json.loads(stored[0]) == json.loads(page.read_text(encoding="utf-8"))


def test_an_unfinished_week_has_a_notice(db: Database, config: Config) -> None:
    wednesday = datetime(2026, 3, 11, 8, tzinfo=UTC)
    notices = _composed(db, config, W11, now=wednesday).notices
    assert any("15 March 2026" in notice for notice in notices)
    assert not any("more papers" in notice for notice in _composed(db, config, W11).notices)


def test_every_sentence_is_in_its_source(db: Database, config: Config) -> None:
    document = _composed(db, config, W11)
    shown = {key: found for found in papers.load_by_key(db, _shown(document)).values()
             for key in (found.id,)}  # fmt: skip
    entries = [document.read_first, *document.top]
    proofs = [(entry.id, proof) for entry in entries if entry for proof in entry.proofs]
    assert proofs
    for key, proof in proofs:
        assert proof.source in to_plain_text(shown[key].abstract)


def test_reasons_add_up_to_the_score(db: Database, config: Config) -> None:
    document = _composed(db, config, W11)
    for entry in (document.read_first, *document.top):
        assert entry is not None
        assert sum(why.points for why in entry.why) == pytest.approx(entry.score, abs=0.001)
        assert [why.points for why in entry.why] == sorted(
            (why.points for why in entry.why), reverse=True
        )


@pytest.mark.parametrize("papers_listed", [1, 2, 3])
def test_a_week_with_very_few_papers_can_be_composed(
    papers_listed: int, db: Database, config: Config
) -> None:
    week = Period.parse_week("2026-W14")
    new = [paper(f"2603.8000{n}", announced=week.start) for n in range(papers_listed)]
    papers.upsert(db, new)
    index_papers(db, config)
    document = _composed(db, config, week)
    assert document.counts.papers == papers_listed
    assert set(_shown(document)) == {new_paper.id for new_paper in new}
    assert any(f"Only {papers_listed} paper" in notice for notice in document.notices)


def test_pages_are_written_completely_or_not_at_all(
    db: Database, config: Config, tmp_path: Path
) -> None:
    document = _composed(db, config, W11)
    out = tmp_path / "out"
    write_pages(document, out)
    assert {path.name for path in out.iterdir()} == {
        f"weekly-2026-W11.{suffix}" for suffix in ("html", "txt", "md", "json")
    }
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(UsageError, match=str(file)):
        write_pages(document, file)


def test_a_paper_with_news_is_shown_again(db: Database, config: Config) -> None:
    before = _composed(db, config, W10)
    assert before.read_first is not None
    revised, accepted, reworded = (entry.id for entry in (before.read_first, *before.top[:2]))
    _revise(db, revised, abstract="Another text altogether, with other numbers in it.")
    _revise(db, accepted, comments="Accepted at ICLR 2026")
    _revise(db, reworded, comments="12 pages, typos corrected")
    after = _composed(db, config, W11)
    assert {entry.id: entry.news for entry in after.corrections} == {
        revised: "revised", accepted: "accepted",
    }  # fmt: skip


def _revise(db: Database, key: str, **changes: str) -> None:
    known = next(iter(papers.load_by_key(db, [key]).values()))
    newest = replace(known.versions[-1], abstract=known.abstract)
    version = Version(known.version + 1, datetime(2026, 3, 11, 1, tzinfo=UTC))
    versions = (*known.versions[:-1], newest, version)
    papers.upsert(db, [replace(known, versions=versions, updated=date(2026, 3, 11), **changes)])  # type: ignore[arg-type]


@pytest.mark.parametrize("code", ["zh-TW", "zh-CN"])
def test_pages_in_chinese_have_no_english_interface_texts(
    code: str, db: Database, config: Config
) -> None:
    done = compose_period(db, config, W11, now=NOW, options=IssueOptions(code))
    text = next(path for path in done.files if path.suffix == ".txt").read_text(encoding="utf-8")
    for english in (
        "Why selected",
        "announced",
        "About this",
        "papers",
        "Mon ",
        "March",
        "authors",
    ):
        assert english not in re.sub(r"https?://\S+", "", _interface(text, done.document))
    assert "3月9日" in text


def _interface(text: str, document: Document) -> str:
    """Return the text without the papers' titles and sentences."""
    entries = [document.read_first, *document.top, *(e for t in document.themes for e in t.entries)]
    flat = " ".join(text.split())
    for entry in filter(None, entries):
        for quoted in (
            entry.title,
            *(p.text for p in entry.proofs),
            *(p.source for p in entry.proofs),
        ):
            flat = flat.replace(quoted, "")
    return flat


def test_a_language_without_pages_is_refused(db: Database, config: Config) -> None:
    with pytest.raises(UsageError, match="'tlh'"):
        compose_period(db, config, W11, now=NOW, options=IssueOptions("tlh"))
