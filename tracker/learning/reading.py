"""The hour for one paper as data: 30 minutes of reading, and 30 minutes of practice.

Texts are plain and in the language of the document that contains them, except what is quoted from
the paper and the exercises of the catalogue, which are in their own language.

Public: `PlanStep`, `Practice`, `ReadingLink`, `Reading`, `LEVELS`, `PLAN_MINUTES`.
"""

from dataclasses import dataclass

LEVELS = ("beginner", "engineer", "researcher")
PLAN_MINUTES = 30


@dataclass(frozen=True, slots=True)
class PlanStep:
    """A step of a reading plan: its `kind` (claim, figure, method …), minutes, and what to do.

    `part` is only the name of what is read ("Table 2"), for a plan in one line, or "".
    """

    kind: str
    minutes: int
    text: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Practice:
    """A task. `source` is code, model, dataset or demo of the paper, or "exercise".

    Commands in `steps` are in backticks, and the first step may be one. `expect` is what one should
    see. An exercise has the `key` and direction that it has in the catalogue, and a title in the
    catalogue's language.
    """

    source: str
    title: str
    minutes: int
    steps: tuple[str, ...]
    expect: str
    url: str = ""
    tools: tuple[str, ...] = ()
    key: str = ""
    direction: str = ""


@dataclass(frozen=True, slots=True)
class ReadingLink:
    """Where something of the paper is: `kind` is code, model, dataset, demo or page."""

    kind: str
    url: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """The hour for the paper `id`; a part that is not known is empty.

    `conclusion` and `limitations` are quoted from the paper; `from_full_text` is whether the plan
    names the paper's sections, figures and tables.
    """

    id: str
    level: str
    plan: tuple[PlanStep, ...]
    practice: Practice | None = None
    links: tuple[ReadingLink, ...] = ()
    conclusion: str = ""
    limitations: str = ""
    from_full_text: bool = False
