"""Windows and look-ups with an unreliable API: incomplete, busy, sometimes wrong."""

import gzip
import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from tests.faults import arxiv_server as faults
from tests.faults.arxiv_server import ArxivServer, Fault, Record, invented
from tracker.errors import SourceError, SourceMalformed, SourceRefused, SourceUnavailable
from tracker.settings import ArxivSource, Http
from tracker.sources import arxiv_api
from tracker.sources.arxiv_api import lookup, search_window
from tracker.sources.formats.arxiv.author_names import clean_author_name
from tracker.sources.http.client import Client, RetryPolicy

MONDAY, SUNDAY = date(2026, 3, 2), date(2026, 3, 8)
RECORDS = invented(60)
HURRIED = RetryPolicy(max_attempts=5, backoff=0.001)


@pytest.fixture
def server() -> Iterator[ArxivServer]:
    with ArxivServer(RECORDS) as running:
        yield running


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client for all tests: each server has its own port, and thus its own rate limit."""
    http = Http(allow_private=("127.0.0.1",))
    with Client(http, tmp_path_factory.mktemp("state"), retry_policy=HURRIED) as client:
        yield client


@pytest.fixture
def source(server: ArxivServer) -> ArxivSource:
    return ArxivSource(url=server.url, pace_seconds=0)


class Crawl:
    """A completely read window: the ids by page, and the final error."""

    def __init__(self, client: Client, source: ArxivSource, size: int = 10) -> None:
        self.pages: list[list[str]] = []
        self.error: SourceError | None = None
        try:
            for page in search_window(client, source, MONDAY, SUNDAY, page_size=size):
                self.pages.append([paper.id for paper in page.papers])
        except SourceError as error:
            self.error = error

    @property
    def ids(self) -> list[str]:
        return list(itertools.chain.from_iterable(self.pages))


ALL = [record.id for record in RECORDS]


def test_a_window_is_read_in_pages_oldest_first(
    client: Client, server: ArxivServer, source: ArxivSource
) -> None:
    crawl = Crawl(client, source)
    assert crawl.error is None
    assert crawl.ids == ALL
    assert [len(page) for page in crawl.pages] == [10] * 6
    logged = server.log[0].params
    assert logged["search_query"] == (
        "(cat:cs.CL OR cat:cs.LG OR cat:stat.ML) AND submittedDate:[202603020000 TO 202603090000]"
    )
    assert (logged["sortBy"], logged["sortOrder"]) == ("submittedDate", "ascending")
    assert server.log[0].headers["accept"] == "application/atom+xml, */*;q=0.1"


def test_a_page_has_its_position(client: Client, source: ArxivSource) -> None:
    pages = list(search_window(client, source, MONDAY, SUNDAY, page_size=25))
    assert [(page.start, page.total, len(page.papers)) for page in pages] == [
        (0, 60, 25),
        (25, 60, 25),
        (50, 60, 10),
    ]


def test_the_last_second_of_a_window_is_in_it_and_the_next_is_not(
    client: Client, server: ArxivServer, source: ArxivSource
) -> None:
    midnight = datetime(2026, 3, 9, tzinfo=UTC)
    second = timedelta(seconds=1)
    server.records = [Record("2603.1", midnight - second), Record("2603.2", midnight)]
    server.records = [replace(r, id=f"2603.0000{n}") for n, r in enumerate(server.records)]
    assert Crawl(client, source).ids == ["2603.00000"]


def test_papers_outside_the_window_are_omitted(
    client: Client, server: ArxivServer, source: ArxivSource
) -> None:
    def everything(server: ArxivServer, params: dict[str, str]) -> faults.Reply:
        return server.answer({**params, "search_query": ""})

    server.records = [
        replace(RECORDS[0], id="2602.00001", published=datetime(2026, 2, 1, tzinfo=UTC)),
        *RECORDS,
    ]
    server.script.append(everything)
    assert Crawl(client, source, size=100).ids == ALL


def test_only_the_categories_of_the_settings_are_requested(
    client: Client, source: ArxivSource
) -> None:
    crawl = Crawl(client, replace(source, categories=("stat.ML",)))
    assert crawl.ids == ALL[2::3]


ONCE: dict[str, Fault] = {
    "429": faults.status(429),
    "406": faults.status(406),
    "503": faults.status(503),
    "retry-after": faults.status(429, Retry_After="0"),
    "reset": faults.reset(700),
    "cut early": faults.cut(60),
    "cut late": faults.cut(0.97),
    "html": faults.html(),
    "empty with its total": faults.empty(None),
    "empty": faults.empty(0),
    "short": faults.short(3),
    "the page before": faults.shifted(-10),
    "overlapping": faults.shifted(-4),
    "another page": faults.stale(20),
    "total too small": faults.lying(5),
    "wrong type": faults.typed("text/plain"),
    "compressed": faults.zipped(),
    "bomb": faults.bomb(20),
}


@pytest.mark.parametrize("position", [0, 1, 5])
@pytest.mark.parametrize("name", ONCE)
def test_a_temporary_fault_causes_no_loss_and_no_duplicates(
    name: str, position: int, client: Client, server: ArxivServer, source: ArxivSource
) -> None:
    server.script.extend([ArxivServer.answer] * position + [ONCE[name]])
    crawl = Crawl(client, source)
    assert crawl.error is None
    assert sorted(crawl.ids) == ALL


@pytest.mark.parametrize("seed", range(30))
def test_many_faults_cause_no_loss(
    seed: int, client: Client, server: ArxivServer, source: ArxivSource
) -> None:
    """At most two consecutive faults of the content, because a page is requested four times."""
    chance = random.Random(seed)
    wire = [ONCE[name] for name in ("429", "406", "503", "retry-after", "reset")]
    content = [fault for fault in ONCE.values() if fault not in wire]
    for _ in range(12):
        server.script.extend(chance.choices(wire, k=chance.randint(0, 3)))
        server.script.extend(chance.choices(content, k=chance.randint(0, 2)))
        server.script.extend([ArxivServer.answer] * chance.randint(1, 2))
    crawl = Crawl(client, source)
    assert crawl.error is None
    assert sorted(crawl.ids) == ALL


@pytest.mark.parametrize("fault", [faults.empty(0), faults.empty(7)])
def test_an_empty_response_for_weekdays_is_retried_and_an_error(
    fault: Fault, client: Client, server: ArxivServer, source: ArxivSource
) -> None:
    server.script.extend([fault] * 99)
    crawl = Crawl(client, source)
    assert isinstance(crawl.error, SourceUnavailable)
    assert crawl.error.reason == "empty answer for 5 weekdays"
    assert 2 <= len(server.log) <= 4


def test_an_empty_weekend_is_not_retried(
    client: Client, server: ArxivServer, source: ArxivSource
) -> None:
    server.records = []
    (page,) = search_window(client, source, date(2026, 3, 7), SUNDAY)
    assert (page.papers, page.total, len(server.log)) == ((), 0, 1)


def test_a_page_that_stays_short_is_an_error_after_the_last_page(
    client: Client, server: ArxivServer, source: ArxivSource
) -> None:
    server.script.extend([ArxivServer.answer] + [faults.short(1)] * 4)
    crawl = Crawl(client, source)
    assert sorted(crawl.ids) == [name for name in ALL if name != "2603.00020"]
    assert isinstance(crawl.error, SourceMalformed)
    assert crawl.error.reason == "1 of 60 promised results never came"
    assert len(server.log) == 9


def test_pages_that_stay_empty_end_the_window(
    client: Client, server: ArxivServer, source: ArxivSource
) -> None:
    server.script.extend([ArxivServer.answer] * 2 + [faults.empty(None)] * 99)
    crawl = Crawl(client, source)
    assert crawl.ids == ALL[:20]
    assert crawl.error
    assert "40 of 60" in crawl.error.reason
    assert len(server.log) == 6


def test_a_total_that_decreases_between_pages_is_ignored(
    client: Client, server: ArxivServer, source: ArxivSource
) -> None:
    """From the second page on, the total of the API ends with that page."""
    server.script.extend([ArxivServer.answer, faults.lying(20)])
    crawl = Crawl(client, source)
    assert (crawl.ids, crawl.error) == (ALL, None)


def test_papers_that_arrive_during_a_crawl_are_read(
    client: Client, server: ArxivServer, source: ArxivSource
) -> None:
    def arriving(server: ArxivServer, params: dict[str, str]) -> faults.Reply:
        late = replace(RECORDS[-1], id="2603.09999", published=datetime(2026, 3, 8, 23, tzinfo=UTC))
        server.records = [*server.records, late]
        return server.answer(params)

    server.script.extend([ArxivServer.answer, arriving])
    assert Crawl(client, source).ids == [*ALL, "2603.09999"]


def test_a_page_that_is_never_complete_ends_the_window_after_earlier_pages(
    client: Client, server: ArxivServer, source: ArxivSource
) -> None:
    server.script.extend([ArxivServer.answer] * 3 + [faults.cut(0.5)] * 99)
    crawl = Crawl(client, source)
    assert crawl.ids == ALL[:30]
    assert isinstance(crawl.error, SourceMalformed)
    assert "not well formed" in crawl.error.reason
    assert len(server.log) == 3 + 4


def test_a_403_ends_the_window_at_once(
    client: Client, server: ArxivServer, source: ArxivSource
) -> None:
    server.script.extend([ArxivServer.answer, faults.status(403)])
    crawl = Crawl(client, source)
    assert crawl.ids == ALL[:10]
    assert isinstance(crawl.error, SourceRefused)
    assert len(server.log) == 2


def test_a_query_rejected_by_arxiv_is_reported_with_its_message(
    client: Client, server: ArxivServer, source: ArxivSource
) -> None:
    server.script.append(lambda server, _: server.answer({"id_list": "abc"}))
    crawl = Crawl(client, source)
    assert isinstance(crawl.error, SourceRefused)
    assert crawl.error.reason == "HTTP 400: arXiv says: incorrect id format for abc"
    assert len(server.log) == 1


def test_a_rejection_without_a_message_is_reported(
    client: Client, server: ArxivServer, source: ArxivSource
) -> None:
    server.script.append(lambda server, params: replace(server.answer(params), status=400))
    crawl = Crawl(client, source)
    assert isinstance(crawl.error, SourceRefused)
    assert crawl.error.reason == "HTTP 400"


def test_an_entry_without_a_date_is_counted_and_does_not_make_its_page_short(
    client: Client, server: ArxivServer, source: ArxivSource
) -> None:
    def undated(server: ArxivServer, params: dict[str, str]) -> faults.Reply:
        reply = server.answer(params)
        return replace(reply, body=reply.body.replace(b"published>", b"was>", 2))

    server.script.append(undated)
    first, *_ = search_window(client, source, MONDAY, SUNDAY, page_size=10)
    assert first.skipped == ("http://arxiv.org/abs/2603.00001v1: a date is missing",)
    assert len(first.papers) == 9
    assert len(server.log) == 6


def test_a_window_over_the_limit_of_the_api_is_read_in_parts(
    monkeypatch: pytest.MonkeyPatch, client: Client, server: ArxivServer, source: ArxivSource
) -> None:
    monkeypatch.setattr(arxiv_api, "MAX_RESULTS", 30)
    crawl = Crawl(client, source)
    assert (crawl.ids, crawl.error) == (ALL, None)
    assert max(int(logged.params["start"]) for logged in server.log) == 20
    assert "[202603040000 TO" in server.log[3].params["search_query"]


def test_a_single_day_over_the_limit_is_an_error(
    monkeypatch: pytest.MonkeyPatch, client: Client, source: ArxivSource
) -> None:
    monkeypatch.setattr(arxiv_api, "MAX_RESULTS", 10)
    crawl = Crawl(client, source)
    assert len(crawl.ids) == 10
    assert crawl.error
    assert "2026-03-02 alone" in crawl.error.reason


def test_requests_respect_the_pace_of_the_settings(
    client: Client, server: ArxivServer, source: ArxivSource
) -> None:
    server.script.extend([ArxivServer.answer, faults.html(), faults.status(503)])
    assert Crawl(client, replace(source, pace_seconds=0.05)).ids == ALL
    assert len(server.log) == 8
    assert min(server.gaps()) >= 0.05


def test_looking_up_ids_returns_the_newest_version_of_each_work_once(
    client: Client, server: ArxivServer, source: ArxivSource
) -> None:
    wanted = ["2603.00002", "arXiv:2603.00003v1", "2603.00002v1", "9999.00001"]
    papers = lookup(client, source, wanted)
    assert [paper.id for paper in papers] == ["2603.00002", "2603.00003"]
    assert server.log[0].params["id_list"] == "2603.00002,2603.00003,9999.00001"


def test_many_ids_are_looked_up_in_batches(
    monkeypatch: pytest.MonkeyPatch, client: Client, server: ArxivServer, source: ArxivSource
) -> None:
    monkeypatch.setattr(arxiv_api, "LOOKUP_SIZE", 25)
    server.script.extend([faults.html(), faults.empty(0), faults.short(2)])
    papers = lookup(client, source, ALL)
    assert sorted(paper.id for paper in papers) == ALL


def test_unknown_ids_are_requested_twice_and_omitted(
    client: Client, server: ArxivServer, source: ArxivSource
) -> None:
    assert lookup(client, source, ["0000.0000"]) == []
    assert len(server.log) == 2


def test_a_window_that_ends_before_it_starts_sends_no_request(
    client: Client, server: ArxivServer, source: ArxivSource
) -> None:
    assert list(search_window(client, source, SUNDAY, MONDAY)) == []
    assert server.log == []


def test_no_ids_send_no_request(client: Client, server: ArxivServer, source: ArxivSource) -> None:
    assert lookup(client, source, []) == []
    assert server.log == []


def test_an_invalid_id_is_an_error_of_the_caller(client: Client, source: ArxivSource) -> None:
    with pytest.raises(ValueError, match="not an arXiv identifier"):
        lookup(client, source, ["2603.00001", "abc"])


def test_a_real_week_is_read_completely_despite_faults(
    client: Client, server: ArxivServer, source: ArxivSource, shared_data: Path
) -> None:
    """Real records, with their real titles, abstracts, names and categories."""
    records, until = _week(shared_data)
    server.records = records
    server.script.extend([faults.cut(0.9), faults.status(503), faults.html(), faults.empty(None)])
    pages = list(search_window(client, source, until - timedelta(days=6), until, page_size=250))
    papers = {paper.id: paper for page in pages for paper in page.papers}
    assert papers.keys() == {record.id for record in records}
    for record in records:
        assert papers[record.id].abstract == " ".join(record.abstract.split())
        names = filter(None, map(clean_author_name, record.authors))
        assert papers[record.id].authors == tuple(names)


def _week(shared_data: Path) -> tuple[list[Record], date]:
    """The papers submitted in the week before the first Sunday of March 2026, at most 900."""
    until = date(2026, 3, 1)
    records: list[Record] = []
    with gzip.open(
        shared_data / "arxiv" / "arxiv-metadata-2024-12_2026-03.jsonl.gz", "rt"
    ) as lines:
        for line in lines:
            if (len(records) < 900 and '"2603.' in line) or '"2602.' in line[:20]:
                row = json.loads(line)
                submitted = parsedate_to_datetime(row["versions"][0]["created"])
                if until - timedelta(days=6) <= submitted.date() <= until and row["categories"]:
                    records.append(_record(row, submitted))
    return records, until


def _record(row: dict[str, str], submitted: datetime) -> Record:
    names = tuple(" ".join(name.split()) for name in row["authors"].split(","))
    return Record(
        row["id"],
        submitted,
        title=row["title"],
        abstract=row["abstract"],
        authors=tuple(filter(None, names)),
        categories=tuple(row["categories"].split()),
    )
