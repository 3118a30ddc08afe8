"""Fluent sentences that people would write: most true ones are kept, nearly no false one is."""

import json
from pathlib import Path

import pytest

from summarizer import ground
from summarizer.grounding.proof import Grounder, support_level

PAPERS = json.loads(Path(__file__).with_name("fluent_claims.json").read_text("utf-8"))


@pytest.mark.parametrize(("kind", "least"), [("true", 0.9), ("false", 0.9)])
def test_nearly_all_fluent_sentences_are_judged_rightly(kind: str, least: float) -> None:
    right = [
        bool(ground(paper["title"], paper["abstract"], sentence)) == (kind == "true")
        for paper in PAPERS
        for sentence in paper[kind]
    ]
    assert sum(right) >= least * len(right)


def test_the_level_says_how_near_a_sentence_is_to_its_source() -> None:
    source = "DropLeaf evicts tokens by the norm of their keys and requires no training."
    grounder = Grounder("Tea", f"Tea is hot. {source}")
    assert grounder.find_level(source) == "copied"
    assert grounder.find_level("DropLeaf evicts tokens by the norm of keys.") == "shortened"
    assert support_level("By the norm of their keys, DropLeaf evicts tokens.", source) == "entailed"
    assert grounder.find_level("DropLeaf requires training.") == "none"
