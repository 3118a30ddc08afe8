"""The titles that a pasted text may contain: a reference, an entry of BibTeX, a link, a heading.

Pure. Which of them is the title of a paper is for the store to say.

Public: `PossibleTitle`, `list_possible_titles`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote

from tracker.search.query.pasted_ids import strip_request

_LONGEST_TEXT, _LONGEST_TITLE = 4000, 400
# Texts that are looked up, and parts of a reference that may begin or end its title.
_MOST, _MOST_PARTS = 40, 9
# A part of a text is a title only from this many words on.
_FEWEST_WORDS = 3
_BRACED = r"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
_FIELDS = (
    re.compile(rf"(?<![\w-])title\s*=\s*(?:{_BRACED}|\"([^\"]*)\")", re.I | re.S),  # BibTeX
    re.compile(r"^\s*(?:TI|T1|%T)\s*-?\s+(.+)$", re.M),  # RIS, EndNote
    re.compile(r"^\s*title:\s+(.+)$", re.M | re.I),
)
_QUOTED = re.compile(r"“([^”]+)”|\"([^\"]+)\"|«([^»]+)»|„([^“”]+)[“”]|``(.+?)''|‘([^’]{20,})’")
_LINK = re.compile(r"\[([^\[\]]+)\]\(|<[^<>|\s]+\|([^<>]+)>|\\href\{[^{}]*\}\{([^{}]+)\}")
# Where a reference may begin or end its title.
_END = re.compile(
    r"[.?!](?:[\"”’]|\[[A-Z/]+\])?,?\s+|\s[-–—|·:]\s|\n+|\[[A-Z](?:/[A-Z]+)?\]\.?\s*|\)[.:,]\s|\]\s+"
)
# The last long part of an address is often the title, as in Semantic Scholar's: "A-Title-Doe-Roe".
_ADDRESS = re.compile(r"https?://\S+|(?:www\.)?[\w.-]+\.\w{2,}/\S+")
_PART = re.compile(r"[^/?#=&]+")
_BETWEEN = re.compile(r"[-_+]+")
_MOST_AUTHORS = 4
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class PossibleTitle:
    """A text that may be a title; `is_cut` if only its beginning is there."""

    text: str
    is_cut: bool = False


def list_possible_titles(text: str) -> Iterator[PossibleTitle]:
    """Yield what may be a title, the likeliest first: the whole text, then its parts."""
    wanted = strip_request(text[:_LONGEST_TEXT])
    whole = [wanted] if len(wanted) <= _LONGEST_TITLE else []
    parts = (part for part in _list_parts(wanted) if len(_WORD.findall(part)) >= _FEWEST_WORDS)
    seen: set[str] = set()
    for one in islice((*whole, *islice(parts, _MOST)), _MOST):
        title = one.strip(" \t\n,;*_")
        if title and len(title) <= _LONGEST_TITLE and title not in seen:
            seen.add(title)
            yield PossibleTitle(title.rstrip(".… "), title.endswith(("…", "...")))


def _list_parts(text: str) -> Iterator[str]:
    for pattern in (*_FIELDS, _QUOTED, _LINK):
        for match in pattern.finditer(text):
            yield next(filter(None, match.groups()), "").rstrip(",. ")
    without_addresses = _ADDRESS.sub(" ", text)
    if without_addresses != text:
        yield without_addresses
    yield from _spans(text)
    for address in _ADDRESS.finditer(text):
        yield from _from_address(unquote(address[0]))


def _spans(text: str) -> Iterator[str]:
    """Yield the runs of parts between where a title may begin or end, the longest first."""
    ends = [*islice(_END.finditer(text), _MOST_PARTS)]
    starts = [0, *(end.end() for end in ends)]
    stops = [*(end.start() for end in ends), len(text)]
    runs = [
        (a, b) for a in range(len(starts)) for b in range(a, len(stops)) if (a, b) != (0, len(ends))
    ]
    for first, last in sorted(runs, key=lambda run: (run[0] - run[1], run[0])):
        yield text[starts[first] : stops[last]]


def _from_address(address: str) -> Iterator[str]:
    """Yield the words of an address, also without the last ones, which may be authors' names."""
    for part in _PART.findall(address):
        words = _BETWEEN.split(part.removesuffix(".html").removesuffix(".pdf"))
        for left_out in range(_MOST_AUTHORS + 1 if len(words) > _FEWEST_WORDS else 0):
            if len(words) - left_out >= _FEWEST_WORDS:
                yield " ".join(words[: len(words) - left_out])
