"""What surrounds the papers of an issue: boards, models, videos, venues, news, late arrivals."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from summarizer.text import plain
from tracker.calendar import Period
from tracker.digest import boards as board_news
from tracker.digest.document import BoardNews, Medium, ModelNews, Venue
from tracker.digest.news import news_of
from tracker.digest.ranking import Attention
from tracker.models import Paper
from tracker.pipeline import ledger
from tracker.records import LedgerDay
from tracker.settings import FEEDS, Config
from tracker.store import acceptances, attention, boards, issues, items, listings, papers
from tracker.store.database import Database
from tracker.store.ledger import Ledger

_HUB = "https://huggingface.co/"
_MODELS, _MEDIA, _DEADLINES, _LISTS, _LATE = 5, 8, 8, 4, 50
_BOARDS = 6
# How far ahead a deadline is worth knowing, and which kinds are for authors.
_AHEAD = timedelta(days=45)
_SUBMISSIONS = ("abstract", "paper")
# Papers reach the daily list some days after they were listed.
_VOTED = timedelta(days=14)
_VIDEO_HOSTS = ("youtube.com", "youtu.be", "vimeo.com")


def upvotes(db: Database, period: Period) -> dict[str, Attention]:
    """Upvotes of works that stood on a daily page since shortly before the period, by id."""
    told = attention.upvotes(db, period.start - _VOTED, period.end)
    return {key: Attention(entry.upvotes, entry.listed) for key, entry in told.items()}


def moved_boards(db: Database, period: Period) -> tuple[BoardNews, ...]:
    """News of the boards that have a snapshot in the period, against the last one before it.

    A board in several categories is told of by its own name only, when it has one; there is room
    for a few.
    """
    names = boards.names(db)
    whole = [name for name in names if "/" not in name or name.partition("/")[0] not in names]
    found = []
    for name in whole:
        now = boards.latest(db, name, period.end)
        if now and period.contains(now.day):
            found.append(board_news.news(boards.latest(db, name, period.previous().end), now))
    found.sort(key=lambda news: (-len(news.moves), news.board))
    return tuple(sorted(found[:_BOARDS], key=lambda news: news.board))


def trending_models(db: Database, period: Period) -> tuple[ModelNews, ...]:
    """The models at the head of the period's newest list."""
    cards = attention.trending(db, period.start, period.end)[:_MODELS]
    return tuple(
        ModelNews(c.name, _HUB + c.name, c.name.partition("/")[0], c.downloads, c.likes)
        for c in cards
    )


def media(db: Database, period: Period) -> tuple[Medium, ...]:
    """Videos and posts of the period, the newest of each feed first."""
    told = items.published_between(db, period.start, period.end)
    return tuple(
        Medium(
            kind="video" if _is_video(item.link) else "post",
            title=plain(item.title),
            url=item.link,
            source=item.author or source.removeprefix(FEEDS),
            published=item.published.date(),
        )
        for source, item in told
        if item.link and item.title and item.published
    )[:_MEDIA]


def _is_video(link: str) -> bool:
    host = urlsplit(link).hostname or ""
    return any(host == name or host.endswith(f".{name}") for name in _VIDEO_HOSTS)


def venues(db: Database, period: Period) -> tuple[Venue, ...]:
    """Lists of accepted papers that came out, then the deadlines ahead, the next first."""
    came = [
        Venue("accepted", f"{name} {year}", day, papers=n)
        for name, year, day, n in acceptances.new_lists(db, period.start, period.end)
        if year >= period.start.year  # a first crawl brings those of earlier years too
    ][:_LISTS]
    ahead = items.deadlines_between(db, period.end, period.end + _AHEAD)
    due = [
        Venue("deadline", f"{d.conference} {d.year}", d.day, d.url, d.place)
        for d in ahead
        if d.kind in _SUBMISSIONS
    ]
    return (*came, *dict.fromkeys(due))[: len(came) + _DEADLINES]


def news(db: Database, kind: str, period: Period) -> tuple[tuple[Paper, str], ...]:
    """Works of earlier issues of which there is news in the period, and which."""
    told = {
        paper.id: (paper, what) for paper, what in news_of(issues.changed_since(db, kind, period))
    }
    tied = acceptances.newly_tied(db, kind, period.key, period.start, period.end)
    for paper in papers.by_number(db, tied).values():
        told.setdefault(paper.id, (paper, "accepted"))
    return tuple(told.values())


def late(db: Database, kind: str, period: Period, now: datetime) -> tuple[Paper, ...]:
    """Works of earlier periods that came in only after their day had been read whole.

    They came since the last issue was made, or since the period began when there is none.
    """
    begun = datetime.combine(period.start, datetime.min.time(), now.tzinfo)
    after = issues.last_made(db, kind, period.key) or begun
    until = min(now, begun + timedelta(days=len(period.days) + 1))
    works = papers.by_number(db, listings.late_between(db, period.start, after, until))
    return tuple(paper for paper in works.values() if not paper.withdrawn)[:_LATE]


def days(db: Database, config: Config, period: Period, now: datetime) -> list[LedgerDay]:
    """The ledger of the period."""
    return ledger.days(db, config, now, since=period.start, until=period.end)


def unwell_sources(db: Database, config: Config) -> Iterator[str]:
    """Names of the sources that are read and whose last crawl did not end well."""
    kept = Ledger(db)
    for name, source in config.sources.items():
        last = kept.last(f"crawl:{name}")
        if source.enabled and last and last[1] != "ok":
            yield name
