"""The map keeps its keys, and a text gets those that its words and its meaning speak for."""

from pathlib import Path

import pytest

from tracker.errors import ConfigError
from tracker.models import Tag
from tracker.search.embedder import Encoder, query_encoder
from tracker.settings import Direction, Embedding
from tracker.topics import taxonomy
from tracker.topics.phrases import Phrases
from tracker.topics.tagging import Tagger, version

DIMENSIONS = [
    "representation", "architecture", "training", "alignment", "inference", "safety", "application"
]  # fmt: skip
DIRECTIONS = [
    "moe", "agents", "rag", "multimodal", "small-models", "alignment-methods", "reasoning",
    "long-context", "compression", "fine-tuning", "safety-security", "evaluation", "data", "code",
    "interpretability",
]  # fmt: skip


def test_the_keys_of_the_map_are_the_promised_ones() -> None:
    assert [concept.key for concept in taxonomy.of_kind("dimension")] == DIMENSIONS
    assert [concept.key for concept in taxonomy.of_kind("direction")] == DIRECTIONS
    assert list(taxonomy.load()) == DIMENSIONS + DIRECTIONS


@pytest.mark.parametrize("concept", taxonomy.load().values(), ids=lambda concept: concept.key)
def test_every_key_has_names_words_and_a_place(concept: taxonomy.Concept) -> None:
    assert concept.name
    assert concept.name_zh
    assert concept.about
    assert concept.seeds
    assert len(set(concept.seeds)) == len(concept.seeds)
    assert set(concept.within) <= set(DIMENSIONS)
    assert not (concept.kind == "dimension" and concept.within)


@pytest.mark.parametrize(
    ("text", "key", "found"),
    [
        ("A mixture of experts", "moe", True),
        ("Mixture-of-Experts layers", "moe", True),
        ("Mixtures of experts", "moe", True),
        ("An MoE layer, and two MoEs", "moe", True),
        ("the moe of Tokyo", "moe", False),  # acronyms keep their case
        ("RAG with reranking", "rag", True),
        ("from rags to riches", "rag", False),
        ("chains of LoRA adapters", "fine-tuning", True),
        ("flora and fauna", "fine-tuning", False),  # whole words only
        ("red\nteaming", "safety-security", True),
        ("", "moe", False),
    ],
)
def test_seeds_are_whole_phrases_whatever_hyphens_and_case(
    text: str, key: str, found: bool
) -> None:
    assert (key in Phrases(taxonomy.load().values()).find(text)) == found


@pytest.fixture(scope="module")
def encoder(demo_home: Path) -> Encoder:
    return query_encoder(Embedding(), demo_home / "models")


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


def test_a_clear_case_is_clear(tagger: Tagger, encoder: Encoder) -> None:
    moe, lemurs = _tags(tagger, encoder, MOE, LEMURS)
    assert moe[0].name == "moe"
    assert "architecture" in {tag.name for tag in moe}, "a direction brings its dimension along"
    assert "says" in moe[0].why
    assert lemurs == []


def test_tags_are_best_first_between_nothing_and_one(tagger: Tagger, encoder: Encoder) -> None:
    everything = (
        "A survey of everything",
        " ".join(f"{concept.name}: {concept.seeds[0]}." for concept in taxonomy.load().values()),
    )
    (tags,) = _tags(tagger, encoder, everything)
    scores = [tag.score for tag in tags]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert len({tag.name for tag in tags}) == len(tags) > 5
    assert sum(tag.name in DIMENSIONS for tag in tags) == 3, "the most that a paper can have"


def test_a_text_is_judged_by_itself(tagger: Tagger, encoder: Encoder) -> None:
    alone = _tags(tagger, encoder, MOE)[0]
    among = _tags(tagger, encoder, LEMURS, MOE)[1]
    assert [tag.name for tag in alone] == [tag.name for tag in among]


def test_no_texts_have_no_tags(tagger: Tagger, encoder: Encoder) -> None:
    assert _tags(tagger, encoder) == []


def test_the_reason_names_telling_words_and_the_nearest_listed_paper(
    tagger: Tagger, encoder: Encoder
) -> None:
    ((tag, *_),) = _tags(tagger, encoder, MOE)
    assert "nearest listed paper 2" in tag.why
    assert "expert" in tag.why


OWN = {"lemurs": Direction(name="Lemurs", seeds=("ring-tailed lemurs", "lemurs"))}


def test_a_direction_of_ones_own_is_given_like_the_others(encoder: Encoder) -> None:
    concepts = taxonomy.with_own(OWN)
    tagger = Tagger(encoder.encode, encoder.id.model, concepts)
    moe, lemurs = _tags(tagger, encoder, MOE, LEMURS)
    assert [tag.name for tag in lemurs] == ["lemurs"]
    assert "lemurs" not in {tag.name for tag in moe}
    assert version(concepts) != version(taxonomy.load()), "all works are looked at again"


@pytest.mark.parametrize(
    ("key", "given", "word"),
    [
        ("moe", Direction(seeds=("experts",)), "take another key"),
        ("lemurs", Direction(about="Lemurs."), "lemurs.seeds is empty"),
        ("lemurs", Direction(seeds=("lemur",), within=("zoology",)), "takes dimensions"),
    ],
)
def test_a_direction_that_cannot_be_meant_is_one_sentence(
    key: str, given: Direction, word: str
) -> None:
    with pytest.raises(ConfigError, match=word):
        taxonomy.with_own({key: given})


def test_another_model_is_judged_without_the_head(encoder: Encoder) -> None:
    found = _tags(Tagger(encoder.encode, "another"), encoder, MOE)[0]
    assert found[0].name == "moe"
    assert "meaning" in found[0].why
