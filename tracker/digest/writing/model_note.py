"""What readers and operators learn of the language model's part in an issue.

A server's own messages are for the operator; readers see only what kind of failure it was.

Public: `ModelUse`, `model_notes`, `passage_failure`, `public_reason`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from summarizer.grounding.proof import Level
from tracker.language import Language

_OTHER = "The language model gave no answer."
# How the reasons begin that contain nothing of a server or of its settings.
_PUBLIC = (
    "Without a language model", "The abstract did not bear out", "The time for the language model",
    "The answer was cut", "The answer is", "The answer has", "The model was still thinking",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ModelUse:
    """A model, how many of an issue's papers it summarized, and how many passages are shown of it.

    `tokens` is about how many it read and wrote. `levels` counts how its sentences are supported.
    """

    model: str
    summaries: int
    papers: int
    passages: int = 0
    shown: int = 0
    tokens: int = 0
    levels: Counter[Level] = field(default_factory=Counter)


def model_notes(use: ModelUse, language: Language) -> Iterator[str]:
    """Yield sentences for the small print: what the model wrote, and how that is supported."""
    values = {
        "model": use.model, "summaries": language.number(use.summaries),
        "papers": language.number(use.papers), "tokens": language.number(use.tokens),
    }  # fmt: skip
    if use.passages:
        yield language.gettext(
            "{model} wrote {summaries} of {papers} summaries and {shown} of {passages} paragraphs and reasons, with about {tokens} tokens; the rest follows rules.",  # noqa: E501
            shown=language.number(use.shown), passages=language.number(use.passages), **values,
        )  # fmt: skip
    else:
        yield language.gettext(
            "{model} wrote {summaries} of {papers} summaries, with about {tokens} tokens; the others are extracts.",  # noqa: E501
            **values,
        )
    if total := use.levels.total():
        copied, shortened, entailed = (
            language.percent(use.levels[level] / total)
            for level in ("copied", "shortened", "entailed")
        )
        yield language.gettext(
            "Of its sentences, {copied} are copied from their source, {shortened} shortened, and {entailed} worded otherwise and checked.",  # noqa: E501
            copied=copied, shortened=shortened, entailed=entailed,
        )  # fmt: skip


def passage_failure(number: int, reason: str) -> str:
    """Return why passages are composed by rules, for the operator."""
    what = "1 passage is" if number == 1 else f"{number:,} passages are"
    return f"{what} composed by rules instead of written: {reason}"


def public_reason(reason: str) -> str:
    """Return why a model failed as readers may see it: without a server's address and message.

    Empty if it did not fail.
    """
    if not reason:
        return ""
    if reason.startswith("The paper does not fit into the model's context."):
        return "The paper does not fit into the model's context."
    return reason if reason.startswith(_PUBLIC) else _OTHER
