"""The extractive summary: sentences of the abstract, selected and shortened, without a model.

Two trained linear models choose the one-line summary among ``list_candidates``; cue phrases choose
the points. The weights are in ``weights.json``, written by ``benchmarks/summaries.py train``.

Public surface: ``extract_summary``, ``word_probabilities``, ``MODEL``.
"""

import math
import re
from collections.abc import Collection, Iterator, Sequence
from operator import mul

from summarizer.extractive.candidates import (
    MAX_WORDS,
    TITLED_KINDS,
    Candidate,
    list_candidates,
    shorten_point,
    titled_candidates,
)
from summarizer.extractive.features import (
    WORDING_FEATURES,
    TokenizedPaper,
    sentence_features,
    tokenize_paper,
    word_features,
    wording_features,
)
from summarizer.extractive.roles import assign_roles
from summarizer.extractive.tighten import clip_words, tighten_sentence
from summarizer.extractive.weights import Weights, load_weights
from summarizer.grounding.numbers_and_names import find_unsupported
from summarizer.grounding.prompt_injection import is_prompt_injection
from summarizer.summary import Role, Sentence, Summary
from summarizer.text.sentences import split_sentences, to_plain_text

MODEL = "extractive-2"
"""Changes whenever the weights or the wording rules do; it is stored with each summary."""

_LANGUAGE = "en"
_MAX_SENTENCES = 60
_NAME_WORDS = 4
_TITLED_OPTIONS = 8  # so many of the best candidates are also tried after the title
_FROM_CONCLUSION: frozenset[Role] = frozenset({"limits", "why_it_matters"})

# Penalties for what ROUGE does not see but a reader does, in units of ROUGE-1 (their
# cross-validated cost is 0.001).
_CUT_OFF = 0.06  # the line ends in "…"
_DANGLING = 0.05  # it refers to an earlier sentence: "this gap", "such models"
_NOT_NEW = 0.10  # it is about the field, not about the paper
_REPEATS = 0.01  # it begins with the title, which the reader has often just read
_AUTHORS = frozenset({"proposes", "studies", "shows", "this_paper", "opens_we"})
_OUR = re.compile(
    r"\b(?:(?:our|paper|work|study|article)\b"
    r"|we (?!(?:lack|need|know|still|often|do not|have (?:little|no))\b))",
    re.I,
)
_REFERS_BACK = re.compile(
    r"^(?:It|They|This|These|Those|Such|That|He|Both)\b"
    r"(?! (?:paper|work|article|study|survey|report|thesis)\b)"
    r"|\b(?:this|these|such|those|aforementioned|above) (?:\w+ )?(?:gap|issue|problem|challenge"
    r"|limitation|question|setting|condition|model|method|approach|assumption|constraint|task"
    r"|framework|phenomen\w+|direction|difficult\w+|concern|need|trade-?off|property|idea|insight"
    r"|process|class|case|bottleneck|requirement|goal)s?\b"
    r"|\b(?:these|those|them)(?: (?:as|by|with|through|via|and)\b|[.,])"
)


def extract_summary(
    title: str, abstract: str, conclusion: str = "", *, standalone: bool = True
) -> Summary:
    """Summarise by extraction; see ``summarizer.summarize``.

    ``standalone`` says whether the line is read without the title, so that it may begin with it.
    ``conclusion`` is the paper's conclusion, if known: it supplies the limits, and why the paper
    matters, where the abstract lacks them.
    """
    sources = _trusted_sentences(abstract)
    if not sources:
        return Summary("", (), "none", "", "", _LANGUAGE, 0)
    headline = to_plain_text(title)
    tightened = [tighten_sentence(sentence) for sentence in sources]
    best = _best_candidate(headline, sources, tightened, standalone=standalone)
    used = range(best.first, best.last + 1)
    written = [
        Sentence("tldr", best.text, " ".join(sources[i] for i in used)),
        *(
            Sentence(role, shorten_point(tightened[i]), sources[i])
            for role, i in assign_roles(sources, used, _work_name(headline)).items()
        ),
    ]
    written += _conclusion_sentences(conclusion, headline, {sentence.role for sentence in written})
    supported = tuple(
        s for s in written if s.role == "tldr" or not find_unsupported(s.text, s.source)
    )
    dropped = len(written) - len(supported)
    return Summary(best.text, supported, "extractive", MODEL, "", _LANGUAGE, dropped)


def _trusted_sentences(text: str) -> list[str]:
    """Return the sentences of a text without those that give instructions to a model."""
    sentences = split_sentences(to_plain_text(text))[:_MAX_SENTENCES]
    return [sentence for sentence in sentences if not is_prompt_injection(sentence)]


def _conclusion_sentences(
    conclusion: str, title: str, covered: Collection[Role]
) -> Iterator[Sentence]:
    """Yield points that only the conclusion makes."""
    sources = _trusted_sentences(conclusion)
    for role, i in assign_roles(sources, (), _work_name(title)).items():
        if role in _FROM_CONCLUSION and role not in covered:
            yield Sentence(role, shorten_point(tighten_sentence(sources[i])), sources[i])


def _best_candidate(
    title: str, source_sentences: Sequence[str], tightened: Sequence[str], *, standalone: bool
) -> Candidate:
    options = list_candidates(tightened)
    if not options:
        return Candidate(0, 0, "clip", clip_words(tightened[0], MAX_WORDS))
    scorer = _CandidateScorer(title, tokenize_paper(title, source_sentences))
    ranked = scorer.rank(options)
    if standalone:
        titled = (
            c for option in ranked[:_TITLED_OPTIONS] for c in titled_candidates(option, title)
        )
        ranked = scorer.rank([*ranked, *titled])
    # Wordings only lose words, so a number can change only where a removal joins two pieces.
    for option in ranked:
        source = " ".join(source_sentences[option.first : option.last + 1])
        if not find_unsupported(option.text, source):
            return option
    return Candidate(0, 0, "clip", clip_words(source_sentences[0], MAX_WORDS))


class _CandidateScorer:
    """Scores the candidates of one paper by the trained weights and by readability."""

    def __init__(self, title: str, document: TokenizedPaper) -> None:
        self._title, self._document = title, document
        self._probabilities = word_probabilities(document, load_weights())
        coefficients = list(load_weights().candidate.values())
        self._wording_weights = coefficients[: len(WORDING_FEATURES)]
        self._sentence_weights = coefficients[len(WORDING_FEATURES) :]
        self._sentence_scores: dict[tuple[int, int], float] = {}
        self._scores: dict[Candidate, float] = {}

    def rank(self, options: Sequence[Candidate]) -> list[Candidate]:
        """Return ``options``, best first; equal scores keep their order."""
        return sorted(options, key=self._score, reverse=True)

    def _score(self, option: Candidate) -> float:
        if option not in self._scores:
            features = wording_features(self._document, option, self._probabilities)
            self._scores[option] = (
                math.fsum(map(mul, self._wording_weights, features))
                + self._sentence_score(option.first, option.last)
                - _readability_penalty(option, self._document, self._title)
            )
        return self._scores[option]

    def _sentence_score(self, first: int, last: int) -> float:
        """Return the part of the score that all wordings of these sentences share."""
        if (first, last) not in self._sentence_scores:
            features = sentence_features(self._document, first, last, self._probabilities)
            self._sentence_scores[first, last] = math.fsum(
                map(mul, self._sentence_weights, features)
            )
        return self._sentence_scores[first, last]


def _readability_penalty(option: Candidate, document: TokenizedPaper, title: str) -> float:
    """Return the penalty of a candidate that would read badly as the only line about a paper."""
    name = _work_name(title)
    ours = bool(document.cues[option.first] & _AUTHORS)
    if option.first == option.last:
        ours = ours or (bool(name) and name in option.text) or bool(_OUR.search(option.text))
    return (
        _CUT_OFF * (option.kind == "clip")
        + _DANGLING * bool(_REFERS_BACK.search(option.text))
        + _NOT_NEW * (not ours)
        + _REPEATS * (option.kind in TITLED_KINDS)
    )


def _work_name(title: str) -> str:
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
        probabilities[word] = 1 / (1 + math.exp(-logit))
    return probabilities
