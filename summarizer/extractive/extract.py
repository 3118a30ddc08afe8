"""The extractive summary: sentences of the abstract, selected and shortened, without a model.

Trained linear models choose the line that says what is new, and the one that says what was
achieved, among ``list_candidates``; cue phrases choose the other points. The weights are in
``weights.json``, written by ``benchmarks/summaries.py train`` and ``benchmarks/lines.py train``.

Public surface: ``extract_summary``.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from summarizer.extractive.candidates import MAX_WORDS, Candidate, list_candidates, shorten_point
from summarizer.extractive.findings import is_promise, only_studies, states_effect, tells_finding
from summarizer.extractive.long_forms import drop_definitions, find_definitions, write_out
from summarizer.extractive.roles import assign_roles
from summarizer.extractive.scoring import LineScorer, work_name
from summarizer.extractive.standalone import is_broken, refers_back
from summarizer.extractive.tighten import clip_words, tighten_sentence
from summarizer.grounding.injection.prompt_injection import is_prompt_injection
from summarizer.grounding.numbers_and_names import find_unsupported
from summarizer.summary import EXTRACTIVE_MODEL, Role, Sentence, Summary
from summarizer.text.sentences import split_sentences, split_words, to_plain_text

_LANGUAGE = "en"
_MAX_SENTENCES = 60
_FROM_CONCLUSION: frozenset[Role] = frozenset({"limits", "why_it_matters"})
_WORDS = 50  # of both lines together, more or less
_LEAST_WORDS = 24
_GOOD_ENOUGH = 0.55  # probability that a result without a number must have
_WEAK = 0.5  # probability below which a first line says little
_GOOD_ENOUGH_AFTER_WEAK = 0.2  # the same after such a line
_GOOD_ENOUGH_EFFECT = 0.2  # the same for one that states the size of an effect


def extract_summary(title: str, abstract: str, conclusion: str = "") -> Summary:
    """Summarise by extraction; see ``summarizer.summarize``.

    ``conclusion`` is the paper's conclusion, if known: it supplies the limits, and why the paper
    matters, where the abstract lacks them.
    """
    sources = _trusted_sentences(abstract)
    if not sources:
        return Summary("", (), "none", "", "", _LANGUAGE, 0)
    headline = to_plain_text(title)
    written = list(_abstract_sentences(headline, sources))
    written += _conclusion_sentences(conclusion, headline, {sentence.role for sentence in written})
    supported = tuple(
        s for s in written if s.role == "tldr" or not find_unsupported(s.text, s.source)
    )
    dropped = len(written) - len(supported)
    line = written[0].text
    return Summary(line, supported, "extractive", EXTRACTIVE_MODEL, "", _LANGUAGE, dropped)


def _trusted_sentences(text: str) -> list[str]:
    """Return the sentences of a text without those that give instructions to a model."""
    sentences = split_sentences(to_plain_text(text))[:_MAX_SENTENCES]
    return [sentence for sentence in sentences if not is_prompt_injection(sentence)]


def _abstract_sentences(title: str, sources: list[str]) -> Iterator[Sentence]:
    """Yield the line, and then the points in reading order."""
    tightened = [tighten_sentence(sentence) for sentence in sources]
    options = [
        c for c in list_candidates(tightened, work_name(title), title) if _is_supported(c, sources)
    ]
    scorer = LineScorer(title, sources)
    new = max(options, key=scorer.novelty, default=_first_words(sources))
    result = _best_result(options, new, scorer)
    tldr, achieved = _lines_with_acronyms(title, sources, new, result)
    yield Sentence("tldr", tldr, _source(new, sources))
    used = {new.index, *([result.index] if result else [])}
    points = assign_roles(sources, used, work_name(title))
    for role in ("problem", "method", "result", "limits", "why_it_matters"):
        if role == "result" and result:
            yield Sentence(role, achieved, _source(result, sources))
        elif role != "result" and _tells_point(role, points, tightened):
            i = points[role]
            yield Sentence(role, shorten_point(tightened[i]), sources[i])


def _tells_point(role: Role, points: Mapping[Role, int], tightened: Sequence[str]) -> bool:
    """Whether a sentence has a role; that of the method says more than what was studied."""
    return role in points and (role != "method" or not only_studies(tightened[points[role]]))


def _lines_with_acronyms(
    title: str, sources: Sequence[str], new: Candidate, result: Candidate | None
) -> tuple[str, str]:
    """Return both lines with each unfamiliar acronym written out where it comes first."""
    definitions = find_definitions(sources)
    in_title = set(split_words(title))
    tldr = _supported(write_out(new.text, definitions, in_title), new, sources)
    if result is None:
        return tldr, ""
    defined = {short for short in definitions if f"({short})" in tldr}
    known = {*in_title, *split_words(tldr)}
    written = write_out(drop_definitions(result.text, defined), definitions, known)
    return tldr, _supported(written, result, sources)


def _supported(text: str, option: Candidate, sources: Sequence[str]) -> str:
    """Return ``text``, or the candidate as it was if its source lacks a number or name of it."""
    return option.text if find_unsupported(text, _source(option, sources)) else text


def _best_result(
    options: Sequence[Candidate], new: Candidate, scorer: LineScorer
) -> Candidate | None:
    """Return the candidate that says what was achieved; None if no line, or the first one, does."""
    if states_effect(new.text):
        return None
    limit = max(_LEAST_WORDS, _WORDS - len(new.text.split()))
    fitting = [c for c in options if _may_be_result(c, new, scorer)]
    return max(fitting, key=lambda c: scorer.achievement(c, limit), default=None)


def _may_be_result(option: Candidate, new: Candidate, scorer: LineScorer) -> bool:
    if option.index in (new.first, new.index):
        return False
    if refers_back(option.text) or is_broken(option.text) or is_promise(option.text):
        return False
    effect = states_effect(option.text)
    if not effect and not tells_finding(option.text):
        return False
    if option.index < new.index and not (scorer.is_own(option) or scorer.follows_own(option)):
        return False
    return scorer.quality(option, result=True) >= _needed_quality(new, scorer, effect=effect)


def _needed_quality(new: Candidate, scorer: LineScorer, *, effect: bool) -> float:
    """Return the probability that a result must have: less after a line that says little."""
    if effect:
        return _GOOD_ENOUGH_EFFECT
    is_weak = only_studies(new.text) or scorer.quality(new, result=False) < _WEAK
    return _GOOD_ENOUGH_AFTER_WEAK if is_weak or not scorer.is_own(new) else _GOOD_ENOUGH


def _is_supported(option: Candidate, sources: Sequence[str]) -> bool:
    """Whether the source has all its numbers: a removal may join two pieces to a new one."""
    return not find_unsupported(option.text, _source(option, sources))


def _source(option: Candidate, sources: Sequence[str]) -> str:
    return " ".join(sources[option.first : option.index + 1])


def _first_words(sources: Sequence[str]) -> Candidate:
    return Candidate(0, "whole", clip_words(sources[0], MAX_WORDS), cut=True)


def _conclusion_sentences(
    conclusion: str, title: str, covered: Collection[Role]
) -> Iterator[Sentence]:
    """Yield points that only the conclusion makes."""
    sources = _trusted_sentences(conclusion)
    for role, i in assign_roles(sources, (), work_name(title)).items():
        if role in _FROM_CONCLUSION and role not in covered:
            yield Sentence(role, shorten_point(tighten_sentence(sources[i])), sources[i])
