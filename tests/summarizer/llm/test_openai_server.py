"""A real server process: its summaries are grounded, and its failures are reported."""

import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from summarizer import Summary
from summarizer.exceptions import GenerationError, ModelUnusable
from summarizer.llm.connection import http
from summarizer.llm.generate import generate_summaries
from summarizer.llm.openai_server import OpenAIServerModel
from summarizer.llm.prompt import VERSION, Paper
from summarizer.redaction import Secret
from tests.conftest import Started

Serve = Callable[..., Started]


def paper(number: int) -> Paper:
    return Paper(
        f"A kettle, number {number}",
        f"We propose a kettle that boils {number} cups of tea."
        f" It saves {number + 1} minutes a day.",
    )


def test_a_generated_summary_has_its_sources(serve: Serve) -> None:
    _, address = serve("--echo")
    model = OpenAIServerModel(address, "toy")
    assert model.probe() == f"toy at {address}, answers held to a schema"
    ((_, summary),) = generate_summaries([paper(3)], model)
    assert summary.tldr == "We propose a kettle that boils 3 cups of tea."
    assert summary.sentences[1].source == "It saves 4 minutes a day."
    assert (summary.method, summary.model, summary.prompt_version) == ("generated", "toy", VERSION)
    assert (summary.dropped, summary.note) == (0, "")


def test_output_of_random_weights_is_dropped_with_a_note(serve: Serve, causal_model: Path) -> None:
    _, address = serve("--model", str(causal_model))
    ((_, summary),) = generate_summaries([paper(3)], OpenAIServerModel(address, "toy"))
    assert summary.method == "extractive"
    assert summary.dropped > 0
    assert "did not bear out what toy wrote" in summary.note


def test_when_the_server_is_killed_the_remaining_papers_fall_back_with_a_note(
    serve: Serve,
) -> None:
    process, address = serve("--echo", "--delay", "0.05")
    papers = [paper(n) for n in range(2, 42)]
    summaries: dict[int, Summary] = {}
    for index, summary in generate_summaries(
        papers, OpenAIServerModel(address, "toy", concurrency=4)
    ):
        summaries[index] = summary
        if len(summaries) == 8:
            process.kill()
    assert sorted(summaries) == list(range(40))
    by_method = {summary.method for summary in summaries.values()}
    assert by_method == {"generated", "extractive"}
    for summary in summaries.values():
        assert summary.tldr
        assert ("does not answer" in summary.note) == (summary.method == "extractive")


def test_a_model_the_server_does_not_have_is_reported(serve: Serve) -> None:
    _, address = serve("--echo")
    with pytest.raises(ModelUnusable, match=r"has no model 'qwen'.*it has toy"):
        OpenAIServerModel(address, "qwen").probe()
    model = OpenAIServerModel(address, "qwen")
    notes = {summary.note for _, summary in generate_summaries([paper(2), paper(3)], model)}
    assert len(notes) == 1
    assert "no such model or path (HTTP 404)" in notes.pop()


def test_an_unreachable_server_is_reported() -> None:
    with pytest.raises(GenerationError, match="does not answer"):
        OpenAIServerModel("http://127.0.0.1:9/v1", "toy").probe()


Response = tuple[int, dict[str, str], Any]


@pytest.fixture
def start_server() -> Iterator[Callable[..., str]]:
    """Start a server with these (status, headers, body) in turn, and return its address.

    The last response repeats. A 400 becomes a completion once the request has no schema.
    """
    servers: list[HTTPServer] = []

    def start(*responses: Response) -> str:
        remaining = list(responses)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, headers, body = remaining.pop(0) if len(remaining) > 1 else remaining[0]
                if status == 400 and "response_format" not in request:
                    status, body = 200, completion(GOOD)
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self) -> None:
                content = json.dumps(remaining[0][2]).encode()
                self.send_response(remaining[0][0])
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/v1"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


GOOD = json.dumps({"tldr": "We propose a kettle that boils 3 cups of tea."})


def completion(text: str, finish: str = "stop", **usage: int) -> Any:
    message = {"role": "assistant", "content": text}
    return {"choices": [{"message": message, "finish_reason": finish}], "usage": usage}


def summarize_with(address: str) -> Summary:
    ((_, summary),) = generate_summaries([paper(3)], OpenAIServerModel(address, "toy", timeout=5))
    return summary


def test_reasoning_is_removed(start_server: Callable[..., str]) -> None:
    text = f"<think>3 cups? {{or}} 4 cups. Let me be short.</think>\n```json\n{GOOD}\n```"
    summary = summarize_with(start_server((200, {}, completion(text))))
    assert summary.tldr.endswith("boils 3 cups of tea.")


def test_a_busy_server_is_tried_again(start_server: Callable[..., str]) -> None:
    busy = (503, {"Retry-After": "1"}, {"error": {"message": "queue is full"}})
    address = start_server(busy, (200, {}, completion(GOOD)))
    assert summarize_with(address).method == "generated"


def test_a_server_without_schemas_gets_a_request_without_one(
    start_server: Callable[..., str],
) -> None:
    refusal = (400, {}, {"detail": "Unsupported fields in the request: {'response_format'}"})
    assert summarize_with(start_server(refusal)).method == "generated"


FAILURES: list[tuple[Response, str]] = [
    ((503, {"Retry-After": "1"}, {"error": {"message": "queue is full"}}), "503.*queue is full"),
    ((401, {}, {"error": {"message": "no key"}}), "llm.api_key_file"),
    ((400, {}, {"error": {"message": "This model's maximum context length is 512"}}),
     "does not fit into the model's context"),
    ((200, {}, completion(GOOD, "length")), "cut off"),
    ((200, {}, completion("<think>hm")), "still thinking"),
    ((200, {}, completion(GOOD, prompt_tokens=20)), "OLLAMA_CONTEXT_LENGTH"),
    ((200, {}, completion("Sure! Here is your summary.")), "not JSON"),
    ((200, {}, completion('{"answer": 42}')), "none of the fields"),
    ((200, {}, {"choices": []}), "not that of a chat completion"),
    ((200, {}, b"<html>gateway</html>"), "not JSON"),
    ((302, {"Location": "http://127.0.0.1:1/"}, b""), "refused the request"),
]  # fmt: skip


@pytest.mark.parametrize(("response", "note"), FAILURES, ids=[note for _, note in FAILURES])
def test_every_failure_gives_an_extractive_summary_with_a_note(
    start_server: Callable[..., str], response: Response, note: str
) -> None:
    summary = summarize_with(start_server(response))
    assert summary.method == "extractive"
    assert re.search(note, summary.note), summary.note


KEY = "sk-Ab9/x+Zq7tuvWXYZ0123456789"
QUOTED = quote(KEY, safe="")


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 418, 429, 500, 503])
@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": f"Incorrect API key provided: {KEY}."}},
        {"error": {"message": f"Bearer {QUOTED} is not known"}},
        {"detail": [{"headers": {"authorization": f"Bearer {KEY}"}}]},
        f"<html>{'x' * 190}{KEY}".encode(),
        completion(json.dumps({"tldr": f"We propose a kettle {KEY}.", "result": KEY})),
    ],
)
def test_a_server_that_repeats_the_key_is_not_quoted(
    status: int, body: Any, start_server: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_BACKOFF_SECONDS", 0.0)
    server = OpenAIServerModel(start_server((status, {}, body)), "toy", key=KEY, timeout=5)
    ((_, made),) = generate_summaries([paper(3)], server)
    assert made.method == "extractive"
    assert made.note
    assert not any(Secret(KEY).is_in(text) for text in (made.note, made.tldr, str(made)))


def test_a_list_of_models_that_repeats_the_key_is_not_quoted(
    start_server: Callable[..., str],
) -> None:
    server = OpenAIServerModel(start_server((200, {}, {"data": [{"id": KEY}]})), "toy", key=KEY)
    with pytest.raises(GenerationError) as failed:
        server.probe()
    assert not Secret(KEY).is_in(str(failed.value))


def test_a_password_in_the_address_is_not_shown() -> None:
    for password in (KEY, QUOTED):
        made = summarize_with(f"http://ann:{password}@127.0.0.1:1/v1?key={password}")
        assert "http://127.0.0.1:1/v1" in made.note
        assert not Secret(KEY).is_in(made.note)


@pytest.fixture
def silent_server() -> Iterator[tuple[str, list[float]]]:
    """A server that reads requests and never answers, and the times at which they came."""
    times: list[float] = []
    closing = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            times.append(time.monotonic())
            closing.wait()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1", times
    closing.set()
    server.shutdown()
    server.server_close()


def test_a_server_that_hangs_is_given_up_after_one_timeout(
    silent_server: tuple[str, list[float]],
) -> None:
    address, times = silent_server
    for _ in range(2):  # the second step of a run does not ask again
        model = OpenAIServerModel(address, "toy", concurrency=2, timeout=0.3)
        made = [summary for _, summary in generate_summaries([paper(n) for n in range(9)], model)]
        assert {summary.method for summary in made} == {"extractive"}
        assert {"llm.timeout_seconds" in summary.note for summary in made} == {True}
    assert len(times) == 2


def test_a_server_that_hangs_after_some_answers_is_given_up_after_one_timeout() -> None:
    lock, closing, answered = threading.Lock(), threading.Event(), [0]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            with lock:
                answered[0] += 1
                hangs = answered[0] > 3
            if hangs:
                closing.wait()
                return
            content = json.dumps(completion(GOOD)).encode()
            time.sleep(0.05)
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address, begun = f"http://127.0.0.1:{server.server_port}/v1", time.monotonic()
    model = OpenAIServerModel(address, "toy", concurrency=3, timeout=1.0)
    made = [summary for _, summary in generate_summaries([paper(3)] * 20, model)]
    assert time.monotonic() - begun < 2 * 1.0
    assert [summary.method for summary in made].count("generated") == 3
    assert answered[0] <= 3 + 3
    closing.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(params=["head", "body"])
def dripping_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server that begins an answer and then sends a little of its head or body at a time."""
    closing, listening = threading.Event(), socket.create_server(("127.0.0.1", 0))
    head = b"HTTP/1.1 200 OK\r\n"
    begin, piece = {
        "head": (head, b"X-Wait: 1\r\n"),
        "body": (head + b"Content-Length: 100000\r\n\r\n", b" "),
    }[request.param]

    def drip(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.recv(1 << 16)
            connection.sendall(begin)
            while not closing.wait(0.05):
                connection.sendall(piece)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                threading.Thread(target=drip, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
    closing.set()
    listening.close()


def test_a_server_that_sends_its_answer_too_slowly_is_given_up(
    dripping_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_GRACE_SECONDS", 0.1)
    begun = time.monotonic()
    model = OpenAIServerModel(dripping_server, "toy", timeout=0.3)
    made = [summary for _, summary in generate_summaries([paper(n) for n in range(6)], model)]
    assert {"llm.timeout_seconds" in summary.note for summary in made} == {True}
    assert time.monotonic() - begun < 5
