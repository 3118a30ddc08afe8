"""The embedded summary: sentences of the abstract, picked and shortened; no model, no network.

Two learned linear models choose the one-line summary among ``candidates``; cue phrases choose the
points. The numbers live in ``weights.json`` and come from ``benchmarks/summaries.py train``.

Public surface: ``extract``, ``word_chances``, ``MODEL``.
"""

import math
import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from operator import mul

from summarizer.candidates import HEADED, MAX_WORDS, Candidate, candidates, headed, point
from summarizer.features import (
    WORDING_FEATURES,
    Document,
    read,
    sentence_features,
    word_features,
    wording_features,
)
from summarizer.ground import unsupported
from summarizer.hostile import gives_orders
from summarizer.models import Role, Sentence, Summary
from summarizer.roles import assign
from summarizer.text import plain, sentences
from summarizer.tighten import clip, tighten
from summarizer.weights import Weights, shipped

MODEL = "extractive-2"
"""Changes whenever the weights or the wording rules do: stored summaries can be told apart."""

_LANGUAGE = "en"
_MAX_SENTENCES = 60
_NAME_WORDS = 4
_HEADED_OPTIONS = 8  # so many of the best candidates are tried under a heading
_FROM_CONCLUSION: frozenset[Role] = frozenset({"limits", "why_it_matters"})

# What ROUGE does not see but a reader does, in units of ROUGE-1 (cross-validated cost: 0.001).
_CUT_OFF = 0.06  # the line ends in "…"
_DANGLING = 0.05  # it points at something said before it: "this gap", "such models"
_NOT_NEW = 0.10  # it tells of the field, not of the paper
_REPEATS = 0.01  # it begins with the title, which the reader has often just read
_AUTHORS = frozenset({"proposes", "studies", "shows", "this_paper", "opens_we"})
_OUR = re.compile(
    r"\b(?:(?:our|paper|work|study|article)\b"
    r"|we (?!(?:lack|need|know|still|often|do not|have (?:little|no))\b))",
    re.I,
)
_POINTS_BACK = re.compile(
    r"^(?:It|They|This|These|Those|Such|That|He|Both)\b"
    r"(?! (?:paper|work|article|study|survey|report|thesis)\b)"
    r"|\b(?:this|these|such|those|aforementioned|above) (?:\w+ )?(?:gap|issue|problem|challenge"
    r"|limitation|question|setting|condition|model|method|approach|assumption|constraint|task"
    r"|framework|phenomen\w+|direction|difficult\w+|concern|need|trade-?off|property|idea|insight"
    r"|process|class|case|bottleneck|requirement|goal)s?\b"
    r"|\b(?:these|those|them)(?: (?:as|by|with|through|via|and)\b|[.,])"
)


def extract(title: str, abstract: str, more: str = "", *, alone: bool = True) -> Summary:
    """Summarise by extraction; see ``summarizer.summarize``.

    ``alone`` says whether the line is read without the title, and may open with it.
    ``more`` is the paper's conclusion, where it was read: it may tell the limits, and why the
    paper matters, where the abstract does not.
    """
    found = _read(abstract)
    if not found:
        return Summary("", (), "none", "", "", _LANGUAGE, 0)
    headline = plain(title)
    tightened = [tighten(sentence) for sentence in found]
    best = _best(headline, found, tightened, alone=alone)
    taken = range(best.first, best.last + 1)
    written = [
        Sentence("tldr", best.text, " ".join(found[i] for i in taken)),
        *(
            Sentence(role, point(tightened[i]), found[i])
            for role, i in assign(found, taken, _name(headline)).items()
        ),
    ]
    written += _concluded(more, headline, {sentence.role for sentence in written})
    kept = tuple(s for s in written if s.role == "tldr" or not unsupported(s.text, s.source))
    return Summary(best.text, kept, "extractive", MODEL, "", _LANGUAGE, len(written) - len(kept))


def _read(text: str) -> list[str]:
    """The sentences of a text, without those that give orders to a reader that is a model."""
    found = sentences(plain(text))[:_MAX_SENTENCES]
    return [sentence for sentence in found if not gives_orders(sentence)]


def _concluded(more: str, title: str, told: Collection[Role]) -> Iterator[Sentence]:
    """What only the conclusion tells."""
    found = _read(more)
    for role, i in assign(found, (), _name(title)).items():
        if role in _FROM_CONCLUSION and role not in told:
            yield Sentence(role, point(tighten(found[i])), found[i])


def _best(title: str, found: Sequence[str], tightened: Sequence[str], *, alone: bool) -> Candidate:
    options = candidates(tightened)
    if not options:
        return Candidate(0, 0, "clip", clip(tightened[0], MAX_WORDS))
    document = read(title, found)
    chances = word_chances(document, shipped())
    coefficients = list(shipped().candidate.values())
    of_wording = coefficients[: len(WORDING_FEATURES)]
    of_sentence = coefficients[len(WORDING_FEATURES) :]

    @cache
    def place(first: int, last: int) -> float:
        return math.fsum(map(mul, of_sentence, sentence_features(document, first, last, chances)))

    def worth(option: Candidate) -> float:
        wording = math.fsum(map(mul, of_wording, wording_features(document, option, chances)))
        return wording + place(option.first, option.last) - _reservations(option, document, title)

    scored = sorted(((worth(option), option) for option in options), key=_score, reverse=True)
    tried = _HEADED_OPTIONS * alone
    scored += [(worth(c), c) for _, option in scored[:tried] for c in headed(option, title)]
    # Wordings only lose words, so a number can change only where a removal joins two pieces.
    for _, option in sorted(scored, key=_score, reverse=True):
        if not unsupported(option.text, " ".join(found[option.first : option.last + 1])):
            return option
    return Candidate(0, 0, "clip", clip(found[0], MAX_WORDS))


def _score(scored: tuple[float, Candidate]) -> float:
    return scored[0]


def _reservations(option: Candidate, document: Document, title: str) -> float:
    """What to take off a candidate that would read badly as the only line about a paper."""
    name = _name(title)
    ours = bool(document.cues[option.first] & _AUTHORS)
    if option.first == option.last:
        ours = ours or (bool(name) and name in option.text) or bool(_OUR.search(option.text))
    return (
        _CUT_OFF * (option.kind == "clip")
        + _DANGLING * bool(_POINTS_BACK.search(option.text))
        + _NOT_NEW * (not ours)
        + _REPEATS * (option.kind in HEADED)
    )


def _name(title: str) -> str:
    """The name a paper gives its work: what stands before the colon of its title, if short."""
    name, colon, _ = title.partition(":")
    return name if colon and len(name.split()) <= _NAME_WORDS else ""


def word_chances(document: Document, weights: Weights) -> dict[str, float]:
    """Return stem -> chance that a person would use it in a one-line summary of this paper."""
    coefficients = list(weights.word.values())
    found = {}
    for word, numbers in word_features(document, weights.stems).items():
        logit = weights.word_bias + weights.stems.get(word, 0.0)
        logit += sum(map(mul, coefficients, numbers))
        found[word] = 1 / (1 + math.exp(-logit))
    return found
