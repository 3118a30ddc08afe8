"""The data types of a summary, without behaviour.

Public surface: ``Sentence``, ``Summary``, ``EXTRACTIVE_MODEL``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

EXTRACTIVE_MODEL = "extractive-5"
"""The ``model`` of extractive summaries; changes whenever the weights or the wording rules do."""

Role = Literal["tldr", "problem", "method", "result", "why_it_matters", "limits"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a summary and the text it rests on.

    ``source`` is verbatim: every sentence of it occurs, character by character, in
    ``to_plain_text(abstract)``.
    """

    role: Role
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary of one paper.

    ``sentences`` holds the tldr first and then the points, in reading order; it is empty when the
    abstract is. ``method`` is "generated" (by a language model), "extractive", or "none" for an
    empty abstract; ``model`` and ``prompt_version`` name the model and prompt that were used, ""
    where none applies. ``language`` is a BCP 47 tag, and ``dropped`` counts sentences that were
    written but removed because the abstract does not support them. ``note`` says why the summary
    is not of the requested kind, "" when it is; ``created`` is when it was stored, None if it was
    not.
    """

    tldr: str
    sentences: tuple[Sentence, ...]
    method: str
    model: str
    prompt_version: str
    language: str
    dropped: int
    note: str = ""
    created: datetime | None = None

    @property
    def result(self) -> str:
        """What the paper achieved, as one sentence; "" if unknown or if the tldr says it."""
        return next((s.text for s in self.sentences if s.role == "result"), "")

    @property
    def points(self) -> tuple[Sentence, ...]:
        """The sentences other than the tldr."""
        return tuple(sentence for sentence in self.sentences if sentence.role != "tldr")
