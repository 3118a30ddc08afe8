"""What a summary is: words only, no behaviour.

Public surface: ``Sentence``, ``Summary``.
"""

from dataclasses import dataclass
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
    there was nothing to read. ``method`` says who wrote it ("extractive", or "none" for an empty
    abstract), ``model`` and ``prompt_version`` which edition of them ("" where none applies),
    ``language`` is a BCP 47 primary tag, and ``dropped`` counts sentences that were written but
    removed because the abstract does not support them.
    """

    tldr: str
    sentences: tuple[Sentence, ...]
    method: str
    model: str
    prompt_version: str
    language: str
    dropped: int

    @property
    def points(self) -> tuple[Sentence, ...]:
        """The sentences other than the tldr."""
        return tuple(sentence for sentence in self.sentences if sentence.role != "tldr")
