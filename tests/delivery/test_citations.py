"""Citations are valid for any title and any name."""

import json

from tests.store.records import paper
from tracker.delivery import citations

ODD = paper(
    "hep-th/9901001",
    title="Costs of 50% & more: the $O(n)$ case_study #1",
    authors=("José Ångström", "the Alpha and Beta teams", "Plato"),
    categories=("cs.CL",),
    doi="10.1000/a_b",
)


def test_bibtex_escapes_special_characters() -> None:
    text = citations.bibtex([ODD])
    assert r"Costs of 50\% \& more" in text
    assert r"case\_study \#1" in text
    assert "$" not in text.replace(r"\$", "")
    assert "José Ångström and {the Alpha and Beta teams} and Plato" in text
    assert "eprint = {hep-th/9901001}" in text
    assert text.startswith("@misc{angstrom2026costs,")
    assert text.count("{") == text.count("}")


def test_keys_are_unique() -> None:
    keys = [line for line in citations.bibtex([ODD, ODD]).splitlines() if line.startswith("@")]
    assert keys == ["@misc{angstrom2026costs,", "@misc{angstrom2026costs-2,"]


def test_a_paper_without_authors_has_an_entry() -> None:
    assert "author" not in citations.bibtex([paper(authors=())])


def test_ris_has_a_line_per_author_and_an_end_tag() -> None:
    lines = citations.ris([ODD]).split("\r\n")
    assert lines[0] == "TY  - GEN"
    assert "AU  - Ångström, José" in lines
    assert "AU  - Plato" in lines
    assert lines[-3] == "ER  - "


def test_csl_is_json_with_dates_and_names() -> None:
    (item,) = json.loads(citations.csl([ODD]))
    assert item["issued"] == {"date-parts": [[2026, 3, 9]]}
    assert item["author"][0] == {"family": "Ångström", "given": "José"}
    assert item["author"][2] == {"literal": "Plato"}
    assert item["DOI"] == "10.1000/a_b"
