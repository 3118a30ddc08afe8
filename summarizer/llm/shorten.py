"""Summaries by small models: the extractor chooses the sentences, the model shortens them.

A shortened sentence is shown only if its content words are those of the extract's sentence, in
order, with some left out, and all checks of grounding accept it; otherwise the extract's sentence
is shown. So the model can shorten, but it cannot add.

Public surface: ``generate_shortened_summaries``, ``is_valid_shortening``, ``SHORTEN_VERSION``.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from summarizer.exceptions import (
    ContextExceeded,
    GenerationError,
    OutputMalformed,
)
from summarizer.extractive.extract import extract_summary
from summarizer.grounding.proof import Grounder, support_level
from summarizer.llm.forms import text_form
from summarizer.llm.generate import LanguageModel, extractive_fallback
from summarizer.llm.hygiene import is_clean
from summarizer.llm.output import FieldsOrError
from summarizer.llm.prompt import Messages, Paper, sanitize
from summarizer.summary import Sentence, Summary
from summarizer.text.sentences import split_words, to_plain_text
from summarizer.text.stems import content_stems

_FOLDER = Path(__file__).with_name("prompts") / "shorten"
_INSTRUCTIONS = (_FOLDER / "instructions.txt").read_text("utf-8").strip()
_EXAMPLES: list[tuple[str, str]] = json.loads((_FOLDER / "examples.json").read_text("utf-8"))

SHORTEN_VERSION = (
    "shorten-1-" + hashlib.sha256(f"{_INSTRUCTIONS}{_EXAMPLES}".encode()).hexdigest()[:8]
)
"""Version of the instructions; it is part of the key under which a summary is stored."""

_LEAST_WORDS = 20  # a shorter sentence is left as it is
_MOST_WORDS = 60
_LEAST_KEPT = 0.5  # of the content words of a sentence


@dataclass(slots=True)
class _Pending:
    """A paper whose sentences are being shortened."""

    paper: Paper
    extract: Summary
    waiting: set[int]
    written: dict[int, str] = field(default_factory=dict)
    dropped: int = 0
    failure: str = ""


def generate_shortened_summaries(
    papers: Sequence[Paper], model: LanguageModel
) -> Iterator[tuple[int, Summary]]:
    """Yield (index, summary) for each of ``papers``, as soon as its sentences are shortened.

    A summary in which no sentence became shorter is the extract.
    """
    pending: dict[int, _Pending] = {}
    tasks: list[tuple[int, int]] = []
    for i, paper in enumerate(papers):
        extract = extract_summary(paper.title, paper.abstract, paper.conclusion)
        long = [n for n, s in enumerate(extract.sentences) if _is_long(s.text)]
        if not long:
            yield i, extract
        else:
            pending[i] = _Pending(paper, extract, set(long))
            tasks += [(i, n) for n in long]
    chats = [_build_messages(pending[i].extract.sentences[n].text) for i, n in tasks]
    for task, answer in model.answer(chats, text_form(_MOST_WORDS)):
        i, n = tasks[task]
        _take_answer(pending[i], n, answer)
        if not pending[i].waiting:
            yield i, _finish(pending.pop(i), model.model)


def _is_long(text: str) -> bool:
    return _LEAST_WORDS <= len(text.split()) <= _MOST_WORDS


def _build_messages(sentence: str) -> Messages:
    messages = [{"role": "system", "content": _INSTRUCTIONS}]
    for long, short in _EXAMPLES:
        messages.append({"role": "user", "content": long})
        messages.append({"role": "assistant", "content": short})
    return [*messages, {"role": "user", "content": sanitize(sentence)}]


def _take_answer(pending: _Pending, number: int, answer: FieldsOrError) -> None:
    """Keep a valid shorter sentence; an answer that is none leaves the extract's."""
    pending.waiting.discard(number)
    if isinstance(answer, ContextExceeded | OutputMalformed):
        pending.dropped += 1
    elif isinstance(answer, GenerationError):
        pending.failure = pending.failure or str(answer)
    elif is_valid_shortening(pending.paper, pending.extract.sentences[number], answer["text"]):
        pending.written[number] = answer["text"]
    elif answer["text"] != pending.extract.sentences[number].text:
        pending.dropped += 1


def is_valid_shortening(paper: Paper, original: Sentence, text: str) -> bool:
    """Whether ``text`` is shorter than a sentence of the extract and says nothing else."""
    if len(text.split()) >= len(original.text.split()) or not is_clean(
        text, original.role, paper, ()
    ):
        return False
    if support_level(text, original.text) != "shortened":
        return False
    if not _has_same_spelling(text, original.text):
        return False
    words, known = content_stems(text), content_stems(original.text)
    if len(words) < _LEAST_KEPT * len(known):
        return False
    return bool(Grounder(to_plain_text(paper.title), original.text).find_source(text))


def _has_same_spelling(text: str, original: str) -> bool:
    """Whether every word of ``text`` stands in ``original`` as it is; the first may be capital."""
    first, *rest = split_words(text) or [""]
    known = set(split_words(original))
    return set(rest) <= known and first.lower() in {word.lower() for word in known}


def _finish(pending: _Pending, model: str) -> Summary:
    if pending.failure:
        return extractive_fallback(pending.paper, pending.failure)
    extract = pending.extract
    if not pending.written:
        return replace(extract, dropped=extract.dropped + pending.dropped)
    sentences = tuple(
        replace(sentence, text=pending.written.get(n, sentence.text))
        for n, sentence in enumerate(extract.sentences)
    )
    return Summary(
        sentences[0].text, sentences, "generated", model, SHORTEN_VERSION, extract.language,
        extract.dropped + pending.dropped,
    )  # fmt: skip
