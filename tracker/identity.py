"""When two records are one work: the rules, and nothing else.

The same arXiv id or the same DOI is proof. The same long title with a shared author is taken for
the same work unless an id speaks against it. Each record is held against the works one by one, so
the outcome does not depend on the order in which anything arrived.

Public: `proof`, `title_key`, `doi_key`.
"""

import re
import unicodedata
from collections.abc import Iterable

from summarizer.text import plain
from tracker.models import Paper
from tracker.records import Acceptance

# "Reply to the reviewers" is no name of one work: shorter titles are shared by many.
_SHORTEST = 20
_FEWEST_WORDS = 4
# A DOI that arXiv itself registers names the preprint: info.arxiv.org/help/doi.
_ARXIV_DOI = "10.48550/arxiv."
_DOI_PREFIX = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.I)
_PARTED = re.compile(r"[\s,;]+")
_COMMAND = re.compile(r"\\[A-Za-z]+\*?|[{}$\\]")
_WORD = re.compile(r"[^\W_]+")


def title_key(title: str) -> str:
    """A title as it is compared: words without case, accents, markup and punctuation.

    Empty for a title that is too short to name one work.
    """
    bare = unicodedata.normalize("NFKD", _COMMAND.sub("", plain(title)).casefold())
    words = _WORD.findall("".join(c for c in bare if not unicodedata.combining(c)))
    key = " ".join(words)
    return key if len(key) >= _SHORTEST and len(words) >= _FEWEST_WORDS else ""


def doi_key(doi: str) -> str:
    """A DOI as it is compared (ISO 26324: without case); empty for none and for arXiv's own."""
    bare = _DOI_PREFIX.sub("", doi.strip()).casefold()
    return "" if bare.startswith(_ARXIV_DOI) else bare


def arxiv_of(accepted: Acceptance) -> str:
    """The arXiv id that a record names, outright or by a DOI of arXiv."""
    bare = _DOI_PREFIX.sub("", accepted.doi.strip()).casefold()
    return accepted.arxiv or (bare.removeprefix(_ARXIV_DOI) if bare != doi_key(bare) else "")


def proof(accepted: Acceptance, paper: Paper) -> str:
    """Why the two are one work: "arxiv", "doi" or "title"; empty when they are not, or may not be.

    Ids that differ forbid it whatever else agrees; an arXiv id outweighs a DOI, for a preprint can
    name a journal's DOI beside a conference's.
    """
    arxiv, doi = arxiv_of(accepted), doi_key(accepted.doi)
    if arxiv:
        return "arxiv" if arxiv == paper.id else ""
    # arXiv's field may hold several.
    known = set(filter(None, map(doi_key, _PARTED.split(paper.doi))))
    if doi and known:
        return "doi" if doi in known else ""
    key = title_key(accepted.title)
    same = key and key == title_key(paper.title) and _shared(accepted.authors, paper.authors)
    return "title" if same else ""


def _shared(ours: Iterable[str], theirs: Iterable[str]) -> bool:
    return bool(set(map(_name, ours)) & set(map(_name, theirs)))


def _name(author: str) -> tuple[str, str]:
    """First initial and last name, so that "A. Lovelace" is "Ada Lovelace"; either order of CJK."""
    bare = unicodedata.normalize("NFKD", author.casefold())
    words = _WORD.findall("".join(c for c in bare if not unicodedata.combining(c)))
    return (words[0][0], words[-1]) if words else ("", author)
