"""OpenReview: complete accepted lists from either API, and saved lists."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.faults.web_server import LoggedRequest, Page, WebServer, document
from tests.sources.tasks import records, task, validators_of
from tracker.errors import ConfigError, SourceMalformed, SourceRefused
from tracker.records import Acceptance
from tracker.records import Page as SourcePage
from tracker.settings import OpenReviewSource
from tracker.sources import openreview
from tracker.sources.formats import accepted_lists
from tracker.sources.http.client import Client
from tracker.sources.openreview import VenueGroup, parse, read_pages

ICLR = "ICLR.cc/2026/Conference"
GROUP = VenueGroup(ICLR, "ICLR", 2026)


def note(
    key: str, group: str = ICLR, venue_text: str = "ICLR 2026 Poster", **more: Any
) -> dict[str, Any]:
    """Return a note in the format of the newer API; None removes a value."""
    content = {
        "title": f"On {key}",
        "authors": ["Ada Example"],
        "venue": venue_text,
        "venueid": group,
    }
    wrapped = {name: {"value": value} for name, value in content.items()}
    return {"id": key, "forum": key, "pdate": 1_767_225_600_000, "content": wrapped} | more


def older(venue_text: dict[str, Any]) -> dict[str, Any]:
    """Return the note in the format of the older API."""
    return venue_text | {
        "content": {name: part["value"] for name, part in venue_text["content"].items()}
    }


class Archive:
    """An API that returns the notes of a group, by offset and limit."""

    def __init__(self, notes: list[dict[str, Any]], lie: int = 0) -> None:
        self.notes, self.lie = notes, lie

    def __call__(self, logged: LoggedRequest) -> Page:
        group = logged.params["content.venueid"]
        found = [n for n in self.notes if group in json.dumps(n)]
        offset, limit = int(logged.params["offset"]), int(logged.params["limit"])
        chosen = found[offset : offset + limit]
        return document({"notes": chosen, "count": len(found) + self.lie})


def settings(web: WebServer, *venues: str, **more: Any) -> OpenReviewSource:
    urls = {"url": f"{web.url}/v2", "url_v1": f"{web.url}/v1"}
    return OpenReviewSource(**{**urls, "venues": venues or ("ICLR",), "years": 0, **more})


class Guarded:
    """The archive behind a login: it refuses other tokens than the newest one."""

    def __init__(self, archive: Archive, status: int = 403) -> None:
        self.archive, self.status, self.token, self.logins = archive, status, "", 0

    def log_in(self, logged: LoggedRequest) -> Page:
        if logged.json != {"id": "ann@example.org", "password": "pass word"}:
            return document({"name": "Error", "message": "Invalid username or password"}, 400)
        self.logins += 1
        self.token = f"token-{self.logins}"
        return document({"token": self.token, "user": {"profile": {"id": "~Ann1"}}})

    def __call__(self, logged: LoggedRequest) -> Page:
        sent = logged.headers.get("authorization", "")
        if not sent:
            return document({"name": "ChallengeRequiredError"}, self.status)
        if sent != f"Bearer {self.token}":
            return document({"name": "TokenExpiredError"}, 401)
        return self.archive(logged)


def guard(web: WebServer, *notes: dict[str, Any]) -> Guarded:
    """Publish notes behind a login."""
    guarded = Guarded(Archive(list(notes)))
    web.pages |= {"/v2/notes": guarded, "/v1/notes": guarded}
    web.pages |= {"/v2/login": guarded.log_in, "/v1/login": guarded.log_in}
    return guarded


def secret(tmp_path: Path, content: str) -> str:
    """Return the path of a private file."""
    file = tmp_path / "secret"
    file.write_text(content)
    file.chmod(0o600)
    return str(file)


def test_an_account_logs_in_and_reads_the_list(
    client: Client, web: WebServer, tmp_path: Path
) -> None:
    guarded = guard(web, note("a"), note("b"))
    account = {"user": "ann@example.org", "password_file": secret(tmp_path, "pass word\n")}
    pages = list(read_pages(client, task("openreview", settings(web, **account))))
    assert [record.key for record in records(pages)] == ["a", "b"]
    assert guarded.logins == 1
    assert [logged.method for logged in web.log] == ["POST", "GET", "GET"]


def test_an_expired_token_is_replaced_once(client: Client, web: WebServer, tmp_path: Path) -> None:
    guarded = guard(web, *(note(f"n{n}") for n in range(1_200)))
    account = {"user": "ann@example.org", "password_file": secret(tmp_path, "pass word")}
    pages = read_pages(client, task("openreview", settings(web, **account)))
    first = next(pages)
    guarded.token = "expired"
    assert len(first.records) + len(records(list(pages))) == 1200
    assert guarded.logins == 2


@pytest.mark.parametrize(
    ("account", "content", "reason"),
    [
        ({}, "", "refuses programs without an account \\(HTTP 403\\); set sources.openreview.user"),
        (
            {"user": "ann@example.org"},
            "wrong",
            "refuses the login of ann@example.org \\(HTTP 400\\)",
        ),
        (
            {"token": "yes"},
            "old-token",
            "refuses the token \\(HTTP 401\\), which has perhaps expired",
        ),
    ],
)
def test_a_refusal_says_what_to_set(
    account: dict[str, str], content: str, reason: str,
    client: Client, web: WebServer, tmp_path: Path,
) -> None:  # fmt: skip
    guard(web, note("a"))
    given: dict[str, str] = {}
    if "token" in account:
        given = {"token_file": secret(tmp_path, content)}
    elif account:
        given = {**account, "password_file": secret(tmp_path, content)}
    with pytest.raises(SourceRefused, match=reason) as caught:
        list(read_pages(client, task("openreview", settings(web, **given))))
    assert content not in str(caught.value) or not content


def test_a_token_is_sent_as_it_is(client: Client, web: WebServer, tmp_path: Path) -> None:
    guarded = guard(web, note("a"))
    guarded.token = "saved-token"
    given = settings(web, token_file=secret(tmp_path, "Bearer-free\n"))
    with pytest.raises(SourceRefused):
        list(read_pages(client, task("openreview", given)))
    secret(tmp_path, "saved-token\n")
    assert len(records(list(read_pages(client, task("openreview", given))))) == 1


def test_half_an_account_is_a_configuration_error(client: Client, web: WebServer) -> None:
    with pytest.raises(ConfigError, match="set together"):
        list(read_pages(client, task("openreview", settings(web, user="ann@example.org"))))


def test_a_login_without_a_token_is_explained(
    client: Client, web: WebServer, tmp_path: Path
) -> None:
    guard(web)
    web.pages["/v2/login"] = document({"mfaPending": True})
    account = {"user": "ann@example.org", "password_file": secret(tmp_path, "pass word")}
    with pytest.raises(SourceMalformed, match="a second factor needs"):
        list(read_pages(client, task("openreview", settings(web, **account))))


LIST = [
    {"id": "a", "title": "One", "author": "Ada Example", "status": "Poster"},
    {"id": "b", "title": "Two", "author": "Bo", "status": "Reject"},
]


def test_without_an_account_the_public_lists_are_read(client: Client, web: WebServer) -> None:
    guard(web, note("a"))
    web.pages["/lists/nips/nips2025.json"] = document(LIST)
    web.pages["/lists/iclr/iclr2026.json"] = document([LIST[0] | {"id": "c"}])
    given = settings(web, "ICLR", "NeurIPS", "TMLR", lists_url=f"{web.url}/lists", years=1)
    pages = list(read_pages(client, task("openreview", given)))
    assert [(r.key, r.venue, r.year) for r in records(pages)] == [
        ("c", "ICLR", 2026),
        ("a", "NeurIPS", 2025),
    ]
    assert [warning for page in pages for warning in page.warnings] == [
        "OpenReview refuses programs without an account (HTTP 403); set sources.openreview.user and"
        " password_file; ICLR, NeurIPS were read from public lists instead",
        "TMLR has no public list",
    ]
    paths = [logged.path for logged in web.log]
    assert paths.count("/v2/notes") == 1
    known = validators_of(pages)
    again = list(read_pages(client, task("openreview", given, cache_validators=known)))
    assert records(again) == []


def test_a_refused_account_is_an_error_although_the_lists_were_read(
    client: Client, web: WebServer, tmp_path: Path
) -> None:
    guard(web, note("a"))
    web.pages["/lists/iclr/iclr2026.json"] = document(LIST)
    account = {"user": "ann@example.org", "password_file": secret(tmp_path, "wrong")}
    given = settings(web, lists_url=f"{web.url}/lists", **account)
    pages: list[SourcePage] = []
    coming = read_pages(client, task("openreview", given))
    with pytest.raises(SourceRefused, match="refuses the login"):
        pages.extend(coming)
    assert [record.key for record in records(pages)] == ["a"]


def test_without_any_list_the_refusal_remains(client: Client, web: WebServer) -> None:
    guard(web, note("a"))
    with pytest.raises(SourceRefused):
        list(read_pages(client, task("openreview", settings(web, lists_url=f"{web.url}/lists"))))


def test_a_pointer_to_a_large_list_is_followed(client: Client, web: WebServer) -> None:
    guard(web)
    stages = iter([b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"])
    listed = json.dumps(LIST).encode()
    web.pages["/lists/iclr/iclr2026.json"] = lambda _: Page(next(stages, listed))
    given = settings(web, lists_url=f"{web.url}/lists")
    assert len(records(list(read_pages(client, task("openreview", given))))) == 1


def nothing(web: WebServer) -> None:
    web.pages["/v2/notes"] = web.pages["/v1/notes"] = Archive([])


def test_a_list_is_read_page_by_page(client: Client, web: WebServer) -> None:
    nothing(web)
    web.pages["/v2/notes"] = Archive([note(f"n{n}") for n in range(2_300)])
    pages = list(read_pages(client, task("openreview", settings(web))))
    assert [len(page.records) for page in pages] == [1000, 1000, 300, 0]
    assert records(pages)[0] == Acceptance(
        key="n0",
        title="On n0",
        authors=("Ada Example",),
        venue="ICLR",
        year=2026,
        track="poster",
        url="https://openreview.net/forum?id=n0",
    )
    assert json.loads(pages[-1].cursor or "") == {ICLR: 2300}


def test_a_list_of_the_same_length_is_not_read_again(client: Client, web: WebServer) -> None:
    nothing(web)
    archive = web.pages["/v2/notes"] = Archive([note("a"), note("b")])
    given = settings(web)
    cursor = list(read_pages(client, task("openreview", given)))[-1].cursor
    web.log.clear()
    assert list(read_pages(client, task("openreview", given, cursor=cursor))) == []
    assert len(web.log) == 1
    archive.notes.append(note("c"))
    pages = list(read_pages(client, task("openreview", given, cursor=cursor)))
    assert [record.key for record in records(pages)] == ["a", "b", "c"]


@pytest.mark.parametrize("cursor", ["nonsense", "[1]", '{"a": "b"}', "null"])
def test_an_invalid_cursor_is_ignored(cursor: str, client: Client, web: WebServer) -> None:
    web.pages["/v2/notes"] = Archive([note("a")])
    pages = list(read_pages(client, task("openreview", settings(web), cursor=cursor)))
    assert len(records(pages)) == 1


def test_an_older_venue_is_read_from_the_older_api(client: Client, web: WebServer) -> None:
    nothing(web)
    web.pages["/v1/notes"] = Archive([older(note("old"))])
    (record,) = records(list(read_pages(client, task("openreview", settings(web)))))
    assert (record.key, record.authors, record.track) == ("old", ("Ada Example",), "poster")


def test_a_venue_without_decisions_has_no_papers(client: Client, web: WebServer) -> None:
    nothing(web)
    assert list(read_pages(client, task("openreview", settings(web)))) == []


def test_missing_notes_are_an_error_after_the_pages(client: Client, web: WebServer) -> None:
    web.pages["/v2/notes"] = Archive([note("a")], lie=2)
    pages: list[SourcePage] = []
    coming = read_pages(client, task("openreview", settings(web)))
    with pytest.raises(SourceMalformed, match="2 of 3 promised notes never came"):
        pages.extend(coming)
    assert [record.key for record in records(pages)] == ["a"]
    assert all(page.cursor is None for page in pages)


def test_a_journal_is_limited_to_the_requested_years(client: Client, web: WebServer) -> None:
    stamps = {"new": 1_770_000_000_000, "old": 1_600_000_000_000}
    notes = [note(key, "TMLR", "Accepted by TMLR", pdate=stamp) for key, stamp in stamps.items()]
    web.pages["/v2/notes"] = Archive(notes)
    (record,) = records(list(read_pages(client, task("openreview", settings(web, "TMLR")))))
    assert (record.key, record.venue, record.year, record.track) == ("new", "TMLR", 2026, "")


@pytest.mark.parametrize(
    ("named", "group"),
    [
        ("iclr", VenueGroup(ICLR, "ICLR", 2026)),
        ("COLM", VenueGroup("colmweb.org/COLM/2026/Conference", "COLM", 2026)),
        ("tmlr", VenueGroup("TMLR", "TMLR", None)),
        ("ICLR.cc/2025/Workshop/Ex", VenueGroup("ICLR.cc/2025/Workshop/Ex", "Ex", 2025)),
        ("auai.org/UAI/{year}/Conference", VenueGroup("auai.org/UAI/2026/Conference", "UAI", 2026)),
    ],
)
def test_a_venue_is_a_name_or_a_group(named: str, group: VenueGroup) -> None:
    assert openreview.list_groups(OpenReviewSource(venues=(named,)), range(2026, 2027))[0] == group


def test_an_unknown_venue_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match="ICLR, NeurIPS"):
        openreview.list_groups(OpenReviewSource(venues=("ICLLR",)), range(2026, 2027))


def test_only_accepted_papers_are_returned() -> None:
    notes = [
        note("a"),
        note("b", f"{ICLR}/Rejected_Submission"),
        note("c", venue_text="Submitted to ICLR 2026"),
        note("d", venue_text="ICLR 2026 Oral"),
        {"id": "e"},
        7,
        note(""),
    ]
    page, number = parse(json.dumps({"notes": notes, "count": 7}).encode(), GROUP)
    assert [getattr(r, "track", "") for r in page.records] == ["poster", "oral"]
    assert page.warnings == (f"{ICLR}: 2 notes are not accepted papers",)
    assert len(page.skipped) == 3
    assert (number, page.total) == (7, 7)


def test_authors_may_be_objects_and_titles_may_have_latex() -> None:
    venue_text = note("a")
    venue_text["content"] |= {
        "authors": {"value": [{"fullname": "Ada  Example", "username": "~Ada1"}, None, "Bo"]},
        "title": {"value": "$k$-NN is  \\textbf{back}"},
    }
    page, _ = parse(json.dumps({"notes": [venue_text], "count": 1}).encode(), GROUP)
    (record,) = page.records
    assert isinstance(record, Acceptance)
    assert (record.title, record.authors) == ("k-NN is back", ("Ada Example", "Bo"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"notes": []}',
        b'{"notes": {}, "count": 1}',
        b"<html>",
        b"\xff",
        b"null",
    ],
)
def test_other_documents_than_notes_are_rejected(body: bytes) -> None:
    with pytest.raises(SourceMalformed):
        parse(body, GROUP)


def test_a_saved_list_has_the_accepted_papers() -> None:
    papers = [
        {"id": "a", "title": "One", "author": "Ada Example;Bo", "status": "Spotlight"},
        {"id": "b", "title": "Two", "status": "Reject"},
        {"id": "c", "title": "Three", "status": ""},
        {"title": "Four", "status": "Poster"},
        None,
    ]
    page = accepted_lists.parse(json.dumps(papers).encode(), "lists/nips2025.json")
    (record,) = page.records
    assert isinstance(record, Acceptance)
    assert (record.key, record.venue, record.year) == ("a", "NeurIPS", 2025)
    assert (record.authors, record.track) == (("Ada Example", "Bo"), "spotlight")
    assert len(page.skipped) == 2


@pytest.mark.parametrize(("body", "name"), [(b"{}", "colm2025.json"), (b"[]", "papers.json")])
def test_an_invalid_saved_list_is_rejected(body: bytes, name: str) -> None:
    with pytest.raises(SourceMalformed):
        accepted_lists.parse(body, name)


def test_the_real_list_is_parsed_completely(shared_data: Path) -> None:
    file = shared_data / "conferences" / "paperlists" / "colm2025.json"
    page = accepted_lists.parse(file.read_bytes(), file.name)
    assert (len(page.records), page.skipped) == (418, ())
    assert all(isinstance(r, Acceptance) and r.authors and r.venue == "COLM" for r in page.records)
