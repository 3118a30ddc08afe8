"""A reranker is the user's own: a tiny cross-encoder with random weights, built and saved here."""

import warnings
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.extras import needs_models
from tracker.errors import ModelRefused
from tracker.search.reranking import Reranker


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cross_encoder(tmp_path_factory.mktemp("reranker"), labels=1)


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


def test_the_best_results_are_reranked(call: Call, home: Path, folder: Path) -> None:
    setting = f"search.reranker={folder}"
    before = call("search", "routing tokens", "--json", "-n", "50", home=home).json["hits"]
    after = call("--set", setting, "search", "routing tokens", "--json", "-n", "50", home=home)
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
