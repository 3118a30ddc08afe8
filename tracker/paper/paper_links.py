"""Where a paper's code, model, data set, demo and project page are.

`tracker.paper.paper_facts` finds code and models in abstract and comments; here the sentences of
the full text in which the authors name their releases are read too, and data sets, demos and pages
are distinguished by their addresses.

Public: `PaperLink`, `LINK_KINDS`, `find_links`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracker.paper.paper_facts import PaperFacts, find_facts

LINK_KINDS = ("code", "model", "dataset", "demo", "page")


@dataclass(frozen=True, slots=True)
class PaperLink:
    """An address that belongs to a paper; `kind` is one of `LINK_KINDS`.

    `name` is the repository's ("owner/name") at a host whose addresses contain it, else "".
    """

    kind: str
    url: str
    name: str = ""


def find_links(
    facts: PaperFacts, abstract: str, comments: str = "", releases: Sequence[str] = ()
) -> tuple[PaperLink, ...]:
    """Return at most one link of each kind; what abstract and comments state comes first."""
    found: dict[str, PaperLink] = {}
    own = _links_in_text(facts, f"{comments} {abstract}")
    for link in (*own, *(one for text in releases for one in _links_in_text(None, text))):
        found.setdefault(link.kind, link)
    return tuple(found[kind] for kind in LINK_KINDS if kind in found)


_PATH = r"[\w./%~#-]+"
_HUB = r"(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co)/"
_DATASET = re.compile(rf"(?<![\w-]){_HUB}datasets/[\w.-]+/[\w.-]+", re.I | re.ASCII)
_DEMO = re.compile(rf"(?<![\w-]){_HUB}spaces/[\w.-]+/[\w.-]+", re.I | re.ASCII)
_PAGE = re.compile(
    rf"(?<![\w-])(?:https?://)?[\w-]+\.github\.io(?:/{_PATH})?"
    rf"|\b(?:project\s+)?(?:page|website|homepage)\b[^.!?]{{0,40}}?(https?://(?!arxiv\.org){_PATH})",
    re.I | re.ASCII,
)
_NAMED_HOSTS = re.compile(
    r"https?://(?:www\.)?(?:github\.com|gitlab\.com|codeberg\.org|bitbucket\.org"
    r"|(?:huggingface\.co|hf\.co)(?:/datasets|/spaces)?)/(?P<name>[\w.-]+/[\w.-]+)",
    re.I | re.ASCII,
)


def _links_in_text(facts: PaperFacts | None, text: str) -> Iterator[PaperLink]:
    known = facts or find_facts(text)
    addresses = {
        "code": known.code_link,
        "model": known.model_link,
        "dataset": _first(_DATASET, text),
        "demo": _first(_DEMO, text),
        "page": _first(_PAGE, text),
    }
    # `find_facts` accepts any address that a sentence calls code, a page or a data set among them.
    repeated = {addresses[kind] for kind in ("dataset", "demo", "page")}
    for kind, url in addresses.items():
        if url and not (kind in ("code", "model") and url in repeated):
            yield PaperLink(kind, url, _name_of(url))


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    if not match:
        return ""
    address = match[match.lastindex or 0].rstrip(".,;:)")
    return address if "://" in address else f"https://{address}"


def _name_of(url: str) -> str:
    match = _NAMED_HOSTS.match(url)
    return match["name"].removesuffix(".git").rstrip(".") if match else ""
