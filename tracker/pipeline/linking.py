"""Which work each accepted paper is: worked out anew from all that is in the store.

The outcome follows from what is stored and not from the order in which it came; only links that
have changed are written.
"""

from tracker import identity
from tracker.records import Acceptance
from tracker.store import acceptances, papers
from tracker.store.database import Database

# The stronger proof wins; two works with the same one leave the record without a work.
_STRENGTH = ("arxiv", "doi", "title")


def link(db: Database) -> int:
    """Tie accepted papers to works; gives how many ties were changed."""
    accepted = acceptances.stored(db)
    if not accepted:
        return 0
    acceptances.key_titles(db)
    return acceptances.link(
        db, {(source, entry.key): _work(db, entry) for source, entry in accepted}
    )


def _work(db: Database, accepted: Acceptance) -> tuple[int | None, str]:
    numbers = acceptances.candidates(db, accepted, identity.arxiv_of(accepted))
    proofs = {
        number: identity.proof(accepted, paper)
        for number, paper in papers.by_number(db, numbers).items()
    }
    for strength in _STRENGTH:
        works = [number for number, proof in proofs.items() if proof == strength]
        if works:
            return (works[0], strength) if len(works) == 1 else (None, "")
    return None, ""
