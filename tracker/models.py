"""The nouns of the house: frozen records that every room passes on and none of them owns.

A *work* is one piece of research whatever its versions; `Paper` is a work as it stands now. Dates
are `datetime.date` (days) or aware `datetime` in UTC (instants). Nothing here does I/O.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple

# New style YYMM.NNNN(N) since 2007-04 (five digits since 2015-01), old style archive(.SC)/YYMMNNN.
# Source: info.arxiv.org/help/arxiv_identifier_for_services.
_ARXIV_ID = re.compile(
    r"(?P<key>\d{4}\.\d{4,5}|[a-z][a-z-]{1,15}(?:\.[A-Z]{2})?/\d{7})(?:v(?P<version>[1-9]\d{0,2}))?"
)
_ID_PREFIX = re.compile(
    r"^(?:https?://(?:export\.|www\.)?arxiv\.org/(?:abs|pdf|html)/|oai:arXiv\.org:|arxiv:)", re.I
)


@dataclass(frozen=True, slots=True)
class PaperId:
    """An arXiv identifier: `key` without version, e.g. "2403.01234" or "hep-th/9901001"."""

    key: str
    version: int | None = None

    @classmethod
    def parse(cls, text: str) -> "PaperId":
        """Read an id, `arXiv:` id, OAI id or abs/pdf URL. ValueError when it is none of these."""
        bare = _ID_PREFIX.sub("", text.strip()).removesuffix(".pdf")
        match = _ARXIV_ID.fullmatch(bare)
        if not match:
            raise ValueError(f"{text[:80]!r} is not an arXiv identifier")
        version = match["version"]
        return cls(match["key"], int(version) if version else None)

    @property
    def url(self) -> str:
        """Address of the abstract page."""
        return f"https://arxiv.org/abs/{self.key}"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a work; `abstract` is kept once a later version has replaced it."""

    number: int
    created: datetime
    abstract: str | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A work as it stands now.

    `id` is its public key (the arXiv id without version); `published` the day v1 was submitted;
    `announced` the first day arXiv listed it; `updated` the day of the newest change known.
    """

    id: str
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    published: date
    announced: date
    updated: date
    versions: tuple[Version, ...]
    comments: str = ""
    journal_ref: str = ""
    doi: str = ""
    license: str = ""

    @property
    def version(self) -> int:
        """Number of the newest version known."""
        return self.versions[-1].number

    @property
    def withdrawn(self) -> bool:
        """ArXiv has no flag for it: a withdrawal is a version whose comment says so."""
        return bool(_WITHDRAWN.search(self.comments) or _WITHDRAWN.match(self.abstract))

    @property
    def url(self) -> str:
        """Address of the abstract page."""
        return f"https://arxiv.org/abs/{self.id}"

    @property
    def text(self) -> str:
        """What is embedded: title and abstract as one passage."""
        return f"{self.title}\n{self.abstract}"

    @property
    def digest(self) -> str:
        """Hash of everything stored of the work: equal digests need no write."""
        versions = (f"{v.number} {v.created} {v.abstract}" for v in self.versions)
        days = f"{self.published} {self.announced} {self.updated}"
        parts = (self.id, self.title, self.abstract, self.comments, self.journal_ref, self.doi)
        lists = (*self.authors, "", *self.categories, "", *versions)
        return _hash("\0".join((*parts, self.license, days, *lists)))

    @property
    def text_digest(self) -> str:
        """Hash of `text`: what was made of another text (a vector, tags) is stale."""
        return _hash(self.text)


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


# "This paper has been withdrawn…", "withdrawn by the authors"; info.arxiv.org/help/withdraw.
_WITHDRAWN = re.compile(
    r"\s*(?:this\s+(?:paper|article|submission|manuscript|work)\s+(?:has\s+been|was|is)\s+withdrawn"
    r"|(?:paper\s+)?withdrawn\s+(?:by|due|because|as|from))",
    re.I,
)


def merged(one: Paper, other: Paper) -> Paper:
    """Two records of one work as one: the same result whichever came first.

    The newer version's text stands; submission and announcement take the earliest day known;
    versions are united, and a version that was replaced keeps its abstract.
    """
    older, newer = sorted((one, other), key=_recency)
    return replace(
        newer,
        published=min(one.published, other.published),
        announced=min(one.announced, other.announced),
        versions=_united(older, newer),
        comments=newer.comments or older.comments,
        journal_ref=newer.journal_ref or older.journal_ref,
        doi=newer.doi or older.doi,
        license=newer.license or older.license,
        categories=newer.categories or older.categories,
        authors=newer.authors or older.authors,
    )


def _recency(paper: Paper) -> tuple[int, date, str, str, str]:
    # The text is in the key so that two records of one day still have one order.
    return paper.version, paper.updated, paper.title, paper.abstract, repr(paper)


def _united(older: Paper, newer: Paper) -> tuple[Version, ...]:
    by_number: dict[int, Version] = {}
    for version in (*newer.versions, *older.versions):
        known = by_number.get(version.number)
        by_number[version.number] = _same_version(known, version) if known else version
    if older.version < newer.version and by_number[older.version].abstract is None:
        replaced = replace(by_number[older.version], abstract=older.abstract)
        by_number[older.version] = replaced
    return tuple(by_number[number] for number in sorted(by_number))


def _same_version(one: Version, other: Version) -> Version:
    return Version(
        one.number,
        min(one.created, other.created),
        max(filter(None, (one.abstract, other.abstract)), default=None),
    )


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a score: `signal` names it, `value` is in 0..1, `weight` what it counts."""

    signal: str
    value: float
    weight: float
    detail: str = ""

    @property
    def points(self) -> float:
        """What this reason adds to the score."""
        return self.value * self.weight


@dataclass(frozen=True, slots=True)
class Hit:
    """A search result; a higher `score` is better; `why` says what matched."""

    paper: Paper
    score: float
    why: tuple[str, ...]
    tldr: str = ""


@dataclass(frozen=True, slots=True)
class Tag:
    """A key of the taxonomy given to a text, `score` in 0..1, and the evidence for it."""

    name: str
    score: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Pick:
    """A ranked paper with every signal that put it there."""

    paper: Paper
    score: float
    why: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Cluster:
    """A group of a period's papers: `members` are work keys, the most central first."""

    label: str
    terms: tuple[str, ...]
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One model's line in a leaderboard snapshot; `low`..`high` is the interval where one is known.

    `raw` keeps every column of the source as it was read.
    """

    model: str
    score: float
    rank: int | None = None
    low: float | None = None
    high: float | None = None
    votes: int | None = None
    organization: str = ""
    license: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BoardSnapshot:
    """A leaderboard as it stood on one day."""

    board: str
    day: date
    rows: tuple[BoardRow, ...]


class Rejected(NamedTuple):
    """A line of input that was not taken, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import read and did: `read` lines are `added` + `updated` + `skipped` + `rejected`.

    `skipped` were known already; `errors` keeps the first thousand rejections.
    """

    read: int = 0
    added: int = 0
    updated: int = 0
    skipped: int = 0
    rejected: int = 0
    errors: Sequence[Rejected] = ()


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What one source gave in one crawl; `state` is ok, empty, degraded or failed."""

    source: str
    state: str
    read: int = 0
    added: int = 0
    updated: int = 0
    detail: str = ""
