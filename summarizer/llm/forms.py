"""What a request asks a model for: the schema of the answer, how it is read, how long it may be.

Public surface: ``AnswerForm``, ``summary_form``, ``six_sentences_form``, ``name_form``,
``text_form``, ``yes_no_form``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from summarizer.llm.output import Fields, parse_fields, parse_name, parse_text, parse_yes_no
from summarizer.llm.prompt import FIELDS, summary_schema

_MAX_TOKENS = 2048
_NAME_TOKENS = 64
_YES_NO_TOKENS = 4
_TOKENS_PER_WORD = 3
_NAME_CHARACTERS = 80
_WITHOUT_SOURCES = {str(role): {"type": "string", "maxLength": cap} for role, cap in FIELDS.items()}


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """The form of an answer: a JSON object of ``schema``, or plain text if that is None.

    ``parse(text, finished)`` returns the fields and raises GenerationError; ``finished`` is False
    when the answer reached ``max_tokens``. With ``weighs_yes`` the answer is "yes" or "no", and the
    field ``yes`` is the probability of the former, from the probabilities of the first word where
    the model reports them.
    """

    name: str
    schema: dict[str, Any] | None
    parse: Callable[[str, bool], Fields]
    max_tokens: int = _MAX_TOKENS
    weighs_yes: bool = False


def summary_form(language: str) -> AnswerForm:
    """Return the form of a summary: each field with the numbers of its sentences, or null."""
    return AnswerForm("summary", summary_schema(language), parse_fields)


def six_sentences_form() -> AnswerForm:
    """Return the form of up to six sentences that bear their sources in brackets."""
    schema = {
        "type": "object", "properties": _WITHOUT_SOURCES, "required": list(_WITHOUT_SOURCES),
        "additionalProperties": False,
    }  # fmt: skip
    return AnswerForm("sentences", schema, parse_fields)


def name_form() -> AnswerForm:
    """Return the form of a short name, in the field ``name``."""
    schema = {
        "type": "object", "required": ["name"], "additionalProperties": False,
        "properties": {"name": {"type": "string", "maxLength": _NAME_CHARACTERS}},
    }  # fmt: skip
    return AnswerForm("name", schema, parse_name, _NAME_TOKENS)


def text_form(words: int) -> AnswerForm:
    """Return the form of plain text of at most about ``words`` words, in the field ``text``."""
    return AnswerForm("text", None, parse_text, words * _TOKENS_PER_WORD)


def yes_no_form() -> AnswerForm:
    """Return the form of a yes or no, with the probability of yes in the field ``yes``."""
    return AnswerForm("yes_no", None, parse_yes_no, _YES_NO_TOKENS, weighs_yes=True)
