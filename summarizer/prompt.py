"""What is asked of a language model: the words, the paper as data, and the shape of the answer.

The words lie in ``prompts/``; ``VERSION`` changes with every change of them, so that a stored
summary tells which words it answers.

Public surface: ``Paper``, ``FIELDS``, ``LANGUAGES``, ``VERSION``, ``messages``, ``schema``.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from summarizer.hostile import gives_orders
from summarizer.models import Role
from summarizer.text import plain, sentences

FIELDS: dict[Role, int] = {
    "tldr": 240,
    "problem": 300,
    "method": 300,
    "result": 300,
    "why_it_matters": 300,
    "limits": 300,
}
"""The fields of an answer and the most characters of each."""

LANGUAGES = {
    "en": "English",
    "zh-TW": "Traditional Chinese as it is written in Taiwan",
    "zh-CN": "Simplified Chinese",
}
"""Languages a summary can be written in, by BCP 47 tag."""

_FOLDER = Path(__file__).with_name("prompts")
_PARTS = {path.stem: path.read_text("utf-8") for path in sorted(_FOLDER.glob("*.txt"))}

VERSION = "1-" + hashlib.sha256("\0".join(_PARTS.values()).encode()).hexdigest()[:8]
"""Names the wording: it is stored with each summary and part of the key it is found by."""

_FENCE = re.compile(r"<[^<>]{0,40}>?")
Messages = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper to summarise. ``more`` is its conclusion and stated limits, where they were read."""

    title: str
    abstract: str
    more: str = ""


def messages(paper: Paper, language: str) -> Messages:
    """The chat that asks for a summary of ``paper``; sentences that give orders are left out."""
    system = _PARTS["system"]
    if language != "en":
        system += _PARTS["chinese"].format(language=LANGUAGES[language])
    more = f"<conclusion>{_data(paper.more)}</conclusion>\n" if paper.more else ""
    asked = _PARTS["paper"].format(
        title=_data(paper.title), abstract=_data(paper.abstract), more=more
    )
    return [{"role": "system", "content": system}, {"role": "user", "content": asked}]


def _data(text: str) -> str:
    """``text`` without orders and without anything that could close the fence around it."""
    kept = [s for s in sentences(plain(text)) if not gives_orders(s)]
    return _FENCE.sub(
        lambda m: m.group().replace("<", "\u2039").replace(">", "\u203a"), " ".join(kept)
    )


def schema(language: str) -> dict[str, Any]:
    """The JSON schema of an answer: every field a capped string, all required, no others."""
    caps = {str(role): most for role, most in FIELDS.items()}
    if language != "en":
        # A character of Chinese says about what two or three of English say.
        caps |= {f"{role}_zh": most // 2 for role, most in FIELDS.items()}
    return {
        "type": "object",
        "properties": {name: {"type": "string", "maxLength": cap} for name, cap in caps.items()},
        "required": list(caps),
        "additionalProperties": False,
    }
