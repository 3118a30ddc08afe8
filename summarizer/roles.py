"""What a sentence of an abstract is for: problem, method, result, why it matters, limits.

Abstracts are written to a pattern, so cue phrases and the place of a sentence tell its role. The
cues below score a sentence for each role; ``assign`` gives each role its best sentence and each
sentence one role at most. A role nobody plays stays absent.

Public surface: ``assign``.
"""

import re
from collections.abc import Collection, Sequence

from summarizer.models import Role

_AUTHORS = r"\b(?:we|i|this (?:paper|work|article|study|survey|report|thesis)|our \w+)\b"
_OURS = re.compile(_AUTHORS + r"(?! (?:lack|need|know|still|often|do not|have (?:little|no))\b)")
_Cue = tuple[re.Pattern[str], float]


def _cues(*rows: tuple[str, float]) -> tuple[_Cue, ...]:
    return tuple((re.compile(pattern), weight) for pattern, weight in rows)


_PROPOSAL = re.compile(
    rf"{_AUTHORS}(?: \w+ly| also| further| then| first| here| thus| therefore)?"
    r" (?:propos|introduc|present|develop|describ|devis|design|formulat|creat|construct|build|releas"
    r"|provid|offer|stud|investigat|explor|examin|analy|address|tackl|revisit|survey|review|argu"
    r"|establish|deriv|evaluat|benchmark|ask|consider|conduct|contribut|aim|compar|extend|combin"
    r"|leverag|us|appl)\w*\b"
)
_CUES: dict[Role, tuple[_Cue, ...]] = {
    "problem": _cues(
        (r"^(?:however|but|yet|unfortunately|despite|although|while|nevertheless|still)\b", 2.0),
        (r"\b(?:challeng\w+|suffer\w*|struggl\w+|fail\w*|lack\w*|limit\w*|difficult\w*|hinder\w*)\b", 1.5),
        (r"\b(?:remain\w*|unclear|unexplored|underexplored|bottleneck\w*|costly|expensive)\b", 1.2),
        (r"\b(?:existing|current|prior|previous|traditional|conventional|standard)\b", 1.0),
        (r"\b(?:problem|gap|need|poorly|often|prone|vulnerable|insufficient|inefficient)\b", 0.6),
        (r"\b(?:crucial|critical|essential|important|fundamental|key)\b", 0.3),
        (_AUTHORS, -3.0),
        (r"\b(?:outperform\w*|achiev\w+|experiment\w*)\b", -2.0),
    ),
    "method": _cues(
        (_PROPOSAL.pattern, 3.0),
        (r"\b(?:novel|new|framework|method|approach|algorithm|architecture|pipeline|model)\b", 0.6),
        (r"\b(?:leverag\w+|integrat\w+|combin\w+|consist\w*|compris\w+|employ\w*|us(?:es|ing))\b", 0.7),
        (r"\b(?:based on|by \w+ing|via|through|trained|modul\w+|decompos\w+|first|then)\b", 0.5),
        (r"\b(?:outperform\w*|state[- ]of[- ]the[- ]art|experiments? \w+|results? \w+|\d%)", -2.0),
        (r"^(?:however|but|yet|unfortunately|despite|existing|recent|although)\b", -2.0),
        (r"\b(?:suffer\w*|struggl\w+|fails?|lack\w*|limits?|limited|diminishing|remains?)\b", -1.5),
        (r"\bwe (?:\w+ly )?(?:evaluat|validat|benchmark|test|compar|assess|conduct)\w*\b", -2.0),
        (r"\b(?:available|https?:|github|released?)\b", -1.5),
    ),
    "result": _cues(
        (r"\b(?:outperform\w*|surpass\w*|exceed\w*|state[- ]of[- ]the[- ]art|match(?:es|ing)?)\b", 2.0),
        (r"\b(?:experiments?|evaluations?|results?|empirically|benchmarks?|findings)\b", 1.2),
        (r"\b(?:show|shows|showed|demonstrat\w+|reveal\w*|find|finds|found|prove|indicat\w+|observe)\b", 1.5),
        (r"\b(?:improv\w+|reduc\w+|achiev\w+|increas\w+|yield\w*|gains?|faster|higher|lower)\b", 1.2),
        (r"\d(?:\.\d+)?\s?(?:%|\u00d7|x\b|points?)", 1.5),
        (r"\b(?:available|https?:|github)\b", -3.0),
        (r"^(?:however|unfortunately|existing|recent|despite)\b", -2.0),
    ),
    "why_it_matters": _cues(
        (r"\b(?:implications?|pav\w+ the way|opens?|path(?:way)? (?:to|toward)|foundation for)\b", 2.5),
        (r"\b(?:highlight\w*|underscor\w*|suggest\w*|potential|promis\w+|insights?|enabl\w+)\b", 1.5),
        (r"\b(?:practical|practitioners|real-world|deploy\w*|scalable|trustworthy|future)\b", 1.0),
        (r"^(?:overall|these (?:results|findings)|our (?:results|findings|work|study)|this work)\b", 1.2),
        (r"\b(?:crucial|critical|essential|important|vital|high-stakes)\b", 0.8),
        (r"\b(?:available|https?:|github|code|releas\w+|open[- ]sourc\w+)\b", -3.0),
        (r"^(?:while|although|however|despite|existing|recent)\b", -1.5),
    ),
    "limits": _cues(
        (r"\b(?:limitations?|caveats?|shortcomings?)\b", 2.5),
        (r"\b(?:future work|only when|only if|not (?:always|generali[sz]e)|does not|do not|cannot)\b", 1.5),
        (r"\b(?:trade-?offs?|degrad\w+|at the cost of|fails?|still|remain\w* \w+|fall short)\b", 1.3),
        (r"^(?:however|nevertheless|nonetheless|yet|still|but)\b", 1.0),
        (r"\b(?:outperform\w*|existing|prior|previous|address\w*|overcom\w+|mitigat\w+|we propose)\b", -2.0),
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
            (_score(role, sentence, own[i]) + _place(role, i, turn, len(lowered)), -i)
            for i, sentence in enumerate(lowered)
            if i not in used
        ]
        if scored and max(scored)[0] >= needed:
            chosen[role] = -max(scored)[1]
            used.add(chosen[role])
    return {role: chosen[role] for role in _ORDER if role in chosen}


def _contribution(lowered: Sequence[str], own: Sequence[bool]) -> int:
    """Index of the first sentence about the authors' own work; the length if there is none."""
    return next(
        (i for i, sentence in enumerate(lowered) if own[i] or _OURS.search(sentence)),
        len(lowered),
    )


def _score(role: Role, sentence: str, own: bool) -> float:
    score = sum(weight for pattern, weight in _CUES[role] if pattern.search(sentence))
    return score - 3.0 * (own and role == "problem") + 0.5 * (own and role in ("method", "result"))


def _place(role: Role, index: int, turn: int, count: int) -> float:
    """Where a role is usually played: before the contribution, at it, after it, at the end."""
    if role == "problem":
        return 0.8 if index < turn else -3.0
    if role == "method":
        return 1.0 if index == turn else (0.5 if turn < index <= turn + 2 else -1.0)
    if role == "why_it_matters":
        return 1.2 if index == count - 1 and count > 2 else (0.4 if index > turn else -0.8)
    return -2.0 if index <= min(turn, count - 1) else 0.4 * index / count
