"""What a paper states about itself: the cases follow real records, in invented words."""

from dataclasses import replace

import pytest

from tests.store.records import paper
from tracker.paper.paper_facts import find_facts


@pytest.mark.parametrize(
    ("comments", "abstract", "link"),
    [
        ("Code: https://github.com/some/code.", "", "https://github.com/some/code"),
        ("12 pages", "See https://gitlab.com/a/b for it.", "https://gitlab.com/a/b"),
        ("at https://github.com/a/b", "or https://github.com/c/d", "https://github.com/a/b"),
        ("", "Our code is at github.com/a/b.", "https://github.com/a/b"),
        ("", "See www.github.com/a/b and more.", "https://github.com/a/b"),
        ("", "Code: https: //github.com/a/b.", "https://github.com/a/b"),
        ("", r"\href{git@github.com:a/b.git}{here}", "https://github.com/a/b.git"),
        ("", r"Code\footnote{https://github.com/a/b\_c}", "https://github.com/a/b_c"),
        ("", "See https://gitlab.inria.example/a/b.", "https://gitlab.inria.example/a/b"),
        ("", "At https://anonymous.4open.science/r/x-1.", "https://anonymous.4open.science/r/x-1"),
        ("", "Our code and data live at https://a.example/x/y.", "https://a.example/x/y"),
        ("", "All codes are at https://a.example/x?view=1.", "https://a.example/x?view=1"),
        ("", "Code and results are available at: a-b.github.io.", "https://a-b.github.io"),
        ("Code and models: https://huggingface.co/a/b", "", "https://huggingface.co/a/b"),
        # Neither a page about the paper, nor its data, nor its models, nor another paper.
        ("Project page: https://example.com/x", "", ""),
        ("Project page: https://a.github.io/x/", "", ""),
        ("Workshop on Deep Learning for Code, project page: https://a.example/x", "", ""),
        ("", "The data set is at https://huggingface.co/datasets/a/b.", ""),
        ("", "The model is at https://huggingface.co/a/b.", ""),
        ("", "The implementation is at https://arxiv.org/abs/2603.00009.", ""),
        ("", "We break the code. See https://a.example/x for photographs.", ""),
        ("", "The code will be at https://open-upon-acceptance.", ""),
        ("", "Code and results will be available on github.com.", ""),
        ("", "", ""),
    ],
)
def test_code_is_a_repository_or_what_the_sentence_calls_code(
    comments: str, abstract: str, link: str
) -> None:
    assert find_facts(abstract, comments).code_link == link


@pytest.mark.parametrize(
    ("abstract", "link"),
    [
        ("The model is at https://huggingface.co/a/b-7B.", "https://huggingface.co/a/b-7B"),
        ("Model: hf.co/a/b", "https://hf.co/a/b"),
        (
            "Models: https://huggingface.co/collections/a/b",
            "https://huggingface.co/collections/a/b",
        ),
        ("Three models are released (https://huggingface.co/a).", "https://huggingface.co/a"),
        ("We release our weights at https://a.example/w.", "https://a.example/w"),
        ("See https://modelscope.cn/models/a/b.", "https://modelscope.cn/models/a/b"),
        ("Data: https://huggingface.co/datasets/a/b", ""),
        ("Demo: https://huggingface.co/spaces/a/b", ""),
        ("Models were compared on https://a.example/x.", ""),
    ],
)
def test_a_model_is_a_page_of_a_model_hub_or_what_the_sentence_calls_weights(
    abstract: str, link: str
) -> None:
    assert find_facts(abstract).model_link == link


@pytest.mark.parametrize(
    ("comments", "journal", "venue"),
    [
        ("Accepted at ICLR 2026", "", "ICLR 2026"),
        ("12 pages, to appear in NeurIPS'25; code released", "", "NeurIPS'25"),
        ("Accepted to the Findings of ACL 2026", "", "ACL 2026"),
        ("Submitted to ICML 2026", "", ""),
        ("12 pages", "Some Journal 3 (2026)", "Some Journal 3 (2026)"),
        ("Rejected. Published elsewhere", "", ""),
    ],
)
def test_a_venue_is_one_that_has_accepted(comments: str, journal: str, venue: str) -> None:
    assert find_facts("", comments, journal).venue == venue


def test_a_changed_paper_has_the_facts_of_its_new_text() -> None:
    before = paper(comments="Code: https://github.com/a/b")
    assert before.facts.code_link
    after = replace(before, comments="12 pages")
    assert not after.facts.code_link
    assert not after.withdrawn
