"""The HTTP API on a real server: its answers, its errors, and any input at all."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.cli.commands import process
from tests.web.browsing import Reply, Site, published, serving
from tracker.web.api.client_limit import RateLimit
from tracker.web.api.openapi import build_document

DOCUMENT = build_document()
PAPER, TOKEN = "2602.92029", "correct-horse-battery"
READS = [path for path, described in DOCUMENT["paths"].items() if "get" in described]


@pytest.fixture(scope="module")
def api(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = published(demo_home, tmp_path_factory.mktemp("api") / "home")
    (home / "token").write_text(f"{TOKEN}\n")
    options = [f"web.api_token_file={home / 'token'}", "web.api_per_minute=0",
               "web.api_cors_origins=https://ok.example"]  # fmt: skip
    with serving(home, *options) as running:
        yield running


def get(site: Site, path: str, **query: Any) -> Reply:
    return site.ask(f"/api/v1{path}" + (f"?{urlencode(query)}" if query else ""))


def check_problem(reply: Reply, status: int) -> str:
    assert reply.status == status, reply.body
    assert reply.headers["content-type"] == "application/problem+json"
    problem = json.loads(reply.body)
    assert problem["status"] == status
    return str(problem["detail"])


def conforms(reply: Reply, path: str, method: str = "get") -> Any:
    value = json.loads(reply.body)
    answer = DOCUMENT["paths"][path][method]["responses"]["200"]
    Draft202012Validator(answer["content"]["application/json"]["schema"]).validate(value)
    return value


@pytest.mark.parametrize("path", READS)
def test_each_read_answers_as_described(path: str, api: Site) -> None:
    named = path.format(id=PAPER, kind="weekly", period="2026-W11")
    reply = get(api, named, **({"q": "moe"} if path == "/search" else {}))
    assert reply.status == 200, reply.body
    conforms(reply, path)


def test_the_answers_are_those_of_the_commands(api: Site) -> None:
    shown = process("show", PAPER, "--json", home=api.home).json
    assert json.loads(get(api, f"/works/{PAPER}").body) == shown
    found = process("search", "mixture of experts", "--json", "-n", "3", home=api.home).json
    answer = json.loads(get(api, "/search", q="mixture of experts", limit=3).body)
    assert _without_digits(answer) == _without_digits(found)


def _without_digits(found: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a server computes with other routines than a command: the last digits."""
    hits = [
        hit | {"score": round(hit["score"], 3), "why": hit["why"][:-1]} for hit in found["hits"]
    ]
    return found | {"took_ms": 0, "hits": hits}


def test_the_document_is_served(api: Site) -> None:
    assert json.loads(get(api, "/openapi.json").body) == json.loads(json.dumps(DOCUMENT))


def test_a_known_answer_is_not_sent_again(api: Site) -> None:
    tag = get(api, "/search", q="moe").headers["etag"]
    again = api.ask("/api/v1/search?q=moe", If_None_Match=tag)
    assert (again.status, again.body) == (304, b"")
    head = api.ask("/api/v1/search?q=moe", "HEAD")
    assert (head.status, head.body, head.headers["etag"]) == (200, b"", tag)


@pytest.mark.parametrize(
    "query", ["", "q=", "q=+", f"q={'x' * 1001}", "q=a&q=b", "q=a&limit=0", "q=a&limit=x",
              "q=a&limit=101", "q=a&since=x", "q=a&since=2026-03-02&until=2026-03-01",
              "q=a&topic=nonsense", "q=a&mode=x", "q=a&unknown=1", "q=a&since=0001-01-01"],
)  # fmt: skip
def test_invalid_parameters_are_refused(query: str, api: Site) -> None:
    check_problem(api.ask(f"/api/v1/search?{query}"), 400)


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v1", "/api/v2/search", "/api/v1/works/", "/api/v1/../../x",
             "/api/v1/works/nonsense", "/api/v1/issues/weekly/1999-W01",
             "/api/v1/works/%0A/similar", "/api/%0A", "/api%0A", "/api/v1/x%0A/y"],
)  # fmt: skip
def test_unknown_paths_are_problems(path: str, api: Site) -> None:
    check_problem(api.ask(path), 404)


def test_other_methods_are_problems(api: Site) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "FOO"):
        reply = api.ask("/api/v1/search?q=a", method)
        check_problem(reply, 405)
        assert reply.headers["allow"] == "GET, HEAD"


def post(site: Site, path: str, body: Any, **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Authorization": f"Bearer {TOKEN}", "Content_Type": "application/json", **headers}
    return site.ask(f"/api/v1{path}", "POST", content, **sent)


def test_changes_with_the_token(api: Site) -> None:
    conforms(post(api, "/follow", {"query": "moe", "name": "m"}), "/follow", "post")
    assert "moe" in process("follow", "--list", home=api.home).out
    conforms(post(api, "/like", {"id": PAPER}), "/like", "post")
    assert PAPER in process("like", "--list", home=api.home).out
    conforms(post(api, "/dislike", {"id": PAPER}), "/dislike", "post")


def test_changes_without_the_token_are_refused(api: Site, site: Site) -> None:
    for forged in ("", "Bearer", "Bearer x", f"Basic {TOKEN}", f"Bearer {TOKEN}x"):
        reply = post(api, "/like", {"id": PAPER}, Authorization=forged)
        check_problem(reply, 401)
        assert reply.headers["www-authenticate"].startswith("Bearer")
    assert "web.api_token_file" in check_problem(post(site, "/like", {"id": PAPER}), 403)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", {}, {"id": 1}, {"id": ""}, {"id": PAPER, "x": "y"},
             b'{"id": "\\ud800"}', b"[" * 9000, b"\xff"],
)  # fmt: skip
def test_invalid_bodies_are_refused(body: Any, api: Site) -> None:
    check_problem(post(api, "/like", body), 400)


def test_other_bodies_are_refused(api: Site) -> None:
    check_problem(post(api, "/like", {"id": PAPER}, Content_Type="text/plain"), 415)
    check_problem(post(api, "/like", b" " * 20_000), 413)


def test_only_configured_origins_may_read(api: Site, site: Site) -> None:
    allowed = "access-control-allow-origin"
    ok = api.ask("/api/v1/issues", Origin="https://ok.example")
    assert ok.headers[allowed] == "https://ok.example"
    assert api.ask("/api/v1/issues", "OPTIONS", Origin="https://ok.example").status == 204
    assert allowed not in api.ask("/api/v1/issues", Origin="https://evil.example").headers
    assert allowed not in site.ask("/api/v1/issues", Origin="https://ok.example").headers


def test_a_client_that_asks_too_often_has_to_wait(demo_home: Path) -> None:
    with serving(demo_home, "web.api_per_minute=2") as site:
        assert [get(site, "/issues").status for _ in range(2)] == [200, 200]
        reply = get(site, "/issues")
        check_problem(reply, 429)
        assert 1 <= int(reply.headers["retry-after"]) <= 30


def test_the_limit_is_per_client_and_refills() -> None:
    now = 0.0
    limit = RateLimit(60, lambda: now)
    assert [limit.seconds_to_wait("a") for _ in range(61)] == [0] * 60 + [1]
    assert limit.seconds_to_wait("b") == 0
    now = 1.0
    assert limit.seconds_to_wait("a") == 0


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
VALUES = st.one_of(
    TEXTS, st.sampled_from(["0", "-1", "9" * 30, "2026-02-30", "1e9", "'\"*()", "a:b"])
)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(path=st.sampled_from(READS), parts=st.lists(TEXTS, min_size=3, max_size=3), data=st.data())
def test_no_input_is_a_server_error(path: str, parts: list[str], data: Any, api: Site) -> None:
    names = [one["name"] for one in DOCUMENT["paths"][path]["get"]["parameters"]]
    query = data.draw(st.dictionaries(st.sampled_from([*names, "other"]), VALUES, max_size=4))
    filled = re.sub(r"{\w+}", lambda _: quote(parts.pop(), safe=""), path)
    reply = get(api, filled, **query)
    assert reply.status in (200, 400, 404), (reply.status, reply.body)
    json.loads(reply.body)


def test_the_health_names_database_index_and_crawl(site: Site) -> None:
    reply = site.ask("/healthz")
    health = json.loads(reply.body)
    assert reply.status == 200
    assert (health["database"], health["index"]) == ("ok", "ok")
    assert health["status"] in ("ok", "degraded")


def test_metrics_have_the_store_and_the_requests(site: Site) -> None:
    site.find("moe")
    text = site.ask("/metrics").text
    assert re.search(r"^tracker_papers \d+\.0$", text, re.M)
    assert re.search(
        r'^tracker_http_requests_total\{area="search",method="GET",status="200"\} \d+\.0$',
        text,
        re.M,
    )
    assert "tracker_outbox_mails{state=" in text
    assert 'tracker_job_lag_seconds{job="weekly"}' in text
    assert "process_resident_memory_bytes" in text
    pattern = r"# TYPE \w+ \w+|# HELP \w+ .+|\w+(\{[^}]*\})? -?[\d.e+-]+"
    assert all(re.fullmatch(pattern, line) for line in text.splitlines())


def operations_table() -> str:
    """Return the table of operations in `docs/api.md`."""
    rows = []
    for path, methods in DOCUMENT["paths"].items():
        for method, described in methods.items():
            names = [one["name"] for one in described["parameters"] if one["in"] == "query"]
            body = described.get("requestBody", {}).get("content", {}).get("application/json", {})
            names += body.get("schema", {}).get("properties", {})
            shown = ", ".join(f"`{name}`" for name in names)
            rows.append(f"| `{method.upper()} {path}` | {shown} | {described['summary']} |")
    return "\n".join(rows)


def test_the_documentation_lists_every_operation() -> None:
    page = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    assert operations_table() in page


def test_a_request_with_two_lengths_is_refused_and_closed(site: Site) -> None:
    head = b"POST /api/v1/like HTTP/1.1\r\nHost: localhost\r\n"
    both = b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    second = b"GET /api/v1/issues HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answer = site.raw(head + both + second)
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.count(b"HTTP/1.1") == 1
