"""Thirty minutes for one paper: which of its parts to read, in which order, and for how long.

Abstract and conclusion come first, then the figure and the table that carry the result, the method,
the limitations, and the formulas last. The parts are chosen by their headings and captions.

Public: `plan_reading`, `fit_minutes`, `names_parts`, `main_table`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracker.language import Language
from tracker.learning.reading import PLAN_MINUTES, PlanStep
from tracker.paper.paper_outline import OutlineCaption, OutlineSection, PaperOutline

# The order of the steps of a level, with their minutes when the paper has every part.
_MINUTES: Mapping[str, Mapping[str, int]] = {
    "beginner": {"claim": 6, "opening": 7, "figure": 6, "table": 3, "method": 5, "limits": 3},
    "engineer": {"claim": 5, "figure": 5, "table": 6, "method": 8, "limits": 3, "formulas": 3},
    "researcher": {"claim": 4, "table": 7, "figure": 4, "method": 7, "limits": 4, "formulas": 4},
}
_WITHOUT_FULL_TEXT: Mapping[str, Mapping[str, int]] = {
    "beginner": {"claim": 10, "results": 12, "rest": 8},
    "engineer": {"claim": 7, "results": 12, "rest": 11},
    "researcher": {"claim": 5, "results": 13, "rest": 12},
}
_MAX_LABEL, _MAX_CAPTION = 80, 110
# One displayed formula is read with the method and needs no step.
_MIN_FORMULAS = 2


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of a paper that the plan names, as a reader finds them; "" if there is none."""

    conclusion: str = ""
    opening: str = ""
    figure: str = ""
    table: str = ""
    method: str = ""
    limits: str = ""
    formulas: str = ""


def plan_reading(outline: PaperOutline, level: str, language: Language) -> tuple[PlanStep, ...]:
    """Return the steps for a paper; three that fit any paper if its outline names no parts."""
    parts = _find_parts(outline)
    if not names_parts(outline):
        general = _generic_texts(language)
        return tuple(
            PlanStep(kind, minutes, general[kind])
            for kind, minutes in _WITHOUT_FULL_TEXT[level].items()
        )
    found, names = _step_texts(parts, language), _part_names(parts, language)
    texts = {kind: found[kind] for kind in _MINUTES[level] if found[kind]}
    weights = [_MINUTES[level][kind] for kind in texts]
    minutes = _allot_minutes(weights, PLAN_MINUTES)
    return tuple(
        PlanStep(kind, share, text, names[kind])
        for (kind, text), share in zip(texts.items(), minutes, strict=True)
    )


def fit_minutes(plan: Sequence[PlanStep], minutes: int) -> tuple[PlanStep, ...]:
    """Return the first steps that fit into the minutes, at least one."""
    fitting: list[PlanStep] = []
    for step in plan:
        if fitting and sum(one.minutes for one in fitting) + step.minutes > minutes:
            break
        fitting.append(step)
    return tuple(fitting)


def names_parts(outline: PaperOutline) -> bool:
    """Whether the plan of the paper names its own parts."""
    parts = _find_parts(outline)
    return bool(parts.method or parts.figure or parts.table)


def main_table(outline: PaperOutline) -> str:
    """Return the name of the table with the main result, such as "Table 2"; "" if unknown."""
    caption = _carries_result(outline.captions, "table")
    return f"Table {caption.number}" if caption and caption.number else ""


def _allot_minutes(weights: Sequence[int], total: int) -> list[int]:
    """Return whole minutes in proportion to the weights, with exactly this total."""
    exact = [weight * total / sum(weights) for weight in weights]
    minutes = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: (minutes[i] - exact[i], i))
    for place in by_remainder[: total - sum(minutes)]:
        minutes[place] += 1
    return minutes


# --- the parts -------------------------------------------------------------------------------

_OPENING = re.compile(r"\bintroduc", re.I)
_CONCLUSION = re.compile(r"\bconclu", re.I)
_LIMITS = re.compile(r"\blimitation", re.I)
_DISCUSSION = re.compile(r"\bdiscussion|\bthreats? to validity", re.I)
_METHOD = re.compile(
    r"\b(?:method|approach|framework|algorithm|architecture|our model|proposed|design|overview"
    r"|formulation|pipeline|construction)",
    re.I,
)
_NOT_METHOD = re.compile(
    r"\b(?:introduc|related|prior work|background|preliminar|experiment|evaluation|result|analysis"
    r"|analyses|ablation|discussion|conclu|limitation|acknowledg|ethic|broader|impact|reproducib"
    r"|future|reference|contribution|statement)",
    re.I,
)
_RESULT = re.compile(
    r"\b(?:result|performance|accurac|compar|score|improv|outperform|scal(?:e|es|ing)\b|trade-?off"
    r"|versus\b|vs\b|throughput|latency|speed|error|loss|win rate|pass@|success|across|effect)",
    re.I,
)
_MAIN = re.compile(
    r"\b(?:main|overall|headline|key)\b.{0,30}\b(?:result|performance|comparison)", re.I
)
_NOT_RESULT = re.compile(
    r"\b(?:overview|illustrat|example|prompt|architecture|pipeline|framework|workflow|schematic"
    r"|statistic|hyper-?parameter|notation|template|taxonomy|interface|instruction|ablation)",
    re.I,
)


def _find_parts(outline: PaperOutline) -> _Parts:
    body = [section for section in outline.sections if not section.appendix]
    top = [section for section in body if section.level == 1]
    limits = _first(body, _LIMITS) or _first(top, _DISCUSSION)
    method = _find_method(top)
    return _Parts(
        conclusion=_label(_first(top, _CONCLUSION)),
        opening=_label(_first(top, _OPENING)),
        figure=_caption_label(_carries_result(outline.captions, "figure")),
        table=_caption_label(_carries_result(outline.captions, "table")),
        method=_label(method),
        limits=_label(limits),
        formulas=_label(_most_formulas(top)),
    )


def _first(sections: Sequence[OutlineSection], title: re.Pattern[str]) -> OutlineSection | None:
    return next((section for section in sections if title.search(section.title)), None)


def _find_method(sections: Sequence[OutlineSection]) -> OutlineSection | None:
    """Return the section that a heading calls the method, else the one with most formulas."""
    candidates = [section for section in sections if not _NOT_METHOD.search(section.title)]
    named = _first(candidates, _METHOD)
    return named or max(candidates, key=lambda s: (s.formulas, s.words), default=None)


def _most_formulas(sections: Sequence[OutlineSection]) -> OutlineSection | None:
    with_formulas = [section for section in sections if section.formulas >= _MIN_FORMULAS]
    return max(with_formulas, key=lambda section: section.formulas, default=None)


def _carries_result(captions: Sequence[OutlineCaption], kind: str) -> OutlineCaption | None:
    """Return the figure or table that most likely has the main result; of equals the first."""
    candidates = [one for one in captions if one.kind == kind and not one.appendix]
    return max(candidates, key=lambda caption: _result_score(caption.text), default=None)


def _result_score(caption: str) -> int:
    found = len({match.lower() for match in _RESULT.findall(caption)})
    return min(found, 3) + 3 * bool(_MAIN.search(caption)) - 3 * bool(_NOT_RESULT.search(caption))


def _label(section: OutlineSection | None) -> str:
    return _clip(section.label, _MAX_LABEL) if section else ""


def _caption_label(caption: OutlineCaption | None) -> str:
    """Return its name and first sentence, in the paper's language: Figure 3 (“Accuracy …”)."""
    if caption is None:
        return ""
    name = f"{caption.kind.capitalize()} {caption.number}".strip()
    lead = _clip(re.split(r"(?<=[a-z)]{2})[.:](?:\s|$)", caption.text)[0].strip(), _MAX_CAPTION)
    return f"{name} (“{lead}”)" if lead else name


def _clip(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    return cut[: cut.rfind(" ") if " " in cut else length].rstrip(" ,;:") + "…"


# --- the words -------------------------------------------------------------------------------


def _step_texts(parts: _Parts, language: Language) -> Mapping[str, str]:
    """Return what to do in each step; "" for a part that the paper does not have."""
    _ = language.gettext
    return {
        "claim": _(
            "Abstract, then “{part}”: what does the paper claim, and by how much?",
            part=parts.conclusion,
        ) if parts.conclusion else _("Abstract: what does the paper claim, and by how much?"),
        "opening": parts.opening and _(
            "“{part}”: which problem is it, and why was it not solved before?", part=parts.opening
        ),
        "figure": parts.figure and _(
            "{part}: what does it show, and how large is the difference?", part=parts.figure
        ),
        "table": parts.table and _(
            "{part}: find the claimed number, and compare it with the strongest baseline.",
            part=parts.table,
        ),
        "method": parts.method and _(
            "“{part}”, without the formulas: how would you build it?", part=parts.method
        ),
        "limits": _("“{part}”: what was not tested?", part=parts.limits)
        if parts.limits
        else _("What was not tested? The paper has no section about it."),
        "formulas": parts.formulas and _(
            "Last, the formulas of “{part}”; then write down the one sentence worth remembering.",
            part=parts.formulas,
        ),
    }  # fmt: skip


def _part_names(parts: _Parts, language: Language) -> Mapping[str, str]:
    """Return what is read in each step, without quoting captions."""
    _ = language.gettext
    abstract = _("abstract")
    quoted = {"opening": parts.opening, "method": parts.method, "limits": parts.limits}
    return {
        "claim": f"{abstract} + “{parts.conclusion}”" if parts.conclusion else abstract,
        "figure": parts.figure.partition(" (“")[0],
        "table": parts.table.partition(" (“")[0],
        "formulas": _("formulas"),
        **{kind: f"“{name}”" if name else "" for kind, name in quoted.items()},
    }


def _generic_texts(language: Language) -> Mapping[str, str]:
    """Return what to do with a paper of which only the abstract is known."""
    _ = language.gettext
    return {
        "claim": _("Abstract and conclusion: what does the paper claim, and by how much?"),
        "results": _("The main figure and the main table: do they support the claim?"),
        "rest": _(
            "The method without its formulas, then the limitations: how would you build it, and"
            " what was not tested?"
        ),
    }
