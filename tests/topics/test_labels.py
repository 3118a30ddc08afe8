"""A group is named by phrases that its papers use and other papers do not."""

from tracker.topics.labels import label_groups
from tracker.topics.phrase_counts import compound_words, find_phrases, fold_phrase, stop_words

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


def test_a_group_is_named_by_its_characteristic_phrase() -> None:
    routing, decoding = label_groups([ROUTING, DECODING])
    assert routing[0] == "expert routing"
    assert decoding[0] == "speculative decoding"


def test_terms_of_a_group_share_no_word() -> None:
    for terms in label_groups([ROUTING, DECODING]):
        words = [word for term in terms for word in fold_phrase(term).split()]
        assert len(set(words)) == len(words)


def test_function_words_and_jargon_are_not_names() -> None:
    terms = [term for terms in label_groups([ROUTING, DECODING]) for term in terms]
    words = {word for term in terms for word in term.lower().split()}
    assert not words & (stop_words() - compound_words())
    assert not set(terms) & compound_words(), "such a word is not a name alone"


def test_a_name_is_not_a_fragment_of_a_longer_one() -> None:
    bandits = [(f"On bandits {n}", f"A multi-armed bandit problem, {n}.") for n in "abc"]
    series = [(f"Report {n}", "Time series forecasting with foundation models.") for n in "abc"]
    first, second = label_groups([bandits, series])
    assert first[0] == "multi-armed bandit problem"
    assert "time series forecasting" in second


def test_a_group_without_a_common_phrase_has_no_name() -> None:
    unrelated = [("Lemurs", "Trees."), ("Volcanoes", "Ashes."), ("Cellos", "Strings.")]
    assert label_groups([unrelated, ROUTING])[0] == ()


def test_no_groups_have_no_names() -> None:
    assert label_groups([]) == []
    assert label_groups([[]]) == [()]


def test_spellings_of_a_phrase_fold_to_one_key() -> None:
    assert fold_phrase("State-Space Models") == fold_phrase("state space model")
    assert fold_phrase("loss") == "loss", "not a plural"


def test_a_phrase_does_not_cross_punctuation() -> None:
    found = find_phrases("Experts route tokens. Lemurs sleep (in trees).").values()
    assert "tokens lemurs" not in found
    assert "experts route tokens" in found
    assert not any("." in phrase or "(" in phrase for phrase in found)


def test_acronyms_keep_their_capitals() -> None:
    papers = [(f"MoE number {n}", "An MoE is sparse. MoE!") for n in "abc"]
    assert label_groups([papers, DECODING])[0][0] == "MoE"


def test_the_order_of_papers_does_not_matter() -> None:
    assert label_groups([ROUTING, DECODING]) == label_groups([ROUTING[::-1], DECODING[::-1]])
