"""Questions have one gap that is worth asking for, and return after growing intervals."""

from datetime import date

import pytest

from tracker.learning.cloze_questions import GAP, answer_card, build_questions, first_due

KEY = "2603.00001"


@pytest.mark.parametrize(
    ("sentence", "answer"),
    [
        ("It reaches 87.4% on two tasks, up from 81.2% in 2024.", "81.2%"),
        ("GPT-4 needs 3 times as many samples.", "3"),
        ("On 12 benchmarks it is 2.5× faster than before.", "2.5×"),
        ("It distils the router into LoRA modules.", "LoRA"),
        ("We train RouteNet with DPO on preference pairs.", "DPO"),
    ],
)
def test_the_gap_is_a_number_or_a_name(sentence: str, answer: str) -> None:
    (question,) = build_questions(KEY, "RouteNet: Learning to Route", {"result": sentence})
    assert question.answer == answer
    assert question.text.replace(GAP, answer) == sentence
    assert question.key == "2603.00001/result"


def test_a_sentence_without_either_is_to_be_recalled() -> None:
    (question,) = build_questions(KEY, "A title", {"limits": "It is slow on long inputs."})
    assert question.text == "What are its limits?"
    assert question.answer == question.sentence == "It is slow on long inputs."


def test_other_sentences_replace_what_a_paper_does_not_say() -> None:
    sentences = {"tldr": "A is new.", "problem": "B is hard.", "method": "C does it."}
    questions = build_questions(KEY, "A title", {**sentences, "result": "A is new."})
    assert [question.role for question in questions] == ["result", "method"]
    questions = build_questions(KEY, "A title", sentences)
    assert [question.role for question in questions] == ["method", "tldr", "problem"]


def test_intervals_double_with_right_answers_and_begin_again_with_a_wrong_one() -> None:
    today = first_due(date(2026, 3, 1))
    assert today == date(2026, 3, 31)
    card, days = None, []
    for right in (True, True, True, True, True, False, True):
        card = answer_card(card, right=right, today=today)
        days.append((card.due - today).days)
    assert days == [60, 120, 240, 480, 480, 7, 30]
