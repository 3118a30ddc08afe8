"""The outline is fetched as HTML or LaTeX, and untrusted archives are limited."""

import gzip
import io
import tarfile
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tests.faults.file_server import FileServer, Reply
from tests.faults.web_server import MISSING, LoggedRequest, Page, WebServer
from tracker.errors import SourceMalformed, SourceRefused, SourceUnavailable
from tracker.paper.paper_outline import PaperOutline
from tracker.settings import FullText
from tracker.sources.formats.arxiv.paper_html import outline_from_html
from tracker.sources.formats.arxiv.paper_latex import outline_from_latex
from tracker.sources.fulltext import FetchedText, fetch_full_text
from tracker.sources.http.client import Client

HTML = """<html><body><article>
<section class="ltx_section"><h2>1 Introduction</h2><p>Tea is old.</p></section>
<section class="ltx_section"><h2><span>5 </span>Conclusion</h2><div><p>We boiled
 <math alttext="3^2"><mi>x</mi></math> cups.</p></div>
 <section><h3>5.1 Limitations</h3><p>Coffee was not tried.</p></section></section>
<section><h2>Acknowledgements</h2><p>Thanks.</p></section></article></body></html>"""
LATEX = r"""\documentclass{article}\begin{document}
\section{Introduction} Tea is old. % \section{Conclusion} not this
\section*{Conclusions and outlook} We boiled $3^2$ cups~\cite{x}.
\begin{table} 1 & 2 \end{table}
\subsection{Limitations} Coffee was not tried.
\section{Acknowledgements} Thanks. \end{document}"""


def packed(*members: tuple[str, bytes], **facts: object) -> bytes:
    """Return a gzipped tar of files; `facts` are set on the last member."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name, data in members:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            if (name, data) == members[-1]:
                for key, value in facts.items():
                    setattr(member, key, value)
            archive.addfile(member, io.BytesIO(data) if member.isreg() else None)
    return content.getvalue()


def test_html_has_its_concluding_sections() -> None:
    assert outline_from_html(HTML.encode()).conclusion == "We boiled 3² cups. Coffee was not tried."


@pytest.mark.parametrize(
    "body",
    [
        LATEX.encode(),
        gzip.compress(LATEX.encode()),
        packed(("figure.png", b"x"), ("paper/main.tex", LATEX.encode())),
    ],
    ids=["one file", "gzipped", "an archive"],
)
def test_latex_has_its_concluding_sections(body: bytes) -> None:
    assert outline_from_latex(body).conclusion == "We boiled 3² cups. Coffee was not tried."


@pytest.mark.parametrize(
    "body",
    [
        packed(("../main.tex", LATEX.encode())),
        packed(("/etc/main.tex", LATEX.encode())),
        packed(("a\\main.tex", LATEX.encode())),
        packed(("main.tex", b""), type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        packed(("main.tex", b""), type=tarfile.LNKTYPE, linkname="other.tex"),
        packed(("main.tex", b""), type=tarfile.FIFOTYPE),
        b"%PDF-1.7 \\section{Conclusion} x",
        b"",
        b"<html>",
    ],
)
def test_only_plain_files_are_read(body: bytes) -> None:
    assert outline_from_latex(body) == PaperOutline()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (gzip.compress(bytes(100 << 20)), "unpacks to over"),
        (packed(*((f"{n}.tex", b"") for n in range(2_001))), "over 2,000 files"),
        (gzip.compress(b"x")[:-9] + b"damaged", "not a valid gzip"),
    ],
    ids=["a bomb", "a swarm", "damaged"],
)
def test_an_excessive_archive_is_rejected(body: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        outline_from_latex(body)


@pytest.mark.parametrize(
    "unit",
    [
        b"\\section{", b"\\begin{table}", b"<section><h2>Conclusion", b"%", b"\\caption{{",
        b"\\section{a}\\subsection{b}", b"<p>our code https://x.example/", b"our code is http://a ",
        b"\\href{http://", b"<figcaption>Figure 1: a", b"<span class='ltx_note'>",
    ],
)  # fmt: skip
def test_excessive_markup_is_read_in_bounded_time(unit: bytes) -> None:
    body = unit * (200_000 // len(unit))
    started = time.process_time()
    for outline in (outline_from_latex(body), outline_from_html(body)):
        assert len(outline.conclusion) <= 8_000
        assert len(outline.sections) <= 80
        assert len(outline.captions) <= 80
        assert len(outline.releases) <= 12
    assert time.process_time() - started < 5


@pytest.fixture
def arxiv() -> Iterator[FileServer]:
    """A server without pages; `settings_for` are the settings for it."""
    with FileServer() as server:
        yield server


def settings_for(url: str) -> FullText:
    return FullText(5, f"{url}/html", f"{url}/e-print", 0.0)


def test_html_is_tried_first_then_latex(client: Client, arxiv: FileServer) -> None:
    arxiv.files |= {
        "/html/2603.00001v2": HTML.encode(),
        "/e-print/2603.00002v1": packed(("main.tex", LATEX.encode())),
        "/html/2603.00004v1": b"<html><body>No sections here.</body></html>",
        "/e-print/2603.00005v1": packed(*((f"{n}.tex", b"") for n in range(2_001))),
    }
    settings = settings_for(arxiv.url)
    conclusion = "We boiled 3² cups. Coffee was not tried."
    assert fetch_full_text(client, settings, "2603.00001", 2).outline.conclusion == conclusion
    assert fetch_full_text(client, settings, "2603.00002", 1).outline.conclusion == conclusion
    assert fetch_full_text(client, settings, "2603.00003", 1) == FetchedText()
    assert fetch_full_text(client, settings, "2603.00004", 1) == FetchedText()
    with pytest.raises(SourceMalformed, match="over 2,000 files"):
        fetch_full_text(client, settings, "2603.00005", 1)


@pytest.mark.parametrize(("status", "error"), [(403, SourceRefused), (503, SourceUnavailable)])
def test_a_refusal_or_outage_is_reported(
    make_client: Callable[..., Client], arxiv: FileServer, status: int, error: type[Exception]
) -> None:
    arxiv.files["/html/2603.00001v1"] = Reply(b"", status)
    with pytest.raises(error, match=f"HTTP {status}"):
        fetch_full_text(make_client(max_attempts=1), settings_for(arxiv.url), "2603.00001", 1)
    assert [path for path, _ in arxiv.drain_log()] == ["/html/2603.00001v1"]


def test_a_slow_page_ends_in_time(make_client: Callable[..., Client], web: WebServer) -> None:
    done = threading.Event()

    def answer_late(_: LoggedRequest) -> Page:
        done.wait(10)
        return MISSING

    web.pages["/html/2603.00001v1"] = answer_late
    started = time.monotonic()
    with pytest.raises(SourceUnavailable):
        fetch_full_text(
            make_client(max_attempts=1, attempt=0.3), settings_for(web.url), "2603.00001", 1
        )
    assert time.monotonic() - started < 5
    done.set()
