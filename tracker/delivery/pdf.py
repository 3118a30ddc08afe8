"""A page as PDF with WeasyPrint, which is an optional dependency.

Public: `require_pdf`, `write_pdf`.
"""

import importlib.util
from pathlib import Path
from typing import Any

from tracker.errors import ExtraMissing, TrackerError
from tracker.extras import install_command
from tracker.files import replace_bytes


def require_pdf() -> None:
    """Raise ExtraMissing unless WeasyPrint is installed."""
    if importlib.util.find_spec("weasyprint") is None:
        raise ExtraMissing("A PDF", "pdf", install_command("pdf"))


def write_pdf(page: str, path: Path) -> Path:
    """Write an HTML page as PDF; the file appears whole or not at all. Nothing is downloaded."""
    try:
        import weasyprint
    except OSError as error:  # the package is there, but not the Pango library that it loads
        raise TrackerError(f"WeasyPrint cannot load its libraries: {error}") from error

    def fetch(url: str, *_: object, **__: object) -> Any:
        if not url.startswith("data:"):
            raise ValueError(f"pages are complete; {url} is not requested")
        return weasyprint.default_url_fetcher(url)

    content = weasyprint.HTML(string=page, url_fetcher=fetch).write_pdf()
    try:
        replace_bytes(path, content)
    except OSError as error:
        raise TrackerError(f"Cannot write {path}: {error.strerror}.") from error
    return path
