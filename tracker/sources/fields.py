"""What the records of several sources have in common, and must mean the same from each of them."""

import re
from collections.abc import Iterable

# "cs.CL", "hep-th", "q-bio.NC"; authors' ACM and MSC terms ("I.2.7", "68T50") stand among them.
_CATEGORY = re.compile(r"[a-z-]+(?:\.[A-Za-z-]+)?")


def categories(names: Iterable[str]) -> tuple[str, ...]:
    """Those names that are arXiv categories, each once, in their order."""
    return tuple(dict.fromkeys(name for name in names if _CATEGORY.fullmatch(name)))
