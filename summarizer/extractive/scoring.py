"""Scores of the candidates for the two lines about a paper: what is new, and what was achieved.

The score of a first line is what the model trained on SciTLDR expects, plus the probability that
a reader judges it good (``rubric``); the score of a result is that probability alone, with the
size of the effect preferred. Both lose for what a reader stumbles over.

Public surface: ``LineScorer``, ``work_name``, ``word_probabilities``.
"""

import math
import re
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
from summarizer.extractive.rubric import rubric_features
from summarizer.extractive.standalone import is_broken, refers_back, states_effect, tells_finding
from summarizer.extractive.weights import Weights, load_weights
from summarizer.text.stems import STOP_WORDS

_NAME_WORDS = 4

# What a line gains or loses, in units of ROUGE-1.
_GOOD = 0.30  # the probability that a reader judges it good
_CUT = 0.06  # it ends before its sentence does
_BACK = 0.50  # it refers to an earlier sentence
_BROKEN = 0.60  # unbalanced marks, remains of markup, not a sentence
_NOT_NEW = 0.30  # it is about the field, not about the paper
_NOT_MAIN = 0.08  # it says what was released or how it was evaluated
_NAMED = 0.03  # it calls the work by the name of the title
_EARLIER = 0.20  # it is about earlier work of the authors
_WORD_OVER = 0.008  # each word beyond the usual length
_USUAL_LENGTH = 30
_RESULT_WORD_OVER = 0.015  # each word of a result for which there is no space
_EFFECT = 0.45  # a result that states the size of an effect
_AUTHORS = frozenset({"proposes", "studies", "shows", "this_paper", "opens_we"})
_RELEASES = re.compile(
    r"We (?:\w+ ){0,2}(?:open-source|release|make|evaluate|validate|test|conduct|apply|train)\b"
)
_PREVIOUSLY = re.compile(r"\b(?:previously|earlier work|prior work of)\b")
_OUR = re.compile(
    r"\b(?:(?:our|paper|work|study|article)\b"
    r"|we (?!(?:lack|need|know|still|often|do not|have (?:little|no))\b))",
    re.I,
)


class LineScorer:
    """Scores the candidates of one paper by the trained weights and by readability."""

    def __init__(self, title: str, sentences: list[str]) -> None:
        self._document = tokenize_paper(title, sentences)
        self._name = work_name(title)
        weights = load_weights()
        self._title_stems = frozenset(self._document.title) - STOP_WORDS
        self._probabilities = word_probabilities(self._document, weights)
        coefficients = list(weights.candidate.values())
        self._wording_weights = coefficients[: len(WORDING_FEATURES)]
        self._sentence_weights = coefficients[len(WORDING_FEATURES) :]
        self._rubric_bias, self._rubric = weights.rubric_bias, list(weights.rubric.values())
        self._sentence_scores: dict[int, float] = {}

    def is_own(self, option: Candidate) -> bool:
        """Whether the candidate is about the paper itself rather than about its field."""
        cues = self._document.cues[option.index]
        return (
            bool(cues & _AUTHORS)
            or option.context > 0
            or (bool(self._name) and self._name in option.text)
            or bool(_OUR.search(option.text))
        )

    def novelty(self, option: Candidate) -> float:
        """Return how well the candidate says what is new."""
        features = wording_features(self._document, option, self._probabilities)
        return (
            math.fsum(map(mul, self._wording_weights, features))
            + self._sentence_score(option.index)
            + _GOOD * self.quality(option, result=False)
            - _NOT_NEW * (not self.is_own(option))
            - _NOT_MAIN * (bool(_RELEASES.match(option.text)) and not tells_finding(option.text))
            + _NAMED * bool(self._name and self._name in option.text)
            - _EARLIER * bool(_PREVIOUSLY.search(option.text))
            - _WORD_OVER * max(0, len(option.text.split()) - _USUAL_LENGTH)
            - _penalty(option)
        )

    def achievement(self, option: Candidate, limit: int) -> float:
        """Return how well the candidate says what was achieved in about ``limit`` words."""
        return (
            self.quality(option, result=True)
            + _EFFECT * states_effect(option.text)
            - _RESULT_WORD_OVER * max(0, len(option.text.split()) - limit)
            - _penalty(option)
        )

    def quality(self, option: Candidate, *, result: bool) -> float:
        """Return the probability that a reader judges the candidate good."""
        features = rubric_features(option.text, self._title_stems, result=result, cut=option.cut)
        return _logistic(self._rubric_bias + math.fsum(map(mul, self._rubric, features)))

    def _sentence_score(self, index: int) -> float:
        """Return the part of the score that all wordings of a sentence share."""
        if index not in self._sentence_scores:
            features = sentence_features(self._document, index, self._probabilities)
            self._sentence_scores[index] = math.fsum(map(mul, self._sentence_weights, features))
        return self._sentence_scores[index]


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
