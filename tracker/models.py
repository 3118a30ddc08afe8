"""The central records: frozen dataclasses shared by all packages.

A *work* is one piece of research with all its versions; `Paper` is the current state of a work.
Dates are `datetime.date` (days) or aware `datetime` in UTC (instants). No I/O.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, NamedTuple
from urllib.parse import unquote

from tracker.paper.paper_facts import PaperFacts, find_facts

# New style YYMM.NNNN(N) since 2007-04 (five digits since 2015-01), old style archive(.SC)/YYMMNNN.
# Source: info.arxiv.org/help/arxiv_identifier_for_services.
_ARXIV_ID = re.compile(
    r"(?P<key>\d{4}\.\d{4,5}|[a-z][a-z-]{1,15}(?P<class>\.[A-Z]{2})?/\d{7})"
    r"(?:v(?P<version>[1-9]\d{0,2}))?",
    re.ASCII,
)
# Addresses of arXiv's pages, its mirrors and the sites that use its ids; what comes before the id.
_ADDRESS = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)*(?:"
    r"(?:arxiv|ar5iv|alphaxiv)(?:\.labs\.arxiv)?\.org/"
    r"(?:abs|pdf|html|format|e-print|ps|src|overview|resources|tb)/|"
    r"(?:huggingface|hf)\.co/papers/|(?:dx\.)?doi\.org/10\.48550/arxiv\.|"
    r"semanticscholar\.org/(?:[\w/]+/)?(?:paper/)?arxiv:?/?|scirate\.com/arxiv/|papers\.cool/arxiv/|"
    r"emergentmind\.com/papers/|bytez\.com/docs/arxiv/)",
    re.I,
)
# What people put before an id that is not a part of an address.
_LABEL = re.compile(
    r"(?:arxiv\s+(?:e-?print|preprint)\s+)?"
    r"(?:oai:arxiv\.org:|(?:doi:\s*)?10\.48550/arxiv\.|(?:corpusid:)?arxiv\s*[:.]?\s*)",
    re.I,
)
# What follows it: an ending, a query and a fragment, the category in brackets, the day.
_AFTER_ID = re.compile(
    r"(?:\.pdf|\.html?)?/?(?:[?#&]\S*)?[\])]?"
    r"(?:\s*[\[(][a-z-]+(?:\.[a-z-]+)?[\])])*(?:\s+\(?\d{1,2}\s+[a-z]{3,9}\s+\d{4}\)?)?"
    r"[\s.,;:!?>)\]}\"'`”’]*",
    re.I,
)
_OPENING = "<([{\"'`“‘ "


@dataclass(frozen=True, slots=True)
class PaperId:
    """An arXiv identifier: `key` without version, e.g. "2403.01234" or "hep-th/9901001".

    The subject class of an old id is omitted, as arXiv does: math.GT/0309136 is math/0309136.
    """

    key: str
    version: int | None = None

    @classmethod
    def parse(cls, text: str) -> "PaperId":
        """Parse an id as people pass it around: bare, labelled, a DOI or an address with the id.

        Raises ValueError for anything else.
        """
        written = unquote(unicodedata.normalize("NFKC", text.strip())).strip()
        pasted = written.lstrip(_OPENING)
        before = _ADDRESS.match(pasted) or _LABEL.match(pasted)
        match = _ARXIV_ID.match(pasted, before.end() if before else 0)
        if not match or not _AFTER_ID.fullmatch(pasted, match.end()):
            raise ValueError(f"{text[:80]!r} is not an arXiv identifier")
        key, version = match["key"].replace(match["class"] or "", "", 1), match["version"]
        return cls(key, int(version) if version else None)

    @property
    def url(self) -> str:
        """Address of the abstract page."""
        return f"https://arxiv.org/abs/{self.key}"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a work; `abstract` is stored when a later version has replaced it.

    For the newest version it is None, or a different wording of it from another source.
    """

    number: int
    created: datetime
    abstract: str | None = None


class _WithFacts:
    """The slot of a paper's facts, which is not a field: `replace` and exports ignore it."""

    __slots__ = ("_facts",)
    _facts: PaperFacts


@dataclass(frozen=True, slots=True)
class Paper(_WithFacts):
    """The current state of a work.

    `id` is its public key (the arXiv id without version); `published` the day v1 was submitted;
    `announced` the first day arXiv listed it; `updated` the day of the newest known change, and
    `date.min` from a source that does not report it, so that its record never takes precedence.
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
    def facts(self) -> PaperFacts:
        """What the paper states about itself: computed once, or as the store has it."""
        if not hasattr(self, "_facts"):
            self.set_facts(find_facts(self.abstract, self.comments, self.journal_ref, self.title))
        return self._facts

    def set_facts(self, facts: PaperFacts) -> None:
        """Set facts that were computed from this text before, so that they are not again."""
        object.__setattr__(self, "_facts", facts)

    @property
    def version(self) -> int:
        """Number of the newest version known."""
        return self.versions[-1].number

    @property
    def withdrawn(self) -> bool:
        """Whether the newest version's comments or abstract state a withdrawal."""
        return self.facts.withdrawn

    @property
    def url(self) -> str:
        """Address of the abstract page."""
        return f"https://arxiv.org/abs/{self.id}"

    @property
    def text(self) -> str:
        """The text that is embedded: title and abstract."""
        return f"{self.title}\n{self.abstract}"

    @property
    def content_hash(self) -> str:
        """Hash of all stored fields of the work: with an equal hash, nothing is written."""
        versions = (f"{v.number} {v.created} {v.abstract}" for v in self.versions)
        days = f"{self.published} {self.announced} {self.updated}"
        parts = (self.id, self.title, self.abstract, self.comments, self.journal_ref, self.doi)
        lists = (*self.authors, "", *self.categories, "", *versions)
        return _hash("\0".join((*parts, self.license, days, *lists)))

    @property
    def text_hash(self) -> str:
        """Hash of `text`: results computed from another text (a vector, tags) are stale."""
        return _hash(self.text)


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def merge_papers(one: Paper, other: Paper) -> Paper:
    """Merge two records of one work; the order does not matter, nor for three or more records.

    The newest record is used as a whole, because a comment or DOI that it lacks was removed.
    Submission and announcement are the earliest known days; versions are united, and a replaced one
    keeps its abstract. Only fields that some sources lack are filled from an older record.
    """
    older, newer = sorted((one, other), key=_recency)
    return replace(
        newer,
        published=min(one.published, other.published),
        announced=min(one.announced, other.announced),
        versions=_merge_versions(older, newer),
        license=max(one.license, other.license),
        categories=newer.categories or older.categories,
        authors=newer.authors or older.authors,
    )


def _recency(paper: Paper) -> tuple[Any, ...]:
    # All fields of the newest record are in the key, so that two records of one day are ordered.
    return (
        paper.version, paper.updated, bool(paper.categories), bool(paper.authors), paper.title,
        paper.abstract, paper.comments, paper.journal_ref, paper.doi, paper.authors,
        paper.categories,
    )  # fmt: skip


def _merge_versions(older: Paper, newer: Paper) -> tuple[Version, ...]:
    by_number: dict[int, Version] = {}
    for version in (*_versions_with_abstract(newer), *_versions_with_abstract(older)):
        known = by_number.get(version.number)
        by_number[version.number] = _merge_version(known, version) if known else version
    newest = by_number[newer.version]
    if newest.abstract == newer.abstract:
        by_number[newer.version] = replace(newest, abstract=None)
    return tuple(by_number[number] for number in sorted(by_number))


def _versions_with_abstract(paper: Paper) -> tuple[Version, ...]:
    """Return the versions of a record, including the newest one's abstract."""
    newest = paper.versions[-1]
    wording = max(paper.abstract, newest.abstract or "") or None
    return *paper.versions[:-1], replace(newest, abstract=wording)


def _merge_version(one: Version, other: Version) -> Version:
    return Version(
        one.number,
        min(one.created, other.created),
        max(filter(None, (one.abstract, other.abstract)), default=None),
    )


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a score: the name of its signal, its `value` in 0..1, and its `weight`.

    `detail` is the fact behind it, such as a number of authors or a topic.
    """

    signal: str
    value: float
    weight: float
    detail: str = ""

    @property
    def points(self) -> float:
        """The contribution of this reason to the score."""
        return self.value * self.weight


@dataclass(frozen=True, slots=True)
class Hit:
    """A search result; a higher `score` is better; `why` lists what matched.

    `venue` is where the paper appears, `topics` are keys of the taxonomy, best first.
    """

    paper: Paper
    score: float
    why: tuple[str, ...]
    tldr: str = ""
    venue: str = ""
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tag:
    """A topic assigned to a text, its `score` in 0..1, and the evidence for it."""

    name: str
    score: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Pick:
    """A ranked paper with all reasons for its score."""

    paper: Paper
    score: float
    why: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Cluster:
    """A group of a period's papers: `members` are ids, most central first."""

    label: str
    terms: tuple[str, ...]
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TopicWeek:
    """What became of a theme in a week: new, continued, split, merged or faded.

    `position` is that of its cluster among the week's: for a merged theme, of the cluster it went
    into; None for a faded one. `origin` is the theme that a split one was a part of.
    """

    id: int
    name: str
    kind: str
    position: int | None = None
    origin: int | None = None


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One model's row in a leaderboard snapshot; `low`..`high` is its interval where known.

    `score` is None on a board that only ranks; `raw` has every column unchanged.
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
    """A leaderboard on one day."""

    board: str
    day: date
    rows: tuple[BoardRow, ...]


class RejectedLine(NamedTuple):
    """A line of input that was rejected, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The result of an import: `read` lines are `added` + `updated` + `skipped` + `rejected`.

    `skipped` were known already; `errors` has the first thousand rejections; `warnings` describe
    changes of the input's format.
    """

    read: int = 0
    added: int = 0
    updated: int = 0
    skipped: int = 0
    rejected: int = 0
    errors: Sequence[RejectedLine] = ()
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SourceReport:
    """The result of one source in one crawl; `state` is ok, degraded or failed.

    For the days `since` to `until` it returned `read` records, which are `added` + `updated` +
    `skipped` (known already); `unread` entries could not be read. `detail` is why it is not ok;
    `notes` list what could not be read, and changes of the source's format.
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
