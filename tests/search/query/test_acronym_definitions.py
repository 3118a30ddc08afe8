"""Acronyms: what a text defines, and what a query means by them in a corpus."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.acronyms import GOLD, scored
from tests.store.records import paper
from tracker.search.query.acronym_definitions import (
    FINDER_VERSION,
    find_pairs,
    find_uses,
    fold_long,
    fold_short,
)
from tracker.search.query.expansion import find_expansions
from tracker.store import acronyms, papers
from tracker.store.database import Database, open_database


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        ("a mixture of experts (MoE) layer", "MoE", "mixture of experts"),
        ("with retrieval-augmented generation (RAG).", "RAG", "retrieval-augmented generation"),
        ("We study Large Language Models (LLMs)", "LLMs", "Large Language Models"),
        ("by low-rank adaptation (LoRA; see below)", "LoRA", "low-rank adaptation"),
        ("LoRA (Low-Rank Adaptation) is cheap", "LoRA", "Low-Rank Adaptation"),
        ("a tree (reinforcement learning, RL) of", "RL", "reinforcement learning"),
        ("in text-to-image (T2I) models", "T2I", "text-to-image"),
        ("asynchronous advantage actor critic (A3C)", "A3C", "asynchronous advantage actor critic"),
        ("explainable artificial intelligence (XAI)", "XAI", "explainable artificial intelligence"),
        ("In-context learning (ICL) is", "ICL", "In-context learning"),
        ("independent and identically distributed (i.i.d.) data", "i.i.d.",
         "independent and identically distributed"),
        ("the electroencephalogram (EEG)", "EEG", "electroencephalogram"),
        ("an amino acid (aa) chain", "aa", "amino acid"),
        ("networks and diffusion transformers (i.e., DiTs)", "DiTs", "diffusion transformers"),
        (r"\emph{\textbf{C}hain-\textbf{o}f-\textbf{T}hought} (\textit{CoT})", "CoT",
         "Chain-of-Thought"),
        ("the $k$-nearest neighbours ($k$-NN) rule", "k-NN", "k-nearest neighbours"),
        ("a state space\nmodel (SSM)", "SSM", "state space model"),
        ("(we use supervised fine-tuning (SFT))", "SFT", "supervised fine-tuning"),
        ("We propose Adaptive Weighted Mixing (AWM)", "AWM", "Adaptive Weighted Mixing"),
    ],
)  # fmt: skip
def test_a_definition_is_found_as_written(text: str, short: str, long: str) -> None:
    assert find_pairs(text) == [(short, long)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "many models (see Fig. 2) and data sets (e.g., MMLU)",
        "as Smith et al. (2024) show on English (EN2024) text",
        "we ask whether (i) it holds and (ii) it is invariant (iii)",
        "a bound of O(n log n) and a function f(x) in time O(TT)",
        "two language models (Llama-3-8B, Gemini-1.5, and GPT-4)",
        "results on a public benchmark (ours) are better (left) than before (right)",
        "it gains 4.5 percent (74.5 percent)",
        "a bracket ( that never closes and one that never opened )",
        "both LLMs (Llama-3 and Mistral) agree",
        "applied to vision and machine learning (PDE)",
    ],
)
def test_other_brackets_define_nothing(text: str) -> None:
    assert find_pairs(text) == []


def test_pairs_come_in_order_and_once_and_not_across_sentences() -> None:
    text = (
        "A graph neural network (GNN) helps. Proximal policy optimization (PPO) too, and the graph"
        " neural network (GNN) again. Data are given.Artificial intelligence (AI) is not."
    )
    assert find_pairs(text) == [
        ("GNN", "graph neural network"),
        ("PPO", "Proximal policy optimization"),
        ("AI", "Artificial intelligence"),
    ]


@given(st.text(alphabet="ab AB2-,.()[]$\\{}\n", max_size=60))
def test_any_text_is_accepted_and_found_pairs_occur_in_it(text: str) -> None:
    for short, long in find_pairs(text):
        assert len(short) < len(long)
        assert long.split()[0].strip("$\\{}") in text.replace("\n", " ")


def test_spellings_of_one_sense_have_one_key() -> None:
    assert len({fold_short(short) for short in ("kNN", "k-NN", "KNN", "kNNs")}) == 1
    for same in (
        ("Parameter-Efficient Fine-Tuning", "parameter efficient finetuning"),
        ("large language models", "Large Language Model"),
        ("query optimisation strategies", "query optimization strategy"),
    ):
        assert len(set(map(fold_long, same))) == 1
    assert fold_long("analysis of bias") != fold_long("analyses of bia")
    assert fold_short("SOS") != fold_short("SO")


def test_a_sense_counts_once_in_a_work() -> None:
    found = find_uses("Mixture of Experts (MoE)", "Mixtures-of-experts (MoEs) are models.")
    assert [use.written_long for use in found] == ["Mixture of Experts"]


def test_most_annotated_pairs_are_found_and_few_others(shared_data: Path) -> None:
    lines = (shared_data / GOLD).read_text(encoding="utf-8").splitlines()
    score = scored(map(json.loads, lines))
    assert score.precision >= 0.95
    assert score.recall >= 0.8


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "t.db") as database:
        yield database


def take(db: Database, abstracts: Sequence[str]) -> None:
    works = [paper(f"2603.{n:05}", title="-", abstract=text) for n, text in enumerate(abstracts)]
    papers.upsert(db, works)
    texts = acronyms.load_texts(db, acronyms.list_unscanned_works(db, FINDER_VERSION))
    found = {
        work: (text.digest, find_uses(text.title, text.abstract)) for work, text in texts.items()
    }
    acronyms.store_uses(db, FINDER_VERSION, found)


def expand(db: Database, query: str) -> Mapping[str, Sequence[str]]:
    return {found.words: found.phrases for found in find_expansions(db, query)}


def test_short_and_long_forms_expand_to_each_other(db: Database) -> None:
    take(db, ["A mixture of experts (MoE).", "Mixtures-of-Experts (MoEs) work.", "A Mixture."])
    for query in ("MoE", "moe", "MoEs", "moes"):
        assert [*expand(db, query).values()] in (
            [("mixture of experts",)],
            [("Mixtures-of-Experts",)],
        )
    for query in ("mixture of experts", "Mixture-of-Experts", "mixtures of expert"):
        assert expand(db, query) == {query: ("MoE",)}
    assert expand(db, "how moe routing helps a mixture of experts") == {
        "moe": expand(db, "MoE")["MoE"],
        "mixture of experts": ("MoE",),
    }
    assert expand(db, "") == expand(db, "mixture") == expand(db, '"( * ') == {}


def test_an_ambiguous_short_form_expands_to_its_usual_senses(db: Database) -> None:
    usual = ["Maximum a posteriori (MAP) is used."] * 5 + ["Mean average precision (mAP) rose."] * 4
    take(db, [*usual, "A multiagent path (MAP).", "A new sparse attention (NSA)."])
    assert expand(db, "MAP") == {"MAP": ("Maximum a posteriori", "Mean average precision")}
    assert expand(db, "maximum a posteriori") == {"maximum a posteriori": ("MAP",)}
    assert expand(db, "mean average precision") == {}
    assert expand(db, "NSA") == {"NSA": ("new sparse attention",)}


def test_senses_of_a_single_paper_each_are_ignored(db: Database) -> None:
    take(db, ["A pool of rules (POR).", "A proof of robustness (POR)."])
    assert expand(db, "POR") == {}


def test_an_ordinary_word_in_lower_case_is_not_an_acronym(db: Database) -> None:
    defined = ["Instruction tuning (IT) and a graph network (GN)."] * 3
    take(db, [*defined, *["It is as good as it was before."] * 9])
    assert expand(db, "IT") == {"IT": ("Instruction tuning",)}
    assert expand(db, "it") == expand(db, "It") == expand(db, "IS IT SO") == {}
    assert expand(db, "instruction tuning") == {}, (
        "search takes no notice of case: it is everywhere"
    )
    assert expand(db, "gn") == {"gn": ("graph network",)}
