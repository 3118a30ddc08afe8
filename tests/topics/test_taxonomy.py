"""The taxonomy's keys are stable, and a text is tagged by its words and its vector."""

from pathlib import Path

import pytest

from tracker.errors import ConfigError
from tracker.models import Tag
from tracker.search.encoder.select import Encoder, load_query_encoder
from tracker.settings import Direction, Embedding
from tracker.topics import classifier, taxonomy
from tracker.topics.seed_phrases import SeedPhraseMatcher
from tracker.topics.tagging import Tagger, tagging_version

DIMENSIONS = [
    "representation", "architecture", "training", "alignment", "inference", "safety", "application"
]  # fmt: skip
DIRECTIONS = [
    "moe", "agents", "rag", "multimodal", "small-models", "alignment-methods", "reasoning",
    "long-context", "compression", "fine-tuning", "safety-security", "evaluation", "data", "code",
    "interpretability",
]  # fmt: skip


def test_the_taxonomy_has_the_documented_keys() -> None:
    assert [concept.key for concept in taxonomy.concepts_of_kind("dimension")] == DIMENSIONS
    assert [concept.key for concept in taxonomy.concepts_of_kind("direction")] == DIRECTIONS
    assert list(taxonomy.load_concepts()) == DIMENSIONS + DIRECTIONS


@pytest.mark.parametrize(
    "concept", taxonomy.load_concepts().values(), ids=lambda concept: concept.key
)
def test_every_concept_has_names_description_seeds_and_dimensions(
    concept: taxonomy.Concept,
) -> None:
    assert concept.name
    assert concept.name_zh
    assert concept.about
    assert concept.seeds
    assert len(set(concept.seeds)) == len(concept.seeds)
    assert set(concept.within) <= set(DIMENSIONS)
    assert not (concept.kind == "dimension" and concept.within)


@pytest.mark.parametrize(
    ("text", "key", "matches"),
    [
        ("A mixture of experts", "moe", True),
        ("Mixture-of-Experts layers", "moe", True),
        ("Mixtures of experts", "moe", True),
        ("An MoE layer, and two MoEs", "moe", True),
        ("the moe of Tokyo", "moe", False),  # acronyms must match in case
        ("RAG with reranking", "rag", True),
        ("from rags to riches", "rag", False),
        ("chains of LoRA adapters", "fine-tuning", True),
        ("flora and fauna", "fine-tuning", False),  # whole words only
        ("a loss function", "training", True),
        ("the Los function", "training", False),  # "loss" is not a plural
        ("red\nteaming", "safety-security", True),
        ("", "moe", False),
    ],
)
def test_seeds_match_whole_phrases_and_ignore_hyphens_and_case(
    text: str, key: str, matches: bool
) -> None:
    assert (key in SeedPhraseMatcher(taxonomy.load_concepts().values()).find(text)) == matches


@pytest.fixture(scope="module")
def encoder(demo_home: Path) -> Encoder:
    return load_query_encoder(Embedding(), demo_home / "models")


@pytest.fixture(scope="module")
def tagger(encoder: Encoder) -> Tagger:
    return Tagger(encoder.encode, encoder.id.model)


def _tags(tagger: Tagger, encoder: Encoder, *texts: tuple[str, str]) -> list[list[Tag]]:
    return tagger.tag(texts, encoder.encode(["\n".join(text) for text in texts]))


MOE = (
    "Load balancing for sparse mixture of experts",
    "We route tokens to experts by a gating network, so that experts are used evenly.",
)
LEMURS = (
    "The diet of ring-tailed lemurs in the dry season",
    "We observed what lemurs in the south of Madagascar eat, and when they rest in their trees.",
)


def test_clear_cases_are_tagged_correctly(tagger: Tagger, encoder: Encoder) -> None:
    moe, lemurs = _tags(tagger, encoder, MOE, LEMURS)
    assert moe[0].name == "moe"
    assert "architecture" in {tag.name for tag in moe}, "a direction implies its dimension"
    assert "says" in moe[0].why
    assert lemurs == []


def test_a_direction_does_not_imply_a_dimension_that_the_text_is_not_about(
    tagger: Tagger, encoder: Encoder
) -> None:
    x_rays = (
        "A vision-language model that reports on X-rays of horses",
        "Veterinarians prefer the reports that a multimodal LLM writes from images of the legs.",
    )
    names = {tag.name for tag in _tags(tagger, encoder, x_rays)[0]}
    assert "multimodal" in names
    assert "representation" not in names


def test_tags_are_sorted_by_scores_between_zero_and_one(tagger: Tagger, encoder: Encoder) -> None:
    directions = taxonomy.concepts_of_kind("direction")
    everything = (
        f"A survey of {', '.join(concept.title_seeds[0] for concept in directions)}",
        " ".join(f"{concept.name}: {concept.seeds[0]}." for concept in directions),
    )
    (tags,) = _tags(tagger, encoder, everything)
    scores = [tag.score for tag in tags]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert len({tag.name for tag in tags}) == len(tags) > 5
    assert sum(tag.name in DIMENSIONS for tag in tags) == 3, "the maximum"


def test_tags_do_not_depend_on_other_texts(tagger: Tagger, encoder: Encoder) -> None:
    alone = _tags(tagger, encoder, MOE)[0]
    with_others = _tags(tagger, encoder, LEMURS, MOE)[1]
    assert [tag.name for tag in alone] == [tag.name for tag in with_others]


def test_no_texts_have_no_tags(tagger: Tagger, encoder: Encoder) -> None:
    assert _tags(tagger, encoder) == []


def test_the_reason_names_informative_words_and_the_nearest_listed_paper(
    tagger: Tagger, encoder: Encoder
) -> None:
    ((tag, *_),) = _tags(tagger, encoder, MOE)
    assert "nearest listed paper 2" in tag.why
    assert "expert" in tag.why


CUSTOM = {"lemurs": Direction(name="Lemurs", seeds=("ring-tailed lemurs", "lemurs"))}


def test_a_custom_direction_is_assigned_like_the_others(encoder: Encoder) -> None:
    concepts = taxonomy.concepts_with_custom(CUSTOM)
    tagger = Tagger(encoder.encode, encoder.id.model, concepts)
    moe, lemurs = _tags(tagger, encoder, MOE, LEMURS)
    assert [tag.name for tag in lemurs] == ["lemurs"]
    assert "lemurs" not in {tag.name for tag in moe}
    assert tagging_version(concepts) != tagging_version(taxonomy.load_concepts()), (
        "all works are tagged again"
    )


def test_a_custom_direction_implies_all_its_dimensions() -> None:
    inside = {"lemurs": Direction(seeds=("lemurs",), within=("training", "safety"))}
    (lemurs,) = Tagger(concepts=taxonomy.concepts_with_custom(inside)).tag([LEMURS])
    assert {tag.name for tag in lemurs} == {"lemurs", "training", "safety"}


@pytest.mark.parametrize(
    ("key", "direction", "message"),
    [
        ("moe", Direction(seeds=("experts",)), "use another key"),
        ("lemurs", Direction(about="Lemurs."), "lemurs.seeds is empty"),
        ("lemurs", Direction(seeds=("lemur",), within=("zoology",)), "accepts only dimensions"),
    ],
)
def test_an_invalid_direction_is_reported(key: str, direction: Direction, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        taxonomy.concepts_with_custom({key: direction})


def test_another_model_is_tagged_by_words_alone(encoder: Encoder) -> None:
    tags = _tags(Tagger(encoder.encode, "another"), encoder, MOE)[0]
    assert tags[0].name == "moe"
    assert "nearest" not in tags[0].why, "the labelled papers have vectors of the bundled model"
    assert "expert" in tags[0].why


def test_a_text_without_a_vector_is_tagged_by_its_words() -> None:
    moe, lemurs = Tagger().tag([MOE, LEMURS])
    assert moe[0].name == "moe"
    assert lemurs == []


def test_a_custom_direction_without_an_encoder_is_found_by_its_phrases() -> None:
    tagger = Tagger(concepts=taxonomy.concepts_with_custom(CUSTOM))
    moe, lemurs = tagger.tag([MOE, LEMURS])
    assert [tag.name for tag in lemurs] == ["lemurs"]
    assert "lemurs" not in {tag.name for tag in moe}


CLEAR = [
    (
        "LLM agents that book their own travel",
        "We give a language model a browser and a calendar, and measure how often it books a trip.",
        "agents",
    ),
    (
        "Why do agents stop halfway through a task?",
        "Systems built on LLMs plan with tools for many steps. We find that most of them give up.",
        "agents",
    ),
    (
        "Synthetic data for training small translators",
        "A large language model writes sentence pairs, on which we train a small one.",
        "data",
    ),
    (
        "Interpretability of a four-layer transformer",
        "We trace how a language model adds two numbers, from its neurons to its output.",
        "interpretability",
    ),
    (
        "A benchmark of clinical questions for language models",
        "We collect 900 questions and evaluate twelve LLMs, which answer half of them.",
        "evaluation",
    ),
    (
        "Jailbreaks hidden in poems",
        "Attackers write harmful requests to LLMs in verse. The models refuse a third of them.",
        "safety-security",
    ),
]


@pytest.mark.parametrize("with_vector", [True, False])
@pytest.mark.parametrize(("title", "abstract", "key"), CLEAR, ids=[case[0] for case in CLEAR])
def test_a_direction_named_in_the_title_is_found(
    tagger: Tagger, encoder: Encoder, title: str, abstract: str, key: str, with_vector: bool
) -> None:
    text = (title, abstract)
    tags = _tags(tagger, encoder, text)[0] if with_vector else Tagger().tag([text])[0]
    assert key in {tag.name for tag in tags}


AMBIGUOUS = [
    (
        "Row alignment of matrices in linear time",
        "We align the rows of two sparse matrices by sorting, and prove a bound on the cost.",
        {"alignment", "alignment-methods"},
    ),
    (
        "Bayesian inference for a hierarchical model of rainfall",
        "We infer the posterior of the parameters by Hamiltonian Monte Carlo.",
        {"inference"},
    ),
    (
        "Causal inference with an instrumental variable",
        "We estimate the effect of schooling on wages, and derive confidence intervals.",
        {"inference"},
    ),
    (
        "The architecture of medieval bridges",
        "We survey arches and piers of 40 bridges, and the safety of their foundations.",
        {"architecture", "safety", "safety-security"},
    ),
    (
        "Training of volunteers for mountain rescue",
        "We compare two courses. Attention to safety rises after training with a dog.",
        {"training", "safety", "architecture"},
    ),
    (
        "Word alignment of parallel sentences with a neural network",
        "We align the words of French and Breton sentences, and train the network on 900 pairs.",
        {"alignment", "alignment-methods"},
    ),
    (
        "Variational inference for deep generative models of rainfall",
        "A neural network approximates the posterior, from which we derive confidence intervals.",
        {"inference", "compression"},
    ),
    (
        "Safety distances of trucks that a neural network predicts",
        "We record 900 drives on wet roads, and estimate how far from the bend a truck must brake.",
        {"safety", "safety-security"},
    ),
    (
        "Agents that trade electricity, trained by deep reinforcement learning",
        "Households bid for surplus power in a simulated market. Prices fall by a tenth.",
        {"agents"},
    ),
    (
        "Attention of pupils measured by a deep network in a camera",
        "We classify gaze in 40 lessons. Attention falls after twenty minutes.",
        {"architecture", "long-context"},
    ),
    (
        "Cooperative agents in a bandit game",
        "We study the regret of players that pull arms at the same time and may collide.",
        {"agents"},
    ),
]


@pytest.mark.parametrize("with_vector", [True, False])
@pytest.mark.parametrize(("title", "abstract", "keys"), AMBIGUOUS, ids=[c[0] for c in AMBIGUOUS])
def test_a_word_with_another_meaning_does_not_tag(
    tagger: Tagger, encoder: Encoder, title: str, abstract: str, keys: set[str], with_vector: bool
) -> None:
    text = (title, abstract)
    tags = _tags(tagger, encoder, text)[0] if with_vector else Tagger().tag([text])[0]
    assert not keys & {tag.name for tag in tags}


@pytest.mark.parametrize(
    ("title", "abstract"),
    [
        (
            "Large language models guess the age of pottery",
            "We ask LLMs to date sherds from their description. They are off by two centuries.",
        ),
        (
            "How LLMs count in base seven",
            "Language models fail to carry. We describe where in the sum they lose a digit.",
        ),
    ],
)
def test_a_paper_on_language_models_has_a_tag(
    tagger: Tagger, encoder: Encoder, title: str, abstract: str
) -> None:
    assert _tags(tagger, encoder, (title, abstract))[0]


def test_the_version_depends_on_the_weights() -> None:
    version = tagging_version(taxonomy.load_concepts())
    assert classifier.classifier_digest() in version
