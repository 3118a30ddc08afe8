"""The sections beside an issue's papers: boards, models, media, venues, updates, late papers."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from summarizer.grounding.names import is_order
from summarizer.text.sentences import to_plain_text
from tracker.calendar import Period
from tracker.digest import board_moves
from tracker.digest.document import BoardMoves, MediaItem, TrendingModel, VenueEvent
from tracker.digest.period.revisions import find_updates
from tracker.digest.selection.signals import UpvoteSnapshot
from tracker.models import Paper
from tracker.pipeline.ingest import completeness
from tracker.pipeline.issue.report.local_deadlines import LocalDeadline, list_local_deadlines
from tracker.records import CompletenessDay
from tracker.settings import FEEDS, Config
from tracker.store import acceptances, boards, feed_items, issues, listings, papers, popularity
from tracker.store.database import Database
from tracker.store.runs import RunHistory

_HUB = "https://huggingface.co/"
_MODELS, _MEDIA, _DEADLINES, _LISTS, _LATE = 5, 8, 8, 4, 50
_BOARDS = 6
# How far ahead deadlines are shown, and which kinds concern authors.
_AHEAD, _MONTH_AHEAD = timedelta(days=45), timedelta(days=60)
_MONTH_DEADLINES = 12
_SUBMISSIONS = ("abstract", "paper")
# Papers appear on the daily page some days after arXiv lists them.
_VOTED = timedelta(days=14)
_VIDEO_HOSTS = ("youtube.com", "youtu.be", "vimeo.com")


def load_upvotes(db: Database, period: Period) -> dict[str, UpvoteSnapshot]:
    """Return upvotes of works on a daily page since shortly before the period, by id."""
    counted = popularity.upvotes_by_work(db, period.start - _VOTED, period.end)
    return {key: UpvoteSnapshot(entry.upvotes, entry.listed) for key, entry in counted.items()}


def list_board_news(db: Database, period: Period) -> tuple[BoardMoves, ...]:
    """Return changes of the boards with a snapshot in the period, since the last one before it.

    Of a board with several categories only the overall one is shown, if there is one. The number
    of boards is limited.
    """
    names = boards.list_names(db)
    whole = [name for name in names if "/" not in name or name.partition("/")[0] not in names]
    found = []
    for name in whole:
        now = boards.latest_snapshot(db, name, period.end)
        if now and period.contains(now.day):
            before = boards.latest_snapshot(db, name, period.previous().end)
            found.append(_without_orders(board_moves.compare_snapshots(before, now)))
    found.sort(key=lambda news: (-len(news.moves), news.board))
    return tuple(sorted(found[:_BOARDS], key=lambda news: news.board))


def _without_orders(news: BoardMoves) -> BoardMoves:
    """Return the news of a board without rows whose names read like an order to a model."""
    return replace(
        news,
        moves=tuple(m for m in news.moves if not (is_order(m.model) or is_order(m.organization))),
        head=tuple(row for row in news.head if not is_order(row[1])),
    )


def list_trending_models(db: Database, period: Period) -> tuple[TrendingModel, ...]:
    """Return the first models of the period's newest list."""
    cards = popularity.trending_models(db, period.start, period.end)
    return tuple(
        TrendingModel(c.name, _HUB + c.name, c.name.partition("/")[0], c.downloads, c.likes)
        for c in cards
        if not is_order(c.name)
    )[:_MODELS]


def list_media(db: Database, period: Period) -> tuple[MediaItem, ...]:
    """Return videos and posts of the period, the newest of each feed first.

    A daily edition is made in the morning: it has those since the announcement day before.
    """
    since, until = period.start, period.end
    if period.kind == "day":
        since, until = period.previous().end, period.end - timedelta(days=1)
    found = feed_items.items_between(db, since, until)
    return tuple(
        MediaItem(
            kind="video" if _is_video(item.link) else "post",
            title=to_plain_text(item.title),
            url=item.link,
            source=item.author or source.removeprefix(FEEDS),
            published=item.published.date(),
        )
        for source, item in found
        if item.link
        and item.title
        and item.published
        and not is_order(f"{item.author or ''}. {item.title}")
    )[:_MEDIA]


def _is_video(link: str) -> bool:
    host = urlsplit(link).hostname or ""
    return any(host == name or host.endswith(f".{name}") for name in _VIDEO_HOSTS)


def list_venue_news(db: Database, config: Config, period: Period) -> tuple[VenueEvent, ...]:
    """Return newly published lists of accepted papers, then deadlines ahead, the next first.

    A daily edition does not repeat the deadlines every day.
    """
    accepted = [
        VenueEvent("accepted", f"{name} {year}", day, papers=n)
        for name, year, day, n in acceptances.new_venue_lists(db, period.start, period.end)
        # The first crawl also brings earlier years.
        if year >= period.start.year and not is_order(name)
    ][:_LISTS]
    if period.kind == "day":
        return tuple(accepted)
    ahead = _MONTH_AHEAD if period.kind == "month" else _AHEAD
    due = _list_due(list_local_deadlines(db, config, period.end, period.end + ahead))
    most = _MONTH_DEADLINES if period.kind == "month" else _DEADLINES
    return (*accepted, *dict.fromkeys(due))[: len(accepted) + most]


def _list_due(deadlines: Iterable[LocalDeadline]) -> Iterator[VenueEvent]:
    for one in deadlines:
        known = one.deadline
        if known.kind in _SUBMISSIONS and not is_order(f"{known.conference}. {known.place}"):
            part = "abstract" if known.kind == "abstract" else ""
            name = f"{known.conference} {known.year}"
            yield VenueEvent(
                "deadline", name, one.day, known.url, known.place, time=one.time, part=part
            )


def list_paper_news(db: Database, kind: str, period: Period) -> tuple[tuple[Paper, str], ...]:
    """Return works of earlier issues with news in the period, and the kind of news."""
    updates = {
        paper.id: (paper, kind_of_news)
        for paper, kind_of_news in find_updates(issues.picks_changed_in(db, kind, period))
    }
    linked = acceptances.picked_works_newly_accepted(db, kind, period.key, period.start, period.end)
    for paper in papers.load_by_number(db, linked).values():
        updates.setdefault(paper.id, (paper, "accepted"))
    return tuple(updates.values())


def list_late_papers(db: Database, kind: str, period: Period, now: datetime) -> tuple[Paper, ...]:
    """Return works of earlier periods that arrived after their day had been read completely.

    They arrived since the last issue was composed or, without one, since the period began.
    """
    period_start = datetime.combine(period.start, datetime.min.time(), now.tzinfo)
    after = issues.last_composed_at(db, kind, period.key) or period_start
    until = min(now, period_start + timedelta(days=len(period.days) + 1))
    works = papers.load_by_number(db, listings.late_works(db, period.start, after, until))
    return tuple(paper for paper in works.values() if not paper.withdrawn)[:_LATE]


def list_ledger_days(
    db: Database, config: Config, period: Period, now: datetime
) -> list[CompletenessDay]:
    """Return the completeness ledger of the period."""
    return completeness.list_days(db, config, now, since=period.start, until=period.end)


def list_failing_sources(db: Database, config: Config) -> Iterator[str]:
    """Yield the names of enabled sources whose last crawl did not succeed."""
    history = RunHistory(db)
    for name, source in config.sources.items():
        last = history.last_attempt(f"crawl:{name}")
        if source.enabled and last and last[1] != "ok":
            yield name
