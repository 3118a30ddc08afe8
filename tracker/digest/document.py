"""What a digest or report says, as data: the pages and the .json are both made from it.

Every number and paper id that a page shows is in here. Texts are plain (no LaTeX, no markup);
`as_json` gives the public shape, in which dates are ISO text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass, replace
from datetime import date, datetime
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from tracker.language import Language
from tracker.language import language as language_of

# Signals that come of what the reader of the home follows and likes.
_OWN = ("follow", "likes")


def byline(authors: Sequence[str], language: Language | None = None) -> str:
    """All of up to three authors; of more the first, the last, and how many there are."""
    if len(authors) <= 3:
        return ", ".join(authors)
    count = (language or language_of("en")).ngettext("({n} author)", "({n} authors)", len(authors))
    return f"{authors[0]}, …, {authors[-1]} {count}"


@dataclass(frozen=True, slots=True)
class Proof:
    """A sentence that is shown, its role (tldr, problem, …), and the source sentence behind it."""

    role: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Why:
    """One reason a paper was picked: what it is, in words, and what it added to the score."""

    signal: str
    text: str
    points: float


@dataclass(frozen=True, slots=True)
class Label:
    """A key of the taxonomy and its name in the document's language."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper as it is shown. `tldr` is empty when nothing could be said with proof.

    `method`, `model`, `prompt_version` and `created` say how, by what and when the summary was
    made, `dropped` how many sentences lacked proof, `note` why it is not what was asked for.
    `news` is why it is told of again: withdrawn, revised, accepted or code; `changes` the numbers
    that the last version of its abstract has changed ("71.3 → 68.9").
    """

    id: str
    url: str
    title: str
    authors: tuple[str, ...]
    published: date
    announced: date
    categories: tuple[str, ...]
    topics: tuple[Label, ...]
    tldr: str
    proofs: tuple[Proof, ...]
    method: str
    model: str
    score: float
    why: tuple[Why, ...]
    venue: str = ""
    code: str = ""
    withdrawn: bool = False
    upvotes: int = 0
    news: str = ""
    changes: tuple[str, ...] = ()
    prompt_version: str = ""
    created: datetime | None = None
    dropped: int = 0
    note: str = ""

    @property
    def points(self) -> tuple[Proof, ...]:
        """The sentences beside the tldr: problem, method, result and so on."""
        return tuple(proof for proof in self.proofs if proof.role != "tldr")

    def for_all(self) -> "Entry":
        """The entry without the reasons that are its home's reader's own."""
        return replace(self, why=tuple(why for why in self.why if why.signal not in _OWN))


@dataclass(frozen=True, slots=True)
class Theme:
    """A cluster of the period's papers: how many it holds and those that stand for it.

    `before` is how many of the period before lie as near to its centre; None when not known.
    """

    label: str
    terms: tuple[str, ...]
    size: int
    entries: tuple[Entry, ...]
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many papers fall under a key now and in the period before; shares are of all papers.

    `before` and `share_before` are None when the store does not reach back that far. `low` to
    `high` is the 95 % interval of the change of the mean daily share; `trend` is growing or
    shrinking where that is more than chance (`tracker.topics.trends`), else steady or empty.
    """

    key: str
    name: str
    papers: int
    share: float
    before: int | None = None
    share_before: float | None = None
    low: float | None = None
    high: float | None = None
    trend: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """One announcement day: `papers` listed, and whether it is complete, empty or closed."""

    day: date
    papers: int
    state: str


@dataclass(frozen=True, slots=True)
class Counts:
    """The period in numbers. `baseline` is the mean of the `baseline_periods` before it."""

    papers: int
    indexed: int
    days: tuple[Day, ...]
    categories: tuple[Count, ...]
    dimensions: tuple[Count, ...]
    directions: tuple[Count, ...]
    baseline: float | None
    baseline_periods: int

    @property
    def change(self) -> float | None:
        """By how much the period lies above its baseline: 0.09 is 9 % above."""
        return self.papers / self.baseline - 1 if self.baseline else None


@dataclass(frozen=True, slots=True)
class Move:
    """A model whose place on a leaderboard really changed; `kind` is new, up, down or gone."""

    kind: str
    model: str
    organization: str
    rank: int | None
    rank_before: int | None
    score: float | None
    score_before: float | None
    interval: tuple[float, float] | None = None
    interval_before: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class BoardNews:
    """What moved on one leaderboard between two snapshots, and the head of it now."""

    board: str
    day: date
    day_before: date | None
    moves: tuple[Move, ...]
    head: tuple[tuple[int | None, str, float | None], ...]
    models: int


@dataclass(frozen=True, slots=True)
class ModelNews:
    """A model that draws attention; downloads and likes as its host tells them, else None."""

    name: str
    url: str
    organization: str = ""
    downloads: int | None = None
    likes: int | None = None


@dataclass(frozen=True, slots=True)
class Medium:
    """A video or a post (`kind`) about the field, and who made it."""

    kind: str
    title: str
    url: str
    source: str
    published: date


@dataclass(frozen=True, slots=True)
class Venue:
    """News of a conference: a deadline (`kind` "deadline") or its accepted papers ("accepted").

    `day` is the deadline's, or the day on which the list came out; `papers` how many are on it.
    """

    kind: str
    name: str
    day: date
    url: str = ""
    place: str = ""
    papers: int | None = None


@dataclass(frozen=True, slots=True)
class Personal:
    """A paper for one reader, and the sentences that say what of it they follow or liked."""

    entry: Entry
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SmallPrint:
    """How the document was made: sources and their state, models, methods, counts dropped."""

    made: datetime
    tracker: str
    encoder: str
    runs_on: str
    summaries: tuple[tuple[str, int], ...]
    sentences_dropped: int
    completeness: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A weekly digest (kind "weekly") or a monthly report (kind "monthly").

    `notices` are sentences that must be read first: an empty or thin period, an invented sample.
    `corrections` are papers of earlier issues of which there is news, `late` those that came in
    after their own issue was made. `personal` are papers for one reader, `remarks` what else they
    should know. `left_out` counts what the page had no room for.
    """

    kind: str
    period: str
    start: date
    end: date
    language: str
    subject: str
    preheader: str
    notices: tuple[str, ...]
    counts: Counts
    read_first: Entry | None
    top: tuple[Entry, ...]
    themes: tuple[Theme, ...]
    unthemed: int
    boards: tuple[BoardNews, ...]
    corrections: tuple[Entry, ...]
    small_print: SmallPrint
    models: tuple[ModelNews, ...] = ()
    media: tuple[Medium, ...] = ()
    venues: tuple[Venue, ...] = ()
    personal: tuple[Personal, ...] = ()
    late: tuple[Entry, ...] = ()
    left_out: int = 0
    remarks: tuple[str, ...] = ()

    @property
    def shown(self) -> frozenset[str]:
        """Ids of the papers that every reader is shown."""
        themed = (entry for theme in self.themes for entry in theme.entries)
        best = (self.read_first,) if self.read_first else ()
        all_of_them = (*best, *self.top, *themed, *self.corrections, *self.late)
        return frozenset(entry.id for entry in all_of_them)

    @property
    def empty(self) -> bool:
        """Whether it shows no paper of its period."""
        themed = any(theme.entries for theme in self.themes)
        return not (self.read_first or self.top or themed)

    def for_all(self) -> "Document":
        """The document without what is for the reader of its home alone, and reasons that say so.

        Works that are told of for their news or late have no reasons.
        """
        return replace(
            self,
            personal=(),
            remarks=(),
            read_first=self.read_first and self.read_first.for_all(),
            top=tuple(entry.for_all() for entry in self.top),
            themes=tuple(
                replace(theme, entries=tuple(entry.for_all() for entry in theme.entries))
                for theme in self.themes
            ),
        )


def as_json(document: Document) -> dict[str, Any]:
    """The document as plain lists, dicts, numbers and text."""
    return dict(_plain(asdict(document)))


def read(data: Mapping[str, Any]) -> Document:
    """The document that `as_json` has made plain. KeyError or ValueError when it is another's."""
    made = _read(Document, data)
    assert isinstance(made, Document)
    return made


def _read(kind: Any, value: Any) -> Any:
    """`value` as the annotation `kind` has it: records, tuples and days where they were."""
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind(**{name: _read(hints[name], value[name]) for name in hints if name in value})
    if get_origin(kind) is tuple:
        inner = get_args(kind)
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(_read(one, item) for one, item in zip(kinds, value, strict=True))
    if get_origin(kind) is UnionType:
        return None if value is None else _read(get_args(kind)[0], value)
    return kind.fromisoformat(value) if kind in (date, datetime) else value


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return value
