"""Conference dates: both forms of an entry, common names of time zones, and hostile YAML."""

import contextlib
import resource
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.faults.web_server import Page, WebServer
from tests.sources.tasks import records, task, validators_of
from tracker.errors import SourceMalformed
from tracker.records import Deadline
from tracker.settings import Source
from tracker.sources.deadlines import FILES, parse, read_pages
from tracker.sources.http.client import Client

CALENDAR = (Path(__file__).parent / "deadlines.yml").read_bytes()


def test_a_file_has_dates_with_time_zones() -> None:
    found = [record for record in parse(CALENDAR).records if isinstance(record, Deadline)]
    assert [(d.year, d.kind, d.day.isoformat(), d.zone, d.label) for d in found] == [
        (2026, "abstract", "2026-05-04", "AoE", "Abstract deadline"),
        (2026, "paper", "2026-05-06", "UTC-08", "Round 1 Paper Submission"),
        (2026, "other", "2026-05-07", "Europe/London", "Art Gallery deadline"),
        (2026, "notification", "2026-09-24", "AoE", "Author notification"),
        (2026, "start", "2026-12-06", "", ""),
        (2026, "end", "2026-12-12", "", ""),
        (2025, "paper", "2025-05-15", "PST", ""),
    ]
    assert [d.at for d in found if d.at] == [
        datetime(2026, 5, 5, 11, 59, 59, tzinfo=UTC),
        datetime(2026, 5, 7, 7, 59, 59, tzinfo=UTC),
        datetime(2026, 5, 7, 11, 0, tzinfo=UTC),
        datetime(2025, 5, 16, 4, 0, tzinfo=UTC),
    ]
    assert (found[0].place, found[0].url) == ("Sydney, Australia", "https://exconf.example.org/")
    assert found[-1].url == ""


def test_an_invalid_date_is_skipped_and_quoted() -> None:
    assert parse(CALENDAR).skipped == ("EXCONF 2025, start: '2025-11-31' is no date",)


def _at(zone: str) -> datetime | None:
    text = f"- {{title: X, year: 2026, deadline: '2026-05-04 12:00:00', timezone: '{zone}'}}"
    (record,) = parse(text.encode()).records
    assert isinstance(record, Deadline)
    return record.at


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        ("UTC", 12),
        ("UTC+0", 12),
        ("UTC  ", 12),
        ("GMT+02", 10),
        ("UTC-7", 19),
        ("UTC+05:30", 6),
        ("aoe", 0),
        ("Pacific/Honolulu", 22),
        ("PST", 20),
    ],
)
def test_common_names_of_time_zones_are_known(zone: str, hour: int) -> None:
    at = _at(zone)
    assert at is not None
    assert (at.hour, at.tzinfo) == (hour, UTC)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "UTC+99", "soon", "/"])
def test_an_unknown_time_zone_is_a_warning_and_has_no_instant(zone: str) -> None:
    assert _at(zone) is None
    text = f"- {{title: X, year: 2026, deadline: '2026-05-04 12:00:00', timezone: '{zone}'}}"
    assert zone in parse(text.encode()).warnings[0]


def _bomb(entry: str) -> bytes:
    lines = ["a0: &a0 [lol]"]
    lines += [f"a{n}: &a{n} {entry.format(','.join([f'*a{n - 1}'] * 9))}" for n in range(1, 40)]
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"just text",
        b"{}",
        b"a: [",
        b"[" * 20_000,
        b"- " * 20_000,
        b"? " * 20_000,
        b"&a *a",
        _bomb("[{}]"),
        _bomb("{{<<: [{}]}}"),
        b"x" * 300_000,
        b"!!python/object/apply:os.abort []",
    ],
)
def test_other_documents_are_rejected_or_empty(body: bytes) -> None:
    found: tuple[Any, ...] = ()
    with contextlib.suppress(SourceMalformed):
        found = parse(body).records
    assert found == ()


GOOD = b'- {title: Good, year: 2026, deadline: "2026-05-04 12:00:00", timezone: UTC}\n'


def _doubled(first: str, entry: str, levels: int = 30) -> bytes:
    """A list in which each entry names the one before nine times: 9 to the power of `levels`."""
    lines = [f"- &a0 {first}"]
    lines += [f"- &a{n} {entry.replace('@', f'*a{n - 1}')}" for n in range(1, levels)]
    return "\n".join(lines).encode() + b"\n"


NINE = ", ".join(["@"] * 9)
LISTED = f"{{title: X, year: 2026, deadlines: [{NINE}]}}"


@pytest.mark.parametrize(
    "body",
    [
        _doubled("[lol, lol]", f"[{NINE}]"),
        _doubled("{title: X}", "{" + ", ".join(f"k{n}: @" for n in range(9)) + "}"),
        _doubled("{title: X, year: 2026}", LISTED),
        _doubled("lol" * 1000, f"{{title: [{NINE}], year: [{NINE}], city: [{NINE}]}}"),
        b"- &l [" + b"{type: paper, label: l, date: 2026-05-04}, " * 500 + b"]\n"
        + b"- {title: X, year: 2026, deadlines: *l}\n" * 500,
    ],
)  # fmt: skip
def test_aliases_cannot_swell_and_the_rest_of_the_file_is_read(body: bytes) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_memory() + 256 * 2**20, -1))
    try:
        page = parse(body + GOOD)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
    assert [record.conference for record in page.records if isinstance(record, Deadline)] == [
        "Good"
    ]
    assert any("alias" in warning for warning in page.warnings)
    assert len(str(page)) < 20_000


def _memory() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def test_an_alias_of_short_text_is_read() -> None:
    text = (
        "- {title: X, year: 2026, deadline: &d '2026-05-04 12:00:00', timezone: &z UTC}\n"
        "- {title: Y, year: 2026, deadline: *d, timezone: *z}\n"
    )
    page = parse(text.encode())
    assert {record.at for record in page.records if isinstance(record, Deadline)} == {
        datetime(2026, 5, 4, 12, tzinfo=UTC)
    }
    assert (len(page.records), page.warnings) == (2, ())


@pytest.mark.parametrize("mark", ["[", "{a: ", "- ", "? "])
def test_what_is_nested_too_deeply_is_refused(mark: str) -> None:
    with pytest.raises(SourceMalformed):
        parse((mark * (60_000 // len(mark))).encode())


def test_a_file_that_cannot_be_read_costs_one_conference_only(
    client: Client, web: WebServer
) -> None:
    web.pages |= {f"/{name}.yml": Page(b"[" * 90_000) for name in FILES}
    web.pages["/acl.yml"] = Page(CALENDAR)
    pages = list(read_pages(client, task("deadlines", Source(url=web.url))))
    assert len(records(pages)) == 7
    assert sum(len(page.skipped) for page in pages) == len(FILES)
    assert len(validators_of(pages)) == 1, "the others are asked for in full again"
    del web.pages["/acl.yml"]
    web.pages["/acl.yml"] = Page(b"nonsense")
    with pytest.raises(SourceMalformed):
        list(read_pages(client, task("deadlines", Source(url=web.url))))


@pytest.mark.parametrize("body", [b"- 7", b"- {title: X}", b"- {year: 2026}", b"- [1]", b"- ~"])
def test_an_entry_without_a_conference_is_skipped(body: bytes) -> None:
    page = parse(body)
    assert page.records == ()
    assert "no title or no year" in page.skipped[0]


def test_every_file_is_requested_conditionally(client: Client, web: WebServer) -> None:
    web.pages["/acl.yml"] = Page(CALENDAR)
    settings = Source(url=web.url)
    pages = list(read_pages(client, task("deadlines", settings)))
    assert [logged.path for logged in web.log] == [f"/{name}.yml" for name in FILES]
    assert len(records(pages)) == 7
    assert f"the calendar has no {FILES[0]}.yml" in pages[0].warnings
    known = validators_of(pages)
    again = list(read_pages(client, task("deadlines", settings, cache_validators=known)))
    assert records(again) == []
    assert validators_of(again) == validators_of(pages)


def test_the_real_calendar_is_parsed_completely(shared_data: Path) -> None:
    files = sorted((shared_data / "conferences" / "deadlines").glob("*.yml"))
    pages = [parse(file.read_bytes(), file.name) for file in files]
    assert len(files) == 68
    assert not any(page.skipped or page.warnings for page in pages)
    assert sum(len(page.records) for page in pages) == 711
    assert {file.stem for file in files} >= set(FILES)
