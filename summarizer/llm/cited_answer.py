"""Answers written by a language model from numbered papers, each sentence proved or dropped.

Nothing the model returns is trusted: a sentence counts only with the number of a paper whose
abstract or conclusion supports it.

Public surface: ``CitedSentence``, ``GeneratedAnswer``, ``generate_answer``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from summarizer.exceptions import GenerationError
from summarizer.grounding.proof import Grounder
from summarizer.llm.forms import six_sentences_form
from summarizer.llm.generate import GroundingModels, LanguageModel
from summarizer.llm.output import Fields
from summarizer.llm.prompt import FIELDS, Messages, Paper, sanitize
from summarizer.text.sentences import split_sentences, to_plain_text

_SYSTEM = (Path(__file__).with_name("prompts") / "answers" / "answer.txt").read_text("utf-8")
_REFUSAL = "NOT ANSWERED"
_CITATION = re.compile(r"\s*\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_ENDING = re.compile(r"[.!]$")
_AFTER_STOP = re.compile(r"([.!])((?:\s*\[\d[\d\s,]*\])+)")


@dataclass(frozen=True, slots=True)
class CitedSentence:
    """A sentence without its citation, the place of the paper it cites, and its source there."""

    text: str
    paper: int
    source: str


@dataclass(frozen=True, slots=True)
class GeneratedAnswer:
    """Supported sentences, how many were dropped, and whether the model found no answer."""

    sentences: tuple[CitedSentence, ...]
    dropped: int = 0
    refused: bool = False


def generate_answer(
    question: str,
    papers: Sequence[Paper],
    model: LanguageModel,
    grounding_models: GroundingModels,
) -> GeneratedAnswer:
    """Return what the model answers, as far as the papers it cites support it.

    Raises GenerationError if the model gives no usable answer.
    """
    chats = [_build_messages(question, papers)]
    for _, fields in model.answer(chats, six_sentences_form()):
        if isinstance(fields, GenerationError):
            raise fields
        return _ground(fields, papers, grounding_models)
    raise GenerationError(f"{model.model} gave no answer.")


def _build_messages(question: str, papers: Sequence[Paper]) -> Messages:
    listed = "\n".join(
        f"[{number}] {sanitize(paper.title)}: {sanitize(f'{paper.abstract} {paper.conclusion}')}"
        for number, paper in enumerate(papers, start=1)
    )
    content = f"<question>{sanitize(question)}</question>\n<papers>\n{listed}\n</papers>"
    return [{"role": "system", "content": _SYSTEM}, {"role": "user", "content": content}]


def _ground(
    fields: Fields, papers: Sequence[Paper], grounding_models: GroundingModels
) -> GeneratedAnswer:
    if fields.get("tldr", "").strip(" .").upper() == _REFUSAL:
        return GeneratedAnswer((), refused=True)
    written = list(_cited_sentences(fields))
    supported = tuple(
        CitedSentence(text, number - 1, source)
        for text, number in written
        if (source := _find_source(text, number, papers, grounding_models))
    )
    return GeneratedAnswer(supported, len(written) - len(supported))


def _cited_sentences(fields: Fields) -> Iterator[tuple[str, int]]:
    """Yield each sentence without its citations, and the number it cites; 0 for none or several."""
    for role in FIELDS:
        # "… by half. [2]" is one sentence with its citation.
        value = _AFTER_STOP.sub(r"\2\1", to_plain_text(fields.get(role, "")))
        for sentence in split_sentences(value):
            numbers = {int(n) for found in _CITATION.findall(sentence) for n in found.split(",")}
            text = _CITATION.sub("", sentence).strip()
            if text:
                ended = text if _ENDING.search(text) else f"{text}."
                yield ended, numbers.pop() if len(numbers) == 1 else 0


def _find_source(
    text: str, number: int, papers: Sequence[Paper], grounding_models: GroundingModels
) -> str:
    if not 1 <= number <= len(papers):
        return ""
    paper = papers[number - 1]
    grounder = Grounder(
        to_plain_text(paper.title),
        f"{to_plain_text(paper.abstract)} {to_plain_text(paper.conclusion)}".strip(),
        encoder=grounding_models.encoder,
        entailment=grounding_models.entailment,
    )
    return grounder.find_source(text)
