"""Linking accepted papers to works, recomputed from everything in the store.

The result depends on what is stored, not on the order in which it arrived; only links that have
changed are written.

Public: `link_accepted_papers`.
"""

from tracker.records import Acceptance
from tracker.store import acceptances, papers, work_identity
from tracker.store.database import Database

# The strongest evidence decides; if two works match equally well, the record stays unlinked.
_STRENGTH = ("arxiv", "doi", "title")


def link_accepted_papers(db: Database) -> int:
    """Link accepted papers to works and return the number of changed links."""
    accepted = acceptances.list_with_sources(db)
    if not accepted:
        return 0
    acceptances.update_title_keys(db)
    return acceptances.store_links(
        db, {(source, entry.key): _match_work(db, entry) for source, entry in accepted}
    )


def _match_work(db: Database, accepted: Acceptance) -> tuple[int | None, str]:
    numbers = acceptances.find_candidate_works(db, accepted, work_identity.arxiv_id_of(accepted))
    evidence = {
        number: work_identity.match_evidence(accepted, paper)
        for number, paper in papers.load_by_number(db, numbers).items()
    }
    for strength in _STRENGTH:
        works = [number for number, kind in evidence.items() if kind == strength]
        if works:
            return (works[0], strength) if len(works) == 1 else (None, "")
    return None, ""
