"""Title and abstract in, a short summary out, every sentence tied to the words it came from.

The package imports nothing of ``tracker`` and works without a model or a network: the embedded
default extracts and shortens sentences of the abstract itself.

Public surface: ``summarize``, ``Summary``, ``Sentence``.
"""

from summarizer.extract import extract
from summarizer.models import Sentence, Summary

__all__ = ["Sentence", "Summary", "summarize"]


def summarize(title: str, abstract: str) -> Summary:
    """Summarise one paper: a line of at most 30 words, and points where the abstract makes them.

    Title and abstract may be LaTeX or plain text. The points are at most one each of problem,
    method, result, limits and why it matters, none from the same sentence as another or as the
    line. An empty abstract gives an empty ``tldr``, no sentences and method "none". Any string is
    accepted and none raises; text that reads like an instruction is text.
    """
    return extract(title, abstract)
