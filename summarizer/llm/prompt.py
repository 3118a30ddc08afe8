"""The prompt: instructions, the paper as data, and the schema of the answer.

The instructions are in ``prompts/``; ``VERSION`` changes whenever they do and is stored with each
summary.

Public surface: ``Paper``, ``FIELDS``, ``LANGUAGES``, ``VERSION``, ``build_messages``,
``summary_schema``, ``numbered_sentences``, ``sanitize``.
"""

import hashlib
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from summarizer.grounding.injection.prompt_injection import is_prompt_injection
from summarizer.summary import Role
from summarizer.text.sentences import split_sentences, to_plain_text

FIELDS: dict[Role, int] = {
    "tldr": 240,
    "problem": 300,
    "method": 300,
    "result": 300,
    "why_it_matters": 300,
    "limits": 300,
}
"""The fields of an answer and the maximum number of characters of each."""

LANGUAGES = {
    "en": "English",
    "zh-TW": "Traditional Chinese as it is written in Taiwan",
    "zh-CN": "Simplified Chinese",
}
"""Languages a summary can be written in, by BCP 47 tag."""

_FOLDER = Path(__file__).with_name("prompts")
_PARTS = {path.stem: path.read_text("utf-8") for path in sorted(_FOLDER.glob("*.txt"))}

VERSION = "2-" + hashlib.sha256("\0".join(_PARTS.values()).encode()).hexdigest()[:8]
"""Version of the instructions; it is part of the key under which a summary is stored."""

_MAX_SOURCES = 3
_TAG = re.compile(r"<[^<>]{0,40}>?")
Messages = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper to summarise. ``conclusion`` is its conclusion and stated limits, "" if unknown."""

    title: str
    abstract: str
    conclusion: str = ""


def build_messages(paper: Paper, language: str) -> Messages:
    """Return the chat that requests a summary of ``paper``, without prompt injections."""
    # The text of a paper cannot close a tag whose name it cannot know.
    tag = f"paper-{secrets.token_hex(4)}"
    system = _name_tag(_PARTS["system"], tag)
    if language != "en":
        system += _PARTS["chinese"].format(language=LANGUAGES[language])
    content = _name_tag(_PARTS["paper"], tag).format(
        title=sanitize(paper.title), sentences="\n".join(_numbered_lines(paper))
    )
    return [{"role": "system", "content": system}, {"role": "user", "content": content}]


def numbered_sentences(paper: Paper) -> tuple[str, ...]:
    """Return the sentences of abstract and conclusion that the model sees; the first has number 1.

    They are verbatim; those that read like an instruction to a model are left out.
    """
    texts = (to_plain_text(paper.abstract), to_plain_text(paper.conclusion))
    return tuple(s for t in texts for s in split_sentences(t) if not is_prompt_injection(s))


def _numbered_lines(paper: Paper) -> Iterator[str]:
    for number, sentence in enumerate(numbered_sentences(paper), start=1):
        yield f"[{number}] {_hide_tags(sentence)}"


def _name_tag(text: str, tag: str) -> str:
    """Return a part of the prompt with the tags around the paper named ``tag``."""
    return text.replace("<paper>", f"<{tag}>").replace("</paper>", f"</{tag}>")


def sanitize(text: str) -> str:
    """Return ``text`` without prompt injections and without anything that looks like a tag."""
    safe = [s for s in split_sentences(to_plain_text(text)) if not is_prompt_injection(s)]
    return _hide_tags(" ".join(safe))


def _hide_tags(text: str) -> str:
    return _TAG.sub(lambda m: m.group().replace("<", "\u2039").replace(">", "\u203a"), text)


def summary_schema(language: str) -> dict[str, Any]:
    """Return the JSON schema of a summary: every field null or a text with its sentences."""
    return {
        "type": "object",
        "properties": {role: _field_schema(cap, language) for role, cap in FIELDS.items()},
        "required": list(FIELDS),
        "additionalProperties": False,
    }


def _field_schema(cap: int, language: str) -> dict[str, Any]:
    numbers = {
        "type": "array", "minItems": 1, "maxItems": _MAX_SOURCES,
        "items": {"type": "integer", "minimum": 1, "maximum": 99},
    }  # fmt: skip
    parts: dict[str, Any] = {"from": numbers, "text": {"type": "string", "maxLength": cap}}
    if language != "en":
        # One Chinese character corresponds to two or three English ones.
        parts["text_zh"] = {"type": "string", "maxLength": cap // 2}
    given = {
        "type": "object", "properties": parts, "required": list(parts),
        "additionalProperties": False,
    }  # fmt: skip
    return {"anyOf": [given, {"type": "null"}]}
