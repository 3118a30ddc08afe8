"""What is known of a paper's full text: its headings, captions, conclusion, and what it releases.

The parsers in `tracker.sources.formats` make it from HTML or LaTeX; the text itself is not stored.

Public: `PaperOutline`, `OutlineSection`, `OutlineCaption`, `outline_as_dict`, `outline_from_dict`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class OutlineSection:
    """A heading: `number` as printed ("3.1", "A", or ""), `level` 1 for a section, 2 below it.

    `words` and `formulas` count what is below the heading, subsections included.
    """

    number: str
    title: str
    level: int = 1
    words: int = 0
    formulas: int = 0
    appendix: bool = False

    @property
    def label(self) -> str:
        """The heading as a reader finds it: "3.1 Routing"."""
        return f"{self.number} {self.title}".strip()


@dataclass(frozen=True, slots=True)
class OutlineCaption:
    """A caption of a "figure" or "table" (`kind`), with its printed number."""

    kind: str
    number: str
    text: str
    appendix: bool = False


@dataclass(frozen=True, slots=True)
class PaperOutline:
    """The outline of a paper; a part that was not found is empty.

    `conclusion` includes the stated limitations, `limitations` has only those under a heading that
    names them. `releases` are the sentences with addresses in which the authors name what they
    publish.
    """

    sections: tuple[OutlineSection, ...] = ()
    captions: tuple[OutlineCaption, ...] = ()
    conclusion: str = ""
    limitations: str = ""
    releases: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything was found."""
        return bool(self.sections or self.captions or self.conclusion)


def outline_as_dict(outline: PaperOutline) -> dict[str, Any]:
    """Return the outline as plain lists, dicts and texts."""
    return asdict(outline)


def outline_from_dict(data: Mapping[str, Any]) -> PaperOutline:
    """Return the outline from the result of `outline_as_dict`."""
    return PaperOutline(
        sections=tuple(OutlineSection(**section) for section in data["sections"]),
        captions=tuple(OutlineCaption(**caption) for caption in data["captions"]),
        conclusion=data["conclusion"],
        limitations=data["limitations"],
        releases=tuple(data["releases"]),
    )
