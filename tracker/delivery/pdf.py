"""A page as PDF with WeasyPrint, which is an optional dependency.

Public: `require_pdf`, `is_available`, `render_pdf`, `write_pdf`.
"""

import importlib.util
import logging
from pathlib import Path
from typing import Any

from tracker.errors import ExtraMissing, TrackerError
from tracker.extras import install_command
from tracker.files import replace_bytes

# Without it, the file has a random identifier.
_IDENTIFIER = b"tracker"
_PAGE = """
@page { size: A4; margin: 18mm 17mm 20mm; @bottom-center { font: 9pt sans-serif; color: #5b626c;
  content: counter(page) " / " counter(pages) } }
/* The frame is a table for mail clients; laying out a table that spans pages is slow. */
[role=main] > table, [role=main] > table > tbody, [role=main] > table > tbody > tr, .page,
.card, .card > tbody, .card > tbody > tr, .inner { display: block !important }
body, .page { background: none !important; padding: 0 !important }
.card { max-width: none !important; background: none !important; font-size: 10.5pt !important }
.inner { padding: 0 !important }
h2, h3, summary { break-after: avoid }
figure, .first, tr { break-inside: avoid }
figure svg { max-width: 104mm !important; height: auto }
/* The cells of the chart above it have the same numbers. */
figure + details { display: none }
.preheader { display: none !important }
"""


def is_available() -> bool:
    """Whether WeasyPrint is installed."""
    return importlib.util.find_spec("weasyprint") is not None


def require_pdf() -> None:
    """Raise ExtraMissing unless WeasyPrint is installed."""
    if not is_available():
        raise ExtraMissing("A PDF", "pdf", install_command("pdf"))


def render_pdf(page: str) -> bytes:
    """Return an HTML page as PDF, the same bytes for the same page. Nothing is downloaded."""
    weasyprint = _load_weasyprint()
    html = weasyprint.HTML(string=page, url_fetcher=_data_fetcher())
    content: bytes = html.write_pdf(
        stylesheets=[weasyprint.CSS(string=_PAGE)], pdf_identifier=_IDENTIFIER, pdf_tags=True
    )
    return content


def write_pdf(page: str, path: Path) -> Path:
    """Write an HTML page as PDF; the file appears whole or not at all."""
    content = render_pdf(page)
    try:
        replace_bytes(path, content)
    except OSError as error:
        raise TrackerError(f"Cannot write {path}: {error.strerror}.") from error
    return path


def _load_weasyprint() -> Any:
    try:
        import weasyprint
    except OSError as error:  # the package is there, but not the Pango library that it loads
        raise TrackerError(f"WeasyPrint cannot load its libraries: {error}") from error
    # It warns of the style sheet's rules for screens, which a PDF does not need.
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    return weasyprint


def _data_fetcher() -> Any:
    """Return a fetcher of data URLs; pages are complete, so nothing else is requested."""
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols={"data"})
