"""References are matched with stored works by id, DOI and exact title."""

import pytest

from tests.store.records import paper
from tests.store.test_citation_links import DAY
from tracker.records import CitedWorks, Reference
from tracker.store import citation_links, papers, reference_matching
from tracker.store.database import Database


@pytest.fixture(autouse=True)
def works(db: Database) -> None:
    titles = {
        "2403.00001": "Boiling Water for Tea at Scale",
        "2403.00002": "A Twin Title of Two Papers",
        "2403.00003": "A twin title of two papers",
        "2403.00004": "Cups and saucers",
    }
    papers.upsert(db, [paper(key, title=title) for key, title in titles.items()])
    papers.upsert(db, [paper("2403.00005", title="Published", doi="10.1145/ABC.7")])


@pytest.mark.parametrize(
    ("reference", "cited"),
    [
        (Reference("1706.03762"), ("1706.03762",)),
        (Reference(doi="10.1145/abc.7"), ("2403.00005",)),
        (Reference(titles=("No such title", "boiling water for tea: at scale")), ("2403.00001",)),
        (Reference(titles=("A Twin Title of Two Papers",)), ()),
        (Reference(titles=("Cups and saucers",)), ()),
        (Reference(titles=("Boiling Water for Tea at Scale, Again",)), ()),
        (Reference(titles=('" OR title : x ) AND (',)), ()),
    ],
    ids=["an unknown id", "a DOI", "a title", "an ambiguous title", "a short title", "another",
         "operators"],
)  # fmt: skip
def test_a_reference_is_matched(reference: Reference, cited: tuple[str, ...], db: Database) -> None:
    assert reference_matching.match_references(db, [reference, reference]) == cited


def test_links_of_the_full_text_stay_beside_those_of_a_service(db: Database) -> None:
    citation_links.store_read_references(db, "2403.00004", ["2403.00001", "2403.00004"])
    citation_links.replace_cited_works(db, [CitedWorks("2403.00004", DAY, ("2403.00002",), 9)])
    citation_links.replace_cited_works(db, [CitedWorks("2403.00004", DAY, ("2403.00003",), 9)])
    citation_links.store_read_references(db, "2403.00004", [])
    cited = citation_links.cited_by(db, "2403.00004")
    assert sorted(papers.keys_by_number(db, cited).values()) == ["2403.00001", "2403.00003"]
