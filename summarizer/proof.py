"""Proof: each sentence a model wrote is tied to the sentences it rests on, or dropped.

A sentence stands when the sources that support it hold its numbers and names, most of its words
or its meaning, and do not say the reverse. Without an encoder words alone decide; an encoder adds
meaning, and a model of natural language inference, if there is one, has the last word.

Public surface: ``Prover``, ``Encoder``, ``Entails``.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from summarizer.contradiction import contradicts, misplaced
from summarizer.ground import numbers_and_names, unsupported
from summarizer.hostile import gives_orders
from summarizer.stems import content, tokens
from summarizer.text import sentences


class Encoder(Protocol):
    """Turns texts into unit vectors (len(texts), d)."""

    def encode(self, texts: Sequence[str]) -> Any:
        """Unit vectors (len(texts), d)."""
        ...


Entails = Callable[[Sequence[tuple[str, str]]], Sequence[float]]
"""Probability that the first text of each pair entails the second."""

_MOST_SOURCES = 3
_NEEDED = 0.5  # share of words, or mean of it and the cosine (benchmarks/proof.py)
_ENTAILED = 0.5
_PLAIN_OPENERS = frozenset(tokens(
    "a an the this these that it they we our in on for to by with when while although using unlike "
    "existing current prior recent most many few despite because however training large models "
    "methods results experiments evaluation paper work authors approach method its their there "
    "such no without given across under as from through at"
))  # fmt: skip
_CAPITAL = re.compile(r"(?<![\w-])[A-Z][a-z][\w-]*")


class Prover:
    """Proves sentences about one paper: ``title``, and ``text`` that is plain (``text.plain``)."""

    def __init__(
        self,
        title: str,
        text: str,
        *,
        encoder: Encoder | None = None,
        entails: Entails | None = None,
    ) -> None:
        self.sources = [s for s in sentences(text) if not gives_orders(s)]
        self._title, self._encoder, self._entails = title, encoder, entails
        self._contents = [content(source) for source in self.sources]
        self._words = frozenset(tokens(f"{title} {' '.join(self.sources)}".lower()))
        self._vectors: Any = None

    def proof(self, sentence: str) -> str:
        """The sources that ``sentence`` rests on, verbatim and in order; "" if it has no proof."""
        own = content(sentence)
        if not own or not self.sources or gives_orders(sentence):
            return ""
        cosines = self._cosines(sentence)
        chosen = self._chosen(own, sentence, cosines)
        source = " ".join(self.sources[i] for i in sorted(chosen))
        if not self._holds(sentence, source) or contradicts(sentence, source):
            return ""
        share = len(own & (content(source) | content(self._title))) / len(own)
        if cosines:
            share = (share + max(cosines[i] for i in chosen)) / 2
        if share < _NEEDED or misplaced(sentence, f"{self._title}. {source}"):
            return ""
        if self._entails and self._entails([(source, sentence)])[0] < _ENTAILED:
            return ""
        return source

    def _holds(self, sentence: str, source: str) -> bool:
        """Whether every number and name is in the sources or the title."""
        return not unsupported(sentence, f"{self._title} . {source}") and not self._strangers(
            sentence
        )

    def _strangers(self, sentence: str) -> list[str]:
        """Capitalised words that the paper does not have: "Gemma", "Mistral"."""
        found = []
        for match in _CAPITAL.finditer(sentence):
            stems = tokens(match.group().lower())
            opener = not match.start() and stems[0] in _PLAIN_OPENERS
            if not opener and not set(stems) <= self._words:
                found.append(match.group())
        return found

    def _cosines(self, sentence: str) -> list[float]:
        """Likeness of ``sentence`` to each source; none without an encoder."""
        if self._encoder is None:
            return []
        if self._vectors is None:
            self._vectors = self._encoder.encode(self.sources)
        return [float(x) for x in self._vectors @ self._encoder.encode([sentence])[0]]

    def _chosen(self, own: frozenset[str], sentence: str, cosines: Sequence[float]) -> list[int]:
        """Sources taken one by one, each for the words, numbers and names still missing."""
        items = {item.casefold() for item in numbers_and_names(sentence)}
        held = [{x.casefold() for x in numbers_and_names(s)} & items for s in self.sources]
        chosen: list[int] = []
        while len(chosen) < _MOST_SOURCES:
            words = own - frozenset().union(*(self._contents[i] for i in chosen))
            wanted = items - set().union(*(held[i] for i in chosen))

            def gain(i: int, words: frozenset[str] = words, wanted: set[str] = wanted) -> float:
                near = cosines[i] if cosines else 0.0
                return len(words & self._contents[i]) + 2 * len(wanted & held[i]) + near

            best = max(range(len(self.sources)), key=gain)
            if chosen and (best in chosen or gain(best) < 2):
                break
            chosen.append(best)
        return chosen
