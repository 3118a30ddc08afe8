"""Composing an issue: load the period, select papers, summarise them, compose, store, write.

Public: `ComposedIssue`, `IssueOptions`, `compose_period`, `draft`.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from summarizer import Summary
from tracker.calendar import Period
from tracker.digest import compose
from tracker.digest.compose import IssueContent
from tracker.digest.document import Document, PeriodCounts, as_json, from_json
from tracker.digest.monthly.editions import copy_edition, with_edition
from tracker.digest.writing.phrasing import fallback_notes, incomplete, not_indexed
from tracker.language import Language, get_language
from tracker.models import Paper
from tracker.pipeline import Progress, silent
from tracker.pipeline.issue import topic_continuity
from tracker.pipeline.issue.issue_content import home_content, shared_content
from tracker.pipeline.issue.issue_pages import write_home_pages
from tracker.pipeline.issue.load_period import load_period, ranking_scope
from tracker.pipeline.issue.paper_reading import add_reading
from tracker.pipeline.issue.publish import publish_issue
from tracker.pipeline.issue.report.next_month import add_plan
from tracker.pipeline.issue.report.taking_part import add_taking_part
from tracker.pipeline.issue.small_print import build_small_print
from tracker.pipeline.issue.topic_continuity import TopicMatches
from tracker.pipeline.summarize import llm
from tracker.pipeline.summarize.answer_cache import AnswerCache
from tracker.pipeline.summarize.conclusions import read_full_texts
from tracker.pipeline.summarize.issue_passages import PassageOptions, add_passages
from tracker.pipeline.summarize.summaries import (
    Announce,
    SummaryOptions,
    announce_nothing,
    discard,
    summarize_works,
    summary_store,
)
from tracker.settings import Config
from tracker.store import clusters, issues
from tracker.store.database import Database
from tracker.store.database import write_transaction as transaction


@dataclass(frozen=True, slots=True)
class ComposedIssue:
    """A document, its files, and the `reasons` why it is not complete."""

    document: Document
    files: tuple[Path, ...]
    reasons: tuple[str, ...] = ()

    @property
    def degraded(self) -> bool:
        """Whether the document is not complete."""
        return bool(self.reasons)


@dataclass(frozen=True, slots=True)
class IssueOptions:
    """How an issue is composed: its language, the folder of its pages, and extra notices.

    `is_home_issue` is whether the reader of this installation reads it, so that pages are written.
    `announce` receives what a model costs.
    """

    language: str = "en"
    out: Path | None = None
    is_home_issue: bool = True
    notices: tuple[str, ...] = ()
    announce: Announce = announce_nothing


def compose_period(
    db: Database,
    config: Config,
    period: Period,
    *,
    now: datetime,
    options: IssueOptions = IssueOptions(),
    progress: Progress = silent,
) -> ComposedIssue:
    """Compose the issue of a day, week or month, store it, and write its pages.

    Composing a period again replaces what was stored and written for it in that language. The
    pages of this installation, whose names do not include the language, are written only for a
    home issue: they include what is meant for its reader, and nothing that the reader has judged.
    What is stored and published is for everyone.
    """
    with llm.time_budget(config):
        return _compose(db, config, period, now, options, progress)


def _compose(
    db: Database,
    config: Config,
    period: Period,
    now: datetime,
    options: IssueOptions,
    progress: Progress,
) -> ComposedIssue:
    progress("compose", 0, 3)
    language = get_language(options.language)
    data, topics = load_period(db, config, period)
    shared = _with_notices(shared_content(db, config, data, now, language), options.notices)
    home = home_content(db, config, shared, language)
    cache = AnswerCache(db, writes=True)
    topics, (shared, home) = topic_continuity.name_shown_topics(
        config, topics, (shared, home), cache, progress
    )
    progress("compose", 1, 3)
    texts = read_full_texts(db, config, _leading_papers(config, shared, home))
    summaries = summarize_works(
        db, config, [*shared.papers, *home.papers], now,
        SummaryOptions(
            _summary_language(config, language), conclusions=texts.conclusions,
            store=summary_store(db, now), progress=progress, announce=options.announce,
        ),
    )  # fmt: skip
    documents = [
        add_reading(
            _compose_document(db, config, content, summaries, now, language),
            content, texts.outlines, config, language,
        )
        for content in (shared, home)
    ]  # fmt: skip
    passages = add_passages(
        config, documents,
        PassageOptions(cache, [*shared.papers, *home.papers], progress, options.announce),
    )  # fmt: skip
    document, home_document = passages.documents
    if period.kind == "month":
        document = _with_first_edition(db, document, period, now)
        home_document = add_plan(db, config, copy_edition(home_document, document))
    progress("compose", 2, 3)
    if not document.empty:
        store_issue(db, config, shared, topics, document, now)
        publish_issue(db, config, document)
    files, kept = (
        write_home_pages(config, home_document, options.out) if options.is_home_issue else ((), ())
    )
    progress("compose", 3, 3)
    notices = home_document.notices if home_document.empty else ()
    missing = _missing_papers(data.counts, language)
    failures = (*fallback_notes(summaries, language), *passages.failures)
    reasons = (*notices, *failures, *missing, *kept)
    _log(document, bool(reasons))
    return ComposedIssue(home_document, files, reasons)


def _with_first_edition(
    db: Database, document: Document, period: Period, now: datetime
) -> Document:
    """Return a report with what changed since its first edition, once its month is over."""
    if not period.is_over(now):
        return document
    stored = issues.find(db, document.kind, period.key, document.language)
    earlier = from_json(stored.document) if stored and period.is_over(stored.created) else None
    return with_edition(document, earlier, now.date())


def _log(document: Document, degraded: bool) -> None:
    facts = {
        "issue": f"{document.kind}-{document.period}",
        "language": document.language,
        "degraded": degraded,
    }
    logging.getLogger(__name__).info("issue composed", extra=facts)


def draft(
    db: Database, config: Config, period: Period, *, now: datetime, language: str = "en"
) -> Document:
    """Return the issue for everyone as `compose_period` would compose it; nothing is stored.

    Full texts that were not read before are not requested.
    """
    words = get_language(language)
    data, topics = load_period(db, config, period)
    content = shared_content(db, config, data, now, words)
    cache = AnswerCache(db, writes=False)
    _, (content,) = topic_continuity.name_shown_topics(config, topics, (content,), cache)
    texts = read_full_texts(db, config, _leading_papers(config, content), fetch=False)
    summaries = summarize_works(
        db, config, content.papers, now,
        SummaryOptions(
            _summary_language(config, words), conclusions=texts.conclusions, store=discard
        ),
    )  # fmt: skip
    document = _compose_document(db, config, content, summaries, now, words)
    document = add_reading(document, content, texts.outlines, config, words)
    return add_passages(config, [document], PassageOptions(cache, content.papers)).documents[0]


def _with_notices(content: IssueContent, notices: tuple[str, ...]) -> IssueContent:
    """Return the content with these notices before its own."""
    sections = replace(content.sections, notices=(*notices, *content.sections.notices))
    return replace(content, sections=sections)


def _summary_language(config: Config, language: Language) -> str:
    """Return the language of the summaries; without a language model they are in English."""
    writes = llm.model_name(config) and llm.generation_mode(config) == "write"
    return language.code if writes else "en"


def _leading_papers(config: Config, *contents: IssueContent) -> list[Paper]:
    """Return the papers that are read in full: the best of each content, as many as configured."""
    number = config.fulltext.papers
    picks = (pick for content in contents for pick in content.selection.leading_picks()[:number])
    return list({pick.paper.id: pick.paper for pick in picks}.values())


def _compose_document(
    db: Database,
    config: Config,
    content: IssueContent,
    summaries: Mapping[str, Summary],
    now: datetime,
    language: Language,
) -> Document:
    """Return the document of some content; its small print counts only the summaries it shows."""
    ids = {paper.id for paper in content.papers}
    shown = {key: summary for key, summary in summaries.items() if key in ids}
    small_print = build_small_print(db, config, content.data, shown, now, language)
    document = compose.compose_document(content, shown, small_print, language)
    return add_taking_part(db, config, document)


def store_issue(
    db: Database,
    config: Config,
    content: IssueContent,
    topics: TopicMatches,
    document: Document,
    now: datetime,
) -> None:
    """Store an issue and the topics of its period, replacing what was stored for them before."""
    period = content.data.period
    with transaction(db):
        if period.kind != "day":  # which shows no themes
            clusters.store_clusters(db, period.key, content.data.ranked.clusters)
        topic_continuity.store_topics(db, ranking_scope(db, config).encoder, period, topics)
        issue = (document.kind, document.period, document.language)
        issues.store_issue(db, issue, as_json(document), content.selection.all_picks(), now)


def _missing_papers(counts: PeriodCounts, language: Language) -> Iterator[str]:
    """Yield that papers could not be ranked, or that announcement days have no papers."""
    yield from incomplete(counts, language)
    for sentence in not_indexed(counts, language):
        yield f"{sentence} (`tracker index`)"
