"""Sentences on shares that grew or fell by more than chance explains.

Public: `describe_trends`, `list_shares`, `add_dimensions`.
"""

from collections.abc import Sequence

from tracker.digest.document import GroupCount, MonthFacts
from tracker.language import Language


def describe_trends(grown: str, shrunk: str, language: Language, variant: int) -> str:
    """Return a sentence on directions that grew or fell; `variant` is its wording."""
    if grown and shrunk:
        return language.gettext(
            "The share of {grown} grew by more than chance explains, and that of {shrunk} fell.",
            grown=grown, shrunk=shrunk,
        )  # fmt: skip
    if grown:
        return language.gettext(
            "The share of {grown} grew by more than chance explains.", grown=grown
        )
    if shrunk:
        return language.gettext(
            "The share of {shrunk} fell by more than chance explains.", shrunk=shrunk
        )
    if variant:
        return language.gettext("No direction grew or shrank by more than chance explains.")
    return language.gettext("The directions kept their shares: no change is beyond chance.")


def list_shares(rows: Sequence[GroupCount], language: Language, digits: int = 0) -> str:
    """Return the two directions whose share changed most, with their shares before and now."""
    rows = sorted(rows, key=lambda row: -abs(row.share - (row.share_before or 0.0)))[:2]
    return language.format_list([
        language.gettext(
            "“{name}” (from {before} to {now})",
            name=row.name, before=language.percent(row.share_before or 0.0, digits),
            now=language.percent(row.share, digits),
        )
        for row in rows
    ])  # fmt: skip


def add_dimensions(text: str, month: MonthFacts, language: Language) -> str:
    """Return the text on directions with one on the dimensions that changed beyond chance."""
    changed = [row for row in month.changes if row.kind == "dimension" and row.holds]
    grown = _quote_names([row.name for row in changed if row.change > 0], language)
    shrunk = _quote_names([row.name for row in changed if row.change < 0], language)
    if grown and shrunk:
        return language.gettext(
            "{text} Of the dimensions, {grown} grew, and {shrunk} shrank.",
            text=text, grown=grown, shrunk=shrunk,
        )  # fmt: skip
    if grown:
        return language.gettext("{text} Of the dimensions, {grown} grew.", text=text, grown=grown)
    if shrunk:
        return language.gettext(
            "{text} Of the dimensions, {shrunk} shrank.", text=text, shrunk=shrunk
        )
    return text


def _quote_names(names: Sequence[str], language: Language) -> str:
    return language.format_list([language.gettext("“{name}”", name=name) for name in names])
