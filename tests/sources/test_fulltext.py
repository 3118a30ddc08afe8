"""The conclusion is found in HTML or LaTeX, and an archive from a stranger is not trusted."""

import gzip
import io
import tarfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tracker.errors import SourceMalformed
from tracker.settings import FullText
from tracker.sources.fulltext import conclusion, of_html, of_latex
from tracker.sources.http import Client

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
    """A tar, gzipped, of files; `facts` are set on the last member."""
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


def test_html_gives_the_sections_that_conclude() -> None:
    assert of_html(HTML.encode()) == "We boiled 3² cups. Coffee was not tried."


@pytest.mark.parametrize(
    "body",
    [
        LATEX.encode(),
        gzip.compress(LATEX.encode()),
        packed(("figure.png", b"x"), ("paper/main.tex", LATEX.encode())),
    ],
    ids=["one file", "gzipped", "an archive"],
)
def test_latex_gives_the_sections_that_conclude(body: bytes) -> None:
    assert of_latex(body) == "We boiled 3² cups. Coffee was not tried."


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
def test_what_is_no_plain_file_is_not_read(body: bytes) -> None:
    assert of_latex(body) == ""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (gzip.compress(bytes(100 << 20)), "unpacks to over"),
        (packed(*((f"{n}.tex", b"") for n in range(2_001))), "over 2,000 files"),
        (gzip.compress(b"x")[:-9] + b"damaged", "no sound gzip"),
    ],
    ids=["a bomb", "a swarm", "damaged"],
)
def test_an_archive_that_is_too_much_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        of_latex(body)


@pytest.mark.parametrize(
    "unit", [b"\\section{", b"\\begin{table}", b"<section><h2>Conclusion", b"%"]
)
def test_endless_markup_ends(unit: bytes) -> None:
    body = unit * (200_000 // len(unit))
    assert len(of_latex(body)) <= 8_000
    assert len(of_html(body)) <= 8_000


@pytest.fixture
def arxiv() -> Iterator[Callable[[dict[str, bytes]], FullText]]:
    """A server with these pages and nothing else; the settings that lead there."""
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
                """In silence."""

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        base = f"http://127.0.0.1:{server.server_port}"
        return FullText(5, f"{base}/html", f"{base}/e-print", 0.0)

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_html_comes_first_then_latex_then_nothing(
    client: Client, arxiv: Callable[[dict[str, bytes]], FullText]
) -> None:
    pages = {
        "/html/2603.00001v2": HTML.encode(),
        "/e-print/2603.00002v1": packed(("main.tex", LATEX.encode())),
        "/html/2603.00004v1": b"<html><body>No sections here.</body></html>",
        "/e-print/2603.00005v1": packed(*((f"{n}.tex", b"") for n in range(2_001))),
    }
    settings = arxiv(pages)
    told = "We boiled 3² cups. Coffee was not tried."
    assert conclusion(client, settings, "2603.00001", 2) == told
    assert conclusion(client, settings, "2603.00002", 1) == told
    assert conclusion(client, settings, "2603.00003", 1) == ""
    assert conclusion(client, settings, "2603.00004", 1) == ""
    with pytest.raises(SourceMalformed, match="over 2,000 files"):
        conclusion(client, settings, "2603.00005", 1)
