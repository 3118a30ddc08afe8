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
    r"(?P<key>\d{4}\.\d{4,5}|[a-z][a-z-]{1,15}(?P<class>\.[A-Z]{2})?/\d{7})"
    r"(?:v(?P<version>[1-9]\d{0,2}))?",
    re.ASCII,
)
_ID_PREFIX = re.compile(
    r"^(?:https?://(?:export\.|www\.)?arxiv\.org/(?:abs|pdf|html)/|oai:arXiv\.org:|arxiv:)", re.I
)


@dataclass(frozen=True, slots=True)
class PaperId:
    """An arXiv identifier: `key` without version, e.g. "2403.01234" or "hep-th/9901001".

    The subject class of an old id is left out, as arXiv does: math.GT/0309136 is math/0309136.
    """

    key: str
    version: int | None = None

    @classmethod
    def parse(cls, text: str) -> "PaperId":
        """Read an id, `arXiv:` id, OAI id or abs/pdf URL. ValueError when it is none of these."""
        bare = _ID_PREFIX.sub("", text.strip()).removesuffix(".pdf")
        match = _ARXIV_ID.fullmatch(bare)
        if not match:
            raise ValueError(f"{text[:80]!r} is not an arXiv identifier")
        key, version = match["key"].replace(match["class"] or "", "", 1), match["version"]
        return cls(key, int(version) if version else None)

    @property
    def url(self) -> str:
        """Address of the abstract page."""
        return f"https://arxiv.org/abs/{self.key}"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a work; `abstract` is kept once a later version has replaced it.

    Of the newest version it is None, or another wording that a source gave of the same version.
    """

    number: int
    created: datetime
    abstract: str | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A work as it stands now.

    `id` is its public key (the arXiv id without version); `published` the day v1 was submitted;
    `announced` the first day arXiv listed it; `updated` the day of the newest change known, and
    `date.min` from a source that tells of none, so that its record never outweighs one that does.
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


_WORK = r"(?:paper|article|submission|manuscript|work|preprint|version|note|report)"
_START = r"(?:^|[.:;(\]]\s*)"
# What was withdrawn from a conference or a journal is still on arXiv.
_HERE = r"(?!\s+(?:by\s+(?:\w+\s+){1,4})?(?:from|at)\s+(?!(?:the\s+)?arxiv\b))"
_BY_WHOM = r"by\s+(?:the\s+)?(?:\w+\s+)?(?:authors?|submitter|arxiv)"
# The ways in which withdrawals are told, info.arxiv.org/help/withdraw.
_WITHDRAWALS = (
    # This paper has been withdrawn …
    rf"(?:{_START}|\b(?:this|the|our)\s+){_WORK}\s+(?:(?:has|have)\s+(?:\w+\s+)?been|was|is)"
    rf"\s+(?:(?:being|now|hereby|therefore|temporarily)\s+)?(?:withdrawn|retracted)\b{_HERE}",
    # … and is therefore withdrawn
    rf"\bis\s+(?:therefore|thus|hence|hereby|now)\s+withdrawn\b{_HERE}",
    # Withdrawn by the authors; paper withdrawn due to an error; withdrawn.
    rf"{_START}(?:{_WORK}\s+)?(?:temporarily\s+)?withdrawn{_HERE}(?=\s*(?:$|[.,;:]|"
    rf"\b(?:due|because|as|for|pending|until|since|owing|to|from|{_BY_WHOM})\b))",
    # We have decided to withdraw this manuscript …
    r"\b(?:we|i|authors?|arxiv)\s+(?:(?!not\b)\w+\s+){0,4}?(?:withdraw|withdrew|withdrawn)"
    rf"\s+(?:this|the|our|my)\s+(?:\w+\s+)?{_WORK}\b{_HERE}",
)
_WITHDRAWN = re.compile("|".join(_WITHDRAWALS), re.I)


def merged(one: Paper, other: Paper) -> Paper:
    """Two records of one work as one: the same result whichever came first, of three as of two.

    The newest record stands as a whole, for a comment or a DOI that it lacks was taken away;
    submission and announcement take the earliest day known; versions are united, and one that was
    replaced keeps its abstract. Only what some sources never tell is taken from an older record.
    """
    older, newer = sorted((one, other), key=_recency)
    return replace(
        newer,
        published=min(one.published, other.published),
        announced=min(one.announced, other.announced),
        versions=_united(older, newer),
        license=max(one.license, other.license),
        categories=newer.categories or older.categories,
        authors=newer.authors or older.authors,
    )


def _recency(paper: Paper) -> tuple[Any, ...]:
    # All that the newest record decides is in the key: two records of one day have one order.
    return (
        paper.version, paper.updated, bool(paper.categories), bool(paper.authors), paper.title,
        paper.abstract, paper.comments, paper.journal_ref, paper.doi, paper.authors,
        paper.categories,
    )  # fmt: skip


def _united(older: Paper, newer: Paper) -> tuple[Version, ...]:
    by_number: dict[int, Version] = {}
    for version in (*_worded(newer), *_worded(older)):
        known = by_number.get(version.number)
        by_number[version.number] = _same_version(known, version) if known else version
    newest = by_number[newer.version]
    if newest.abstract == newer.abstract:
        by_number[newer.version] = replace(newest, abstract=None)
    return tuple(by_number[number] for number in sorted(by_number))


def _worded(paper: Paper) -> tuple[Version, ...]:
    """The versions of a record, the newest with its abstract too."""
    newest = paper.versions[-1]
    wording = max(paper.abstract, newest.abstract or "") or None
    return *paper.versions[:-1], replace(newest, abstract=wording)


def _same_version(one: Version, other: Version) -> Version:
    return Version(
        one.number,
        min(one.created, other.created),
        max(filter(None, (one.abstract, other.abstract)), default=None),
    )


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a score: `signal` names it, `value` is in 0..1, `weight` what it counts.

    `detail` is the bare fact behind it, such as a number of authors or a key of the map.
    """

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
    """A search result; a higher `score` is better; `why` says what matched.

    `venue` is where the paper says that it appears, `topics` are keys of the map, the best first.
    """

    paper: Paper
    score: float
    why: tuple[str, ...]
    tldr: str = ""
    venue: str = ""
    topics: tuple[str, ...] = ()


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
class TopicWeek:
    """What became of a lasting topic in a week: new, continued, split, merged or faded.

    `position` is the place of its group among the week's, of a merged topic that of the group it
    went into; None for one that faded. `origin` is the topic that a split one was a part of.
    """

    id: int
    name: str
    kind: str
    position: int | None = None
    origin: int | None = None


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One model's line in a leaderboard snapshot; `low`..`high` is the interval where one is known.

    `score` is None on a board that only ranks; `raw` keeps every column as it was read.
    """

    model: str
    score: float | None
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

    `skipped` were known already; `errors` keeps the first thousand rejections; `warnings` say what
    was taken in but is not as it used to be.
    """

    read: int = 0
    added: int = 0
    updated: int = 0
    skipped: int = 0
    rejected: int = 0
    errors: Sequence[Rejected] = ()
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What one source gave in one crawl; `state` is ok, degraded or failed.

    Asked for the days `since` to `until`, it gave `read` records, which are `added` + `updated` +
    `skipped`, the last of them known already; `unread` entries could not be read. `detail` is why
    it is not ok; `notes` hold what could not be read, and what has changed in the source's shape.
    """

    source: str
    state: str
    since: date
    until: date
    read: int = 0
    added: int = 0
    updated: int = 0
    skipped: int = 0
    unread: int = 0
    detail: str = ""
    notes: tuple[str, ...] = ()
