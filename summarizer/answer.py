"""What a language model answered, read with suspicion: thoughts stripped, JSON found, text cleaned.

Public surface: ``read``, ``Fields``, ``Answered``.
"""

import json
import re
from collections.abc import Mapping

from summarizer.errors import GenerationError, Malformed, Truncated
from summarizer.hostile import without_markup
from summarizer.prompt import FIELDS

Fields = Mapping[str, str]
Answered = Fields | GenerationError
"""What became of one question."""

# Grammars let a model put a line break or another control character into a string.
_LENIENT = json.JSONDecoder(strict=False)
_OPENS_THOUGHT = re.compile(r"<(?:think|thinking|reasoning)>", re.I)
_CLOSES_THOUGHT = re.compile(r"</(?:think|thinking|reasoning)>", re.I)


def read(text: str, *, finished: bool) -> Fields:
    """Return field -> plain text, capped, of the JSON object in ``text``; absent fields are "".

    ``finished`` is False when the model was stopped by its length. Raises Truncated for an answer
    that was cut and Malformed for one without an object of the fields.
    """
    if not finished:
        raise Truncated("The answer was cut off by the model's limit of length.")
    found = _object(_said(text))
    if not any(isinstance(found.get(role), str) for role in FIELDS):
        raise Malformed("The answer has none of the fields that were asked for.")
    names = {f"{role}{tail}": most for role, most in FIELDS.items() for tail in ("", "_zh")}
    return {name: _field(found.get(name), most) for name, most in names.items()}


def _said(text: str) -> str:
    """``text`` after its thoughts, whose opening tag the template may have kept to itself."""
    if text.lstrip().startswith("{"):
        return text
    *_, said = _CLOSES_THOUGHT.split(text)
    if _OPENS_THOUGHT.search(said):
        raise Truncated("The model was still thinking when its answer ended.")
    return said


def _object(text: str) -> dict[str, object]:
    """The first JSON object in ``text``: a server without a grammar may put words around it."""
    start = text.find("{")
    try:
        found, _ = _LENIENT.raw_decode(text, start) if start >= 0 else (None, 0)
    except (json.JSONDecodeError, RecursionError) as error:
        raise Malformed("The answer is not JSON.") from error
    if not isinstance(found, dict):
        raise Malformed("The answer is not JSON as it was asked for.")
    return found


def _field(value: object, cap: int) -> str:
    return without_markup(value[: cap + 200])[:cap] if isinstance(value, str) else ""
