"""A group is named by what its papers say and the others do not."""

from tracker.topics.labels import label_groups
from tracker.topics.phrasing import fold, part_nouns, phrases_of, stop_words

ROUTING = [
    ("Expert routing at scale", "We balance expert routing. Expert routing is hard for tokens."),
    ("Learning expert routing", "A router learns. Expert routing helps every model."),
    ("Expert routing, revisited", "We revisit expert routing and its models."),
]
DECODING = [
    ("Speculative decoding with trees", "We show that speculative decoding is quick for models."),
    ("Better drafts", "Drafts for speculative decoding should be short."),
    ("Speculative decoding on phones", "On phones, speculative decoding saves energy."),
]


def test_a_group_is_named_by_its_own_phrase() -> None:
    routing, decoding = label_groups([ROUTING, DECODING])
    assert routing[0] == "expert routing"
    assert decoding[0] == "speculative decoding"


def test_terms_of_a_group_share_no_word() -> None:
    for terms in label_groups([ROUTING, DECODING]):
        words = [word for term in terms for word in fold(term).split()]
        assert len(set(words)) == len(words)


def test_function_words_and_jargon_name_nothing() -> None:
    terms = [term for terms in label_groups([ROUTING, DECODING]) for term in terms]
    said = {word for term in terms for word in term.lower().split()}
    assert not said & (stop_words() - part_nouns())
    assert not set(terms) & part_nouns(), "such a noun names nothing by itself"


def test_a_name_is_whole_and_no_fragment_of_a_longer_one() -> None:
    bandits = [(f"On bandits {n}", f"A multi-armed bandit problem, {n}.") for n in "abc"]
    series = [(f"Report {n}", "Time series forecasting with foundation models.") for n in "abc"]
    first, second = label_groups([bandits, series])
    assert first[0] == "multi-armed bandit problem"
    assert "time series forecasting" in second


def test_a_group_without_a_common_phrase_has_no_name() -> None:
    strangers = [("Lemurs", "Trees."), ("Volcanoes", "Ashes."), ("Cellos", "Strings.")]
    assert label_groups([strangers, ROUTING])[0] == ()


def test_no_groups_have_no_names() -> None:
    assert label_groups([]) == []
    assert label_groups([[]]) == [()]


def test_spellings_are_one_phrase() -> None:
    assert fold("State-Space Models") == fold("state space model")
    assert fold("loss") == "loss", "no plural"


def test_a_phrase_does_not_cross_a_stop_or_begin_with_one() -> None:
    found = phrases_of("Experts route tokens. Lemurs sleep (in trees).").values()
    assert "tokens lemurs" not in found
    assert "experts route tokens" in found
    assert not any("." in phrase or "(" in phrase for phrase in found)


def test_acronyms_keep_their_capitals() -> None:
    papers = [(f"MoE number {n}", "An MoE is sparse. MoE!") for n in "abc"]
    assert label_groups([papers, DECODING])[0][0] == "MoE"


def test_the_order_of_papers_does_not_matter() -> None:
    assert label_groups([ROUTING, DECODING]) == label_groups([ROUTING[::-1], DECODING[::-1]])
