"""Headers and bodies of requests, where secrets are sent, and retry times of responses."""

from dataclasses import replace
from email.utils import formatdate

import pytest

from tests.faults.web_server import LoggedRequest, Page, WebServer, document
from tracker.errors import SourceRefused, SourceUnavailable
from tracker.sources.http.client import Client
from tracker.sources.http.messages import Request, Response

SECRET = "k3y-that-nobody-sees"


@pytest.fixture
def query(web: WebServer) -> Request:
    return Request("test", f"{web.url}/a", secret=("x-api-key", SECRET))


def test_a_document_is_posted_as_json(client: Client, web: WebServer, query: Request) -> None:
    web.pages["/a"] = lambda logged: document({"got": logged.json})
    answer = client.get(replace(query, params={"fields": "a,b"}, json={"ids": ["ARXIV:1"]}))
    assert answer.body == b'{"got": {"ids": ["ARXIV:1"]}}'
    (logged,) = web.log
    assert (logged.method, logged.params) == ("POST", {"fields": "a,b"})
    assert logged.headers["content-type"] == "application/json"


def test_a_post_is_retried_with_the_same_body(
    client: Client, web: WebServer, query: Request
) -> None:
    web.pages["/a"] = lambda logged: document(logged.json, 200 if len(web.log) > 2 else 503)
    assert client.get(replace(query, json=[1, 2])).body == b"[1, 2]"
    assert {logged.body for logged in web.log} == {b"[1, 2]"}


def test_a_post_is_not_redirected(client: Client, web: WebServer, query: Request) -> None:
    web.pages["/a"] = Page(status=307, headers={"Location": "/b"})
    web.pages["/b"] = document([])
    with pytest.raises(SourceRefused, match="redirects"):
        client.get(replace(query, json=[1]))
    assert [logged.path for logged in web.log] == ["/a"]


def test_a_secret_is_sent_to_its_host_only(client: Client, web: WebServer, query: Request) -> None:
    with WebServer({"/c": document("here")}) as other:
        web.pages["/a"] = Page(status=302, headers={"Location": "/b"})
        web.pages["/b"] = Page(status=302, headers={"Location": f"{other.url}/c"})
        assert client.get(query).body == b'"here"'
        assert [logged.headers.get("x-api-key") for logged in web.log] == [SECRET, SECRET]
        assert "x-api-key" not in other.log[0].headers


def test_a_secret_is_in_no_error_and_no_repr(
    client: Client, web: WebServer, query: Request
) -> None:
    web.pages["/a"] = document({}, 503)
    with pytest.raises(SourceUnavailable) as caught:
        client.get(query)
    shown = f"{caught.value} {caught.value!r} {caught.value.__dict__} {query} {query!r}"
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
def test_an_exhausted_quota_has_a_retry_time(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert Response(429, "u", headers, b"").retry_after(1000.0) == seconds


def test_an_exhausted_quota_is_respected(client: Client, web: WebServer, query: Request) -> None:
    def page(_: LoggedRequest) -> Page:
        spent = Page(status=429, headers={"RateLimit": '"api";r=0;t=1'})
        return spent if len(web.log) == 1 else document("there")

    web.pages["/a"] = page
    assert client.get(query).body == b'"there"'
    web.pages["/a"] = Page(status=429, headers={"RateLimit": '"api";r=0;t=280'})
    with pytest.raises(SourceUnavailable) as caught:
        client.get(query)
    assert caught.value.retry_after == 280.0
