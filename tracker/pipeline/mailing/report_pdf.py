"""The monthly report as a PDF: beside its page on the site, and attached to its emails.

Public: `publish_pdf`, `find_or_render_pdf`, `ReportPdf`.
"""

from dataclasses import dataclass
from pathlib import Path

from tracker import resources
from tracker.delivery import pdf
from tracker.delivery.mail.links import public_url
from tracker.digest.document import Document
from tracker.digest.render.pages import render_pages
from tracker.pipeline.issue.publish import page_name, write_atomically
from tracker.pipeline.issue.report.chart_files import page_charts
from tracker.settings import Config


@dataclass(frozen=True, slots=True)
class ReportPdf:
    """A report as an email has it: the file to attach, or else the address of the one to link."""

    name: str
    content: bytes = b""
    url: str = ""


def publish_pdf(config: Config, document: Document) -> None:
    """Write the PDF of a report beside its page, unless it is newer than the page already."""
    if _has_pdf(config, document) and _read_current(config, document) is None:
        write_atomically(_path(config, document), _render(document))


def find_or_render_pdf(config: Config, document: Document) -> ReportPdf | None:
    """Return the PDF of a report for its emails; None if there is none to attach or to link."""
    if not _has_pdf(config, document):
        return None
    content = _read_current(config, document) or _render(document)
    name = _path(config, document).name
    if len(content) <= 1000 * config.digest.pdf_kb:
        return ReportPdf(name, content)
    base = public_url(config.web)
    return ReportPdf(name, url=f"{base}/{name}") if base else None


def _has_pdf(config: Config, document: Document) -> bool:
    """Whether the report has a PDF: not a digest, not without the library, not if switched off."""
    return document.kind == "monthly" and config.digest.pdf_kb > 0 and pdf.is_available()


def _path(config: Config, document: Document) -> Path:
    page = page_name(document.kind, document.period, document.language)
    return (config.web_pages / page).with_suffix(".pdf")


def _read_current(config: Config, document: Document) -> bytes | None:
    """Return the published PDF, or None if it is older than the page or missing."""
    path = _path(config, document)
    try:
        written, page = path.stat().st_mtime_ns, path.with_suffix(".html").stat().st_mtime_ns
        return path.read_bytes() if written >= page else None
    except OSError:
        return None


def _render(document: Document) -> bytes:
    public = document.without_personal_parts()
    pages = render_pages(public, resources.templates_folder(), page_charts(public))
    return pdf.render_pdf(pages["html"])
