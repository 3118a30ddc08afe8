"""How many papers a month had, in a sentence that claims no difference which chance explains.

Public: `describe_volume`.
"""

from tracker.digest.document_sections import PeriodCounts
from tracker.digest.monthly.month_parts import MonthVolume
from tracker.language import Language


def describe_volume(counts: PeriodCounts, volume: MonthVolume, language: Language) -> str:
    """Return the sentence; the number that was expected follows the papers."""
    number = sum(day.papers > 0 for day in counts.days)
    whole = volume.changes[0]
    values = {
        "papers": language.ngettext("{n} paper", "{n} papers", counts.papers),
        "days": language.ngettext("{n} day", "{n} days", number),
        "expected": language.number(round(whole.expected)),
        "share": language.percent(abs(whole.change)),
    }
    if whole.holds and whole.change > 0:
        return language.gettext(
            "arXiv announced {papers} over {days}, {share} more than the previous six months suggest.",  # noqa: E501
            **values,
        )
    if whole.holds:
        return language.gettext(
            "arXiv announced {papers} over {days}, {share} fewer than the previous six months suggest.",  # noqa: E501
            **values,
        )
    return language.gettext(
        "arXiv announced {papers} over {days}, in line with the previous six months ({expected} expected).",  # noqa: E501
        **values,
    )
