"""Grounding: each sentence a model wrote is tied to the sentences it rests on, or dropped.

A sentence is supported when its sources contain its numbers and names, cover most of its words or
its meaning, and do not contradict it. Without an encoder words alone decide; an encoder adds
meaning, and a model of natural language inference, if given, decides last.

Public surface: ``Grounder``, ``Encoder``, ``EntailmentScorer``.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from summarizer.grounding.contradiction import contradicts, has_misplaced_item
from summarizer.grounding.numbers_and_names import find_numbers_and_names, find_unsupported
from summarizer.grounding.prompt_injection import is_prompt_injection
from summarizer.text.sentences import split_sentences
from summarizer.text.stems import content_stems, stem_tokens


class Encoder(Protocol):
    """Encodes texts as unit vectors."""

    def encode(self, texts: Sequence[str]) -> Any:
        """Return the unit vectors of ``texts``, (len(texts), d)."""
        ...


EntailmentScorer = Callable[[Sequence[tuple[str, str]]], Sequence[float]]
"""Probability that the first text of each pair entails the second."""

_MAX_SOURCES = 3
_MIN_SUPPORT = 0.5  # share of words, or mean of it and the cosine (benchmarks/proof.py)
_MIN_ENTAILMENT = 0.5
_PLAIN_OPENERS = frozenset(stem_tokens(
    "a an the this these that it they we our in on for to by with when while although using unlike "
    "existing current prior recent most many few despite because however training large models "
    "methods results experiments evaluation paper work authors approach method its their there "
    "such no without given across under as from through at"
))  # fmt: skip
_CAPITAL = re.compile(r"(?<![\w-])[A-Z][a-z][\w-]*")


class Grounder:
    """Finds the sources of sentences about one paper.

    ``title`` and ``text`` (the abstract, and the conclusion if known) are plain text
    (``to_plain_text``).
    """

    def __init__(
        self,
        title: str,
        text: str,
        *,
        encoder: Encoder | None = None,
        entailment: EntailmentScorer | None = None,
    ) -> None:
        self.sources = [s for s in split_sentences(text) if not is_prompt_injection(s)]
        self._title, self._encoder, self._entailment = title, encoder, entailment
        self._source_stems = [content_stems(source) for source in self.sources]
        self._paper_stems = frozenset(stem_tokens(f"{title} {' '.join(self.sources)}".lower()))
        self._source_vectors: Any = None

    def find_source(self, sentence: str) -> str:
        """Return the sources that support ``sentence``, verbatim and in order; "" if none do."""
        stems = content_stems(sentence)
        if not stems or not self.sources or is_prompt_injection(sentence):
            return ""
        cosines = self._cosines(sentence)
        chosen = self._select_sources(stems, sentence, cosines)
        source = " ".join(map(self.sources.__getitem__, sorted(chosen)))
        chosen_cosines = [cosines[i] for i in chosen] if cosines else []
        supported = (
            self._is_consistent(sentence, source)
            and self._support(stems, source, chosen_cosines) >= _MIN_SUPPORT
            and not has_misplaced_item(sentence, f"{self._title}. {source}")
            and self._is_entailed(sentence, source)
        )
        return source if supported else ""

    def _is_consistent(self, sentence: str, source: str) -> bool:
        """Whether all numbers and names are in the source or title, and nothing contradicts it."""
        unsupported = find_unsupported(sentence, f"{self._title} . {source}")
        return not (unsupported or self._unknown_names(sentence) or contradicts(sentence, source))

    def _support(self, stems: frozenset[str], source: str, cosines: Sequence[float]) -> float:
        """Return the share of stems in source or title, or the mean of it and the best cosine."""
        known = content_stems(source) | content_stems(self._title)
        share = len(stems & known) / len(stems)
        return (share + max(cosines)) / 2 if cosines else share

    def _is_entailed(self, sentence: str, source: str) -> bool:
        """Whether the entailment model, if there is one, accepts the sentence."""
        if self._entailment is None:
            return True
        return self._entailment([(source, sentence)])[0] >= _MIN_ENTAILMENT

    def _unknown_names(self, sentence: str) -> list[str]:
        """Return capitalised words that do not occur in the paper: "Gemma", "Mistral"."""
        found = []
        for match in _CAPITAL.finditer(sentence):
            stems = stem_tokens(match.group().lower())
            opener = not match.start() and stems[0] in _PLAIN_OPENERS
            if not opener and not set(stems) <= self._paper_stems:
                found.append(match.group())
        return found

    def _cosines(self, sentence: str) -> list[float]:
        """Return the cosine of ``sentence`` to each source; empty without an encoder."""
        if self._encoder is None:
            return []
        if self._source_vectors is None:
            self._source_vectors = self._encoder.encode(self.sources)
        return [float(x) for x in self._source_vectors @ self._encoder.encode([sentence])[0]]

    def _select_sources(
        self, stems: frozenset[str], sentence: str, cosines: Sequence[float]
    ) -> list[int]:
        """Choose sources greedily, each for the words, numbers and names still missing."""
        items = {item.casefold() for item in find_numbers_and_names(sentence)}
        present = [{x.casefold() for x in find_numbers_and_names(s)} & items for s in self.sources]
        chosen: list[int] = []
        while len(chosen) < _MAX_SOURCES:
            words = stems - frozenset().union(*(self._source_stems[i] for i in chosen))
            missing = items - set().union(*(present[i] for i in chosen))

            def gain(i: int, words: frozenset[str] = words, missing: set[str] = missing) -> float:
                near = cosines[i] if cosines else 0.0
                return len(words & self._source_stems[i]) + 2 * len(missing & present[i]) + near

            best = max(range(len(self.sources)), key=gain)
            if chosen and (best in chosen or gain(best) < 2):
                break
            chosen.append(best)
        return chosen
