"""Summaries written by a language model; sentences without support are dropped and counted.

Nothing the model returns is trusted: an answer that cannot be parsed, a main sentence without
support and a server that stops answering all lead to the extractive summary of that paper, whose
``note`` says why.

Public surface: ``generate_summaries``, ``extractive_fallback``, ``LanguageModel``,
``GroundingModels``, ``OnRejection``, ``ignore_rejection``.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from summarizer.exceptions import GenerationError
from summarizer.extractive.candidates import MAX_WORDS
from summarizer.extractive.extract import extract_summary
from summarizer.extractive.tighten import clip_words
from summarizer.grounding.proof import Encoder, EntailmentScorer, Grounder
from summarizer.grounding.translation import is_faithful_translation
from summarizer.llm.forms import AnswerForm, summary_form
from summarizer.llm.hygiene import is_clean
from summarizer.llm.output import Fields, FieldsOrError
from summarizer.llm.prompt import (
    FIELDS,
    VERSION,
    Messages,
    Paper,
    build_messages,
    numbered_sentences,
)
from summarizer.summary import Role, Sentence, Summary
from summarizer.text.sentences import split_sentences, to_plain_text

_POINT_WORDS = 40
_POINT_SENTENCES = 2


OnRejection = Callable[[int, str, str], None]
"""Called with the paper's index, a sentence that is not shown, and the reason."""


def ignore_rejection(index: int, sentence: str, reason: str) -> None:
    """Do nothing about a sentence that is not shown."""


class LanguageModel(Protocol):
    """A language model that answers in a given form."""

    @property
    def model(self) -> str:
        """The model's name, stored with each summary it wrote."""
        ...

    def answer(
        self, chats: Sequence[Messages], form: AnswerForm
    ) -> Iterator[tuple[int, FieldsOrError]]:
        """Yield (index into ``chats``, fields or error), once for each, in any order."""
        ...

    def probe(self) -> str:
        """Return what the model is and where it runs. Raises GenerationError if it is unusable."""
        ...


@dataclass(frozen=True, slots=True)
class GroundingModels:
    """Optional models that grounding uses besides words: an encoder, and entailment."""

    encoder: Encoder | None = None
    entailment: EntailmentScorer | None = None


def generate_summaries(
    papers: Sequence[Paper],
    model: LanguageModel,
    language: str = "en",
    *,
    grounding_models: GroundingModels = GroundingModels(),
    on_rejection: OnRejection = ignore_rejection,
) -> Iterator[tuple[int, Summary]]:
    """Yield (index, summary) for each of ``papers`` as the model's answers come in.

    ``language`` is one of ``prompt.LANGUAGES``. Papers without an abstract are not sent to the
    model. ``on_rejection`` is called with each sentence that is not shown.
    """
    sent = [i for i, paper in enumerate(papers) if to_plain_text(paper.abstract)]
    yield from (
        (i, extract_summary(p.title, p.abstract)) for i, p in enumerate(papers) if i not in sent
    )
    chats = [build_messages(papers[i], language) for i in sent]
    for n, answer in model.answer(chats, summary_form(language)):
        paper = papers[sent[n]]
        if isinstance(answer, GenerationError):
            yield sent[n], extractive_fallback(paper, str(answer))
        else:
            made = _ground_fields(paper, answer, model.model, language, grounding_models)
            for text, reason in _rejections(paper, answer, language, made):
                on_rejection(sent[n], text, reason)
            yield sent[n], made


def extractive_fallback(paper: Paper, reason: str, dropped: int = 0) -> Summary:
    """Return the extractive summary used in place of a model's, with ``reason`` as its note."""
    made = extract_summary(paper.title, paper.abstract, paper.conclusion)
    return replace(made, note=reason, dropped=made.dropped + dropped)


def _ground_fields(
    paper: Paper, fields: Fields, model: str, language: str, grounding_models: GroundingModels
) -> Summary:
    proof = _FieldProof(paper, fields, grounding_models)
    written = list(_candidate_sentences(fields, language))
    supported: list[Sentence] = []
    dropped = 0
    for role, english, shown in written:
        source = proof.find_source(role, english, supported)
        faithful = language == "en" or is_faithful_translation(shown, english)
        dropped += not (source and faithful)
        if source:
            supported.append(Sentence(role, shown if faithful else english, source))
    if not supported or supported[0].role != "tldr":
        why = f"The abstract did not bear out what {model} wrote as the main sentence."
        extract = extractive_fallback(paper, why, dropped)
        return _with_extracted_line(extract, supported, model)
    tldr = supported[0].text
    # A translation that could not be shown to agree was replaced by its English sentence.
    shown_language = "en" if tldr in {english for _, english, _ in written} else language
    return Summary(tldr, tuple(supported), "generated", model, VERSION, shown_language, dropped)


def _with_extracted_line(extract: Summary, proven: Sequence[Sentence], model: str) -> Summary:
    """Return the extract's line with what a model wrote besides its own; without that the extract.

    Points that rest on the same sentence as the line would repeat it.
    """
    line = next((s for s in extract.sentences if s.role == "tldr"), None)
    points = [s for s in proven if line and s.source != line.source]
    if line is None or not points:
        return extract
    return replace(
        extract, sentences=(line, *points), method="generated", model=model,
        prompt_version=VERSION, language="en", note="",
    )  # fmt: skip


def _rejections(
    paper: Paper, fields: Fields, language: str, made: Summary
) -> Iterator[tuple[str, str]]:
    """Yield (sentence, reason) for each that the model wrote and that is not in ``made``."""
    written = made.sentences if made.method == "generated" else ()
    shown = {sentence.text for sentence in written}
    for role, english, text in _candidate_sentences(fields, language):
        if text in shown:
            continue
        if is_clean(english, role, paper, ()):
            yield text, "It is unsupported, a repeat, or has no main sentence before it."
        else:
            yield text, "It is no clean sentence of its role."


class _FieldProof:
    """Proves the fields of one answer against the sentences that they name."""

    def __init__(self, paper: Paper, fields: Fields, models: GroundingModels) -> None:
        self._paper, self._fields, self._models = paper, fields, models
        self._sentences = numbered_sentences(paper)
        texts = (to_plain_text(paper.abstract), to_plain_text(paper.conclusion))
        self._whole = self._grounder(" ".join(filter(None, texts)))

    def find_source(self, role: Role, sentence: str, earlier: Sequence[Sentence]) -> str:
        """Return the sources of a sentence; "" without support or if an earlier one has them."""
        if not is_clean(sentence, role, self._paper, earlier):
            return ""
        source = self._whole.find_source(sentence)
        cited = self._cited_sentences(role)
        if source and cited:
            source = self._grounder(" ".join(cited)).find_source(sentence)
        return "" if source in {known.source for known in earlier} else source

    def _cited_sentences(self, role: Role) -> list[str]:
        """Return the sentences that the model gave for a field; none if it gave no valid number."""
        numbers = [int(n) for n in self._fields.get(f"{role}_from", "").split()]
        return [self._sentences[n - 1] for n in numbers if 1 <= n <= len(self._sentences)]

    def _grounder(self, text: str) -> Grounder:
        return Grounder(
            to_plain_text(self._paper.title), text,
            encoder=self._models.encoder, entailment=self._models.entailment,
        )  # fmt: skip


def _candidate_sentences(fields: Fields, language: str) -> Iterator[tuple[Role, str, str]]:
    """Yield (role, English sentence, sentence to show) for each that was written, capped."""
    for role in FIELDS:
        most, cap = (1, MAX_WORDS) if role == "tldr" else (_POINT_SENTENCES, _POINT_WORDS)
        sentences = split_sentences(fields.get(role, ""))[:most]
        if language == "en":
            yield from ((role, text, text) for text in (clip_words(s, cap) for s in sentences))
        elif sentences and fields.get(f"{role}_zh"):
            yield role, " ".join(sentences), fields[f"{role}_zh"]
