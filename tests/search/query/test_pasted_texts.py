"""What a pasted text names: ids, DOIs and titles, in the forms in which people copy them."""

import pytest

from tracker.search.query.pasted_ids import find_dois, find_mentioned_ids, find_pasted_ids
from tracker.search.query.pasted_titles import list_possible_titles

ID = "2603.00004"
TITLE = "A Small Study: Reading Receipts"


@pytest.mark.parametrize(
    "text",
    [
        "<https://arxiv.org/abs/2603.00004|arxiv.org>",
        "[the paper](https://arxiv.org/abs/2603.00004v2)",
        "[2603.00004] A Small Study: Reading Receipts",
        "A Small Study https://www.alphaxiv.org/abs/2603.00004v1 worth a look!",
        "Doe, A. (2026). A Small Study. arXiv. https://doi.org/10.48550/arXiv.2603.00004",
        "Doe, A., 2026. A small study. arXiv preprint arXiv:2603.00004.",
        "@misc{doe, eprint={2603.00004}, archivePrefix={arXiv}, primaryClass={cs.CL}}",
        "eprint = {2603.00004}",
        "journal = {CoRR}, volume = {abs/2603.00004}",
        "https://scholar.google.com/scholar?q=arXiv:2603.00004",
        "https://huggingface.co/papers/2603.00004 has the discussion",
        "https://arxiv.org/pdf/2603.00004v3.pdf (page 4)",
        "TY  - JOUR\nUR  - http://arxiv.org/abs/2603.00004\nER  -",
        "what does 2603.00004 say about receipts?",
        "zotero://select/items/arXiv:2603.00004",
    ],
)
def test_an_id_is_found_within_a_reference(text: str) -> None:
    assert find_mentioned_ids(text) == (ID,)


@pytest.mark.parametrize(
    "text",
    [
        "a learning rate of 2010.1 for 1234.56789 steps", "routing id:2603.00004",
        "10.1145/2603.00004", "cat:cs.CL arXiv:2603.00004", "GPT-4 in 2603 experiments",
    ],
)  # fmt: skip
def test_a_number_is_not_an_id(text: str) -> None:
    assert find_mentioned_ids(text) == ()


def test_a_list_of_ids_is_only_that() -> None:
    assert find_pasted_ids("papers like 2603.00004") == (ID,)
    assert find_pasted_ids("2603.00004 and others") == ()


def test_dois_of_publishers_are_found() -> None:
    text = "doi = {10.1145/3442188.3445922}, https://doi.org/10.48550/arXiv.2603.00004"
    assert find_dois(text) == ("10.1145/3442188.3445922",)


@pytest.mark.parametrize(
    "text",
    [
        f"papers like {TITLE}",
        f"@article{{doe, title = {{{{{TITLE}}}}}, year = {{2026}}}}",
        f'title="{TITLE}",',
        f"TI  - {TITLE}\nAU  - Doe, Ada",
        f"Doe, A., & Roe, R. (2026). {TITLE}. Journal of Receipts, 3(1), 1–9.",
        f"A. Doe and R. Roe, “{TITLE},” in Proc. Receipts, 2026.",
        f'Doe, Ada, et al. "{TITLE}." arXiv preprint (2026).',
        f"Doe A, Roe R. {TITLE}[J]. Receipts, 2026, 3(1): 1-9.",
        f"{TITLE}\nA Doe, R Roe - Receipts, 2026 - example.org",
        f"Paper page - {TITLE}",
        f"{TITLE} | Semantic Scholar",
        f"(PDF) {TITLE} - example",
        f"[{TITLE}](https://example.org/7)",
        f"<https://example.org/7|{TITLE}>",
        f"*{TITLE}* https://example.org/7",
    ],
)
def test_a_title_is_found_within_a_reference(text: str) -> None:
    found = [possible.text.strip("{}") for possible in list_possible_titles(text)]
    assert any(title.endswith(TITLE) for title in found)


def test_an_address_may_have_the_title_and_two_authors() -> None:
    address = "https://www.semanticscholar.org/paper/A-Small-Study-of-Receipts-Doe-Roe/0a1b2c"
    assert "A Small Study of Receipts" in [p.text for p in list_possible_titles(address)]


def test_the_beginning_of_a_title_is_marked_as_cut() -> None:
    assert [p.is_cut for p in list_possible_titles("A Small Study of Reading…")] == [True]


def test_an_ordinary_query_is_looked_up_once() -> None:
    assert len(list(list_possible_titles("which methods read receipts?"))) == 1
