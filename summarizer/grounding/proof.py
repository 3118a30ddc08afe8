"""Grounding: each sentence a model wrote is tied to the sentences it rests on, or dropped.

A sentence is supported when its sources contain its numbers and names and do not contradict it, and
a learned judge accepts it. The judge weighs how its words lie in the paper and what rules doubt
that err too often to reject a sentence alone, such as that few of its words are known. An encoder
adds meaning to these, and a model of natural language inference, if given, decides last.

Public surface: ``Grounder``, ``Encoder``, ``EntailmentScorer``, ``Level``, ``support_level``,
``DOUBTS``.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol

from summarizer.grounding.alignment import PaperWords, measure, paraphrase_stems
from summarizer.grounding.attribution import changes_attribution
from summarizer.grounding.comparison import swaps_sides
from summarizer.grounding.contradiction import contradicts, has_misplaced_item
from summarizer.grounding.injection.prompt_injection import is_prompt_injection
from summarizer.grounding.judge import score
from summarizer.grounding.meaning.agents import changes_agent
from summarizer.grounding.meaning.borrowing import borrows_end
from summarizer.grounding.meaning.polarity import changes_polarity
from summarizer.grounding.meaning.winners import reverses_winner
from summarizer.grounding.numbers_and_names import find_numbers_and_names, find_unsupported
from summarizer.grounding.own_names import (
    find_own_names,
    has_foreign_subject,
    has_other_subject,
    presents_another,
    swaps_names,
)
from summarizer.grounding.quantifiers import changes_quantifier
from summarizer.grounding.quantities import changes_number_roles, has_unsupported_quantity
from summarizer.grounding.scripts import has_address, has_foreign_script
from summarizer.grounding.wording import overclaims
from summarizer.text.sentences import split_sentences
from summarizer.text.stems import STOP_WORDS, content_stems, stem_tokens


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
# Of the learned judge: without a doubt of a rule, and with one (benchmarks/claims.py).
_MIN_LIKELIHOOD, _MIN_LIKELIHOOD_IN_DOUBT = 0.2, 0.5
DOUBTS = ("unknown_opener", "attribution", "quantifier", "support")
"""What ``Grounder.measure`` begins with."""
_SAME_START = 6  # letters that two forms of one name share
_PLAIN_OPENERS = frozenset(stem_tokens(
    "a an the this these that it they we our in on for to by with when while although using unlike "
    "existing current prior recent most many few despite because however training large models "
    "methods results experiments evaluation paper work authors approach method its their there "
    "such no without given across under as from through at between after before during all both "
    "each every few some other two three four five six seven eight nine ten more less fewer larger "
    "smaller better people users researchers questions answers words texts images steering "
    "splitting compressing combining tuning changing turning switching"
))  # fmt: skip
# Endings of words that begin a sentence and are no names: "Earlier", "Hidden", "Classical".
_PLAIN_ENDING = re.compile(
    r"(?:[a-z]{2}ed|[dkt]en|[a-z]{3}ing|[cinou]al|[dgiw]er|ly|[st]ive|ous|[st]ic|ful|less|[ai]ble|"
    r"ary)$"
)
_COORDINATION = re.compile(r"[,;]\s|\b(?:and|while|but|whereas)\b")
_CAPITAL = re.compile(r"(?<![\w-])[A-Z][a-z][\w-]*")


def _is_plain_opener(word: str, sentence: str) -> bool:
    return sentence.startswith(word) and _PLAIN_ENDING.search(word) is not None


Level = Literal["copied", "shortened", "entailed", "none"]
"""How a sentence is supported, the strictest first."""


def support_level(sentence: str, source: str) -> Level:
    """Return how ``source``, what ``Grounder.find_source`` returned, supports a sentence.

    "copied": it is one sentence of the source. "shortened": its content words are those of one
    sentence, in order, with words left out. "entailed": anything else that passed the checks.
    "none": there is no source.
    """
    if not source:
        return "none"
    sentences = split_sentences(source)
    plain = sentence.strip().rstrip(".")
    if any(plain == known.strip().rstrip(".") for known in sentences):
        return "copied"
    words = _content_words(sentence)
    if any(_is_in_order(words, _content_words(known)) for known in sentences):
        return "shortened"
    return "entailed"


def _content_words(text: str) -> tuple[str, ...]:
    return tuple(word for word in stem_tokens(text.lower()) if word not in STOP_WORDS)


def _is_in_order(words: Sequence[str], known: Sequence[str]) -> bool:
    rest = iter(known)
    return all(word in rest for word in words)


_OWN_SUBJECT = re.compile(
    r"\b(?:It|[Ww]e|Our (?:method|approach|model|framework|"
    r"system))\b(?= (?:\w+ly )?(?:outperform|surpass|exceed|beat))"
)


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
        self._paper = f"{title} . {' '.join(self.sources)}"
        self._source_stems = [content_stems(source) for source in self.sources]
        self._paper_stems = frozenset(stem_tokens(f"{title} {' '.join(self.sources)}".lower()))
        self._own_names = find_own_names(title, self.sources)
        self._own_stems = content_stems(" ".join(self._own_names))
        self._words = PaperWords(
            content_stems(title), tuple(map(_content_words, self.sources)), self._own_stems
        )
        self._source_vectors: Any = None

    def find_source(self, sentence: str) -> str:
        """Return the sources that support ``sentence``, verbatim and in order; "" if none do."""
        source = self.find_by_rules(sentence)
        if not source or not self._is_likely(sentence, source):
            return ""
        return source if self._is_entailed(sentence, source) else ""

    def find_level(self, sentence: str) -> Level:
        """Return how ``sentence`` is supported: ``support_level`` of it and its sources."""
        return support_level(sentence, self.find_source(sentence))

    def find_by_rules(self, sentence: str) -> str:
        """Return the sources of ``sentence`` that no rule rejects, before meaning is judged."""
        stems = content_stems(sentence)
        if not stems or not self.sources or is_prompt_injection(sentence):
            return ""
        chosen = self._select_sources(stems, sentence, self._cosines(sentence))
        source = " ".join(map(self.sources.__getitem__, sorted(chosen)))
        supported = (
            self._is_consistent(sentence, source)
            and not has_misplaced_item(sentence, f"{self._title}. {source}")
            and not self._merges_claims(sentence)
        )
        return source if supported else ""

    def measure(self, sentence: str, source: str) -> tuple[float, ...]:
        """Return the numbers that the judge weighs: doubts, support, ``alignment.FEATURES``."""
        support = self._share_known(content_stems(sentence), source)
        doubts = map(float, self._doubts(sentence, source))
        return (*doubts, support, *measure(sentence, self._words))

    def _is_likely(self, sentence: str, source: str) -> bool:
        """Whether the judge accepts a sentence, more readily if no rule doubts it."""
        numbers = self.measure(sentence, source)
        doubted = any(numbers[: len(DOUBTS)])
        return score(numbers) >= (_MIN_LIKELIHOOD_IN_DOUBT if doubted else _MIN_LIKELIHOOD)

    def _doubts(self, sentence: str, source: str) -> tuple[bool, ...]:
        """Return what rules say that err too often to reject a sentence alone."""
        return (
            bool(self._unknown_names(sentence)),
            changes_attribution(sentence, source, self._best_source(sentence), self._paper),
            changes_quantifier(sentence, source),
            self._support(sentence, source) < _MIN_SUPPORT,
        )

    def _is_consistent(self, sentence: str, source: str) -> bool:
        """Whether all numbers and names are in the source or title, and nothing contradicts it."""
        known = f"{self._title} . {source}"
        return not (
            find_unsupported(sentence, known)
            or any(not _is_plain_opener(x, sentence) for x in self._unknown_names(sentence))
            or has_unsupported_quantity(sentence, known)
            or has_foreign_script(sentence, known)
            or has_address(sentence, known)
            or overclaims(sentence, known, self._paper)
            or self._changes_claim(sentence, source)
        )

    def _changes_claim(self, sentence: str, source: str) -> bool:
        """Whether a sentence turns a claim of its source into another one."""
        return (
            contradicts(sentence, source)
            or changes_number_roles(sentence, source)
            or self._has_wrong_subject(sentence)
            or swaps_sides(sentence, self._resolve_subject(source))
            or self._changes_meaning(sentence, source)
        )

    def _changes_meaning(self, sentence: str, source: str) -> bool:
        """Whether a sentence has another verdict, agent or winner, in whatever words."""
        return (
            changes_polarity(sentence, self._best_source(sentence), source)
            or changes_agent(sentence, self.sources, self._title)
            or reverses_winner(sentence, self.sources, self._title, self._own_names)
            or borrows_end(sentence, self._source_stems)
        )

    def _resolve_subject(self, source: str) -> str:
        """Return a source with "it" in front of a comparison replaced by the paper's own name."""
        names = sorted(self._own_names)
        return _OWN_SUBJECT.sub(names[0], source) if len(names) == 1 else source

    def _has_wrong_subject(self, sentence: str) -> bool:
        """Whether the sentence is about another system than its source."""
        best = self._best_source(sentence)
        return (
            has_foreign_subject(sentence, self.sources, self._own_names)
            or presents_another(sentence, self._own_names)
            or has_other_subject(sentence, best)
            or swaps_names(sentence, best)
        )

    def _best_source(self, sentence: str) -> str:
        """Return the source with most words of ``sentence``, names of the paper's own left out."""
        stems = content_stems(sentence) - self._own_stems
        return max(self.sources, key=lambda source: len(stems & content_stems(source)))

    def _merges_claims(self, sentence: str) -> bool:
        """Whether one clause has numbers that no single sentence of the paper has together."""
        numbers = {x for x in find_numbers_and_names(sentence) if x[0].isdigit()}
        if len(numbers) < 2 or _COORDINATION.search(sentence):
            return False
        return not any(numbers <= find_numbers_and_names(known) for known in self.sources)

    def _support(self, sentence: str, source: str) -> float:
        """Return the share of known words, or with an encoder the mean of it and a cosine.

        The cosine is that of the nearest sentence of ``source``.
        """
        share = self._share_known(content_stems(sentence), source)
        cosines = [
            cosine
            for known, cosine in zip(self.sources, self._cosines(sentence), strict=False)
            if known in source
        ]
        return (share + max(cosines)) / 2 if cosines else share

    def _share_known(self, stems: frozenset[str], source: str) -> float:
        """Return the share of stems that source or title have.

        Words that people use in summaries of any paper count only where the source has them.
        """
        known = content_stems(source) | content_stems(self._title)
        return len(stems & known) / max(1, len((stems - paraphrase_stems()) | (stems & known)))

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
            opener = not match.start() and stems[0] in _PLAIN_OPENERS | paraphrase_stems()
            if not opener and not all(map(self._is_known, stems)):
                found.append(match.group())
        return found

    def _is_known(self, stem: str) -> bool:
        """Whether the paper has a word or another form of it: "Europe" of "European"."""
        start = stem[:_SAME_START] if len(stem) >= _SAME_START else stem
        return stem in self._paper_stems or (
            len(stem) >= _SAME_START and any(word.startswith(start) for word in self._paper_stems)
        )

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
