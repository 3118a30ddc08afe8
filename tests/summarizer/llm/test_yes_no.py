"""The language model as the judge of meaning, and which label of a checker means support."""

import json
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from summarizer.exceptions import ModelUnusable
from summarizer.llm.generate import GroundingModels, generate_summaries
from summarizer.llm.openai_server import OpenAIServerModel
from summarizer.llm.output import weigh_yes
from summarizer.llm.prompt import Paper
from summarizer.llm.transformers import EntailmentModel, TransformersModel
from summarizer.llm.yes_no import YesNoJudge
from tests.summarizer import models
from tests.summarizer.llm.test_generate import ScriptedModel

SOURCE, FALSE = "ToySort sorts socks by colour.", "ToySort cannot sort socks."
Reply = Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]


@contextmanager
def server(reply: Reply) -> Iterator[str]:
    """A server that answers each request as `reply` says; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, body = reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{running.server_port}/v1"
    finally:
        running.shutdown()
        running.server_close()


def completion(text: str, chances: list[dict[str, float]] | None = None) -> dict[str, Any]:
    choice: dict[str, Any] = {"message": {"content": text}, "finish_reason": "length"}
    if chances is not None:
        tops = [[{"token": t, "logprob": math.log(p)} for t, p in c.items()] for c in chances]
        choice["logprobs"] = {"content": [{"top_logprobs": top} for top in tops]}
    return {"choices": [choice]}


def judge(reply: Reply) -> list[float]:
    with server(reply) as address:
        return YesNoJudge(OpenAIServerModel(address, "toy"))([(SOURCE, SOURCE), (SOURCE, FALSE)])


def test_the_probabilities_of_yes_and_no_decide() -> None:
    def reply(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        assert body["logprobs"] is True
        prompt = body["messages"][-1]["content"]
        assert SOURCE in prompt
        chances = {" no": 0.5, "NO": 0.1, "yes": 0.2} if FALSE in prompt else {"Yes": 0.9}
        return 200, completion("whatever", [{"\n": 0.9}, chances])

    assert judge(reply) == [1.0, 0.25]


def test_a_server_without_probabilities_is_taken_at_its_word() -> None:
    def reply(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if "logprobs" in body:
            return 400, {"error": {"message": "logprobs is not supported"}}
        return 200, completion("No." if FALSE in body["messages"][-1]["content"] else "Yes")

    assert judge(reply) == [1.0, 0.0]


@pytest.mark.parametrize(
    "answer", [(200, completion("Perhaps.")), (500, {}), (200, {"choices": []})]
)
def test_without_an_answer_nothing_is_supported(
    answer: tuple[int, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("summarizer.llm.http._BACKOFF_SECONDS", 0.0)
    assert judge(lambda _: answer) == [0.0, 0.0]


def test_a_sentence_that_the_model_denies_falls_out_alone() -> None:
    def reply(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        said = (
            "no" if "13 rooms" in body["messages"][-1]["content"].split("Sentence:")[1] else "yes"
        )
        return 200, completion(said, [{said: 1.0}])

    paper = Paper(
        "ToySort: a robot for laundries",
        "We propose ToySort, a robot that sorts socks by colour. It was tested in 13 rooms.",
    )
    written = ScriptedModel(
        tldr="ToySort is a robot that sorts socks by colour.", result="It was tested in 13 rooms."
    )
    with server(reply) as address:
        models = GroundingModels(entailment=YesNoJudge(OpenAIServerModel(address, "toy")))
        ((_, summary),) = generate_summaries([paper], written, grounding_models=models)
    assert summary.tldr == "ToySort is a robot that sorts socks by colour."
    assert "It was tested in 13 rooms." not in [s.text for s in summary.sentences]


def test_a_model_in_this_process_weighs_yes_and_no(causal_model: Path) -> None:
    (chance,) = YesNoJudge(TransformersModel(str(causal_model), offline=True))([(SOURCE, FALSE)])
    assert 0 <= chance <= 1


def test_only_tokens_of_yes_and_no_are_weighed() -> None:
    assert weigh_yes({"maybe": -0.1, "yesterday": -0.2}) is None
    assert weigh_yes({"Yes": math.log(0.3), " no": math.log(0.1), "Note": -0.1}) == pytest.approx(
        0.75
    )


@pytest.mark.parametrize(
    ("names", "label"),
    [
        (["contradiction", "neutral", "entailment"], 2),
        (["ENTAILMENT", "NOT_ENTAILMENT"], 0),
        (["not_entailment", "entailment"], 1),
        (["unsupported", "supported"], 1),
        (["LABEL_0", "LABEL_1"], 1),
        (["hallucinated", "consistent"], 1),
        (["no", "yes"], 1),
    ],
)
def test_the_label_of_support_is_recognised(names: list[str], label: int, tmp_path: Path) -> None:
    model = EntailmentModel(str(models.entailment(tmp_path, names)))
    assert model._label == label
    (chance,) = model([(SOURCE, SOURCE)])
    assert 0 < chance < 1


@pytest.mark.parametrize("names", [["LABEL_0", "LABEL_1", "LABEL_2"], ["spam", "ham"]])
def test_labels_that_do_not_say_what_they_mean_are_refused(
    names: list[str], tmp_path: Path
) -> None:
    with pytest.raises(ModelUnusable, match="no label for entailment"):
        EntailmentModel(str(models.entailment(tmp_path, names)))
