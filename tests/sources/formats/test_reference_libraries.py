"""Libraries of reference managers: which papers they contain."""

import pytest

from tracker.errors import SourceMalformed
from tracker.sources.formats.reference_libraries import LIBRARY_KINDS, LibraryEntry, parse_library

BIBTEX = r"""@comment{not an entry}
@string{venue = "A Venue"}
@misc{one, title={{Sparse} Experts in {\"U}bersetzung}, eprint={2403.01234v2},
  archivePrefix={arXiv}}
@article{two, title="Another Paper", journal={arXiv preprint arXiv:2402.00001}, year=2024,
  abstract={Follows arXiv:2001.00001.}}
@inproceedings{three, title = {A Paper Without an Id}, booktitle = venue}
@article{broken, title = {never closed
"""
RIS = (
    "TY  - GEN\r\nTI  - Sparse Experts\r\nUR  - https://arxiv.org/abs/2403.01234\r\nER  - \r\n\r\n"
    "TY  - JOUR\r\nT1  - A Paper Without an Id\r\nER  - \r\n"
)
ZOTERO = (
    '\ufeff"Key","Item Type","Title","Url","DOI","Extra"\n'
    '"A","preprint","Sparse, ""Experts""","http://arxiv.org/abs/2403.01234","",""\n'
    '"B","preprint","Another","","10.48550/arXiv.2402.00001","arXiv:2402.00001 [cs]"\n'
    '"C","book","A Book","","",""\n'
)


def ids(kind: str, text: str) -> list[tuple[str, ...]]:
    return [entry.ids for entry in parse_library(kind, text, "file")]


def test_bibtex_entries_have_ids_and_titles() -> None:
    one, two, three = parse_library("bibtex", BIBTEX, "my.bib")[:3]
    assert one.ids == ("2403.01234",)
    assert one.title.startswith("Sparse Experts in")
    assert two == LibraryEntry(("2402.00001",), "Another Paper")
    assert three == LibraryEntry((), "A Paper Without an Id")


def test_ris_zotero_ids_and_notes() -> None:
    assert ids("ris", RIS) == [("2403.01234",), ()]
    assert ids("zotero-csv", ZOTERO) == [("2403.01234",), ("2402.00001",), ()]
    assert parse_library("zotero-csv", ZOTERO, "x")[0].title == 'Sparse, "Experts"'
    listed = "# mine\n2403.01234, arXiv:2402.00001v3\nhttps://arxiv.org/pdf/math/0309136  # old\n"
    assert ids("ids", listed) == [("2403.01234",), ("2402.00001",), ("math/0309136",)]
    note = (
        "---\narxiv: 2403.01234\n---\nSee [this](https://arxiv.org/abs/2402.00001v1), 1234.56789."
    )
    assert ids("obsidian", note) == [("2403.01234",), ("2402.00001",)]


@pytest.mark.parametrize("kind", LIBRARY_KINDS)
@pytest.mark.parametrize(
    "text", ["", "\x00\x01", "nonsense without any id", "{" * 5000, "a,b\n1,2"]
)
def test_a_file_of_another_format_is_refused(kind: str, text: str) -> None:
    with pytest.raises(SourceMalformed):
        parse_library(kind, text, "file")
