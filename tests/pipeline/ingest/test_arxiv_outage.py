"""When all of arXiv refuses for hours: other services describe the missing papers for a while."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.faults.arxiv_server import ArxivServer, Record
from tests.faults.web_server import LoggedRequest, Page, WebServer, document
from tracker.config import load
from tracker.models import SourceReport
from tracker.pipeline.ingest import completeness
from tracker.pipeline.ingest.crawl import CrawlOptions, crawl_sources, crawl_window
from tracker.pipeline.retrieval.hybrid_search import load_work
from tracker.records import Listing, ListingComplete, Popularity
from tracker.settings import Config
from tracker.sources.http.messages import RetryPolicy
from tracker.store import listings, papers, popularity, second_hand
from tracker.store.database import Database, open_database

NOW = datetime(2026, 3, 20, 6, tzinfo=UTC)
LISTED = date(2026, 3, 19)
RETRIES = RetryPolicy(connect=1.0, read=1.0, attempt=1.0, total=3.0, max_attempts=1, backoff=0.001)
KEYS = [f"2603.{n:05}" for n in range(1, 5)]
BATCH = "/graph/v1/paper/batch"


@pytest.fixture
def db(config: Config) -> Iterator[Database]:
    with open_database(config.database) as database:
        yield database


class Outage:
    """arXiv and two other services on real sockets; `refusing` is whether arXiv refuses."""

    def __init__(self, home: Path, db: Database, arxiv: ArxivServer, web: WebServer) -> None:
        self.home, self.db, self.arxiv, self.web = home, db, arxiv, web
        self.refusing = True
        self.unknown = {KEYS[3]}
        self.web.pages[BATCH] = self._semantic_scholar
        self.web.pages["/works"] = self._openalex
        for path in ("/rss/cs.CL", "/api/query", "/oai"):
            self.web.pages[path] = Page(b"busy", 503)

    def config(self, **flags: str) -> Config:
        urls = {
            "arxiv_rss": f"{self.web.url}/rss" if self.refusing else self.arxiv.rss,
            "arxiv_api": f"{self.web.url}/api/query" if self.refusing else self.arxiv.url,
            "arxiv_oai": f"{self.web.url}/oai" if self.refusing else self.arxiv.oai,
            "semantic_scholar_papers": self.web.url,
            "openalex_papers": self.web.url,
        }
        names = load(self.home, environ={}).sources
        settings = {f"sources.{name}.enabled": "false" for name in names if name not in urls}
        settings |= {"sources.openalex_papers.enabled": "false"}
        settings |= {f"sources.{name}.url": url for name, url in urls.items()}
        settings |= {f"sources.{name}.pace_seconds": "0" for name in urls}
        settings |= {f"sources.arxiv_{n}.categories": "cs.CL" for n in ("rss", "api", "oai")}
        settings |= {"http.allow_private": "127.0.0.1"}
        return load(self.home, environ={}, overrides=settings | flags)

    def crawl(self, now: datetime, *only: str, **flags: str) -> dict[str, SourceReport]:
        config = self.config(**flags)
        window = crawl_window(self.db, config, now, None, None)
        options = CrawlOptions(only, retry_policy=RETRIES)
        found = crawl_sources(self.db, config, window, now=now, options=options)
        return {report.source: report for report in found}

    def _semantic_scholar(self, request: LoggedRequest) -> Page:
        names = [name.removeprefix("ARXIV:") for name in request.json["ids"]]
        return document([None if name in self.unknown else entry(name) for name in names])

    def _openalex(self, request: LoggedRequest) -> Page:
        names = request.params["filter"].removeprefix("doi:").split("|")
        return document({"results": [work(name.rpartition("arxiv.")[2]) for name in names]})


def entry(key: str, **given: Any) -> dict[str, Any]:
    return {
        "paperId": "p", "externalIds": {"ArXiv": key}, "title": f"Second-hand {key}",
        "abstract": "Another wording.", "authors": [{"authorId": "1", "name": "A. Example"}],
        "publicationDate": "2026-03-18", **given,
    }  # fmt: skip


def work(key: str, **given: Any) -> dict[str, Any]:
    return {
        "doi": f"https://doi.org/10.48550/arXiv.{key}", "title": f"Indexed {key}",
        "authorships": [{"author": {"display_name": "Ada Example"}}],
        "publication_date": "2026-03-18",
        "abstract_inverted_index": {"words": [2, 5], "Many": [0], "short": [1], "and": [3],
                                    "long": [4]},
        **given,
    }  # fmt: skip


@pytest.fixture
def outage(config: Config, db: Database) -> Iterator[Outage]:
    published = datetime(2026, 3, 18, 12, tzinfo=UTC)
    records = [Record(key, published, f"First-hand {key}") for key in KEYS]
    with ArxivServer(records, today=NOW.date()) as arxiv, WebServer() as web:
        listed = [Listing(LISTED, key, "new", ("cs.CL",)) for key in KEYS]
        listings.store_listings(db, listed, "arxiv_listings")
        listings.store_completions(db, "arxiv_listings", [ListingComplete(LISTED, ("cs.CL",))], NOW)
        yield Outage(config.home, db, arxiv, web)


def states(outage: Outage, now: datetime) -> list[tuple[str, int, int, int]]:
    config = outage.config(**{"sources.arxiv_rss.categories": "cs.CL"})
    return [
        (day.state, day.got, day.missing, day.second_hand)
        for day in completeness.list_days(outage.db, config, now, since=LISTED, until=LISTED)
        if day.category == "cs.CL"
    ]


def test_other_services_are_read_only_after_hours_of_refusals(outage: Outage) -> None:
    assert "semantic_scholar_papers" not in outage.crawl(NOW)
    assert "semantic_scholar_papers" not in outage.crawl(NOW + timedelta(hours=3))
    assert not [request for request in outage.web.log if request.path == BATCH]
    reports = outage.crawl(NOW + timedelta(hours=5))
    assert reports["arxiv_api"].state == "failed"
    assert reports["semantic_scholar_papers"].added == 3
    assert "it does not know 1 of 4 papers yet" in reports["semantic_scholar_papers"].notes


def test_a_second_hand_paper_is_marked_until_arxiv_replaces_it(outage: Outage) -> None:
    outage.crawl(NOW)
    later = NOW + timedelta(hours=5)
    outage.crawl(later)
    shown = load_work(outage.db, KEYS[0])
    assert shown.second_hand is not None
    assert shown.second_hand.source == "semantic_scholar_papers"
    assert (shown.paper.title, shown.paper.categories, shown.paper.announced) == (
        f"Second-hand {KEYS[0]}", ("cs.CL",), LISTED
    )  # fmt: skip
    assert states(outage, later) == [("degraded", 3, 1, 3)]
    outage.refusing = False
    outage.crawl(later + timedelta(hours=1))
    replaced = load_work(outage.db, KEYS[0])
    assert replaced.second_hand is None
    assert replaced.paper.title == f"First-hand {KEYS[0]}"
    assert replaced.paper.authors == ("Ada Example", "Bo Ünlaut")
    assert [v.abstract for v in replaced.paper.versions] == [None]
    assert states(outage, later) == [("complete", 4, 0, 0)]


def test_one_interface_that_answers_ends_the_outage(outage: Outage) -> None:
    outage.crawl(NOW)
    oai = {"sources.arxiv_oai.url": outage.arxiv.oai}
    reports = outage.crawl(NOW + timedelta(hours=5), **oai)
    assert reports["arxiv_oai"].state == "ok"
    assert "semantic_scholar_papers" not in reports


def test_a_named_source_is_read_at_once(outage: Outage) -> None:
    reports = outage.crawl(NOW, "openalex_papers")
    assert reports["openalex_papers"].added == 4
    _, paper = next(iter(papers.load_by_key(outage.db, [KEYS[1]]).items()))
    assert paper.abstract == "Many short words and long words"
    assert "api_key" not in outage.web.log[-1].params


def test_the_key_of_openalex_is_sent_and_shown_nowhere(outage: Outage, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("s3cret-key\n")
    file.chmod(0o600)
    flags = {"sources.openalex_papers.key_file": str(file)}
    outage.web.pages["/works"] = Page(b"busy", 503)
    report = outage.crawl(NOW, "openalex_papers", **flags)["openalex_papers"]
    assert outage.web.log[-1].params["api_key"] == "s3cret-key"
    assert report.state == "failed"
    assert "s3cret" not in str(report)


def test_arxivs_record_is_never_replaced_by_a_second_hand_one(outage: Outage) -> None:
    outage.refusing = False
    outage.crawl(NOW)
    reports = outage.crawl(NOW, "semantic_scholar_papers")
    assert reports["semantic_scholar_papers"].read == 0
    assert not second_hand.marked_keys(outage.db)


def test_works_that_other_lists_name_are_requested_too(outage: Outage) -> None:
    named = [
        Popularity("2603.09999", NOW.date(), LISTED, 12),
        Popularity("1706.03762", NOW.date(), LISTED, 99),
    ]
    popularity.upsert_upvotes(outage.db, named)
    outage.crawl(NOW, "semantic_scholar_papers")
    (request,) = [request for request in outage.web.log if request.path == BATCH]
    assert request.json["ids"] == [f"ARXIV:{key}" for key in [*KEYS, "2603.09999"]]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"title": None}, "no title"),
        ({"abstract": None}, "no abstract"),
        ({"authors": 5}, "no authors"),
        ({"externalIds": {"ArXiv": "2603.77777"}}, "the response is about 2603.77777"),
    ],
)
def test_an_entry_that_cannot_be_used_is_skipped(
    given: dict[str, Any], reason: str, outage: Outage
) -> None:
    outage.web.pages[BATCH] = document([entry(KEYS[0], **given), None, None, None])
    report = outage.crawl(NOW, "semantic_scholar_papers")["semantic_scholar_papers"]
    assert (report.added, report.unread) == (0, 1)
    assert any(reason in note for note in report.notes)


@pytest.mark.parametrize(
    ("given", "day"),
    [("2024-01-01", date(2026, 3, 1)), (None, date(2026, 3, 20)), ("soon", date(2026, 3, 20))],
)
def test_the_day_of_submission_is_in_the_month_of_the_id(
    given: Any, day: date, outage: Outage
) -> None:
    outage.web.pages[BATCH] = document([entry(KEYS[0], publicationDate=given), None, None, None])
    outage.crawl(NOW, "semantic_scholar_papers")
    assert load_work(outage.db, KEYS[0]).paper.published == day


def test_unreachable_services_do_not_hide_the_reports_of_arxiv(outage: Outage) -> None:
    outage.crawl(NOW)
    nowhere = {"sources.semantic_scholar_papers.url": "http://127.0.0.1:9"}
    reports = outage.crawl(NOW + timedelta(hours=5), **nowhere)
    assert reports["arxiv_api"].state == "failed"
    assert reports["semantic_scholar_papers"].state == "failed"
    assert json.loads(json.dumps(reports["semantic_scholar_papers"].detail))
