"""Parsing of a language model's answer: reasoning removed, JSON located, text cleaned.

Public surface: ``parse_fields``, ``Fields``, ``FieldsOrError``.
"""

import json
import re
from collections.abc import Mapping

from summarizer.exceptions import ContextExceeded, GenerationError, OutputMalformed
from summarizer.grounding.prompt_injection import drop_addressed_sentences, strip_markup
from summarizer.llm.prompt import FIELDS
from summarizer.text.sentences import split_sentences

Fields = Mapping[str, str]
FieldsOrError = Fields | GenerationError
"""The result of one request."""

# Grammars allow line breaks and other control characters in a string.
_LENIENT = json.JSONDecoder(strict=False)
_REASONING_START = re.compile(r"<(?:think|thinking|reasoning)>", re.I)
_REASONING_END = re.compile(r"</(?:think|thinking|reasoning)>", re.I)


def parse_fields(text: str, *, finished: bool) -> Fields:
    """Return field -> plain text, capped, of the JSON object in ``text``; absent fields are "".

    ``finished`` is False when the answer reached its length limit. Raises ContextExceeded for an
    answer that was cut and OutputMalformed for one without a JSON object of these fields.
    """
    if not finished:
        raise ContextExceeded("The answer was cut off by the model's length limit.")
    found = _parse_object(_strip_reasoning(text))
    if not any(isinstance(found.get(role), str) for role in FIELDS):
        raise OutputMalformed("The answer has none of the fields that were requested.")
    names = {f"{role}{tail}": most for role, most in FIELDS.items() for tail in ("", "_zh")}
    return {name: _clean_field(found.get(name), most) for name, most in names.items()}


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


def _clean_field(value: object, cap: int) -> str:
    """Return the whole sentences of a field, without markup.

    A sentence that is cut at the cap, or from which an address would be removed, is left out.
    """
    if not isinstance(value, str):
        return ""
    sentences = split_sentences(drop_addressed_sentences(value[:cap]))
    whole = sentences[:-1] if len(value) >= cap else sentences
    return strip_markup(" ".join(whole))
