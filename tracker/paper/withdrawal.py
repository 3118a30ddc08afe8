"""Whether a paper's record says that the paper was withdrawn from arXiv.

arXiv's records have no field for it (info.arxiv.org/help/withdraw), so it is read from the words of
authors and administrators. What was withdrawn from a conference or a journal, or restored, or is
another paper, is still on arXiv.

Public: `is_withdrawn`, `ARXIV_WITHDRAWN`.
"""

import re

ARXIV_WITHDRAWN = "arXiv marks this version as withdrawn."
"""The sentence that a source adds to the comments when arXiv has a flag and no words for it."""

# Most records have none of these words, and this is many times faster than the patterns.
_MAY_SAY_WITHDRAWN = re.compile(r"withdr[ae]w|retract|\bremoved\b|\bdeleted\b|taken down", re.I)


def is_withdrawn(title: str, abstract: str, comments: str) -> bool:
    """Whether a paper's record states that it was withdrawn from arXiv, and not that of another."""
    if not _MAY_SAY_WITHDRAWN.search(f"{comments}\n{abstract}\n{title}"):
        return False
    from tracker.paper.withdrawal_wordings import state_withdrawal

    return state_withdrawal(title, abstract, comments)
