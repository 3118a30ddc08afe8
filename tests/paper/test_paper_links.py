"""The links of a paper are distinguished by their addresses, and the abstract's come first."""

import pytest

from tracker.paper.paper_facts import find_facts
from tracker.paper.paper_links import PaperLink, find_links


def links_of(abstract: str, *releases: str) -> list[tuple[str, str, str]]:
    found = find_links(find_facts(abstract), abstract, "", releases)
    return [(link.kind, link.url, link.name) for link in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Code: https://github.com/a/b.", ("code", "https://github.com/a/b", "a/b")),
        (
            "Code is at https://github.com/a/b/tree/main/x.",
            ("code", "https://github.com/a/b/tree/main/x", "a/b"),
        ),
        (
            "We release https://huggingface.co/a/b-7B.",
            ("model", "https://huggingface.co/a/b-7B", "a/b-7B"),
        ),
        (
            "We release https://huggingface.co/datasets/a/b.",
            ("dataset", "https://huggingface.co/datasets/a/b", "a/b"),
        ),
        (
            "Demo: huggingface.co/spaces/a/b",
            ("demo", "https://huggingface.co/spaces/a/b", "a/b"),
        ),
        ("Project page: https://a.github.io/b/.", ("page", "https://a.github.io/b/", "")),
        ("Our website is https://kettle.example/x", ("page", "https://kettle.example/x", "")),
    ],
)
def test_an_address_has_one_kind(text: str, expected: tuple[str, str, str]) -> None:
    assert links_of(text) == [expected]
    assert links_of("No address.", text) == [expected]


def test_the_abstract_comes_before_the_full_text() -> None:
    found = links_of(
        "Code: https://github.com/a/own", "Code: https://github.com/other/one",
        "We release the model https://huggingface.co/a/m",
    )  # fmt: skip
    assert [url for _, url, _ in found] == [
        "https://github.com/a/own", "https://huggingface.co/a/m",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "No address.", "https://arxiv.org/abs/2603.00001", "http://"])
def test_other_texts_have_no_link(text: str) -> None:
    assert find_links(find_facts(text), text) == ()


def test_a_link_is_a_value() -> None:
    assert PaperLink("code", "https://x.example") == PaperLink("code", "https://x.example", "")
