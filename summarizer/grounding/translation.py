"""Checks that a Chinese sentence says what the English one says, without a translation model.

The English sentence is already supported. Its Chinese form is shown only if its numbers and names
are the English ones, if the Chinese forms of the English terms are in it, and if it has no terms of
another subject, no negation and no appeal that the English lacks. What cannot be shown to agree is
not shown in Chinese.

Public surface: ``is_faithful_translation``.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from summarizer.grounding.meaning.translated_claims import turns_round
from summarizer.grounding.numbers_and_names import find_numbers_and_names
from summarizer.grounding.quantities import number_words
from summarizer.grounding.scripts import has_address
from summarizer.text.stems import content_stems, stem_tokens

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_UNIT = re.compile(r"(?<=\d)[^\d.]+$")
# Of the English terms with a known Chinese form, at least this share must be there, and two.
_LEAST_SHARE, _LEAST_TERMS = 0.5, 2
# Terms of the Chinese that no English term accounts for.
_MOST_FOREIGN = 2
_NUMERALS = "零〇一二三四五六七八九"
_NUMERAL = re.compile(
    "[一二三四五六七八九十百千两兩]+(?=[倍成個个項项種种篇萬万億亿%])|百分之[零〇一二三四五六七八九十百點点]+"
)
_VAGUE = {"一"}
_TIMES = {"两": 2, "兩": 2}
_NEGATION = re.compile("不|没|沒|无|無|未|非|勿|别|別(?!的)")
_ENGLISH_NEGATION = re.compile(
    r"\b(?:no|not|never|neither|nor|without|cannot|fail\w*|lack\w*|un\w+|in\w+|non|limit\w*|"
    r"hardly|barely|less|free|zero|training-free|only|few|rather than|instead)\b|n't\b|-free\b",
    re.I,
)  # fmt: skip


def is_faithful_translation(chinese: str, english: str) -> bool:
    """Whether a Chinese sentence can be shown to agree with a supported English one."""
    plain = unicodedata.normalize("NFKC", chinese)
    return (
        _HAN.search(plain) is not None
        and not has_address(chinese, english)
        and _has_only_known_items(plain, english)
        and _has_only_known_numerals(plain, english)
        and _has_the_terms(plain, english)
        and not _appeals(plain, english)
        and not turns_round(plain, english)
        and bool(_NEGATION.search(_without_terms(plain))) <= bool(_ENGLISH_NEGATION.search(english))
        and bool(_plainly_negative(english)) <= bool(_NEGATION.search(plain))
    )


def _has_only_known_items(plain: str, english: str) -> bool:
    latin = _HAN.sub(" ", plain)
    known = _items(english) | {word.casefold().strip(".,;:()") for word in english.split()}
    return _items(latin) <= known


def _items(text: str) -> set[str]:
    """Return numbers without their units, which are translated, and names in folded case."""
    return {_UNIT.sub("", item).casefold() for item in find_numbers_and_names(text)}


def _has_only_known_numerals(plain: str, english: str) -> bool:
    """Whether every Chinese numeral in front of a counted thing is a number of the English."""
    numbers = {str(value) for value in number_words(english)} | _items(english)
    spelled = english.lower()
    for numeral in _NUMERAL.findall(plain):
        value = _value(numeral)
        words = {2: ("twice", "doubl", "two", "both"), 3: ("tripl", "three"), 10: ("ten",)}
        written = any(word in spelled for word in words.get(value, ()))
        if numeral not in _VAGUE and str(value) not in numbers and not written:
            return False
    return True


def _value(numeral: str) -> int:
    """Return the value of a Chinese numeral below a thousand; 百分之九十 is 90."""
    total = digit = 0
    for letter in numeral.removeprefix("百分之"):
        if letter in "十百千":
            total += max(digit, 1) * 10 ** ("十百千".index(letter) + 1)
            digit = 0
        else:
            digit = _TIMES.get(letter) or max(_NUMERALS.find(letter) - (letter != "零"), 0)
    return total + digit


@lru_cache(maxsize=1)
def _terms() -> tuple[tuple[frozenset[str], tuple[str, ...]], ...]:
    """Return pairs of English stems and the Chinese forms of them."""
    pairs = _read_pairs("terms_zh.txt")
    return tuple((frozenset(stem_tokens(one)), tuple(other.split())) for one, other in pairs)


def _has_the_terms(plain: str, english: str) -> bool:
    """Whether enough of the English terms have their Chinese form, and few other terms occur."""
    stems = content_stems(english)
    meant = [forms for words, forms in _terms() if _share_stem(words, stems)]
    present = sum(_contains_any(plain, forms) for forms in meant)
    items = _items(english)
    same_items = len(items) >= _LEAST_TERMS and items <= _items(_HAN.sub(" ", plain))
    enough = present >= max(_LEAST_TERMS, _LEAST_SHARE * len(meant)) or same_items
    return enough and _count_foreign_terms(plain, stems, meant) <= _MOST_FOREIGN


def _count_foreign_terms(
    plain: str, stems: frozenset[str], meant: Sequence[tuple[str, ...]]
) -> int:
    """Return how many Chinese terms occur that no term of the English accounts for.

    A form that is part of one that is meant does not count: 图 is in 图像.
    """
    accounted = [form for forms in meant for form in forms]
    foreign = 0
    for words, forms in _terms():
        if _share_stem(words, stems) or _contains_any(plain, set(forms) & set(accounted)):
            continue
        own = [form for form in forms if not any(form in known for known in accounted)]
        foreign += _contains_any(plain, own)
    return foreign


def _contains_any(plain: str, forms: Iterable[str]) -> bool:
    return any(form in plain for form in forms)


def _share_stem(words: frozenset[str], stems: frozenset[str]) -> bool:
    return any(stem.startswith(word) for word in words for stem in stems if len(word) > 2)


def _appeals(plain: str, english: str) -> bool:
    """Whether the Chinese praises, appeals or gives contact data where the English does not."""
    return any(
        re.search(chinese, plain) and not re.search(allowed, english, re.I)
        for chinese, allowed in _read_pairs("appeals_zh.txt")
    )


@lru_cache(maxsize=2)
def _read_pairs(name: str) -> tuple[tuple[str, str], ...]:
    """Return the two sides of each line of a data file beside this module."""
    lines = Path(__file__).with_name(name).read_text("utf-8").splitlines()
    found = (line.partition(" = ") for line in lines if not line.startswith("#"))
    return tuple((one, other) for one, _, other in found if other)


def _without_terms(plain: str) -> str:
    """Return the text without terms that contain a sign of negation but negate nothing."""
    return re.sub(
        "不同|不仅|不僅|不断|不斷|无论|無論|无需|無需|非常|无监督|無監督|不确定|不確定", "", plain
    )


def _plainly_negative(english: str) -> bool:
    return re.search(r"\b(?:not|never|cannot|fails?|neither)\b|n't\b", english) is not None
