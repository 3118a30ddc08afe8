"""Ids and addresses of papers that a user pastes into the search box.

Pure. Public: `find_pasted_ids`.
"""

import re

from tracker.models import PaperId

_MOST = 50
_REQUEST = re.compile(
    r"^(?:find\s+|show\s+)?(?:(?:me\s+)?(?:papers?|works?|articles?|more)\s+)?"
    r"(?:(?:similar|related|close)\s+to|like)\s+|^(?:find|show|open)\s+",
    re.I,
)
_BETWEEN = re.compile(r"[\s,;]+")


def find_pasted_ids(text: str) -> tuple[str, ...]:
    """Return the ids that a query consists of, each once; () if it has anything else.

    "papers like ID" and "similar to ID" are requests for that paper, too.
    """
    wanted = _REQUEST.sub("", text.strip())
    return _parse_ids([wanted]) or _parse_ids(_BETWEEN.split(wanted)[: _MOST + 1])


def _parse_ids(written: list[str]) -> tuple[str, ...]:
    try:
        return tuple(dict.fromkeys(PaperId.parse(one).key for one in written if one))
    except ValueError:
        return ()
