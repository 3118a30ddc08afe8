"""Citations are valid for any title and any name."""

import json

import pytest

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


NAMES = [
    # name, BibTeX, RIS, CSL, beginning of the key
    ("Ada Roe", "Ada Roe", "Roe, Ada", {"family": "Roe", "given": "Ada"}, "roe"),
    (
        "Martin Roe Jr.",
        "Roe, Jr., Martin",
        "Roe, Martin, Jr.",
        {"family": "Roe", "given": "Martin", "suffix": "Jr."},
        "roe",
    ),
    (
        "Roe, Mary Ann, III",
        "Roe, III, Mary Ann",
        "Roe, Mary Ann, III",
        {"family": "Roe", "given": "Mary Ann", "suffix": "III"},
        "roe",
    ),
    (
        "Jan van der Berg Sr",
        "van der Berg, Sr, Jan",
        "van der Berg, Jan, Sr",
        {"family": "Berg", "given": "Jan", "non-dropping-particle": "van der", "suffix": "Sr"},
        "berg",
    ),
    (
        "Ana de la Cruz Roe",
        "de la Cruz Roe, Ana",
        "de la Cruz Roe, Ana",
        {"family": "Cruz Roe", "given": "Ana", "non-dropping-particle": "de la"},
        "cruzroe",
    ),
    (
        "Ben Van Poe",
        "Van Poe, Ben",
        "Van Poe, Ben",
        {"family": "Van Poe", "given": "Ben"},
        "vanpoe",
    ),
    ("Example Team", "{Example Team}", "Example Team", {"literal": "Example Team"}, "exampleteam"),
    (
        "The Example Collaboration",
        "{The Example Collaboration}",
        "The Example Collaboration",
        {"literal": "The Example Collaboration"},
        "examplecollaboration",
    ),
    (
        "Example Team at X2",
        "{Example Team at X2}",
        "Example Team at X2",
        {"literal": "Example Team at X2"},
        "exampleteamat",
    ),
    (
        "Google Example",
        "{Google Example}",
        "Google Example",
        {"literal": "Google Example"},
        "googleexample",
    ),
    ("Dr. Ada Doe, Ph.D.", "Ada Doe", "Doe, Ada", {"family": "Doe", "given": "Ada"}, "doe"),
    ("Huawei Doe MD", "Huawei Doe", "Doe, Huawei", {"family": "Doe", "given": "Huawei"}, "doe"),
    ("Team Example", "{Team Example}", "Team Example", {"literal": "Team Example"}, "teamexample"),
    ("X-1 & Y Lab", r"{X-1 \& Y Lab}", "X-1 & Y Lab", {"literal": "X-1 & Y Lab"}, "x1y"),
    ("Plato", "Plato", "Plato", {"literal": "Plato"}, "plato"),
    ("王小明", "王小明", "王小明", {"literal": "王小明"}, "anonymous"),
    ("山田 太郎", "太郎 山田", "山田, 太郎", {"family": "山田", "given": "太郎"}, "anonymous"),
    ("Łucja Øye", "Łucja Øye", "Øye, Łucja", {"family": "Øye", "given": "Łucja"}, "oye"),
]


@pytest.mark.parametrize(("name", "bib", "ris", "csl", "key"), NAMES)
def test_a_name_is_divided_as_each_format_requires(
    name: str, bib: str, ris: str, csl: dict[str, str], key: str
) -> None:
    cited = paper(title="Some words", authors=(name,))
    text = citations.bibtex([cited])
    assert f"author = {{{bib}}}" in text
    assert text.startswith(f"@misc{{{key}2026some,")
    assert [line for line in citations.ris([cited]).splitlines() if line.startswith("AU")] == [
        f"AU  - {ris}"
    ]
    assert json.loads(citations.csl([cited]))[0]["author"] == [csl]


def test_authors_who_are_not_named_are_left_out() -> None:
    cited = paper(authors=("Ada Roe", "et al.", "and 12 others"))
    assert "author = {Ada Roe}" in citations.bibtex([cited])
    assert citations.ris([cited]).count("AU  - ") == 1
    assert json.loads(citations.csl([paper(authors=("et al.",))]))[0]["author"] == []


@pytest.mark.parametrize(
    ("doi", "written"),
    [
        ("10.1007/978-3-031_12345_6", "10.1007/978-3-031_12345_6"),
        ("10.1002/(SICI)1&2<1::AID-X>3.0.CO;2-#", "10.1002/(SICI)1&2<1::AID-X>3.0.CO;2-#"),
        ("https://doi.org/10.1000/a%b~c", "10.1000/a%b~c"),
        ("10.1000/a_b, 10.1000/c", "10.1000/a_b"),
        ("10.1000/a}b", "10.1000/a%7Db"),
    ],
)
def test_a_doi_is_written_verbatim(doi: str, written: str) -> None:
    assert f"doi = {{{written}}}" in citations.bibtex([paper(doi=doi)])
