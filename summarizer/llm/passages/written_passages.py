"""Passages written by a language model from facts, each sentence proven against those it names.

Nothing the model returns is trusted: a sentence counts only if the facts whose numbers it gives
support it. A failed sentence is dropped alone.

Public surface: ``Passage``, ``PassageSentence``, ``write_passages``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from summarizer.exceptions import GenerationError
from summarizer.grounding.proof import Grounder, Level, support_level
from summarizer.llm.generate import GroundingModels, LanguageModel
from summarizer.llm.hygiene import is_presentable
from summarizer.llm.output import Fields
from summarizer.llm.passages.passage_requests import (
    MOST_SENTENCES,
    PassageKind,
    PassageRequest,
    build_messages,
    passage_form,
    usable_facts,
)
from summarizer.text.sentences import split_sentences, to_plain_text
from summarizer.text.stems import stem_tokens

_FIRST_PERSON = re.compile(r"\b(?:we|our|ours|us|I|my)\b", re.I)
# Words that state a change or a rank, in groups of like meaning; a sentence has one of a group only
# if its facts have one.
_GUARDED = tuple(
    frozenset(stem_tokens(words))
    for words in (
        "grew grown grow growing rose risen rise rising increased increase increasing expanded "
        "more up gained surged climbed",
        "fell fallen fall falling shrank shrunk shrink shrinking declined decline decreased "
        "decrease dropped fewer less down faded",
        "largest biggest greatest most top leading dominant",
        "smallest least lowest",
        "first new newest novel",
        "best highest strongest",
        "only sole solely",
        "all every each entire always",
        "significant significantly",
        "both two pair",
        "agree agrees confirm confirms complete completes",
        "differ differs disagree contradict contradicts",
    )
)


@dataclass(frozen=True, slots=True)
class PassageSentence:
    """A sentence, the places of the facts it rests on, and how they support it."""

    text: str
    facts: tuple[int, ...]
    level: Level


@dataclass(frozen=True, slots=True)
class Passage:
    """The supported sentences of a passage, how many were dropped, and why the model failed."""

    sentences: tuple[PassageSentence, ...]
    dropped: int = 0
    failure: str = ""


def write_passages(
    requests: Sequence[PassageRequest],
    model: LanguageModel,
    grounding_models: GroundingModels = GroundingModels(),  # noqa: B008  frozen
) -> Iterator[tuple[int, Passage]]:
    """Yield (index, passage) for each of ``requests`` as the model's answers come in.

    The facts are taken to be true; the model sees none that reads like an order. A request without
    any usable fact gives a passage without sentences.
    """
    for kind in MOST_SENTENCES:
        chosen = [i for i, request in enumerate(requests) if request.kind == kind]
        yield from _write_kind(kind, chosen, requests, model, grounding_models)


def _write_kind(
    kind: PassageKind,
    chosen: Sequence[int],
    requests: Sequence[PassageRequest],
    model: LanguageModel,
    grounding_models: GroundingModels,
) -> Iterator[tuple[int, Passage]]:
    sent = [i for i in chosen if usable_facts(requests[i])]
    yield from ((i, Passage(())) for i in chosen if i not in sent)
    if not sent:
        return
    chats = [build_messages(requests[i]) for i in sent]
    for n, answer in model.answer(chats, passage_form(kind)):
        if isinstance(answer, GenerationError):
            yield sent[n], Passage((), failure=str(answer))
        else:
            yield sent[n], _prove(requests[sent[n]], answer, grounding_models)


def _prove(request: PassageRequest, fields: Fields, models: GroundingModels) -> Passage:
    facts, most = usable_facts(request), MOST_SENTENCES[request.kind]
    written = list(_written_sentences(fields))
    proven: list[PassageSentence] = []
    for text, numbers in written:
        cited = tuple(n - 1 for n in numbers if n - 1 in facts)
        level = _find_level(text, [facts[place] for place in cited], models)
        if level != "none" and is_presentable(text, [known.text for known in proven]):
            proven.append(PassageSentence(text, cited, level))
    return Passage(tuple(proven[:most]), len(written) - len(proven[:most]))


def _written_sentences(fields: Fields) -> Iterator[tuple[str, list[int]]]:
    """Yield each sentence that was written, with the numbers of the facts that it names."""
    for name, text in fields.items():
        if not name.endswith("_from") and text:
            numbers = [int(n) for n in fields.get(f"{name}_from", "").split()]
            yield to_plain_text(text), list(dict.fromkeys(numbers))


def _find_level(sentence: str, facts: Sequence[str], models: GroundingModels) -> Level:
    """Return how some facts support a sentence; "none" if they do not."""
    if not facts or _FIRST_PERSON.search(sentence) or len(split_sentences(sentence)) != 1:
        return "none"
    if sentence in facts:
        return "copied"
    evidence = " ".join(facts)
    if _states_change_or_rank(sentence, evidence):
        return "none"
    grounder = Grounder(
        "", evidence, encoder=models.encoder, entailment=models.entailment
    )  # fmt: skip
    return support_level(sentence, grounder.find_source(sentence))


def _states_change_or_rank(sentence: str, evidence: str) -> bool:
    """Whether a sentence states a change, a rank or a scope that its facts do not."""
    stems, known = set(stem_tokens(sentence.lower())), set(stem_tokens(evidence.lower()))
    return any(stems & group and not known & group for group in _GUARDED)
