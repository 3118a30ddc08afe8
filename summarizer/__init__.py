"""Short summaries of papers, each sentence tied to the sentences of the abstract it rests on.

The package imports nothing from ``tracker`` and needs neither a model nor a network: by default a
summary consists of sentences of the abstract itself, selected and shortened.

Public surface: ``summarize``, ``ground``, ``Summary``, ``Sentence``.
"""

from summarizer.summary import Sentence, Summary

__all__ = ["Sentence", "Summary", "ground", "summarize"]


def summarize(title: str, abstract: str) -> Summary:
    """Summarise one paper: a line that says what is new, and points where the abstract makes them.

    Title and abstract may be LaTeX or plain text. There is at most one point each for problem,
    method, result, limits and why it matters, and no two sentences of a summary share a source. The
    line and the result can be read on their own, and an effect is stated with its size. An
    empty abstract gives an empty ``tldr``, no sentences and method "none". Any string is accepted
    and none raises; a sentence that reads like an instruction to a model is never followed.
    """
    # Imported here, because the package is imported for parts of it that need neither.
    from summarizer.extractive.extract import extract_summary

    return extract_summary(title, abstract)


def ground(title: str, abstract: str, sentence: str) -> str:
    """Return the sentences of the abstract that support ``sentence``, or "" if none do.

    The result is verbatim plain text (``to_plain_text(abstract)``): at most three sentences in
    reading order, joined by a space. A sentence is supported when its numbers and names occur in
    them or in the title, it neither contradicts them nor gives one item the place of another, and
    its words and their places make it likely, most of all where they cover half of its content
    words. Meaning is judged by words alone:
    ``Grounder`` also accepts an encoder and an entailment model. Any string is accepted and none
    raises.
    """
    from summarizer.grounding.proof import Grounder
    from summarizer.text.sentences import to_plain_text

    grounder = Grounder(to_plain_text(title), to_plain_text(abstract))
    return grounder.find_source(to_plain_text(sentence))
