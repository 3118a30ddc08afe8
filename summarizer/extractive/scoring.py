"""Scores of the candidates for the two lines about a paper: what is new, and what was achieved.

The score of a first line is what the model trained on SciTLDR expects, plus the probability that
a reader judges it good (``rubric``); the score of a result is that probability alone, with the
size of the effect preferred. Both lose for what a reader stumbles over.

Public surface: ``LineScorer``, ``choose_line``, ``work_name``, ``word_probabilities``.
"""

import math
import re
from collections.abc import Collection
from operator import mul

from summarizer.extractive.candidates import Candidate
from summarizer.extractive.features import (
    WORDING_FEATURES,
    TokenizedPaper,
    sentence_features,
    tokenize_paper,
    word_features,
    wording_features,
)
from summarizer.extractive.findings import (
    is_news,
    is_promise,
    only_studies,
    states_effect,
    tells_finding,
)
from summarizer.extractive.rubric import rubric_features
from summarizer.extractive.standalone import find_name, is_broken, refers_back
from summarizer.extractive.weights import Weights, load_weights
from summarizer.text.stems import STOP_WORDS, stem_tokens

_NAME_WORDS = 4

# What a line gains or loses, in units of ROUGE-1.
_GOOD = 0.30  # the probability that a reader judges it good
_CUT = 0.06  # it ends before its sentence does
_BACK = 0.50  # it refers to an earlier sentence
_BROKEN = 0.60  # unbalanced marks, remains of markup, not a sentence
_NOT_NEW = 0.45  # it is about the field, not about the paper
_NOT_MAIN = 0.12  # it says what was released or how it was evaluated
_ONLY_STUDIES = 0.06  # it says what was studied, not what was found
_NAMED = 0.03  # it calls the work by the name of the title
_EARLIER = 0.20  # it is about earlier work of the authors
_INTRODUCES = 0.12  # it introduces the work that the title names
_PROMISE = 0.25  # it says what the work may lead to
_SAYS_WHAT = 12  # words of a sentence that does more than name the work
_SIDE_POINT = 0.15  # the abstract itself says that it comes second: "Additionally, …"
_SIDE_RESULT = 0.08  # the same for a result
_NO_SUBJECT = 0.20  # the size of an effect, without a word of the title to say of what
_WORD_OVER = 0.008  # each word beyond the usual length
_USUAL_LENGTH = 30
_RESULT_WORD_OVER = 0.015  # each word of a result for which there is no space
_EFFECT = 0.45  # a result that states the size of an effect
_SIZE = 0.2  # one that states a number, but does not say that something was found or achieved
_AUTHORS = frozenset({"proposes", "studies", "shows", "this_paper", "opens_we"})
_RELEASES = re.compile(
    r"We (?:\w+ ){0,2}(?:open-source|release|make|evaluate|validate|test|conduct|apply|train"
    r"|hypothesi[sz]e|discuss|summari[sz]e|outline|report (?!(?:on )?(?:the )?performance))\b"
    r"|We describe the (?:architecture|workflow|design)\b"
    r"|[\w-]+ (?:is|are|was|were) (?:\w+ )?(?:evaluated|tested|validated)\b"
    r"|Our (?:findings|results|analys[ie]s|work) "
    r"(?:suggest|highlight|underscore|indicate|emphasi[sz]e)"
)
_ADDS = re.compile(
    r"(?:We (?:also|further|then|next|additionally)\b"
    r"|(?:Additionally|Furthermore|Moreover|Also|In addition|Further|First(?:ly)?|Second(?:ly)?"
    r"|Third(?:ly)?|Then|Next|Lastly|Qualitatively|In practice"
    r"|To (?:demonstrate|illustrate|support|facilitate)\b"
    r"[^,]{0,80}),?\s)"
)
_PREVIOUSLY = re.compile(r"\b(?:previously|earlier work|prior work of)\b")
_CLEARLY_BETTER = 0.15
_SURELY_GOOD = 0.85
_REVIEWS = re.compile(r"\b(?:survey|review)(?:s|ed)?\b", re.I)
_OUR = re.compile(
    r"\b(?:(?:our|(?:this|the present) (?:paper|work|study|article|survey|report))\b"
    r"|we (?!(?:lack|need|know|still|often|do not|have (?:little|no))\b))",
    re.I,
)


class LineScorer:
    """Scores the candidates of one paper by the trained weights and by readability."""

    def __init__(self, title: str, sentences: list[str]) -> None:
        self._document = tokenize_paper(title, sentences)
        self._name = work_name(title)
        self._added = [bool(_ADDS.match(s)) or ", however," in s for s in sentences]
        weights = load_weights()
        self._title_stems = frozenset(self._document.title) - STOP_WORDS
        self._probabilities = word_probabilities(self._document, weights)
        coefficients = list(weights.candidate.values())
        self._wording_weights = coefficients[: len(WORDING_FEATURES)]
        self._sentence_weights = coefficients[len(WORDING_FEATURES) :]
        self._sentence_scores: dict[int, float] = {}

    def is_own(self, option: Candidate) -> bool:
        """Whether the candidate is about the paper itself rather than about its field."""
        cues = self._document.cues[option.index]
        return (
            bool(cues & _AUTHORS)
            or option.context > 0
            or self._is_named(option.text)
            or bool(_OUR.search(option.text))
        )

    def follows_own(self, option: Candidate) -> bool:
        """Whether a sentence before the candidate already says what the authors do."""
        return any(cues & _AUTHORS for cues in self._document.cues[: option.index])

    def novelty(self, option: Candidate) -> float:
        """Return how well the candidate says what is new."""
        features = wording_features(self._document, option, self._probabilities)
        return (
            math.fsum(map(mul, self._wording_weights, features))
            + self._sentence_score(option.index)
            + _GOOD * self.quality(option, result=False)
            - _NOT_NEW * (not self.is_own(option))
            - _NOT_MAIN * (bool(_RELEASES.match(option.text)) and not tells_finding(option.text))
            + _NAMED * self._is_named(option.text)
            + _INTRODUCES * self._introduces_work(option.text)
            - _ONLY_STUDIES * only_studies(option.text)
            - _EARLIER * bool(_PREVIOUSLY.search(option.text))
            - _PROMISE * is_promise(option.text)
            - _SIDE_POINT * self._added[option.index]
            - _NO_SUBJECT * self._lacks_subject(option.text)
            - _WORD_OVER * max(0, len(option.text.split()) - _USUAL_LENGTH)
            - _penalty(option)
        )

    def _is_named(self, text: str) -> bool:
        """Whether the text has the name that the title gives the work."""
        return bool(self._name) and self._name.casefold() in text.casefold()

    def _introduces_work(self, text: str) -> bool:
        """Whether the text introduces the work by the name of the title and says what it is."""
        long_enough = len(text.split()) >= _SAYS_WHAT
        return long_enough and bool(self._name) and find_name(text) == self._name

    def _lacks_subject(self, text: str) -> bool:
        """Whether the text states the size of an effect and shares no word with the title.

        Names do not count: those of models are in many titles.
        """
        words = " ".join(word for word in text.split() if word.islower())
        return states_effect(text) and self._title_stems.isdisjoint(stem_tokens(words))

    def achievement(self, option: Candidate, limit: int) -> float:
        """Return how well the candidate says what was achieved in about ``limit`` words."""
        return (
            self.quality(option, result=True)
            + states_effect(option.text) * (_EFFECT if tells_finding(option.text) else _SIZE)
            - _RESULT_WORD_OVER * max(0, len(option.text.split()) - limit)
            - _SIDE_RESULT * self._added[option.index]
            - _penalty(option)
        )

    def quality(self, option: Candidate, *, result: bool) -> float:
        """Return the probability that a reader judges the candidate good."""
        return _line_quality(option.text, self._title_stems, result=result, cut=option.cut)

    def _sentence_score(self, index: int) -> float:
        """Return the part of the score that all wordings of a sentence share."""
        if index not in self._sentence_scores:
            features = sentence_features(self._document, index, self._probabilities)
            self._sentence_scores[index] = math.fsum(map(mul, self._sentence_weights, features))
        return self._sentence_scores[index]


def _line_quality(
    text: str, title_stems: Collection[str], *, result: bool, cut: bool = False
) -> float:
    """Return the probability that a reader judges a line good."""
    weights = load_weights()
    features = rubric_features(text, title_stems, result=result, cut=cut)
    return _logistic(weights.rubric_bias + math.fsum(map(mul, weights.rubric.values(), features)))


def choose_line(tldr: str, result: str, title: str) -> str:
    """Return the line for a place with room for one.

    It is the result if that is the news, if the other line only says what was studied, or if a
    reader is clearly more likely to judge the result good.
    """
    if not result or (_REVIEWS.search(tldr) and len(tldr.split()) >= _SAYS_WHAT):
        return tldr
    if is_news(result, title) or only_studies(tldr):
        return result
    stems = frozenset(stem_tokens(title.lower())) - STOP_WORDS
    quality = _line_quality(result, stems, result=True)
    if states_effect(result) and quality >= _SURELY_GOOD:
        return result
    return result if quality - _line_quality(tldr, stems, result=False) > _CLEARLY_BETTER else tldr


def _penalty(option: Candidate) -> float:
    return _CUT * option.cut + _BACK * refers_back(option.text) + _BROKEN * is_broken(option.text)


def work_name(title: str) -> str:
    """Return the name a paper gives its work: the part of its title before a colon, if short."""
    name, colon, _ = title.partition(":")
    return name if colon and len(name.split()) <= _NAME_WORDS else ""


def word_probabilities(document: TokenizedPaper, weights: Weights) -> dict[str, float]:
    """Return stem -> probability that a person would use it in a one-line summary of the paper."""
    coefficients = list(weights.word.values())
    probabilities = {}
    for word, numbers in word_features(document, weights.stems).items():
        logit = weights.word_bias + weights.stems.get(word, 0.0)
        logit += sum(map(mul, coefficients, numbers))
        probabilities[word] = _logistic(logit)
    return probabilities


def _logistic(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, logit))))
