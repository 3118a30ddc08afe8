"""The paragraph of a direction in a monthly report, from its facts, without chance.

Neighbouring paragraphs use different wordings; the same facts always give the same text.

Public: `add_paragraphs`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tracker.digest.document import BriefSentence, DirectionFacts, MonthFacts
from tracker.language import Language

# Shares closer than this are the same in a sentence with one decimal.
_SAME_SHARE = 0.0005


def add_paragraphs(month: MonthFacts, language: Language) -> MonthFacts:
    """Return the month with the paragraph of each direction."""
    written = (
        replace(facts, text=tuple(_sentences(facts, place % 3, language)))
        for place, facts in enumerate(month.directions)
    )
    return replace(month, directions=tuple(written))


def _sentences(facts: DirectionFacts, variant: int, language: Language) -> Iterator[BriefSentence]:
    yield BriefSentence(_size(facts, variant, language), "", "size")
    if facts.share_before is not None and facts.low is not None and facts.high is not None:
        yield BriefSentence(_change(facts, variant, language), "", "change")
    known = [point for point in facts.series if point.share is not None]
    if len(known) > 2 and (record := _record(facts, language)):
        yield BriefSentence(record, "", "history")
    if facts.resources:
        names = language.format_list(facts.resources)
        text = language.gettext("New benchmarks, data sets or models: {names}.", names=names)
        yield BriefSentence(text, "", "resources")


def _size(facts: DirectionFacts, variant: int, language: Language) -> str:
    papers = language.ngettext("{n} paper", "{n} papers", facts.papers)
    share = language.percent(facts.share, 1)
    if not facts.themes:
        return language.gettext(
            "The month brought {papers}, {share} of all.", papers=papers, share=share
        )
    names = [
        language.gettext("“{theme}” ({n})", theme=name, n=language.number(number))
        for name, number in facts.themes
    ]
    themes = language.format_list(names)
    if len(names) == 1:
        return language.gettext(
            "The month brought {papers}, {share} of all; the largest theme was {themes}.",
            papers=papers, share=share, themes=themes,
        )  # fmt: skip
    if variant == 0:
        return language.gettext(
            "The month brought {papers}, {share} of all; the largest themes were {themes}.",
            papers=papers, share=share, themes=themes,
        )  # fmt: skip
    if variant == 1:
        return language.gettext(
            "Of all papers, {share} belong here ({papers}), most of them on {themes}.",
            papers=papers, share=share, themes=themes,
        ) if _covered(facts) > 0.5 else language.gettext(
            "Of all papers, {share} belong here ({papers}), among them those on {themes}.",
            papers=papers, share=share, themes=themes,
        )  # fmt: skip
    return language.gettext(
        "There were {papers} ({share} of all), notably on {themes}.",
        papers=papers, share=share, themes=themes,
    )  # fmt: skip


def _covered(facts: DirectionFacts) -> float:
    return sum(number for _, number in facts.themes) / facts.papers


def _change(facts: DirectionFacts, variant: int, language: Language) -> str:
    """Say how the share changed, and whether chance explains that, as in `tracker trends`."""
    values = {
        "before": language.percent(facts.share_before or 0.0, 1),
        "now": language.percent(facts.share, 1),
        "low": language.percentage_points(facts.low or 0.0),
        "high": language.percentage_points(facts.high or 0.0),
    }
    if facts.trend in ("growing", "shrinking"):
        return _real_change(facts.trend, values, language)
    return _chance_change(facts, variant, values, language)


def _real_change(trend: str, values: Mapping[str, str], language: Language) -> str:
    if trend == "growing":
        return language.gettext(
            "Its share grew from {before} to {now}, more than chance explains (95% interval of the change: {low} to {high} points).",  # noqa: E501
            **values,
        )
    return language.gettext(
        "Its share fell from {before} to {now}, more than chance explains (95% interval of the change: {low} to {high} points).",  # noqa: E501
        **values,
    )


def _chance_change(
    facts: DirectionFacts, variant: int, values: Mapping[str, str], language: Language
) -> str:
    if abs(facts.share - (facts.share_before or 0.0)) < _SAME_SHARE:
        return language.gettext(
            "Its share was the same as in the month before.",
            **values,
        )
    if (facts.low or 0.0) * (facts.high or 0.0) > 0:
        return language.gettext(
            "A month earlier its share was {before}; chance produces one such difference among so many directions.",  # noqa: E501
            **values,
        )
    if variant % 2:
        return language.gettext(
            "The month before it was {before}, a difference within chance.",
            **values,
        )
    return language.gettext(
        "A month earlier its share was {before}; chance alone could explain the difference.",
        **values,
    )


def _record(facts: DirectionFacts, language: Language) -> str:
    """Say that no month of the series had a higher or lower share than this one; else ""."""
    shares = [point.share for point in facts.series if point.share is not None]
    now, others = shares[-1], shares[:-1]
    if now > max(others) + _SAME_SHARE:
        return language.gettext("It is the highest share in {months} months.", months=len(shares))
    if now < min(others) - _SAME_SHARE:
        return language.gettext("It is the lowest share in {months} months.", months=len(shares))
    return ""
