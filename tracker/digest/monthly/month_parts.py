"""The parts of a document that only a monthly report has, from its directions to its figures.

Public: `BriefSentence`, `MonthFacts` and what it consists of.
"""

from dataclasses import dataclass
from datetime import date

from tracker.digest.monthly.month_lists import GroupPapers, PaperList


@dataclass(frozen=True, slots=True)
class BriefSentence:
    """A sentence of the opening paragraph, the fact it states (`kind`), and where to read on.

    `url` is an address or, within the page, the anchor of a section; `ids` are the papers meant.
    """

    text: str
    url: str = ""
    kind: str = ""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MonthShare:
    """Papers of a direction in one month; `share` is None where too few papers were tagged."""

    month: str
    papers: int
    share: float | None


@dataclass(frozen=True, slots=True)
class DirectionPaper:
    """A paper of a direction; `finding` is what it achieved, empty if its abstract does not say."""

    id: str
    url: str
    title: str
    finding: str = ""


@dataclass(frozen=True, slots=True)
class DirectionFacts:
    """A direction in a month, and the paragraph (`text`) that states these facts.

    `change` is that of the share, `low` to `high` its 95 % interval, `q` its corrected
    p-value; all None if not tested. `trend` is as in `tracker trends`. `series` ends with this
    month. `themes` are names and how many papers of the direction are in each. `resources` are the
    names of new benchmarks, data sets and models.
    """

    key: str
    name: str
    papers: int
    share: float
    share_before: float | None
    change: float | None
    low: float | None
    high: float | None
    q: float | None
    trend: str
    series: tuple[MonthShare, ...]
    themes: tuple[tuple[str, int], ...]
    best: tuple[DirectionPaper, ...]
    resources: tuple[str, ...]
    text: tuple[BriefSentence, ...] = ()


@dataclass(frozen=True, slots=True)
class VolumeDay:
    """An announcement day: its papers, and how many the previous months suggest."""

    day: date
    papers: int
    expected: float


@dataclass(frozen=True, slots=True)
class VolumeChange:
    """The papers of a category (`key`; "" for all papers) against what was expected.

    `change` is the relative difference, `low` to `high` its 95 % interval, `q` the corrected
    p-value. The change `holds` if q is below 0.05 and the interval excludes zero. `detectable` is
    the smallest change that would have been found in four of five cases.
    """

    key: str
    papers: int
    expected: float
    change: float
    low: float
    high: float
    q: float
    holds: bool
    detectable: float


@dataclass(frozen=True, slots=True)
class MonthVolume:
    """The papers of a month against the months before, from `since` on."""

    since: date
    days: tuple[VolumeDay, ...]
    changes: tuple[VolumeChange, ...]


@dataclass(frozen=True, slots=True)
class ShareChange:
    """The change of a dimension's or direction's (`kind`) share since the month before.

    `change`, `low`, `high` and `q` are as in `DirectionFacts`. `holds` is whether `tracker trends`
    calls the change growing or shrinking. `detectable` is as in `VolumeChange`, as a difference.
    """

    key: str
    kind: str
    name: str
    papers: int
    share: float
    share_before: float
    change: float
    low: float
    high: float
    q: float
    holds: bool
    detectable: float


@dataclass(frozen=True, slots=True)
class HeatMap:
    """How many papers of each direction (row) are also in each dimension (column).

    `papers` are all papers of each direction.
    """

    dimensions: tuple[tuple[str, str], ...]
    directions: tuple[tuple[str, str], ...]
    counts: tuple[tuple[int, ...], ...]
    papers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RankLine:
    """The ranks of a model on the days of `BoardLines`; None where it is not listed.

    `best` to `worst` are the ranks that its interval allows in the newest snapshot; `best_before`
    to `worst_before` those in the first one, None if it is not listed there.
    """

    model: str
    ranks: tuple[int | None, ...]
    best: int
    worst: int
    best_before: int | None = None
    worst_before: int | None = None


@dataclass(frozen=True, slots=True)
class BoardLines:
    """The ranks of the first models of a board over some snapshots, oldest first."""

    board: str
    days: tuple[date, ...]
    lines: tuple[RankLine, ...]


@dataclass(frozen=True, slots=True)
class ModelEvidence:
    """A model, a paper about it, and its place on a board, with the evidence for both links.

    `evidence` is card (the model's page names the paper), link (the paper links to the model) or
    title (the paper's title introduces the name). `board` is empty if the model is on none.
    `downloads` and `license` are those that the hub and the board report.
    """

    model: str
    paper: str
    title: str
    evidence: str
    url: str = ""
    board: str = ""
    board_name: str = ""
    board_day: date | None = None
    best: int | None = None
    worst: int | None = None
    best_before: int | None = None
    worst_before: int | None = None
    downloads: int | None = None
    license: str = ""


@dataclass(frozen=True, slots=True)
class NewModel:
    """An open model made in the month; the numbers are the hub's on `day`.

    `parameters` are those that its name states, None if it states none; `small` is whether they are
    few. `downloads` are those of thirty days. `papers` are papers of the month that its page names.
    """

    name: str
    url: str
    day: date
    parameters: float | None = None
    small: bool = False
    license: str = ""
    downloads: int | None = None
    likes: int | None = None
    papers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VenueCount:
    """How many papers of the month say that a venue accepted them, and the best-ranked of those."""

    venue: str
    papers: int
    best: tuple[DirectionPaper, ...] = ()


@dataclass(frozen=True, slots=True)
class TrendOutcome:
    """A change that held a month ago (`trend`), and how the share changed since.

    `outcome` is continued, reversed or open: a change that chance may explain.
    """

    key: str
    name: str
    trend: str
    share_before: float
    share: float
    low: float | None
    high: float | None
    outcome: str


@dataclass(frozen=True, slots=True)
class PickOutcome:
    """What a paper of last month's report gained since; an empty value is no gain."""

    id: str
    url: str
    title: str
    code: str = ""
    venue: str = ""
    citations: int = 0
    upvotes: int = 0
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LastMonth:
    """The month before, revisited: `picks` is how many papers its report showed.

    `compared` is whether its changes were tested.
    """

    month: str
    trends: tuple[TrendOutcome, ...]
    picks: int
    gained: tuple[PickOutcome, ...]
    compared: bool = True


@dataclass(frozen=True, slots=True)
class PlannedPaper:
    """A paper to read in one week of the next month, for a direction of which little was read."""

    id: str
    url: str
    title: str
    direction: str
    read: int
    total: int
    minutes: int
    why: str


@dataclass(frozen=True, slots=True)
class NextMonth:
    """The plan for the month after: a paper a week, something to try, and a deadline."""

    papers: tuple[PlannedPaper, ...]
    try_title: str = ""
    try_minutes: int = 0
    try_steps: tuple[str, ...] = ()
    deadline: str = ""
    deadline_day: date | None = None
    deadline_url: str = ""
    deadline_time: str = ""


@dataclass(frozen=True, slots=True)
class Invitation:
    """Something to take part in: `kind` is competition, course, call or issue.

    `day` is its deadline or first day, if one is known, and `time` the time with the zone of both.
    """

    kind: str
    name: str
    url: str
    day: date | None = None
    time: str = ""


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A number of the first edition of a report that a later edition states differently.

    `kind` is papers, direction or shown; `name` is what it is about. For a paper that is no longer
    shown, `name` is its id and `before` its title.
    """

    kind: str
    name: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Edition:
    """The first edition of a report: when it was composed, and what is compared with it.

    `shown` are the ids of the papers put first, and `titles` their titles.
    """

    day: date
    papers: int
    directions: tuple[tuple[str, int], ...]
    shown: tuple[str, ...]
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to compute numbers of the JSON again: where they are, and an SQL query or a command.

    `values` are the parameters of the query. A query returns one row per key of `where`.
    """

    where: str
    query: str
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """What a monthly report says of the month; `directions` are those with enough papers.

    `detectable` is the smallest change of a direction's share that would have been found in four
    of five cases, for a direction of middling variance; None if nothing was tested. `changed` are
    the differences from the first edition.
    """

    directions: tuple[DirectionFacts, ...]
    tested: int
    detectable: float | None
    volume: MonthVolume | None = None
    changes: tuple[ShareChange, ...] = ()
    heat_map: HeatMap | None = None
    boards: tuple[BoardLines, ...] = ()
    models: tuple[ModelEvidence, ...] = ()
    new_models: tuple[NewModel, ...] = ()
    accepted: tuple[VenueCount, ...] = ()
    last_month: LastMonth | None = None
    next_month: NextMonth | None = None
    first: Edition | None = None
    changed: tuple[FigureChange, ...] = ()
    recipes: tuple[Recipe, ...] = ()
    taking_part: tuple[Invitation, ...] = ()
    lists: tuple[PaperList, ...] = ()
    groups: tuple[GroupPapers, ...] = ()
