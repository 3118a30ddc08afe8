"""The lines of a paper: what is new and what it achieved, each readable without the abstract."""

import pytest

from summarizer import summarize
from summarizer.extractive.findings import is_news, states_effect
from summarizer.extractive.scoring import choose_line
from summarizer.extractive.standalone import is_broken, refers_back

OPENING = "Kettles are slow and waste power. "


def lines(title: str, abstract: str) -> tuple[str, str]:
    summary = summarize(title, abstract)
    return summary.tldr, summary.result


def test_the_first_line_says_what_is_new_and_the_second_the_size_of_the_effect() -> None:
    abstract = (
        OPENING + "We introduce HotPot, a kettle that boils only the water a cup needs. "
        "Extensive experiments demonstrate the effectiveness of our approach. "
        "On TeaBench, HotPot cuts energy use by 42% and boils water 3.1x faster than PlainPot."
    )
    new, result = lines("HotPot: Boiling Less Water", abstract)
    assert new == "We introduce HotPot, a kettle that boils only the water a cup needs."
    assert result == (
        "On TeaBench, HotPot cuts energy use by 42% and boils water 3.1x faster than PlainPot."
    )


def test_a_line_that_states_the_effect_needs_no_second_one() -> None:
    abstract = OPENING + "We introduce HotPot, a kettle that cuts the energy use of tea by 42%."
    new, result = lines("HotPot", abstract)
    assert "42%" in new
    assert result == ""


def test_boilerplate_is_no_result() -> None:
    abstract = (
        OPENING + "We introduce HotPot, a kettle that boils only the water a cup needs. "
        "Extensive experiments demonstrate the effectiveness and potential of our approach."
    )
    assert lines("HotPot", abstract)[1] == ""


@pytest.mark.parametrize(
    "subject", ["It", "This kettle system", "The framework", "The proposed method"]
)
def test_a_subject_that_refers_back_becomes_the_name(subject: str) -> None:
    abstract = (
        OPENING + "We introduce HotPot, a kettle that boils only the water a cup needs. "
        f"{subject} reduces the energy use of a tea kitchen by 42%."
    )
    summary = summarize("HotPot: Boiling Less Water", abstract)
    assert summary.result == "HotPot reduces the energy use of a tea kitchen by 42%."
    source = summary.sentences[-1].source
    assert source in abstract
    assert "HotPot" in source


def test_a_sentence_with_an_unknown_antecedent_is_not_shown() -> None:
    abstract = (
        OPENING + "We study how the shape of a kettle changes the time that water takes to boil. "
        "These reduce energy use by 42%. It is 3x faster."
    )
    assert not any(refers_back(line) for line in lines("Kettle Shapes", abstract) if line)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (
            "To address these issues, we propose HotPot, a kettle for one cup of tea.",
            "We propose HotPot, a kettle for one cup of tea.",
        ),
        (
            "We propose HotPot, a kettle for one cup of tea, to address these challenges.",
            "We propose HotPot, a kettle for one cup of tea.",
        ),
        (
            "We propose *HotPot*, a kettle for one cup of tea.",
            "We propose HotPot, a kettle for one cup of tea.",
        ),
        (
            "We propose HotPot, the first kettle that prevents such slow boils in tea kitchens.",
            "We propose HotPot, the first kettle that prevents slow boils in tea kitchens.",
        ),
    ],
)
def test_words_that_only_the_abstract_explains_are_left_out(written: str, shown: str) -> None:
    assert lines("Tea", OPENING + written)[0] == shown


def test_a_line_does_not_end_at_the_colon_before_its_point() -> None:
    sentence = (
        "We propose HotPot, a kettle with three components: a sensor that weighs the cup, a pump "
        "that fills the kettle with just that much water, and a coil that stops when it boils."
    )
    assert lines("HotPot", OPENING + sentence)[0] == sentence


def test_a_finding_of_two_parts_keeps_its_verb() -> None:
    finding = "We find that lids matter for all kettles, but that coils matter more for large ones."
    assert lines("Lids and Coils", OPENING + finding)[0] == finding


def test_an_acronym_is_written_out_once() -> None:
    abstract = (
        "Boiling Water Transfer (BWT) is slow. "
        "We propose HotPot, a kettle that speeds up BWT with a second coil. "
        "Experiments show that Boiling Water Transfer (BWT) is 42% faster with HotPot."
    )
    new, result = lines("HotPot", abstract)
    assert new == (
        "We propose HotPot, a kettle that speeds up Boiling Water Transfer (BWT) with a second "
        "coil."
    )
    assert result == "Experiments show that BWT is 42% faster with HotPot."


def test_a_known_acronym_is_not_written_out() -> None:
    abstract = "Large language models (LLMs) drink tea. We propose HotPot, a kettle for LLMs."
    assert lines("HotPot", abstract)[0] == "We propose HotPot, a kettle for LLMs."


@pytest.mark.parametrize(
    "text",
    [
        "It boils water faster.",
        "These kettles boil water.",
        "By adding a coil, it boils water faster.",
        "We propose HotPot to solve this problem.",
        "We find that it boils water faster.",
        "The former boils faster than the latter.",
        "We replace this fixed coil with a spring.",
        "We propose Kettle Lid Tuning, which improves these kettle lids.",
        "Compared with others, they boil faster.",
    ],
)
def test_references_to_earlier_sentences_are_found(text: str) -> None:
    assert refers_back(text)


@pytest.mark.parametrize(
    "text",
    [
        "This paper introduces a kettle.",
        "We study kettles such as HotPot.",
        "We show that kettles with lids boil faster, and that this gain grows with their size.",
        "We compare kettles with those of our neighbours.",
        "Both HotPot and PlainPot boil water.",
        "We rank kettles and sell these kettles.",
    ],
)
def test_references_within_the_sentence_are_allowed(text: str) -> None:
    assert not refers_back(text)


@pytest.mark.parametrize(
    "text",
    [
        "we boil water.",
        "We boil (hot water.",
        "We boil \u201cwater.",
        "We boil water in x_{1}.",
        "We boil water as follows.",
        "We boil water with three components.",
        "We boil water: (1) in a kettle.",
        "We boil water",
    ],
)
def test_broken_lines_are_found(text: str) -> None:
    assert is_broken(text)


@pytest.mark.parametrize(
    "text",
    ["vLLM is fast.", "We boil (hot) water.", "Is tea hot?", "Tea costs $5.", "Boil() is fast."],
)
def test_whole_sentences_are_not_broken(text: str) -> None:
    assert not is_broken(text)


@pytest.mark.parametrize(
    "text",
    [
        "HotPot improves accuracy by 12.5%.",
        "HotPot is up to 3x faster.",
        "HotPot raises the score from 0.4 to 0.6.",
        "HotPot reaches an F1 of 0.87.",
        "HotPot yields a 3.2 point gain.",
    ],
)
def test_the_size_of_an_effect_is_found(text: str) -> None:
    assert states_effect(text)


@pytest.mark.parametrize(
    "text", ["We collect 4,000 cups of tea.", "We train a 7B model.", "HotPot improves accuracy."]
)
def test_a_size_is_not_an_effect(text: str) -> None:
    assert not states_effect(text)


def test_a_result_is_news_if_it_states_an_effect_and_of_what() -> None:
    title = "HotPot: Boiling Less Water"
    assert is_news("HotPot cuts energy use by 42%.", title)
    assert not is_news("Costs fall by 42%.", title)
    assert not is_news("HotPot cuts energy use.", title)
    assert not is_news("", title)


def test_a_phrase_of_the_title_replaces_a_reference() -> None:
    abstract = (
        OPENING + "We study whether water can be boiled by an outside party. "
        "We evaluate common tea robots on water of up to three litres. "
        "Across all kitchens, these robots outperform kettles by 17.3% on average."
    )
    assert "".join(lines("Tea Robots are Effective Kettles", abstract)).endswith(
        "Across all kitchens, tea robots outperform kettles by 17.3% on average."
    )


@pytest.mark.parametrize("opener", ["Additionally, we", "Furthermore, we", "First, we", "We also"])
def test_what_the_abstract_adds_is_not_its_main_point(opener: str) -> None:
    abstract = (
        f"{OPENING}We design a kettle that measures the water of each cup. "
        f"{opener} design a kettle cosy that keeps the heat of the kettle for an hour."
    )
    assert lines("A Kettle that Measures", abstract)[0].endswith("the water of each cup.")


@pytest.mark.parametrize(
    "promise", ["HotPot paves a scalable path for better tea through heat.",
                "HotPot opens new directions for research on kettles and tea.",
                "These results highlight the importance of hot water for tea."],
)  # fmt: skip
def test_a_promise_is_no_result(promise: str) -> None:
    abstract = f"{OPENING}We introduce HotPot, a kettle that boils only what a cup needs. {promise}"
    assert lines("HotPot: Boiling Less Water", abstract)[1] == ""


def test_of_two_lines_a_finding_precedes_what_was_studied() -> None:
    found = "We find that less water makes better tea."
    assert choose_line("We study the amount of water in kettles.", found, "Kettles") == found
    built = "We introduce HotPot, a kettle that boils less water."
    assert choose_line(built, found, "Kettles") == built
    assert choose_line("We study kettles.", "", "Kettles") == "We study kettles."


def test_numbers_need_what_they_are_respectively_of() -> None:
    assert is_broken("HotPot reaches success rates of 84.9%, 85.7% and 96%, respectively.")
    assert not is_broken("HotPot reaches 84.9% and 96% on green and black tea, respectively.")


def test_what_was_studied_is_no_method() -> None:
    abstract = (
        f"{OPENING}We explore boiling, the step that turns cold water into hot water. "
        "We introduce HotPot, a benchmark of 40 kettles and their users. "
        "We find that HotPot users boil 23.2% less water than users of PlainPot."
    )
    summary = summarize("HotPot: Measuring Boiling", abstract)
    assert "method" not in [point.role for point in summary.points]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "We bridge this gap by introducing a kettle that boils one cup.",
            "We introduce a kettle that boils one cup.",
        ),
        (
            "We address these limitations of kettles through a lid that keeps the steam inside.",
            "We address the limitations of kettles through a lid that keeps the steam inside.",
        ),
        (
            "We present a lid that instead keeps the steam inside while the water boils.",
            "We present a lid that keeps the steam inside while the water boils.",
        ),
        (
            "This paper therefore presents a lid that keeps the steam inside the kettle.",
            "This paper presents a lid that keeps the steam inside the kettle.",
        ),
        (
            "We present a model of steeping-a process that takes time-and test it.",
            "We present a model of steeping\u2014a process that takes time\u2014and test it.",
        ),
    ],
)
def test_a_link_to_an_earlier_sentence_is_removed(sentence: str, expected: str) -> None:
    assert lines("Lids for Kettles", OPENING + sentence)[0] == expected


def test_a_word_of_the_title_needs_no_earlier_sentence() -> None:
    abstract = (
        "Monitoring of kettles is common. We ask whether kettles notice it. We find that kettles "
        "can deduce the existence of this monitor from the steam alone in 19% of the cases."
    )
    new, result = lines("Kettles Can Infer Monitoring", abstract)
    assert "the existence of the monitor from the steam" in f"{new} {result}"


def test_what_was_studied_gives_way_to_what_was_found() -> None:
    new = "We study how tea is steeped in kettles of all sizes."
    result = "We find that large kettles steep tea unevenly at their walls."
    assert choose_line(new, result, "Steeping in Kettles") == result


def test_the_state_of_the_field_is_no_line() -> None:
    abstract = (
        "Kettles are increasingly used to study how water boils in kitchens and laboratories. "
        "We introduce a kettle that measures its own steam and stops before the water boils over."
    )
    assert lines("Boiling in Kettles", abstract)[0].startswith("We introduce a kettle")
