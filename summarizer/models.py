"""What a summary is: words only, no behaviour.

Public surface: ``Sentence``, ``Summary``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Role = Literal["tldr", "problem", "method", "result", "why_it_matters", "limits"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a summary and the text it rests on.

    ``source`` is verbatim: it occurs, character by character, in ``plain(abstract)``.
    """

    role: Role
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary of one paper.

    ``sentences`` holds the tldr first and then the points, in reading order; it is empty when
    there was nothing to read. ``method`` says how it was made ("generated" by a language model,
    "extractive", or "none" for an empty abstract), ``model`` and ``prompt_version`` by which
    edition of what ("" where none applies), ``language`` is a BCP 47 tag, and ``dropped`` counts
    sentences that were written but removed because the abstract does not support them. ``note``
    says why it is not what was asked for, "" when it is; ``created`` is when it was kept, None if
    it was not.
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
    def points(self) -> tuple[Sentence, ...]:
        """The sentences other than the tldr."""
        return tuple(sentence for sentence in self.sentences if sentence.role != "tldr")
