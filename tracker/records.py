"""What sources tell besides papers: frozen records, one class for each kind of news.

A reader of `tracker.sources` gives pages of them; `tracker.store` keeps them. Days are
`datetime.date`, instants aware `datetime` in UTC. Nothing here does I/O.
"""

from dataclasses import dataclass
from datetime import date, datetime

from tracker.models import BoardSnapshot, Paper


@dataclass(frozen=True, slots=True)
class Listing:
    """A work was listed on `day` for the first time: `kind` is new, or cross for another category.

    `id` is the arXiv id without version; `categories` are those that the source names for it.
    """

    day: date
    id: str
    kind: str
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Revision:
    """A later version of a work. Of one that is not known, too little is told to take it in."""

    paper: Paper


@dataclass(frozen=True, slots=True)
class Roll:
    """A source has told all that arXiv listed on `day` under `categories`, and nothing was cut."""

    day: date
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LedgerDay:
    """One day of one category: `expected` works are those `got` and those `missing`.

    It is None while no source has told all of the day. `late` of those got came after one had.
    `by` are the sources that have.
    """

    day: date
    category: str
    state: str
    expected: int | None
    got: int
    late: int
    missing: int
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A paper that a conference or journal has accepted or published.

    `key` is its id at the source ("2024.eacl-long.1", an OpenReview forum); `title` is plain text,
    LaTeX rendered; `venue` the short name that people search for ("ACL", "NeurIPS"); `track` is
    main, findings, oral, poster … or empty; `arxiv` an arXiv id without version where the source
    gives one.
    """

    key: str
    title: str
    authors: tuple[str, ...]
    venue: str
    year: int
    track: str = ""
    url: str = ""
    doi: str = ""
    arxiv: str = ""


@dataclass(frozen=True, slots=True)
class Attention:
    """What readers make of a work, as of `day`: `upvotes` on Hugging Face's daily papers.

    `listed` is the day on whose page the work stands; `code` the address of a repository.
    """

    id: str
    day: date
    listed: date
    upvotes: int
    comments: int = 0
    code: str = ""
    stars: int | None = None


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model as it stood on a hub on `day`; `arxiv` are the papers that it names.

    `position` is its place in the list of trending models, from 1.
    """

    name: str
    day: date
    position: int
    trending: float | None = None
    likes: int | None = None
    downloads: int | None = None
    task: str = ""
    arxiv: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a feed: a video, a post. `key` is the entry's own id, else its link.

    `link` is http(s) or empty. `published` is None when the feed does not say, or says nonsense.
    `arxiv` are the arXiv ids that its text links to.
    """

    key: str
    title: str
    link: str
    published: datetime | None
    author: str = ""
    summary: str = ""
    arxiv: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deadline:
    """A date of a conference's calendar.

    `kind` is abstract, paper, notification, start, end or other; `label` is what the calendar calls
    it ("Round 2 Paper Submission"), empty for start and end. `day` is as written there; `at` is
    None when the calendar gives a day only, or a `zone` ("AoE", "UTC-12") that is not known.
    """

    conference: str
    year: int
    kind: str
    day: date
    at: datetime | None = None
    zone: str = ""
    label: str = ""
    place: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Citations:
    """How often a work is cited, as of `day`."""

    id: str
    day: date
    count: int
    influential: int | None = None
    venue: str = ""
    doi: str = ""


Record = (
    Paper
    | Revision
    | Listing
    | Roll
    | Acceptance
    | Attention
    | ModelCard
    | BoardSnapshot
    | Item
    | Deadline
    | Citations
)


@dataclass(frozen=True, slots=True)
class Copy:
    """The validators of the copy of `url` that was taken in last (RFC 9110, section 8.8)."""

    url: str
    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of what a source gives, committed in one transaction.

    `total` is how many records the source promises in all, where it says so; `skipped` names each
    entry that could not be read, with the reason; `warnings` what changed in the source's shape.
    `cursor` is where to go on once the page is in the store (None: as before; "": from the start);
    `copies` are the documents that the page was made of, for the next conditional request.
    """

    records: tuple[Record, ...] = ()
    total: int | None = None
    skipped: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    cursor: str | None = None
    copies: tuple[Copy, ...] = ()
