"""What papers cite, from their LaTeX sources and HTML pages; all entries are invented."""

import io
import tarfile
import time

import pytest

from tracker.records import Reference
from tracker.sources.formats.arxiv.paper_references import (
    references_from_html,
    references_from_latex,
)

TEA = "Boiling Water for Tea at Scale"
BIBTEX_MADE = rb"""\begin{thebibliography}{9}
\bibitem[Doe and Roe(2024)]{doe2024}
Ada Doe and Ruth Roe.
\newblock Boiling {W}ater for {T}ea at Scale.
\newblock \emph{arXiv preprint arXiv:2403.01234}, 2024.
% \bibitem{gone} arXiv:2403.09999
\bibitem{roe}
R.~Roe. \newblock Cups, saucers and their \emph{long} histories. \newblock \emph{Tests}, 3:1--9,
 2023. \newblock \doi{10.1145/34.56\_7}.
\bibitem{old} A. Doe, ``Tea and its many leaves,'' hep-th/9901001, \url{http://arxiv.org/abs/hep-th/9901001}.
\end{thebibliography}"""
BIBER_MADE = rb"""\entry{doe}{article}{}
 \field{eprinttype}{arXiv} \field{title}{Boiling Water for Tea at Scale}
 \verb{eprint} \verb 2403.01234 \endverb \verb{doi} \verb 10.1000/tea \endverb \endentry"""
ENTRIES = rb"""@article{doe, title = {Boiling {W}ater for {T}ea at Scale}, eprint = {2403.01234},
  archivePrefix={arXiv}}
@inproceedings{roe, author={R. Roe}, title="Cups, saucers and their long histories"}
@book{other, title={A Book That Nobody Cites at All}}"""
PAGE = b"""<html><body><section class="ltx_bibliography"><ul><li class="ltx_bibitem">
<span class="ltx_bibblock">Ada Doe.</span><span class="ltx_bibblock"> Boiling Water for Tea at
 Scale.</span><span><a href="https://arxiv.org/abs/2403.01234">link</a></span></li></ul></section>
</body></html>"""


def packed(**files: bytes) -> bytes:
    """Return a gzipped tar; the first underscore of a name is its point."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name.replace("_", ".", 1))
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return content.getvalue()


def test_a_made_bibliography_has_ids_dois_and_titles() -> None:
    body = packed(main_tex=rb"\cite{doe2024}", main_bbl=BIBTEX_MADE, all_bib=ENTRIES)
    doe, roe, old = references_from_latex(body)
    assert (doe.arxiv, old.arxiv) == ("2403.01234", "hep-th/9901001")
    assert roe.doi == "10.1145/34.56_7"
    assert TEA in doe.titles
    assert "Cups, saucers and their long histories" in roe.titles
    assert "Tea and its many leaves" in old.titles


@pytest.mark.parametrize(
    "body", [packed(main_bbl=BIBER_MADE), BIBTEX_MADE, packed(main_tex=BIBTEX_MADE)]
)
def test_a_bibliography_may_be_of_biber_or_within_the_text(body: bytes) -> None:
    first = references_from_latex(body)[0]
    assert first.arxiv == "2403.01234"
    assert TEA in first.titles


def test_only_entries_that_the_text_cites_count() -> None:
    body = packed(main_tex=rb"\citep[see][]{doe, roe} % \cite{other}", all_bib=ENTRIES)
    assert references_from_latex(body) == (
        Reference("2403.01234", "", (TEA,)),
        Reference("", "", ("Cups, saucers and their long histories",)),
    )
    assert len(references_from_latex(packed(a_tex=rb"\nocite{*}", b_bib=ENTRIES))) == 3


def test_a_page_has_its_references() -> None:
    (reference,) = references_from_html(PAGE)
    assert reference.arxiv == "2403.01234"
    assert TEA in reference.titles


@pytest.mark.parametrize(
    "body",
    [b"", b"%PDF-1.7 \\bibitem{x} arXiv:2403.01234", b"\x1f\x8bdamaged", b"<html>", b"\xff\xfe\x00",
     packed(a_bbl=b"\\bibitem"), packed(a_bib=b"@article{")],
)  # fmt: skip
def test_anything_else_has_none(body: bytes) -> None:
    assert references_from_latex(body) == ()
    assert references_from_html(body) == ()


@pytest.mark.parametrize(
    "unit",
    [b"\\bibitem{a}", b"\\bibinfo{title}{{", b"\\newblock a", b"``a", b"arxiv ", b"10.1234/"],
)
def test_excessive_entries_are_read_in_bounded_time(unit: bytes) -> None:
    body = b"\\bibitem{x} " + unit * (200_000 // len(unit))
    started = time.process_time()
    assert len(references_from_latex(body)) <= 1_000
    assert time.process_time() - started < 3
