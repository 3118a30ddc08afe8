"""Summaries written by a language model, each sentence proven, the rest dropped and counted.

Nothing is taken on trust: an answer that cannot be read, a sentence without proof, a server that
went away, all end in the extractive summary of that paper, whose ``note`` says why.

Public surface: ``generate``, ``fallback``, ``Writer``, ``Proving``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from summarizer.answer import Answered, Fields
from summarizer.candidates import MAX_WORDS
from summarizer.errors import GenerationError
from summarizer.extract import extract
from summarizer.ground import numbers_and_names
from summarizer.models import Role, Sentence, Summary
from summarizer.prompt import FIELDS, VERSION, Messages, Paper, messages
from summarizer.proof import Encoder, Entails, Prover
from summarizer.text import plain, sentences
from summarizer.tighten import clip

_POINT_WORDS = 40
_POINT_SENTENCES = 2


class Writer(Protocol):
    """A language model that fills in the fields of a summary."""

    @property
    def model(self) -> str:
        """Its name, as it is stored with what it wrote."""
        ...

    def write(self, asked: Sequence[Messages], language: str) -> Iterator[tuple[int, Answered]]:
        """Yield (index into ``asked``, fields or error), once for each, in any order."""
        ...

    def probe(self) -> str:
        """What it is and where it runs, in words. Raises GenerationError when it cannot write."""
        ...


@dataclass(frozen=True, slots=True)
class Proving:
    """What a proof may use besides words: vectors, and a judge of entailment."""

    encoder: Encoder | None = None
    entails: Entails | None = None


def generate(
    papers: Sequence[Paper], writer: Writer, language: str = "en", *, proving: Proving = Proving()
) -> Iterator[tuple[int, Summary]]:
    """Yield (index, summary) for each of ``papers`` as the model's answers come in.

    ``language`` is one of ``prompt.LANGUAGES``. Of a paper without an abstract nothing is asked.
    """
    asked = [i for i, paper in enumerate(papers) if plain(paper.abstract)]
    yield from ((i, extract(p.title, p.abstract)) for i, p in enumerate(papers) if i not in asked)
    for n, answered in writer.write([messages(papers[i], language) for i in asked], language):
        paper = papers[asked[n]]
        if isinstance(answered, GenerationError):
            yield asked[n], fallback(paper, str(answered))
        else:
            yield asked[n], _proven(paper, answered, writer.model, language, proving)


def fallback(paper: Paper, why: str, dropped: int = 0) -> Summary:
    """The extract that stands in for a model's summary, with the reason in words for a reader."""
    made = extract(paper.title, paper.abstract, paper.more, alone=False)
    return replace(made, note=why, dropped=made.dropped + dropped)


def _proven(paper: Paper, fields: Fields, model: str, language: str, proving: Proving) -> Summary:
    text = " ".join(filter(None, (plain(paper.abstract), plain(paper.more))))
    prover = Prover(plain(paper.title), text, encoder=proving.encoder, entails=proving.entails)
    written = list(_written(fields, language))
    kept = tuple(
        Sentence(role, shown, source)
        for role, english, shown in written
        if (source := prover.proof(english)) and (language == "en" or _translates(shown, english))
    )
    dropped = len(written) - len(kept)
    if not kept or kept[0].role != "tldr":
        why = f"The abstract did not bear out what {model} wrote as the main sentence."
        return fallback(paper, why, dropped)
    return Summary(kept[0].text, kept, "generated", model, VERSION, language, dropped)


def _written(fields: Fields, language: str) -> Iterator[tuple[Role, str, str]]:
    """(role, English sentence, the sentence to show) for each that was written, capped."""
    for role in FIELDS:
        most, cap = (1, MAX_WORDS) if role == "tldr" else (_POINT_SENTENCES, _POINT_WORDS)
        said = sentences(fields.get(role, ""))[:most]
        if language == "en":
            yield from ((role, sentence, sentence) for sentence in (clip(s, cap) for s in said))
        elif said and fields.get(f"{role}_zh"):
            yield role, " ".join(said), fields[f"{role}_zh"]


_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_UNIT = re.compile(r"(?<=\d)[^\d.]+$")


def _translates(chinese: str, english: str) -> bool:
    """Whether a translation is Chinese and has no number or name that the English has not.

    The English was proven; a multilingual encoder is not needed to follow from there.
    """
    if not _HAN.search(chinese):
        return False
    latin = _HAN.sub(" ", chinese)
    return _bare(latin) <= _bare(english) | {word.casefold() for word in english.split()}


def _bare(text: str) -> set[str]:
    """Numbers without their units, which are translated, and names, without regard to case."""
    return {_UNIT.sub("", item).casefold() for item in numbers_and_names(text)}
