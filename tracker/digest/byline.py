"""The authors of a paper as one line.

A module of its subject alone, because search results need no documents.
"""

from collections.abc import Sequence

from tracker.language import Language, get_language


def byline(authors: Sequence[str], language: Language | None = None) -> str:
    """Return up to three authors; of more, the first, the last, and how many there are."""
    if len(authors) <= 3:
        return ", ".join(authors)
    count = (language or get_language("en")).ngettext("({n} author)", "({n} authors)", len(authors))
    gap = "" if count.startswith("（") else " "
    return f"{authors[0]}, …, {authors[-1]}{gap}{count}"
