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
_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?</\1>", re.S | re.I)
_OPEN_THOUGHT = re.compile(r"<(?:think|thinking|reasoning)>", re.I)
_LATE_THOUGHT = re.compile(r"^.*</(?:think|thinking|reasoning)>", re.S | re.I)


def read(text: str, *, finished: bool) -> Fields:
    """Return field -> plain text, capped, of the JSON object in ``text``; absent fields are "".

    ``finished`` is False when the model was stopped by its length. Raises Truncated for an answer
    that was cut and Malformed for one without an object of the fields.
    """
    if not finished:
        raise Truncated("The answer was cut off by the model's limit of length.")
    said = _LATE_THOUGHT.sub("", _THOUGHT.sub("", text))
    if _OPEN_THOUGHT.search(said):
        raise Truncated("The model was still thinking when its answer ended.")
    found = _object(said)
    if not any(isinstance(found.get(role), str) for role in FIELDS):
        raise Malformed("The answer has none of the fields that were asked for.")
    return {
        name: _field(value, FIELDS.get(name.removesuffix("_zh"), 0))
        for name, value in found.items()
    }


def _object(text: str) -> dict[str, object]:
    """The first JSON object in ``text``: a server without a grammar may put words around it."""
    start = text.find("{")
    try:
        found, _ = _LENIENT.raw_decode(text, start) if start >= 0 else (None, 0)
    except (json.JSONDecodeError, RecursionError) as error:
        raise Malformed("The answer is not JSON.") from error
    if not isinstance(found, dict):
        raise Malformed("The answer is not a JSON object.")
    return found


def _field(value: object, cap: int) -> str:
    return without_markup(value[: cap + 200])[:cap] if isinstance(value, str) else ""
