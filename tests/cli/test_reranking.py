"""A reranker is the user's own: tiny models with random weights, built and saved here."""

import json
import warnings
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.extras import needs_models
from tests.store.records import paper
from tracker.errors import ModelRefused
from tracker.models import Hit
from tracker.search.reranking import Reranker


@pytest.fixture(scope="module", params=["cross-encoder", "late interaction"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("reranker")
    return cross_encoder(made, labels=1) if request.param[0] == "c" else late_interaction(made)


def cross_encoder(folder: Path, labels: int) -> Path:
    needs_models()
    with warnings.catch_warnings(action="ignore"):
        import torch
        from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

        words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "expert", "token", "model", "a"]
        (folder / "vocab.txt").write_text("\n".join(words))
        tokenizer = BertTokenizerFast(vocab=str(folder / "vocab.txt"))
        torch.manual_seed(1)
        config = BertConfig(
            vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
            intermediate_size=16, num_labels=labels, initializer_range=2.0,
        )  # fmt: skip
        BertForSequenceClassification(config).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    return folder


def late_interaction(folder: Path) -> Path:
    """Save a model with a vector per token, made from the parts of a cross-encoder."""
    (folder / "parts").mkdir()
    cross_encoder(folder / "parts", labels=1)
    with warnings.catch_warnings(action="ignore"):
        from sentence_transformers import MultiVectorEncoder

        MultiVectorEncoder(str(folder / "parts"), local_files_only=True).save_pretrained(
            str(folder / "whole"), create_model_card=False
        )
    return folder / "whole"


def test_vectors_of_papers_are_remembered_between_queries(tmp_path: Path) -> None:
    reranker = Reranker(str(late_interaction(tmp_path)), offline=True)
    hits = [Hit(paper(f"2603.0000{n}", title=f"expert {n}"), 1.0, ()) for n in range(4)]
    first = reranker.rerank("a token model", hits)
    again = reranker.rerank("a token model", hits[::-1])
    assert [hit.score for hit in first] == [hit.score for hit in again]
    assert {hit.paper.id for hit in first} == {hit.paper.id for hit in hits}
    assert reranker.rerank("a token model", []) == []


@pytest.mark.parametrize("kind", ["ColBERT", "MultiVectorEncoder"])
def test_a_late_interaction_model_is_recognised_by_its_configuration(
    tmp_path: Path, kind: str
) -> None:
    folder = late_interaction(tmp_path)
    path = folder / "config_sentence_transformers.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "model_type": kind}))
    (hit,) = Reranker(str(folder), offline=True).rerank(
        "expert", [Hit(paper("2603.00001"), 1.0, ())]
    )
    assert -1.001 <= hit.score <= 1.001


def test_the_best_results_are_reranked(call: Call, home: Path, folder: Path) -> None:
    setting = f"search.reranker={folder}"
    before = call("search", "routing tokens", "--json", "-n", "100", home=home).json["hits"]
    after = call("--set", setting, "search", "routing tokens", "--json", "-n", "100", home=home)
    hits = after.json["hits"]
    assert after.err == ""
    assert {hit["id"] for hit in hits} == {hit["id"] for hit in before}
    assert [hit["id"] for hit in hits] != [hit["id"] for hit in before]
    assert [hit["score"] for hit in hits] == sorted((h["score"] for h in hits), reverse=True)
    assert all(hit["why"][-1] == f"reranker {hit['score']:.2f}" for hit in hits)
    few = call("--set", setting, "search", "routing tokens", "--json", "-n", "3", home=home)
    assert [hit["id"] for hit in few.json["hits"]] == [hit["id"] for hit in hits[:3]]


def test_an_invalid_reranker_is_refused_with_one_sentence(
    call: Call, home: Path, tmp_path: Path
) -> None:
    needs_models()
    for name in (str(tmp_path), "no/such-model"):
        done = call("--offline", "--set", f"search.reranker={name}", "search", "moe", home=home)
        assert done.code == 4
        assert done.err.startswith(f"tracker: The model {name!r} is refused: ")
        assert done.err.count("\n") == 1


def test_a_model_with_several_scores_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match="2 scores"):
        Reranker(str(cross_encoder(tmp_path, labels=2)), offline=True)
