"""Themes are named by phrases that a person would use and that fit their papers."""

import re

import pytest

from tests.store.records import paper
from tracker.models import Paper, Tag
from tracker.topics import taxonomy
from tracker.topics.naming.theme_names import TEXT, TITLE, ThemeNamer


def _papers(prefix: str, texts: list[tuple[str, str]]) -> dict[str, Paper]:
    return {
        f"{prefix}{n:03}": paper(f"{prefix}{n:03}", title=title, abstract=abstract)
        for n, (title, abstract) in enumerate(texts)
    }


ROUTING = _papers("2603.01", [
    ("Expert Routing at Scale", "We balance expert routing."),
    ("Learning Expert Routing for Hills", "A router learns expert routing in the Bayesian way."),
    ("Expert Routing, Revisited", "Expert routing is Bayesian, too."),
    ("Draft Models and Expert Routing", "Draft models and their experts."),
    ("Draft Models for Trees", "A draft model is small. Draft models are quick."),
    ("Better Draft Models", "Draft models should be short."),
    ("Draft Models on Phones", "Draft models save energy."),
])  # fmt: skip
SERIES = _papers("2603.02", [
    (f"Lemur Counts in Area {n}", "Time passes, and forests change.") for n in range(20)
])  # fmt: skip
JAILBREAKS = _papers("2603.03", [
    (f"On Harm {n}", f"Models refuse to answer question {n}.") for n in range(8)
])  # fmt: skip
PAPERS = {**ROUTING, **SERIES, **JAILBREAKS}
TAGS = {key: (Tag("safety-security", 0.9),) for key in JAILBREAKS}
EARLIER = ["Expert routing and draft models", "Draft models and expert routing"] * 10


def _namer(earlier: list[str] = EARLIER) -> ThemeNamer:
    return ThemeNamer(PAPERS, TAGS, taxonomy.load_concepts(), earlier)


def test_two_phrases_of_different_papers_are_joined_by_a_word() -> None:
    name = _namer().name(list(ROUTING))
    assert name is not None
    assert sorted(name.text.lower().split(" and ")) == ["draft models", "expert routing"]
    assert name.text[0].isupper()
    assert name.text[1:] == name.text[1:].lower(), "sentence case"
    assert name.coverage == 1.0


def test_a_theme_without_a_phrase_has_the_name_of_its_direction() -> None:
    name = _namer().name(list(JAILBREAKS))
    assert name is not None
    assert name.text == "LLM safety"


def test_benchmarks_are_named_as_such() -> None:
    texts = [(f"HillBench {n}: A Benchmark of Tool Use", "Agents use tools.") for n in range(6)]
    works = _papers("2603.04", texts)
    tags = {key: (Tag("agents", 0.9),) for key in works}
    namer = ThemeNamer({**PAPERS, **works}, tags, taxonomy.load_concepts())
    name = namer.name(list(works))
    assert name is not None
    assert name.text.startswith("Benchmarks for ")


def test_what_earlier_titles_do_not_know_is_not_a_subject() -> None:
    accident = _papers("2603.05", [
        ("Zebra items", "Zebra items in school."), ("Zebra items, too", "Zebra items."),
        ("On schools", "Zebra items and more."), ("More schools", "Zebra items."),
    ])  # fmt: skip
    namer = ThemeNamer({**PAPERS, **accident}, {}, taxonomy.load_concepts(), EARLIER)
    assert namer.name(list(accident)) is None


def test_acronyms_count_as_what_they_mean_and_keep_their_capitals() -> None:
    texts = [
        ("RAG on Hills", "RAG helps."),
        ("Retrieval-Augmented Generation", "Hills."),
        ("Notes", "Retrieval-augmented generation helps."),
    ]
    works = _papers("2603.06", texts)
    namer = ThemeNamer({**PAPERS, **works}, {}, taxonomy.load_concepts())
    assert all(namer.fit("Retrieval-augmented generation", key) for key in works)
    cache = _papers(
        "2603.07", [(f"The KV Cache, Part {n}", "The KV cache is large.") for n in "abcd"]
    )
    namer = ThemeNamer({**PAPERS, **cache},
                       {key: (Tag("long-context", 0.9),) for key in cache},
                       taxonomy.load_concepts())  # fmt: skip
    name = namer.name(list(cache))
    assert name is not None
    assert "KV caches" in name.text


def test_a_name_is_not_used_twice() -> None:
    namer = _namer()
    first = namer.name(list(ROUTING))
    assert first is not None
    second = namer.name(list(ROUTING), used_names=[first.text])
    assert second is None or second.text != first.text


def test_fit_tells_titles_from_abstracts() -> None:
    namer = _namer()
    assert namer.fit("Expert routing", "2603.01000") == TITLE
    assert namer.fit("Draft model", "2603.01005") == TITLE, "singular and plural are the same"
    assert namer.fit("Small forests and time", "2603.02000") == TEXT
    assert namer.fit("Expert routing", "2603.02000") == 0
    assert namer.fit("LLM safety", "2603.03000") == TEXT, "by its tag"
    assert namer.fit("Expert routing", "unknown") == 0


@pytest.mark.parametrize("group", [ROUTING, JAILBREAKS])
def test_no_name_joins_fragments_with_a_dot(group: dict[str, Paper]) -> None:
    name = _namer([]).name(list(group))
    assert name is None or re.fullmatch(r"[\w-]+(?: [\w-]+){1,5}", name.text)


def test_an_adjective_alone_is_not_a_name() -> None:
    texts = [(f"Cross-Modal Expert Routing {n}", "Cross-modal expert routing.") for n in range(4)]
    texts += [(f"Cross-Modal Lemurs {n}", "On cross-modal lemurs.") for n in range(4)]
    works = _papers("2603.08", texts)
    name = ThemeNamer({**SERIES, **works}, {}, taxonomy.load_concepts()).name(list(works))
    assert name is not None
    assert not re.search(r"\band cross-modal$|^Cross-modal(?: and|$)", name.text)


def test_a_group_without_a_name_is_called_after_its_directions() -> None:
    members = list(JAILBREAKS)[:2]
    tags = {members[0]: (Tag("safety-security", 0.9),), members[1]: (Tag("agents", 0.9),)}
    namer = ThemeNamer(PAPERS, tags, taxonomy.load_concepts(), EARLIER)
    assert namer.last_resort(members) == "LLM agents"
    assert namer.last_resort(members, {"LLM agents"}) == "LLM safety"
    in_use = {"LLM agents", "LLM safety"}
    assert namer.last_resort(members, in_use) == "LLM agents and LLM safety"
    assert namer.last_resort(list(SERIES)) == ""
