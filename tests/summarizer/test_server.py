"""A real server process: what it writes is proven, and what happens when it says no or dies."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from summarizer import Summary, wire
from summarizer.errors import GenerationError, ModelUnusable
from summarizer.generate import generate
from summarizer.prompt import VERSION, Paper
from summarizer.redaction import Secret
from summarizer.server import Server
from tests.conftest import Started

Serve = Callable[..., Started]


def paper(number: int) -> Paper:
    return Paper(
        f"A kettle, number {number}",
        f"We propose a kettle that boils {number} cups of tea."
        f" It saves {number + 1} minutes a day.",
    )


def test_what_the_server_writes_is_kept_with_its_proof(serve: Serve) -> None:
    _, address = serve("--echo")
    writer = Server(address, "toy")
    assert writer.probe() == f"toy at {address}"
    ((_, made),) = generate([paper(3)], writer)
    assert made.tldr == "We propose a kettle that boils 3 cups of tea"
    assert made.sentences[1].source == "It saves 4 minutes a day."
    assert (made.method, made.model, made.prompt_version) == ("generated", "toy", VERSION)
    assert (made.dropped, made.note) == (0, "")


def test_a_real_model_behind_the_server_gives_readable_fields(
    serve: Serve, causal_model: Path
) -> None:
    _, address = serve("--model", str(causal_model))
    ((_, made),) = generate([paper(3)], Server(address, "toy"))
    # Random weights write nonsense: all of it is dropped, and the summary says so.
    assert made.method == "extractive"
    assert made.dropped > 0
    assert "did not bear out what toy wrote" in made.note


def test_when_the_server_is_killed_the_rest_falls_back_and_says_so(serve: Serve) -> None:
    process, address = serve("--echo", "--delay", "0.05")
    papers = [paper(n) for n in range(2, 42)]
    made: dict[int, Summary] = {}
    for index, summary in generate(papers, Server(address, "toy", concurrency=4)):
        made[index] = summary
        if len(made) == 8:
            process.kill()
    assert sorted(made) == list(range(40))
    by_method = {summary.method for summary in made.values()}
    assert by_method == {"generated", "extractive"}
    for summary in made.values():
        assert summary.tldr
        assert ("does not answer" in summary.note) == (summary.method == "extractive")


def test_a_model_that_the_server_does_not_have_is_told_in_plain_words(serve: Serve) -> None:
    _, address = serve("--echo")
    with pytest.raises(ModelUnusable, match=r"has no model 'qwen'.*it has toy"):
        Server(address, "qwen").probe()
    notes = {made.note for _, made in generate([paper(2), paper(3)], Server(address, "qwen"))}
    assert len(notes) == 1
    assert "no such model or path (HTTP 404)" in notes.pop()


def test_nobody_at_the_address_is_told_in_plain_words() -> None:
    with pytest.raises(GenerationError, match="does not answer"):
        Server("http://127.0.0.1:9/v1", "toy").probe()


Said = tuple[int, dict[str, str], Any]


@pytest.fixture
def says() -> Iterator[Callable[..., str]]:
    """A server that gives these (status, headers, body) one after the other; its address."""
    servers: list[HTTPServer] = []

    def start(*answers: Said) -> str:
        left = list(answers)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, headers, body = left.pop(0) if len(left) > 1 else left[0]
                if status == 400 and "response_format" not in asked:
                    status, body = 200, completion(GOOD)
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self) -> None:
                content = json.dumps(left[0][2]).encode()
                self.send_response(left[0][0])
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """In silence."""

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


def written(address: str) -> Summary:
    ((_, made),) = generate([paper(3)], Server(address, "toy", timeout=5))
    return made


def test_thoughts_are_stripped(says: Callable[..., str]) -> None:
    thought = f"<think>3 cups? {{or}} 4 cups. Let me be short.</think>\n```json\n{GOOD}\n```"
    assert written(says((200, {}, completion(thought)))).tldr.endswith("boils 3 cups of tea.")


def test_a_queue_is_waited_for(says: Callable[..., str]) -> None:
    busy = (503, {"Retry-After": "1"}, {"error": {"message": "queue is full"}})
    assert written(says(busy, (200, {}, completion(GOOD)))).method == "generated"


def test_a_server_without_schemas_is_asked_without_one(says: Callable[..., str]) -> None:
    refusal = (400, {}, {"detail": "Unsupported fields in the request: {'response_format'}"})
    assert written(says(refusal)).method == "generated"


WRONG: list[tuple[Said, str]] = [
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


@pytest.mark.parametrize(("said", "told"), WRONG, ids=[told for _, told in WRONG])
def test_whatever_goes_wrong_ends_in_the_extract_and_a_reason(
    says: Callable[..., str], said: Said, told: str
) -> None:
    made = written(says(said))
    assert made.method == "extractive"
    assert re.search(told, made.note), made.note


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
    status: int, body: Any, says: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "_BACKOFF_SECONDS", 0.0)
    server = Server(says((status, {}, body)), "toy", key=KEY, timeout=5)
    ((_, made),) = generate([paper(3)], server)
    assert made.method == "extractive"
    assert made.note
    assert not any(Secret(KEY).is_in(text) for text in (made.note, made.tldr, str(made)))


def test_a_list_of_models_that_repeats_the_key_is_not_quoted(says: Callable[..., str]) -> None:
    server = Server(says((200, {}, {"data": [{"id": KEY}]})), "toy", key=KEY)
    with pytest.raises(GenerationError) as failed:
        server.probe()
    assert not Secret(KEY).is_in(str(failed.value))


def test_a_password_in_the_address_is_not_shown() -> None:
    for password in (KEY, QUOTED):
        made = written(f"http://ann:{password}@127.0.0.1:1/v1?key={password}")
        assert "http://127.0.0.1:1/v1" in made.note
        assert not Secret(KEY).is_in(made.note)
