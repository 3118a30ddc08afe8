"""The rules by which two records are the same work.

The same arXiv id or the same DOI is conclusive. The same long title with a shared author counts as
the same work unless their ids differ. Each record is compared with works one by one, so the outcome
does not depend on the order of arrival.

Public: `match_evidence`, `title_key`, `doi_key`, `arxiv_id_of`.
"""

import re
from collections.abc import Iterable

from summarizer.text.folding import fold_words
from summarizer.text.sentences import to_plain_text
from tracker.models import Paper
from tracker.records import Acceptance

# Shorter titles, such as "Reply to the reviewers", are shared by many works.
_SHORTEST = 20
_FEWEST_WORDS = 4
# A DOI that arXiv itself registers names the preprint: info.arxiv.org/help/doi.
_ARXIV_DOI = "10.48550/arxiv."
_DOI_PREFIX = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.I)
_SEPARATOR = re.compile(r"[\s,;]+")
_COMMAND = re.compile(r"\\[A-Za-z]+\*?|[{}$\\]")


def title_key(title: str) -> str:
    """Return a title for comparison: words without case, accents, markup and punctuation.

    Empty for a title that is too short to identify a work.
    """
    words = fold_words(_COMMAND.sub("", to_plain_text(title)))
    key = " ".join(words)
    return key if len(key) >= _SHORTEST and len(words) >= _FEWEST_WORDS else ""


def doi_key(doi: str) -> str:
    """Return a DOI for comparison (ISO 26324: ignoring case); empty for none and arXiv's DOIs."""
    bare = _DOI_PREFIX.sub("", doi.strip()).casefold()
    return "" if bare.startswith(_ARXIV_DOI) else bare


def arxiv_id_of(accepted: Acceptance) -> str:
    """Return the arXiv id that a record names, directly or by a DOI of arXiv."""
    bare = _DOI_PREFIX.sub("", accepted.doi.strip()).casefold()
    return accepted.arxiv or (bare.removeprefix(_ARXIV_DOI) if bare != doi_key(bare) else "")


def match_evidence(accepted: Acceptance, paper: Paper) -> str:
    """Return why the two are one work: "arxiv", "doi" or "title"; empty when that is not certain.

    Different ids rule it out whatever else agrees. An arXiv id outweighs a DOI, because a preprint
    may name a journal's DOI beside a conference's.
    """
    arxiv, doi = arxiv_id_of(accepted), doi_key(accepted.doi)
    if arxiv:
        return "arxiv" if arxiv == paper.id else ""
    # arXiv's field may contain several.
    known = set(filter(None, map(doi_key, _SEPARATOR.split(paper.doi))))
    if doi and known:
        return "doi" if doi in known else ""
    key = title_key(accepted.title)
    same = (
        key
        and key == title_key(paper.title)
        and _has_shared_author(accepted.authors, paper.authors)
    )
    return "title" if same else ""


def _has_shared_author(ours: Iterable[str], theirs: Iterable[str]) -> bool:
    return bool(set(map(_name, ours)) & set(map(_name, theirs)))


def _name(author: str) -> tuple[str, str]:
    """Return first initial and last name: "A. Lovelace" is "Ada Lovelace"; CJK in either order."""
    words = fold_words(author)
    return (words[0][0], words[-1]) if words else ("", author)
