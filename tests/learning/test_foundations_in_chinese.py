"""Every sentence on foundational works exists in both Chinese scripts."""

import pytest

from tracker.learning.foundations import load_starts, translate_note


@pytest.mark.parametrize("code", ["zh-CN", "zh-TW"])
def test_every_reason_of_a_path_is_translated(code: str) -> None:
    starts = load_starts().values()
    reasons = {one.why for start in starts for one in start.works}
    reasons |= {why for start in starts for _, why in start.needs}
    untranslated = {text for text in reasons if translate_note(text, code) == text}
    assert untranslated == set()


def test_the_scripts_differ_and_english_stays() -> None:
    text = "Introduces adapters."
    assert translate_note(text, "en") == text
    assert translate_note(text, "zh-CN") != translate_note(text, "zh-TW")
