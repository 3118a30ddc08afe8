"""What a language model is asked to write from facts: the prompt and the form of its answer.

The instructions are in ``prompts/passages/``; ``PASSAGE_VERSION`` changes whenever they do.

Public surface: ``PassageKind``, ``PassageRequest``, ``PASSAGE_VERSION``, ``build_messages``,
``usable_facts``, ``passage_form``, ``parse_passage``, ``MOST_SENTENCES``.
"""

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from summarizer.exceptions import OutputMalformed
from summarizer.llm.forms import AnswerForm
from summarizer.llm.output import Fields, clean_field, read_object
from summarizer.llm.prompt import Messages, sanitize

PassageKind = Literal["brief", "theme", "direction", "reason"]
"""What is written: an opening paragraph, a theme, a direction, or why a paper is ranked high."""

_FOLDER = Path(__file__).parents[1] / "prompts" / "passages"
_RULES = (_FOLDER / "rules.txt").read_text("utf-8")
_TASKS: dict[PassageKind, str] = {
    kind: (_FOLDER / f"{kind}.txt").read_text("utf-8").strip() for kind in get_args(PassageKind)
}
PASSAGE_VERSION = (
    "passages-1-" + hashlib.sha256("\0".join((_RULES, *_TASKS.values())).encode()).hexdigest()[:8]
)
"""Version of the instructions."""

MOST_SENTENCES: dict[PassageKind, int] = {"brief": 6, "theme": 3, "direction": 5, "reason": 1}
"""The maximum number of sentences of each kind of passage."""

_MOST_FACTS, _MOST_SOURCES = 20, 3
_CHARACTERS = 500
_TOKENS_PER_SENTENCE = 120


@dataclass(frozen=True, slots=True)
class PassageRequest:
    """A passage to write, and the facts that it may use: complete, proven English sentences."""

    kind: PassageKind
    facts: tuple[str, ...]


def usable_facts(request: PassageRequest) -> dict[int, str]:
    """Return the facts by their place, without those that read like an order to a model."""
    cleaned = {place: sanitize(fact) for place, fact in enumerate(request.facts[:_MOST_FACTS])}
    return {place: fact for place, fact in cleaned.items() if fact}


def build_messages(request: PassageRequest) -> Messages:
    """Return the chat that requests a passage. The facts have the numbers from 1 on."""
    # The text of a fact cannot close a tag whose name it cannot know.
    tag = f"facts-{secrets.token_hex(4)}"
    rules = _RULES.replace("{task}", _TASKS[request.kind])
    for part in ("<facts>", "</facts>"):
        rules = rules.replace(part, part.replace("facts", tag))
    lines = (f"[{place + 1}] {fact}" for place, fact in usable_facts(request).items())
    content = "\n".join((f"<{tag}>", *lines, f"</{tag}>"))
    return [{"role": "system", "content": rules}, {"role": "user", "content": content}]


def passage_form(kind: PassageKind) -> AnswerForm:
    """Return the form of a passage: sentences, each with the numbers of its facts."""
    most = MOST_SENTENCES[kind]
    numbers = {
        "type": "array", "minItems": 1, "maxItems": _MOST_SOURCES,
        "items": {"type": "integer", "minimum": 1, "maximum": _MOST_FACTS},
    }  # fmt: skip
    sentence = _object({"from": numbers, "text": {"type": "string", "maxLength": _CHARACTERS}})
    schema = _object({"sentences": {"type": "array", "maxItems": most, "items": sentence}})
    return AnswerForm("passage", schema, parse_passage, (most + 1) * _TOKENS_PER_SENTENCE)


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object", "properties": dict(properties), "required": list(properties),
        "additionalProperties": False,
    }  # fmt: skip


def parse_passage(text: str, finished: bool) -> Fields:
    """Return the sentences of an answer as fields "1", "2" …, and their facts as "1_from" ….

    Raises GenerationError if the answer was cut or has another form.
    """
    found = read_object(text, finished)
    # Without a grammar, a model may answer with its only sentence.
    items = [found] if "text" in found else found.get("sentences")
    if not isinstance(items, list):
        raise OutputMalformed("The answer has no sentences.")
    return dict(_fields_of(items))


def _fields_of(items: list[Any]) -> Iterator[tuple[str, str]]:
    for number, item in enumerate((x for x in items if isinstance(x, dict)), start=1):
        cited = item.get("from")
        numbers = cited if isinstance(cited, list) else [cited]
        yield str(number), clean_field(item.get("text"), _CHARACTERS)
        yield f"{number}_from", " ".join(str(n) for n in numbers if type(n) is int)
