"""Ids and addresses of papers that a user pastes into the search box, alone or in a reference.

Pure. Public: `find_pasted_ids`, `find_mentioned_ids`, `find_dois`, `strip_request`.
"""

import re
import unicodedata
from urllib.parse import unquote

from tracker.models import PaperId

_MOST = 50
# A longer text is a pasted page. A list of references is shorter.
_LONGEST = 20_000
_REQUEST = re.compile(
    r"^(?:find\s+|show\s+)?(?:(?:me\s+)?(?:papers?|works?|articles?|more)\s+)?"
    r"(?:(?:similar|related|close)\s+to|like)\s+|^(?:find|show|open)\s+",
    re.I,
)
_BETWEEN = re.compile(r"[\s,;]+")
# An id within a text: of five digits and a month, or after what only comes before an id; an old
# one only after that.
_MONTH = r"\d{2}(?:0[1-9]|1[0-2])"
_NEW_ID = rf"{_MONTH}\.\d{{4,5}}"
_OLD_ID = r"[a-z][a-z-]{1,15}(?:\.[A-Z]{2})?/\d{7}"
_MENTION = re.compile(
    r"(?:(?:arxiv|ar5iv|alphaxiv)[\w.]*/(?:[\w-]+/)?|huggingface\.co/papers/|hf\.co/papers/|"
    r"10\.48550/arxiv\.|arxiv[\s:.=/]{1,3}|(?:abs|pdf|html)/|eprint\s*=\s*[{\"']?\s*|\[)"
    rf"(?P<named>{_NEW_ID}|{_OLD_ID})(?![\d/])"
    rf"|(?<![\w./-])(?P<bare>{_MONTH}\.\d{{5}})(?:v\d{{1,3}})?(?:\.pdf)?(?![\w/]|\.\d)",
    re.I,
)
# A filter of the query language: the query is not a reference then.
_FILTER = re.compile(r"(?:^|\s)-?(?:title|abs|author|cat|topic|venue|id|has|after|before|since):\S")
_DOI = re.compile(r"(?<![\w.])10\.\d{4,9}/[^\s\"<>{}|\\^`,;]+")
_ARXIV_DOI = "10.48550/arxiv."


def find_pasted_ids(text: str) -> tuple[str, ...]:
    """Return the ids that a query consists of, each once; () if it has anything else.

    "papers like ID" and "similar to ID" are requests for that paper, too.
    """
    wanted = strip_request(text)
    return _parse_ids([wanted]) or _parse_ids(_BETWEEN.split(wanted)[: _MOST + 1])


def find_mentioned_ids(text: str) -> tuple[str, ...]:
    """Return the ids within a text that is more than ids: a reference, an entry of BibTeX, a link.

    () for a query with filters.
    """
    written = unquote(unicodedata.normalize("NFKC", text[:_LONGEST]))
    if _FILTER.search(written):
        return ()
    found = (match["named"] or match["bare"] for match in _MENTION.finditer(written))
    return tuple(dict.fromkeys(PaperId.parse(one.lower()).key for one in found))[:_MOST]


def find_dois(text: str) -> tuple[str, ...]:
    """Return the DOIs within a text in lower case, without those that arXiv registers."""
    found = (match[0].rstrip(".)]'").lower() for match in _DOI.finditer(unquote(text[:_LONGEST])))
    dois = dict.fromkeys(doi for doi in found if not doi.startswith(_ARXIV_DOI))
    return tuple(dois)[:_MOST]


def strip_request(text: str) -> str:
    """Return a query without "papers like", "similar to" and the like."""
    return _REQUEST.sub("", text.strip())


def _parse_ids(written: list[str]) -> tuple[str, ...]:
    try:
        return tuple(dict.fromkeys(PaperId.parse(one).key for one in written if one))
    except ValueError:
        return ()
