"""Records of sources besides papers: frozen dataclasses, one for each kind.

Readers in `tracker.sources` return pages of them; `tracker.store` stores them. Days are
`datetime.date`, instants aware `datetime` in UTC. No I/O.
"""

from dataclasses import dataclass
from datetime import date, datetime

from tracker.models import BoardSnapshot, Paper


@dataclass(frozen=True, slots=True)
class Listing:
    """A work was listed on `day` for the first time: `kind` is new, or cross for another category.

    `id` is the arXiv id without version; `categories` are those that the source reports.
    """

    day: date
    id: str
    kind: str
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Revision:
    """A later version of a work. It has too little data to store a work that is not known."""

    paper: Paper


@dataclass(frozen=True, slots=True)
class SecondHandPaper:
    """A work as another service than arXiv describes it; arXiv's record replaces it."""

    paper: Paper


@dataclass(frozen=True, slots=True)
class ListingComplete:
    """A source has reported everything that arXiv listed on `day` under `categories`."""

    day: date
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CompletenessDay:
    """One day of one category: `expected` works are those `got` and those `missing`.

    `expected` is None while no source has reported the day completely; `by` lists those that have.
    `late` of those got arrived after the first of them; the metadata of `second_hand` of those got
    is from another service, because arXiv did not answer.
    """

    day: date
    category: str
    state: str
    expected: int | None
    got: int
    late: int
    missing: int
    by: tuple[str, ...] = ()
    second_hand: int = 0


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A paper that a conference or journal has accepted or published.

    `key` is its id at the source ("2024.eacl-long.1", an OpenReview forum); `title` is plain text,
    LaTeX rendered; `venue` the common short name ("ACL", "NeurIPS"); `track` is main, findings,
    oral, poster … or empty; `arxiv` an arXiv id without version where the source has one.
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
class Popularity:
    """The popularity of a work on `day`: `upvotes` on Hugging Face's daily papers.

    `listed` is the day of the page that lists the work; `code` the address of a repository with
    `stars`; `organization` the group to which its submitter attributes the work.
    """

    id: str
    day: date
    listed: date
    upvotes: int
    comments: int = 0
    code: str = ""
    stars: int | None = None
    organization: str = ""


@dataclass(frozen=True, slots=True)
class TrendingPaper:
    """A work in a site's list of papers whose code repositories are active, on `day`.

    `position` is that in the list, from 1; `code` is the address of a repository.
    """

    id: str
    day: date
    position: int
    code: str = ""
    stars: int | None = None


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model on a hub on `day`; `arxiv` are the papers that it cites.

    `position` is that in the list of trending models, from 1. `created` is the day on which its
    page was made. `is_derived` is whether it was made from another organization's model or is a
    conversion or adapter of one.
    """

    name: str
    day: date
    position: int
    trending: float | None = None
    likes: int | None = None
    downloads: int | None = None
    task: str = ""
    arxiv: tuple[str, ...] = ()
    created: date | None = None
    license: str = ""
    is_derived: bool = False


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An entry of a feed: a video, a post. `key` is the entry's id, else its link.

    `link` is http(s) or empty. `published` is None when it is absent or implausible. `arxiv` are
    the arXiv ids that its text links to.
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
    """A date of a conference.

    `kind` is abstract, paper, notification, start, end or other; `label` is the source's name for
    it ("Round 2 Paper Submission"), empty for start and end. `day` is as published; `at` is None
    without a time of day or with an unknown `zone` ("AoE", "UTC-12").
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
    """The citation count of a work on `day`."""

    id: str
    day: date
    count: int
    influential: int | None = None
    venue: str = ""
    doi: str = ""


@dataclass(frozen=True, slots=True)
class CitedWorks:
    """The works on arXiv that a work cites, as known on `day`; `total` counts all its references.

    `total` is 0 where the source does not know the references.
    """

    id: str
    day: date
    cited: tuple[str, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Reference:
    """An entry of a paper's list of references, as written; `titles` may have its title."""

    arxiv: str = ""
    doi: str = ""
    titles: tuple[str, ...] = ()


Record = (
    Paper
    | Revision
    | SecondHandPaper
    | Listing
    | ListingComplete
    | Acceptance
    | Popularity
    | ModelCard
    | TrendingPaper
    | BoardSnapshot
    | FeedItem
    | Deadline
    | Citations
    | CitedWorks
)


@dataclass(frozen=True, slots=True)
class CacheValidators:
    """The validators of the copy of `url` that was stored last (RFC 9110, section 8.8)."""

    url: str
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a source's records, committed in one transaction.

    `total` is the number of records in all, where the source reports it; `skipped` names each entry
    that could not be read, with the reason; `warnings` describe changes of the source's format.
    `cursor` is where to resume after the page is stored (None: unchanged; "": from the start);
    `cache_validators` are those of the page's documents, for the next conditional request.
    """

    records: tuple[Record, ...] = ()
    total: int | None = None
    skipped: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    cursor: str | None = None
    cache_validators: tuple[CacheValidators, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerSentence:
    """A sentence of an answer, the ids of the works that it cites, and what it rests on there.

    `source` is verbatim text of the cited work's abstract or conclusion.
    """

    text: str
    works: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question: sentences, and the works they cite in the order of citation.

    If it is not `answered` by the papers there are no sentences; `nearest` is then the paper that
    comes closest, if any. `method` is "extractive", "generated" or "none"; `notes` say how the
    papers were found and which sentences were left out.
    """

    question: str
    answered: bool
    sentences: tuple[AnswerSentence, ...] = ()
    works: tuple[Paper, ...] = ()
    nearest: Paper | None = None
    method: str = "none"
    model: str = ""
    notes: tuple[str, ...] = ()
