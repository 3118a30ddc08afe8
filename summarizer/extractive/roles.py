"""The role of each sentence of an abstract: problem, method, result, why it matters, limits.

Abstracts follow a pattern, so cue phrases and the position of a sentence indicate its role. The
cues below score a sentence for each role; ``assign_roles`` gives each role its best sentence and
each sentence at most one role. A role without a good sentence stays absent.

Public surface: ``assign_roles``, ``fits_role``.
"""

import re
from collections.abc import Collection, Sequence

from summarizer.summary import Role
from summarizer.text.wordlists import any_word_pattern

_AUTHORS = any_word_pattern("we i this_paper this_work this_article this_study this_survey our")
_OURS = re.compile(_AUTHORS + r"(?! (?:lack|need|know|still|often|do not|have (?:little|no))\b)")
_PROPOSAL = rf"{_AUTHORS}(?: \w+ly| \w+)? " + any_word_pattern(
    "propos* introduc* present* develop* describ* devis* design* formulat* formaliz* creat* "
    "construct* build* releas* provid* offer* stud* investigat* explor* examin* analy* address* "
    "tackl* revisit* survey* review* argu* establish* deriv* ask* consider* contribut* aim* "
    "extend* combin* leverag* use* using apply* applies repurpos*"
)
_PRONOUN = re.compile(any_word_pattern("it they its their this these such those he she"))
_Cue = tuple[re.Pattern[str], float]


def _containing_cue(words: str, weight: float) -> _Cue:
    return re.compile(any_word_pattern(words)), weight


def _opening_cue(words: str, weight: float) -> _Cue:
    return re.compile("^" + any_word_pattern(words)), weight


_CUES: dict[Role, tuple[_Cue, ...]] = {
    "problem": (
        _opening_cue(
            "however but yet unfortunately despite although while nevertheless still", 2.0
        ),
        _containing_cue("challeng* suffer* struggl* fail* lack* limit* difficult* hinder*", 1.5),
        _containing_cue(
            "remain* unclear unexplored underexplored bottleneck* costly expensive", 1.2
        ),
        _containing_cue("existing current prior previous traditional conventional standard", 1.0),
        _containing_cue(
            "problem gap need poorly often prone vulnerable insufficient inefficient", 0.6
        ),
        _containing_cue("crucial critical essential important fundamental key", 0.3),
        _containing_cue("we i this_paper this_work this_article this_study this_survey our", -3.0),
        _containing_cue("outperform* achiev* experiment*", -2.0),
    ),
    "method": (
        (re.compile(_PROPOSAL), 3.0),
        _containing_cue(
            "novel new framework method approach algorithm architecture pipeline model", 0.6
        ),
        _containing_cue("leverag* integrat* combin* consist* compris* employ* uses using", 0.7),
        _containing_cue("based_on via through by trained modul* decompos* first then", 0.5),
        _containing_cue(
            "outperform* state-of-the-art state_of_the_art experiment_* experiments_*", -2.0
        ),
        _containing_cue("results_*", -2.0),
        _opening_cue("however but yet unfortunately despite existing recent although", -2.0),
        _containing_cue("suffer* struggl* fail* lack* limits limited diminishing remains", -1.5),
        _containing_cue("we_evaluate we_validate we_benchmark we_test we_compare we_conduct", -2.0),
        _containing_cue("available http* github release released", -1.5),
    ),
    "result": (
        _containing_cue(
            "outperform* surpass* exceed* match* state-of-the-art state_of_the_art", 2.0
        ),
        _containing_cue("experiment* evaluation* results empirically benchmark* findings", 1.2),
        _containing_cue("show* demonstrat* reveal* find finds found prove* indicat* observe*", 1.5),
        _containing_cue("improv* reduc* achiev* increas* yield* gain* faster higher lower", 1.2),
        (re.compile(r"\d(?:\.\d+)?\s?(?:%|\u00d7|x\b|points?)"), 1.5),
        _containing_cue("available http* github", -3.0),
        _opening_cue("however unfortunately existing recent despite", -2.0),
    ),
    "why_it_matters": (
        _containing_cue(
            "implication* pave_the_way paves_the_way paving_the_way opens path_to", 2.5
        ),
        _containing_cue("pathway_to path_toward foundation_for", 2.5),
        _containing_cue("highlight* underscor* suggest* potential promis* insight* enabl*", 1.5),
        _containing_cue(
            "practical practitioners real-world deploy* scalable trustworthy future", 1.0
        ),
        _opening_cue("overall these_results these_findings our_results our_findings our_work", 1.2),
        _opening_cue("our_study this_work", 1.2),
        _containing_cue("crucial critical essential important vital high-stakes", 0.8),
        _containing_cue("available http* github code releas* open-sourc*", -3.0),
        _opening_cue("while although however despite existing recent", -1.5),
    ),
    "limits": (
        _containing_cue("limitation* caveat* shortcoming*", 2.5),
        _containing_cue(
            "future_work only_when only_if not_always not_generali* does_not do_not cannot", 1.5
        ),
        _containing_cue(
            "trade-off* tradeoff* degrad* at_the_cost_of fail* still remain* fall_short", 1.3
        ),
        _opening_cue("however nevertheless nonetheless yet still but", 1.0),
        _containing_cue(
            "outperform* existing prior previous address* overcom* mitigat* we_propose", -2.0
        ),
    ),
}
_NEEDED: dict[Role, float] = {
    "method": 1.5,
    "result": 1.5,
    "problem": 1.5,
    "limits": 2.4,
    "why_it_matters": 2.2,
}
_DENYING = 1.5  # by this much another role must be more likely
_OPPOSED = -1.0  # a role with a lower score is contradicted by the words
# How sentences of other roles begin, or what they say, whatever else is in them.
_DENIED: dict[Role, re.Pattern[str]] = {
    "method": re.compile(
        r"^(?:\w+ly, |in this \w+, )?(?:we|our \w+|this (?:work|study|paper)) (?:also )?"
        r"(?:argue|observe|find|show|reveal|release|open-source|question|demonstrate|hypothesi[sz]e|believe|conclude|"
        r"contribute|hope)s?\b|\breveals? (?:\w+ ){0,2}(?:insights?|findings?)\b"
    ),
    "result": re.compile(
        r"^(?:our|the|this) (?:system|method|framework|model|approach|engine)(?:, [^,]+,)? is an? |"
        r"^we observe that (?:(?!we|our)\S+ ){0,4}?(?:models?|llms?|lrms?|vlms?|methods?|systems)\b"
        r"(?: \([^)]*\))? (?:frequently|often|tend|struggle|fail|lack|suffer)"
    ),
    "why_it_matters": re.compile(
        r" (?:provides|offers|has|contains|comprises|consists of) (?:two|three|four|five|six|\d+) "
    ),
}
_ORDER: tuple[Role, ...] = ("problem", "method", "result", "limits", "why_it_matters")


def assign_roles(sentences: Sequence[str], excluded: Collection[int], name: str) -> dict[Role, int]:
    """Return role -> index into ``sentences``, in reading order of roles.

    Indices in ``excluded`` (those of the one-line summary) get no role. ``name`` is what the paper
    calls its work, "" if unknown: a sentence that contains it is not about the field.
    """
    lowered = [sentence.lower() for sentence in sentences]
    own = [bool(name) and name.lower() in sentence for sentence in lowered]
    contribution = _contribution_index(lowered, own)
    chosen: dict[Role, int] = {}
    used = set(excluded)
    for role, needed in _NEEDED.items():
        scored = [
            (
                _cue_score(role, lowered[i], own[i])
                + _position_score(role, i, contribution, len(lowered)),
                -i,
            )
            for i in _eligible_range(role, contribution, len(lowered))
            if i not in used
        ]
        if scored and max(scored)[0] >= needed:
            chosen[role] = -max(scored)[1]
            used.add(chosen[role])
    return {role: chosen[role] for role in _ORDER if role in chosen}


def fits_role(sentence: str, role: Role, name: str) -> bool:
    """Whether the words of a single sentence allow a role, whatever its position.

    A sentence is denied a role when its cues speak against it, or clearly for another one.
    """
    lowered = sentence.lower()
    if role in _DENIED and _DENIED[role].search(lowered):
        return False
    own = bool(name) and name.lower() in lowered
    scores = {other: _cue_score(other, lowered, own) for other in _NEEDED}
    if role == "tldr":
        about_field = max(scores["problem"], scores["limits"])
        return about_field < _DENYING or max(scores["method"], scores["result"]) >= _DENYING
    rival = max(scores[other] - _NEEDED[other] for other in _NEEDED if other != role)
    if scores[role] < _OPPOSED:
        return False
    return rival < 0 or rival + _NEEDED[role] - scores[role] < _DENYING


def _contribution_index(lowered: Sequence[str], own: Sequence[bool]) -> int:
    """Return the first index about the authors' own work; a third of the way in if none is."""
    return next(
        (i for i, sentence in enumerate(lowered) if own[i] or _OURS.search(sentence)),
        len(lowered) // 3,
    )


def _eligible_range(role: Role, contribution: int, count: int) -> range:
    """Return where a role may be found: the problem before the contribution, others after."""
    if role == "problem":
        return range(contribution)
    return range(contribution if role in ("method", "result") else contribution + 1, count)


def _cue_score(role: Role, sentence: str, own: bool) -> float:
    score = sum(weight for pattern, weight in _CUES[role] if pattern.search(sentence))
    if own:
        score += -3.0 if role == "problem" else 0.5
    return score - 0.7 * bool(_PRONOUN.match(sentence))


def _position_score(role: Role, index: int, contribution: int, count: int) -> float:
    """Return how well a role fits a position: the method early, most others towards the end."""
    if role == "problem":
        return 0.8
    if role == "method":
        return 1.0 if index == contribution else (0.5 if index <= contribution + 2 else -1.0)
    if role == "why_it_matters":
        return 1.2 if index == count - 1 and count > 2 else 0.4
    return -2.0 if index == contribution else 0.4 * index / count
