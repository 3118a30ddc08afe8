"""The conclusion is found in HTML or LaTeX, and untrusted archives are limited."""

import gzip
import io
import tarfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tracker.errors import SourceMalformed
from tracker.settings import FullText
from tracker.sources.fulltext import conclusion_from_html, conclusion_from_latex, fetch_conclusion
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
    assert conclusion_from_html(HTML.encode()) == "We boiled 3² cups. Coffee was not tried."


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
    assert conclusion_from_latex(body) == "We boiled 3² cups. Coffee was not tried."


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
    assert conclusion_from_latex(body) == ""


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
        conclusion_from_latex(body)


@pytest.mark.parametrize(
    "unit", [b"\\section{", b"\\begin{table}", b"<section><h2>Conclusion", b"%"]
)
def test_excessive_markup_is_read_in_bounded_time(unit: bytes) -> None:
    body = unit * (200_000 // len(unit))
    assert len(conclusion_from_latex(body)) <= 8_000
    assert len(conclusion_from_html(body)) <= 8_000


@pytest.fixture
def arxiv() -> Iterator[Callable[[dict[str, bytes]], FullText]]:
    """A server with only these pages, and the settings for it."""
    servers: list[HTTPServer] = []

    def start(pages: dict[str, bytes]) -> FullText:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = pages.get(self.path, b"")
                self.send_response(200 if self.path in pages else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        base = f"http://127.0.0.1:{server.server_port}"
        return FullText(5, f"{base}/html", f"{base}/e-print", 0.0)

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_html_is_tried_first_then_latex(
    client: Client, arxiv: Callable[[dict[str, bytes]], FullText]
) -> None:
    pages = {
        "/html/2603.00001v2": HTML.encode(),
        "/e-print/2603.00002v1": packed(("main.tex", LATEX.encode())),
        "/html/2603.00004v1": b"<html><body>No sections here.</body></html>",
        "/e-print/2603.00005v1": packed(*((f"{n}.tex", b"") for n in range(2_001))),
    }
    settings = arxiv(pages)
    conclusion = "We boiled 3² cups. Coffee was not tried."
    assert fetch_conclusion(client, settings, "2603.00001", 2) == conclusion
    assert fetch_conclusion(client, settings, "2603.00002", 1) == conclusion
    assert fetch_conclusion(client, settings, "2603.00003", 1) == ""
    assert fetch_conclusion(client, settings, "2603.00004", 1) == ""
    with pytest.raises(SourceMalformed, match="over 2,000 files"):
        fetch_conclusion(client, settings, "2603.00005", 1)
