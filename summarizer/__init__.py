"""Title and abstract in, a short summary out, every sentence tied to the words it came from.

The package imports nothing of ``tracker`` and works without a model or a network: the embedded
default extracts and shortens sentences of the abstract itself.

Public surface: ``summarize``, ``Summary``, ``Sentence``.
"""

from collections.abc import Callable
from typing import Any

from summarizer.extract import extract
from summarizer.models import Sentence, Summary

__all__ = ["Sentence", "Summary", "summarize"]


def summarize(
    title: str, abstract: str, *, encode: Callable[[list[str]], Any] | None = None
) -> Summary:
    """Summarise one paper in a sentence of at most 30 words and up to five points.

    ``encode`` (texts -> unit vectors of shape (n, d)) sharpens the choice of sentence; without it
    the choice rests on words alone. Title and abstract may be LaTeX. An empty abstract gives an
    empty ``tldr`` with method "none". Never raises, whatever the text.
    """
    return extract(title, abstract, encode=encode)
