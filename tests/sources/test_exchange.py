"""What a request may carry, and to whom, and what an answer says about coming back."""

from dataclasses import replace
from email.utils import formatdate

import pytest

from tests.faults.web_server import Asked, Page, WebServer, document
from tracker.errors import SourceRefused, SourceUnavailable
from tracker.sources.exchange import Answer, Ask
from tracker.sources.http import Client

SECRET = "k3y-that-nobody-sees"


@pytest.fixture
def ask(web: WebServer) -> Ask:
    return Ask("test", f"{web.url}/a", secret=("x-api-key", SECRET))


def test_a_document_is_posted_as_json(client: Client, web: WebServer, ask: Ask) -> None:
    web.pages["/a"] = lambda asked: document({"got": asked.json})
    answer = client.get(replace(ask, params={"fields": "a,b"}, json={"ids": ["ARXIV:1"]}))
    assert answer.body == b'{"got": {"ids": ["ARXIV:1"]}}'
    (asked,) = web.log
    assert (asked.method, asked.params) == ("POST", {"fields": "a,b"})
    assert asked.headers["content-type"] == "application/json"


def test_a_post_is_tried_again_and_sends_the_same(client: Client, web: WebServer, ask: Ask) -> None:
    web.pages["/a"] = lambda asked: document(asked.json, 200 if len(web.log) > 2 else 503)
    assert client.get(replace(ask, json=[1, 2])).body == b"[1, 2]"
    assert {asked.body for asked in web.log} == {b"[1, 2]"}


def test_a_post_is_not_carried_elsewhere(client: Client, web: WebServer, ask: Ask) -> None:
    web.pages["/a"] = Page(status=307, headers={"Location": "/b"})
    web.pages["/b"] = document([])
    with pytest.raises(SourceRefused, match="redirects"):
        client.get(replace(ask, json=[1]))
    assert [asked.path for asked in web.log] == ["/a"]


def test_a_secret_goes_along_on_its_own_host_and_to_no_other(
    client: Client, web: WebServer, ask: Ask
) -> None:
    with WebServer({"/c": document("here")}) as other:
        web.pages["/a"] = Page(status=302, headers={"Location": "/b"})
        web.pages["/b"] = Page(status=302, headers={"Location": f"{other.url}/c"})
        assert client.get(ask).body == b'"here"'
        assert [asked.headers.get("x-api-key") for asked in web.log] == [SECRET, SECRET]
        assert "x-api-key" not in other.log[0].headers


def test_a_secret_is_shown_neither_in_errors_nor_in_what_is_printed(
    client: Client, web: WebServer, ask: Ask
) -> None:
    web.pages["/a"] = document({}, 503)
    with pytest.raises(SourceUnavailable) as caught:
        client.get(ask)
    shown = f"{caught.value} {caught.value!r} {caught.value.__dict__} {ask} {ask!r}"
    assert SECRET not in shown


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"ratelimit": '"api";r=0;t=55'}, 55.0),
        ({"ratelimit": '"pages";r=0;t=7, "api";r=0;t=55'}, 55.0),
        ({"ratelimit": '"api"; r=0; t=55'}, 55.0),
        ({"ratelimit": '"api";r=412;t=55'}, None),
        ({"ratelimit": '"api";r=0;t=soon'}, None),
        ({"ratelimit": '"api";r=0;t=55', "retry-after": "3"}, 3.0),
        ({"ratelimit": '"api";r=0;t=55', "retry-after": "nonsense"}, 55.0),
        ({"ratelimit": '"api";r=0;t=55', "retry-after": formatdate(1009, usegmt=True)}, 9.0),
        ({}, None),
    ],
)
def test_a_spent_quota_says_when_to_come_back(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert Answer(429, "u", headers, b"").retry_after(1000.0) == seconds


def test_a_quota_is_waited_for(client: Client, web: WebServer, ask: Ask) -> None:
    def page(_: Asked) -> Page:
        spent = Page(status=429, headers={"RateLimit": '"api";r=0;t=1'})
        return spent if len(web.log) == 1 else document("there")

    web.pages["/a"] = page
    assert client.get(ask).body == b'"there"'
    web.pages["/a"] = Page(status=429, headers={"RateLimit": '"api";r=0;t=280'})
    with pytest.raises(SourceUnavailable) as caught:
        client.get(ask)
    assert caught.value.retry_after == 280.0
