"""What the vault has beside papers and topics: notes of weeks and months, and a map as a diagram.

Public: `PeriodList`, `load_period_lists`, `period_note`, `map_diagram`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tracker.delivery.notes.vault import VaultNote
from tracker.digest.render.pages import render_vault_note
from tracker.language import Language
from tracker.pipeline.learning.knowledge_map import TopicCount
from tracker.store import issues
from tracker.store.database import Database

_FOLDERS = {"weekly": ("Weeks", "week"), "monthly": ("Months", "month")}


@dataclass(frozen=True, slots=True)
class PeriodList:
    """The papers that the issue of a week or month picked, in order."""

    kind: str
    period: str
    papers: tuple[str, ...]


def load_period_lists(db: Database) -> tuple[PeriodList, ...]:
    """Return the picks of each composed week and month, once for all languages."""
    keys = {(kind, period) for kind, period, _, _ in issues.list_issue_keys(db)}
    return tuple(
        PeriodList(kind, period, tuple(issues.pick_ids(db, kind, period)))
        for kind, period in sorted(keys)
        if kind in _FOLDERS
    )


def period_note(
    period: PeriodList, titles: Mapping[str, str], templates: Path, language: Language
) -> VaultNote:
    """Return the note of a week or month: its papers with boxes to tick when they were read."""
    folder, kind = _FOLDERS[period.kind]
    body = render_vault_note(
        "period",
        templates,
        language.code,
        period=period,
        papers=[(key.replace("/", "_"), titles[key]) for key in period.papers if key in titles],
    )
    front = (f"{kind}: {period.period}", f"tags: [tracker, {kind}]")
    name = period.period
    return VaultNote(f"{folder}/{name}.md", front, body, f"{kind}/{name}")


def map_diagram(
    row: TopicCount, concepts: Sequence[TopicCount], names: Mapping[str, str], language: Language
) -> str:
    """Return a dimension with its directions as a Mermaid diagram, or "" for a direction.

    Each direction has the papers of thirty days in the dimension, and how many of its works the
    user has read.
    """
    cells = [
        (one, papers)
        for one in concepts
        if one.kind == "direction" and (papers := one.by_dimension.get(row.key, 0))
    ]
    if row.kind != "dimension" or not cells:
        return ""
    cells.sort(key=lambda cell: (-cell[1], cell[0].key))
    lines = ["graph LR", f"  d0[{_quote(names[row.key])}]"]
    for number, (one, papers) in enumerate(cells, start=1):
        read = one.read_by_dimension.get(row.key, 0)
        numbers = (
            language.ngettext("{n} paper", "{n} papers", papers),
            language.ngettext("{n} read", "{n} read", read),
        )
        label = " · ".join((names[one.key], *numbers))
        lines.append(f"  d0 --> d{number}[{_quote(label)}]")
    return "\n".join(lines)


def _quote(label: str) -> str:
    """Return a label as Mermaid takes it, with quotation marks as character references."""
    return '"{}"'.format(label.replace('"', "#quot;"))
