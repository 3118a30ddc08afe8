"""A server that hangs, on a real socket: how long a run waits for it, and how a stream is timed."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from summarizer import Summary
from summarizer.llm.generate import generate_summaries
from summarizer.llm.openai_server import OpenAIServerModel
from summarizer.llm.prompt import Paper

PAPER = Paper("A kettle", "We propose a kettle that boils 3 cups of tea. It saves 4 minutes a day.")
ANSWER = json.dumps({"tldr": "We propose a kettle that boils 3 cups of tea."})
TIMEOUT = 0.5


class Server(ThreadingHTTPServer):
    """Calls ``respond(handler, number)`` for each request; ``closing`` is set at the end."""

    daemon_threads = True

    def __init__(self, respond: Callable[[Any, int], None]) -> None:
        self.closing, self.numbers = threading.Event(), iter(range(10_000))
        self.requests: list[dict[str, Any]] = []
        self.unanswered = 0
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                server.requests.append(json.loads(body))
                respond(self, next(server.numbers))

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[Any, int], None]], Server]]:
    started: list[Server] = []

    def start(respond: Callable[[Any, int], None]) -> Server:
        started.append(Server(respond))
        return started[-1]

    yield start
    for server in started:
        server.closing.set()
        server.shutdown()
        server.server_close()


Serve = Callable[[Callable[[Any, int], None]], Server]


def send(handler: Any, status: int, body: bytes) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def answer(handler: Any) -> None:
    choice = {"message": {"role": "assistant", "content": ANSWER}, "finish_reason": "stop"}
    send(handler, 200, json.dumps({"choices": [choice]}).encode())


def hang(handler: Any) -> None:
    handler.server.unanswered += 1
    handler.server.closing.wait()


def silent_after(answers: int) -> Callable[[Any, int], None]:
    def respond(handler: Any, number: int) -> None:
        if number < answers:
            answer(handler)
        else:
            hang(handler)

    return respond


def silent_every(period: int) -> Callable[[Any, int], None]:
    def respond(handler: Any, number: int) -> None:
        if number % period:
            answer(handler)
        else:
            hang(handler)

    return respond


def gateway_times_out(handler: Any, _: int) -> None:
    handler.server.unanswered += 1
    handler.server.closing.wait(TIMEOUT / 2)
    send(handler, 504, b"<html>504 Gateway Time-out</html>")


def run(address: str, concurrency: int, papers: int = 12) -> list[Summary]:
    """Summarize in three steps with a new client each, as an issue does."""
    made: list[Summary] = []
    for _ in range(3):
        model = OpenAIServerModel(address, "toy", concurrency=concurrency, timeout=TIMEOUT)
        made += [summary for _, summary in generate_summaries([PAPER] * papers, model)]
    return made


@pytest.mark.parametrize("concurrency", [1, 4])
@pytest.mark.parametrize(
    "respond",
    [silent_after(3), silent_after(14), silent_every(5), gateway_times_out],
    ids=["after 3", "in the second step", "every fifth", "gateway"],
)
def test_a_run_waits_for_a_server_that_hangs_hardly_longer_than_one_timeout(
    serve: Serve, respond: Callable[[Any, int], None], concurrency: int
) -> None:
    server = serve(respond)
    made = run(server.address, concurrency)
    # Those of one moment; a request that times out while others are answered may be one more.
    assert server.unanswered <= concurrency + (concurrency > 1) * 2
    assert len(made) == 36
    assert all(summary.tldr for summary in made)
    assert {bool(summary.note) for summary in made if summary.method == "extractive"} == {True}


def test_one_slow_request_among_answers_does_not_end_a_run(serve: Serve) -> None:
    def respond(handler: Any, number: int) -> None:
        if number == 0:
            handler.server.closing.wait()
        else:
            handler.server.closing.wait(0.08)
            answer(handler)

    model = OpenAIServerModel(serve(respond).address, "toy", concurrency=2, timeout=2.0)
    made = [summary for _, summary in generate_summaries([PAPER] * 30, model)]
    assert [summary.method for summary in made].count("generated") == 29


def stream(handler: Any, pieces: list[str], pause: float, *, ends: bool) -> None:
    """Send an answer as events, with ``pause`` before each."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    choices = [{"delta": {"content": piece}} for piece in pieces]
    finish = [{"delta": {}, "finish_reason": "stop"}] if ends else []
    for choice in (*choices, *finish):
        handler.server.closing.wait(pause)
        event = f"data: {json.dumps({'choices': [choice]})}\n\n".encode()
        handler.wfile.write(f"{len(event):x}\r\n".encode() + event + b"\r\n")
    handler.wfile.write(b"0\r\n\r\n")


def summarize_stream(server: Server) -> Summary:
    model = OpenAIServerModel(server.address, "toy", timeout=TIMEOUT, streams=True)
    ((_, made),) = generate_summaries([PAPER], model)
    return made


def test_a_stream_may_take_long_while_its_tokens_arrive(serve: Serve) -> None:
    pieces = [ANSWER[place : place + 8] for place in range(0, len(ANSWER), 8)]
    begun = time.monotonic()
    made = summarize_stream(serve(lambda h, _: stream(h, pieces, 0.08, ends=True)))
    assert made.method == "generated"
    assert time.monotonic() - begun > TIMEOUT


def test_a_stream_that_stops_is_given_up_and_one_that_ends_early_is_no_answer(
    serve: Serve,
) -> None:
    def stop(handler: Any, number: int) -> None:
        stream(handler, [ANSWER[:20]] + [""] * 3, 10.0 * number, ends=False)

    early = summarize_stream(serve(stop))
    assert (early.method, "not that of a chat completion" in early.note) == ("extractive", True)

    def pause(handler: Any, _: int) -> None:
        stream(handler, [ANSWER[:20], ""], 10.0, ends=False)

    assert "llm.timeout_seconds" in summarize_stream(serve(pause)).note


def test_an_interruption_does_not_wait_for_answers_in_flight(serve: Serve) -> None:
    model = OpenAIServerModel(serve(silent_after(1)).address, "toy", concurrency=4, timeout=30)
    made = generate_summaries([PAPER] * 8, model)
    next(made)
    begun = time.monotonic()
    made.close()  # as an exception in the consumer does
    assert time.monotonic() - begun < 10  # of 30


@pytest.mark.parametrize(
    ("model", "option"),
    [
        ("Qwen/Qwen3-8B", {"chat_template_kwargs": {"enable_thinking": False}}),
        ("openai/gpt-oss-20b", {"reasoning_effort": "low"}),
        ("/models/Llama-3.1-8B", {}),
    ],
)
def test_reasoning_is_turned_off_where_known_and_names_are_sent_as_configured(
    serve: Serve, model: str, option: dict[str, Any]
) -> None:
    def respond(handler: Any, number: int) -> None:
        if number == 0 and option:
            refusal = {"error": {"message": f"Unknown field: {next(iter(option))}"}}
            send(handler, 400, json.dumps(refusal).encode())
        else:
            answer(handler)

    server = serve(respond)
    ((_, made),) = generate_summaries([PAPER], OpenAIServerModel(server.address, model))
    assert made.method == "generated"
    assert {request["model"] for request in server.requests} == {model}
    first, last = server.requests[0], server.requests[-1]
    known = ("chat_template_kwargs", "reasoning_effort")
    assert {key: first[key] for key in known if key in first} == option
    assert not any(key in last for key in known)  # a server that does not know it gets none
