"""Sentences of papers that answer a question, chosen without a language model.

A sentence may answer if it can be read without the text around it. It is scored by the words of
the question that it covers, rare words counting more, by its likeness in meaning, and by whether
it is of the kind that the question wants: a definition, an effect with its size, a method, a
finding, a benchmark. An answer has one sentence of each paper and no two that say the same.

Public surface: ``Question``, ``Term``, ``AnswerCandidate``, ``question_kind``,
``list_answer_candidates``, ``coverage``, ``score_candidate``, ``is_suited``,
``choose_candidates``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from summarizer.extractive.candidates import Candidate, list_candidates
from summarizer.extractive.findings import states_effect, tells_finding
from summarizer.extractive.scoring import LineScorer, work_name
from summarizer.extractive.standalone import is_broken, name_subject, refers_back
from summarizer.extractive.tighten import tighten_sentence
from summarizer.grounding.injection.prompt_injection import is_prompt_injection
from summarizer.grounding.numbers_and_names import find_unsupported
from summarizer.text.sentences import split_sentences, to_plain_text
from summarizer.text.stems import content_stems
from summarizer.text.wordlists import any_word_pattern

QuestionKind = Literal["definition", "amount", "benchmark", "effect", "method"]

_MAX_SENTENCES = 40
_WHOLE_KINDS = ("claim", "whole")  # the claim of "We show that …" is a sentence itself
_WORDS = range(7, 48)
_LIKE = 0.86  # cosine from which two sentences say the same

# Shares of a candidate's score.
_COSINE, _SENTENCE, _PAPER, _KIND, _QUALITY = 0.50, 0.22, 0.15, 0.18, 0.06


@dataclass(frozen=True, slots=True)
class Term:
    """A word or name of a question: the sets of stems that express it, and how much it counts."""

    alternatives: tuple[frozenset[str], ...]
    weight: float

    def is_in(self, stems: frozenset[str]) -> bool:
        """Whether a text with these stems expresses the term."""
        return any(words <= stems for words in self.alternatives)


@dataclass(frozen=True, slots=True)
class AnswerCandidate:
    """A sentence of paper number ``paper``, and the text of the paper that it rests on.

    ``quality`` is the probability that a reader judges it a good line; ``own`` says that it is
    about the paper rather than about its field, ``named`` that it has the name of the title.
    """

    paper: int
    text: str
    source: str
    quality: float
    own: bool
    named: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What a question wants, what it is about, and the names of what it wants defined."""

    kind: QuestionKind
    terms: tuple[Term, ...]
    names: tuple[str, ...] = ()

    def is_defined_in(self, text: str) -> bool:
        """Whether a sentence says what one of the names is."""
        names = "|".join(re.escape(name).replace("\\ ", "[ -]") for name in self.names)
        return bool(names) and bool(re.search(_DEFINES.format(names=names), text, re.IGNORECASE))


_KIND_PATTERNS: tuple[tuple[QuestionKind, re.Pattern[str]], ...] = (
    ("definition", re.compile(
        r"^(?:what (?:is|are|does) (?!(?:the|there|known|new|best)\b)|define\b|explain\b)"
    )),
    ("amount", re.compile(r"\bhow (?:large|much|many|big|fast|high|far|often|long|strong)\b")),
    ("benchmark", re.compile(r"\b(?:benchmarks?|data ?sets?|test suites?|leaderboards?)\b")),
    ("effect", re.compile(
        r"^(?:do|does|did|is|are|can|could|will|should|how (?:do|does|well)|when|why"
        r"|what happens)\b"
    )),
)  # fmt: skip
_DEFINES = (
    r"(?:^|\b(?:the|an?) )(?:{names})(?:s|es)?(?: \([^()]{{1,40}}\))?"
    r"(?: (?:is|are) (?:an?|the|one)\b(?! (?:key|critical|crucial|major|promising|popular))"
    r"| (?:refers?|aims?|seeks?) to\b| (?:is|are) defined| consists?\b"
    r"|, (?:an?|the|or|which|where)\b"
    r"|(?: \w+)? (?:enables?|allows?|trains?|uses?|lets?|seeks?)\b)"
)
_BENCHMARK = re.compile(any_word_pattern("benchmark* dataset* testbed* suite* corpus leaderboard*"))
_PRESENTED = re.compile(
    r"\b(?:propose|introduce|present|develop|design|release|create|construct|build|curate)[sd]?\b"
    r"[^,.]{0,40}(?:[A-Z]\w*[A-Z0-9]|\b(?:an?|the)\b)"
)
_UNNAMED = re.compile(
    r"^(?:Our|The proposed) (?!findings?|results?|study|analys[ie]s|experiments?|work\b)"
    r"|^We (?:\w+ly )?(?:evaluate|validate|conduct|test|benchmark|investigate|study|examine"
    r"|explore|compare|identify|discuss|open|release|apply|characterize)\b(?!.*\b(?:show|find)\w*)"
    r"|^(?:This|The) (?:paper|study|work|survey|article|tutorial) (?:examines|investigates|studies"
    r"|explores|reviews|surveys|presents a comprehensive|discusses|provides|underscores"
    r"|highlights|offers|contributes)\b|^We (?:hope|thank|believe|argue|call)\b"
)
_OUR_METHOD = re.compile(
    r"\b(?:our|the proposed) (?:\w+ )?(?:method|approach|adapter|framework|model|algorithm"
    r"|technique|strategy|system|implementation|pipeline)\b(?!,? [A-Z])"
)
_OPEN_ISSUE = re.compile(r"^Despite\b|\b(?:remains?|lacks?|suffers?)\b")
_ALL_OF_THEM = re.compile(r"\b(?:all|the) (?:two|three|four|five|six) [a-z]+")
_DAMAGED = re.compile(r"[a-z]- (?!and\b|or\b|to\b)[a-z]|[a-z]{3}\. [a-z]")
_FIELD = re.compile(
    r"^(?:Existing|Prior|Previous|Current|Traditional|Recent|While|Despite|Although|Unlike"
    r"|Standard|Conventional|Most|Many|With the|As [a-z]+|Few)\b"
    r"|\b(?:remains? (?:un|a |under|largely|an |limited|challeng|less|diff|to be)|lack of"
    r"|has emerged|have emerged"
    r"|has become|have become|little is known|suffers? from|struggle|have shown|has shown"
    r"|have made|have demonstrated|has demonstrated|are increasingly|is increasingly|often"
    r"|has recently|have recently|has been|have been)\b"
)


def question_kind(question: str) -> QuestionKind:
    """Return what a question wants."""
    text = " ".join(question.lower().split())
    return next((kind for kind, pattern in _KIND_PATTERNS if pattern.search(text)), "method")


def list_answer_candidates(
    paper: int, title: str, abstract: str, conclusion: str = ""
) -> list[AnswerCandidate]:
    """Return the sentences of one paper that can be read on their own."""
    text = f"{to_plain_text(abstract)} {to_plain_text(conclusion)}"
    sources = [s for s in split_sentences(text) if not is_prompt_injection(s)][:_MAX_SENTENCES]
    if not sources:
        return []
    headline = to_plain_text(title)
    scorer = LineScorer(headline, sources)
    name = work_name(headline)
    options = list_candidates([tighten_sentence(s) for s in sources], name)
    found = []
    for option in _whole_sentences(options):
        text = name_subject(option.text, name) if " " not in name else option.text
        source = " ".join(sources[option.first : option.index + 1])
        if _stands_alone(text) and not find_unsupported(text, f"{headline} . {source}"):
            own = scorer.is_own(option) and not _FIELD.match(text)
            quality = scorer.quality(option, result=True)
            named = bool(name) and name in text
            found.append(AnswerCandidate(paper, text, source, quality, own, named))
    return found


def _whole_sentences(options: Sequence[Candidate]) -> Iterator[Candidate]:
    """Yield one whole wording of each sentence."""
    by_index: dict[int, dict[str, Candidate]] = {}
    for option in options:
        if option.kind in _WHOLE_KINDS and not option.cut:
            by_index.setdefault(option.index, {})[option.kind] = option
    for wordings in by_index.values():
        readable = [wordings[k] for k in _WHOLE_KINDS if k in wordings]
        yield next((o for o in readable if _stands_alone(o.text)), readable[0])


def _stands_alone(text: str) -> bool:
    return (
        len(text.split()) in _WORDS
        and not refers_back(text)
        and not is_broken(text)
        and not _DAMAGED.search(text)
        and not _ALL_OF_THEM.search(text)
        and not text.rstrip().endswith("?")
    )


def coverage(terms: Sequence[Term], text: str) -> float:
    """Return the share of the question's terms that a text expresses, by weight."""
    stems = content_stems(text)
    whole = sum(term.weight for term in terms)
    return sum(term.weight for term in terms if term.is_in(stems)) / whole if whole else 0.0


def score_candidate(
    candidate: AnswerCandidate,
    question: "Question",
    covered: tuple[float, float],
    cosine: float,
) -> float:
    """Return how well a sentence answers; ``covered`` is by the sentence, and with its title."""
    return (
        _COSINE * cosine
        + _SENTENCE * covered[0]
        + _PAPER * covered[1]
        + _KIND * _is_of_kind(candidate, question)
        + _QUALITY * (candidate.quality if candidate.own else 0.0)
    )


def is_suited(candidate: AnswerCandidate, question: "Question") -> bool:
    """Whether a sentence is neither about the field in general nor without a named subject."""
    return _is_of_kind(candidate, question) >= 0


def _is_of_kind(candidate: AnswerCandidate, question: "Question") -> float:
    """Return from -1 to 1 whether a sentence is what the question wants."""
    text = candidate.text
    unnamed = 1.0 * bool(_UNNAMED.search(text) or _OUR_METHOD.search(text))
    if question.kind == "definition":
        defines = question.is_defined_in(text)
        return float(defines) - unnamed - bool(_OPEN_ISSUE.search(text))
    if _FIELD.search(text) and not candidate.own:
        return -1.0
    presented = bool(_PRESENTED.search(text)) or candidate.named
    match question.kind:
        case "amount":
            return float(states_effect(text)) - unnamed
        case "benchmark":
            introduced = bool(_PRESENTED.search(text))
            return bool(_BENCHMARK.search(text)) * (0.2 + 0.8 * introduced) - unnamed
        case "effect":
            return 0.6 * tells_finding(text) + 0.4 * states_effect(text) - unnamed
        case _:
            return 0.6 * presented + 0.4 * tells_finding(text) - unnamed


def choose_candidates(
    candidates: Sequence[AnswerCandidate],
    scores: Sequence[float],
    likeness: Sequence[Sequence[float]],
    limit: int,
) -> list[int]:
    """Return up to ``limit`` positions: the best of each paper, no two alike, like beside like."""
    chosen: list[int] = []
    for place in sorted(range(len(candidates)), key=lambda i: -scores[i]):
        if len(chosen) == limit:
            break
        same_paper = any(candidates[place].paper == candidates[i].paper for i in chosen)
        if not same_paper and all(likeness[place][i] < _LIKE for i in chosen):
            chosen.append(place)
    return _grouped(chosen, likeness)


def _grouped(chosen: Sequence[int], likeness: Sequence[Sequence[float]]) -> list[int]:
    """Return the best first, and each next the one of the rest that is most like the last."""
    rest, ordered = list(chosen[1:]), list(chosen[:1])
    while rest:
        ordered.append(max(rest, key=lambda i: likeness[ordered[-1]][i]))
        rest.remove(ordered[-1])
    return ordered
