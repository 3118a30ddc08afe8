"""Parsing of a language model's answer: reasoning removed, JSON located, text cleaned.

Parsing is lenient, since servers without grammars return text around the JSON.

Public surface: ``parse_fields``, ``parse_name``, ``parse_text``, ``parse_yes_no``, ``weigh_yes``,
``read_object``, ``clean_field``, ``Fields``, ``FieldsOrError``.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping

from summarizer.exceptions import ContextExceeded, GenerationError, OutputMalformed
from summarizer.grounding.injection.prompt_injection import drop_addressed_sentences, strip_markup
from summarizer.llm.prompt import FIELDS
from summarizer.text.sentences import split_sentences

Fields = Mapping[str, str]
FieldsOrError = Fields | GenerationError
"""The result of one request."""

# Grammars allow line breaks and other control characters in a string.
_CUT = "The answer was cut off by the model's length limit."
_LENIENT = json.JSONDecoder(strict=False)
_NUMBER = re.compile(r"^\s*\[\d+\]\s*")  # a sentence copied with its number
_WORD = re.compile(r"[a-z]+", re.I)
_REASONING_START = re.compile(r"<(?:think|thinking|reasoning)>", re.I)
_REASONING_END = re.compile(r"</(?:think|thinking|reasoning)>", re.I)


def parse_fields(text: str, finished: bool) -> Fields:
    """Return field -> plain text, capped, of the JSON object in ``text``; absent fields are "".

    A field may be an object ``{"from": [3], "text": ...}``; the numbers are then in the field with
    ``_from`` at its end. ``finished`` is False when the answer reached its length limit. Raises
    ContextExceeded for an answer that was cut and OutputMalformed for one without these fields.
    """
    found = read_object(text, finished)
    if not any(isinstance(found.get(role), str | dict) for role in FIELDS):
        raise OutputMalformed("The answer has none of the fields that were requested.")
    return dict(_fields_of(found))


def parse_name(text: str, finished: bool) -> Fields:
    """Return the field ``name``; models that were not held to it may have called it ``tldr``."""
    found = read_object(text, finished)
    name = next((found[key] for key in ("name", "tldr") if isinstance(found.get(key), str)), None)
    if name is None:
        raise OutputMalformed("The answer has no name.")
    return {"name": str(name)}


def parse_text(text: str, finished: bool) -> Fields:
    """Return the first line of a plain answer as the field ``text``, without reasoning or quotes.

    A long line is a sentence that was cut, so ContextExceeded is raised if it was not finished.
    """
    lines = [line.strip() for line in _strip_reasoning(text).splitlines() if line.strip()]
    if not lines:
        raise OutputMalformed("The answer is empty.")
    if not finished and len(lines) == 1:
        raise ContextExceeded(_CUT)
    return {"text": strip_markup(drop_addressed_sentences(lines[0].strip('"“”')))}


def parse_yes_no(text: str, _: bool) -> Fields:
    """Return the field ``yes``: "1" or "0". Raises OutputMalformed for another answer."""
    word = _first_word(_strip_reasoning(text))
    if word not in {"yes", "no"}:
        raise OutputMalformed("The answer is neither yes nor no.")
    return {"yes": "1" if word == "yes" else "0"}


def weigh_yes(chances: Mapping[str, float]) -> float | None:
    """Return the share of "yes" of the tokens that say yes or no; None if there are none.

    ``chances`` are the log-probabilities of the tokens that may come first.
    """
    sums = {"yes": 0.0, "no": 0.0}
    for token, chance in chances.items():
        if (word := _first_word(token)) in sums:
            sums[word] += math.exp(chance)
    total = sum(sums.values())
    return sums["yes"] / total if total else None


def _first_word(text: str) -> str:
    match = _WORD.search(text)
    return match[0].lower() if match else ""


def read_object(text: str, finished: bool) -> dict[str, object]:
    """Return the first JSON object of an answer. Raises GenerationError if there is none."""
    if not finished:
        raise ContextExceeded(_CUT)
    return _parse_object(_strip_reasoning(text))


def _fields_of(found: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for role, cap in FIELDS.items():
        value = found.get(role)
        parts = value if isinstance(value, dict) else {}
        yield role, clean_field(parts.get("text", value), cap)
        yield f"{role}_zh", clean_field(parts.get("text_zh", found.get(f"{role}_zh")), cap)
        numbers = parts.get("from")
        cited = numbers if isinstance(numbers, list) else []
        yield f"{role}_from", " ".join(str(n) for n in cited if isinstance(n, int))


def _strip_reasoning(text: str) -> str:
    """Return ``text`` after the reasoning, whose opening tag may be part of the template."""
    if text.lstrip().startswith("{"):
        return text
    *_, answer = _REASONING_END.split(text)
    if _REASONING_START.search(answer):
        raise ContextExceeded("The model was still thinking when its answer ended.")
    return answer


def _parse_object(text: str) -> dict[str, object]:
    """Return the first JSON object in ``text``; without a grammar there may be text around it."""
    start = text.find("{")
    try:
        found, _ = _LENIENT.raw_decode(text, start) if start >= 0 else (None, 0)
    except (json.JSONDecodeError, RecursionError) as error:
        raise OutputMalformed("The answer is not JSON.") from error
    if not isinstance(found, dict):
        raise OutputMalformed("The answer is not JSON as requested.")
    return found


def clean_field(value: object, cap: int) -> str:
    """Return the whole sentences of a field, without markup.

    A sentence that is cut at the cap, or from which an address would be removed, is left out.
    """
    if not isinstance(value, str):
        return ""
    sentences = split_sentences(drop_addressed_sentences(_NUMBER.sub("", value[:cap])))
    whole = sentences[:-1] if len(value) >= cap else sentences
    return strip_markup(" ".join(whole))
