"""A title has a kind only if it says so itself. The titles are invented."""

import pytest

from tracker.paper.title_kind import kind_of_title


@pytest.mark.parametrize(
    "title",
    [
        "Bark Beetles in Attention: A Survey", "A Survey of Tree Pruning Methods",
        "Forest Kernels: A Systematic Literature Review", "SoK: Poisoned Acorns and Their Defences",
        "Leaf Routing: Survey on Models That Choose Models", "a gentle tutorial on Branch Bounds",
        "Roots -- A Living Survey of Tokenizers", "Growing Models: Overview and Trends",
        "A Review: Sap Flow in Transformers", "Twigs: A Technical Overview and Outlook",
        "Federated Gardens, a Survey and Roadmap", "A Tutorial on Sparse Attention",
    ],
)  # fmt: skip
def test_surveys_say_that_they_are_one(title: str) -> None:
    assert kind_of_title(title) == "survey"


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("OakBench: Can Agents Climb?", "benchmark"), ("Oak Tree Bench V2: More", "benchmark"),
        ("ElmEval: A Live, Multilingual Benchmark for Planters", "benchmark"),
        ("Do Models Know Trees? A Benchmark for Botany", "benchmark"),
        ("GardenQA: Benchmarking Models on Long Almanacs", "benchmark"),
        ("LTEB: Long-Trunk Embedding Benchmark", "benchmark"),
        ("PineScore: A Dataset and Benchmark for Cones", "dataset"),
        ("The Larch Corpus: Speech of Foresters", "dataset"),
        ("Introducing FERN: the Forest English Corpus", "dataset"),
        ("MossTalk: A 10,000-Hour Speech Dataset from Podcasts", "dataset"),
    ],
)  # fmt: skip
def test_benchmarks_and_data_sets_are_introduced_by_their_titles(title: str, kind: str) -> None:
    assert kind_of_title(title) == kind


@pytest.mark.parametrize(
    "title",
    [
        "Cleaning Survey Data with Language Models", "A Global Survey Approach to Gardening",
        "OakScreen: Automated Screening for Systematic Reviews", "Peer Review Under Load",
        "Overview of the LEAF 2026 Shared Task on Bark", "Cross-Context Review of Drafts",
        "A Survey of 500 Gardeners: What They Expect", "Simulating a National Survey of Growers",
        "Benchmarking Five Pruners on Old Trees", "What Benchmarks Miss about Trees",
        "Pruned Forests: A Benchmark of Ten Compression Methods", "Dataset Distillation for Twigs",
        "Trees Compared: A Benchmark Study of Seven Saws", "Acorns in Cross-Dataset Transfer",
        "A Workbench for Gardeners", "Benchmarks for Survey Generation",
        "Overview of the Invented 2026 Track", "A Dull Saw Is All You Need", "",
    ],
)  # fmt: skip
def test_a_title_that_mentions_one_has_no_kind(title: str) -> None:
    assert kind_of_title(title) == ""
