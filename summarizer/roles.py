"""What a sentence of an abstract is for: problem, method, result, why it matters, limits.

Abstracts are written to a pattern, so cue phrases and the place of a sentence tell its role. The
cues below score a sentence for each role; ``assign`` gives each role its best sentence and each
sentence one role at most. A role nobody plays stays absent.

Public surface: ``assign``.
"""

import re
from collections.abc import Collection, Sequence

from summarizer.models import Role
from summarizer.wordlists import any_of

_AUTHORS = any_of("we i this_paper this_work this_article this_study this_survey our")
_OURS = re.compile(_AUTHORS + r"(?! (?:lack|need|know|still|often|do not|have (?:little|no))\b)")
_PROPOSAL = rf"{_AUTHORS}(?: \w+ly| \w+)? " + any_of(
    "propos* introduc* present* develop* describ* devis* design* formulat* formaliz* creat* "
    "construct* build* releas* provid* offer* stud* investigat* explor* examin* analy* address* "
    "tackl* revisit* survey* review* argu* establish* deriv* ask* consider* contribut* aim* "
    "extend* combin* leverag* use* using apply* applies repurpos*"
)
_PRONOUN = re.compile(any_of("it they its their this these such those he she"))
_Cue = tuple[re.Pattern[str], float]


def _has(words: str, weight: float) -> _Cue:
    return re.compile(any_of(words)), weight


def _opens(words: str, weight: float) -> _Cue:
    return re.compile("^" + any_of(words)), weight


_CUES: dict[Role, tuple[_Cue, ...]] = {
    "problem": (
        _opens("however but yet unfortunately despite although while nevertheless still", 2.0),
        _has("challeng* suffer* struggl* fail* lack* limit* difficult* hinder*", 1.5),
        _has("remain* unclear unexplored underexplored bottleneck* costly expensive", 1.2),
        _has("existing current prior previous traditional conventional standard", 1.0),
        _has("problem gap need poorly often prone vulnerable insufficient inefficient", 0.6),
        _has("crucial critical essential important fundamental key", 0.3),
        _has("we i this_paper this_work this_article this_study this_survey our", -3.0),
        _has("outperform* achiev* experiment*", -2.0),
    ),
    "method": (
        (re.compile(_PROPOSAL), 3.0),
        _has("novel new framework method approach algorithm architecture pipeline model", 0.6),
        _has("leverag* integrat* combin* consist* compris* employ* uses using", 0.7),
        _has("based_on via through by trained modul* decompos* first then", 0.5),
        _has("outperform* state-of-the-art state_of_the_art experiment_* experiments_*", -2.0),
        _has("results_*", -2.0),
        _opens("however but yet unfortunately despite existing recent although", -2.0),
        _has("suffer* struggl* fail* lack* limits limited diminishing remains", -1.5),
        _has("we_evaluate we_validate we_benchmark we_test we_compare we_conduct", -2.0),
        _has("available http* github release released", -1.5),
    ),
    "result": (
        _has("outperform* surpass* exceed* match* state-of-the-art state_of_the_art", 2.0),
        _has("experiment* evaluation* results empirically benchmark* findings", 1.2),
        _has("show* demonstrat* reveal* find finds found prove* indicat* observe*", 1.5),
        _has("improv* reduc* achiev* increas* yield* gain* faster higher lower", 1.2),
        (re.compile(r"\d(?:\.\d+)?\s?(?:%|\u00d7|x\b|points?)"), 1.5),
        _has("available http* github", -3.0),
        _opens("however unfortunately existing recent despite", -2.0),
    ),
    "why_it_matters": (
        _has("implication* pave_the_way paves_the_way paving_the_way opens path_to", 2.5),
        _has("pathway_to path_toward foundation_for", 2.5),
        _has("highlight* underscor* suggest* potential promis* insight* enabl*", 1.5),
        _has("practical practitioners real-world deploy* scalable trustworthy future", 1.0),
        _opens("overall these_results these_findings our_results our_findings our_work", 1.2),
        _opens("our_study this_work", 1.2),
        _has("crucial critical essential important vital high-stakes", 0.8),
        _has("available http* github code releas* open-sourc*", -3.0),
        _opens("while although however despite existing recent", -1.5),
    ),
    "limits": (
        _has("limitation* caveat* shortcoming*", 2.5),
        _has("future_work only_when only_if not_always not_generali* does_not do_not cannot", 1.5),
        _has("trade-off* tradeoff* degrad* at_the_cost_of fail* still remain* fall_short", 1.3),
        _opens("however nevertheless nonetheless yet still but", 1.0),
        _has("outperform* existing prior previous address* overcom* mitigat* we_propose", -2.0),
    ),
}
_NEEDED: dict[Role, float] = {
    "method": 1.5,
    "result": 1.5,
    "problem": 1.5,
    "limits": 2.4,
    "why_it_matters": 2.2,
}
_ORDER: tuple[Role, ...] = ("problem", "method", "result", "limits", "why_it_matters")


def assign(sentences: Sequence[str], taken: Collection[int], name: str) -> dict[Role, int]:
    """Return role -> index into ``sentences``, in reading order of roles.

    Indices in ``taken`` (those the one-line summary came from) are given to no role. ``name`` is
    what the paper calls its work, "" if unknown: a sentence that has it is not about the field.
    """
    lowered = [sentence.lower() for sentence in sentences]
    own = [bool(name) and name.lower() in sentence for sentence in lowered]
    turn = _contribution(lowered, own)
    chosen: dict[Role, int] = {}
    used = set(taken)
    for role, needed in _NEEDED.items():
        scored = [
            (_score(role, lowered[i], own[i]) + _place(role, i, turn, len(lowered)), -i)
            for i in _stage(role, turn, len(lowered))
            if i not in used
        ]
        if scored and max(scored)[0] >= needed:
            chosen[role] = -max(scored)[1]
            used.add(chosen[role])
    return {role: chosen[role] for role in _ORDER if role in chosen}


def _contribution(lowered: Sequence[str], own: Sequence[bool]) -> int:
    """Index of the first sentence about the authors' own work; a third of the way if none is."""
    return next(
        (i for i, sentence in enumerate(lowered) if own[i] or _OURS.search(sentence)),
        len(lowered) // 3,
    )


def _stage(role: Role, turn: int, count: int) -> range:
    """Where a role may be played: the problem before the contribution, the rest from there on."""
    if role == "problem":
        return range(turn)
    return range(turn if role in ("method", "result") else turn + 1, count)


def _score(role: Role, sentence: str, own: bool) -> float:
    score = sum(weight for pattern, weight in _CUES[role] if pattern.search(sentence))
    if own:
        score += -3.0 if role == "problem" else 0.5
    return score - 0.7 * bool(_PRONOUN.match(sentence))


def _place(role: Role, index: int, turn: int, count: int) -> float:
    """How likely a role is played here: the method early, the rest towards the end."""
    if role == "problem":
        return 0.8
    if role == "method":
        return 1.0 if index == turn else (0.5 if index <= turn + 2 else -1.0)
    if role == "why_it_matters":
        return 1.2 if index == count - 1 and count > 2 else 0.4
    return -2.0 if index == turn else 0.4 * index / count
