"""The files of an issue in the digests folder: .html, .txt, .md and .json.

Public: `write_pages`, `write_home_pages`.
"""

import json
from pathlib import Path

from tracker import resources
from tracker.digest.document import Document, as_json, from_json
from tracker.digest.render.pages import fit_to_budget, render_pages
from tracker.errors import UsageError
from tracker.pipeline.issue.publish import write_atomically
from tracker.pipeline.issue.report.chart_files import chart_files, page_charts
from tracker.pipeline.issue.report.report_notes import edited_copy_path, is_edited, merge_notes
from tracker.settings import Config

_SUFFIXES = ("html", "txt", "md", "json")


def write_pages(document: Document, folder: Path, budget_kb: int = 80) -> tuple[Path, ...]:
    """Write the document's .html, .txt, .md and .json, and the charts of a month as .svg.

    Each file appears whole or not at all.

    The HTML of a week has the size limit of an email; the other files are complete. The
    Markdown of a monthly report keeps the reader's notes; a copy of it that was edited elsewhere is
    kept under another name, which is then also returned.
    """
    templates = resources.templates_folder()
    pages = render_pages(document, templates, page_charts(document))
    if document.kind != "monthly":  # the email of a month has fewer parts than its page
        short = fit_to_budget(document, templates, 1000 * budget_kb)
        pages["html"] = render_pages(short, templates)["html"] if short.left_out else pages["html"]
    pages["json"] = json.dumps(as_json(document), ensure_ascii=False, indent=1) + "\n"
    name = f"{document.kind}-{document.period}"
    copies: tuple[Path, ...] = ()
    if document.kind == "monthly":
        pages["md"], copies = _keep_notes(pages["md"], folder / f"{name}.md")
    contents = {suffix: text.encode() for suffix, text in pages.items()} | chart_files(document)
    files = (
        write_atomically(folder / f"{name}.{suffix}", content)
        for suffix, content in contents.items()
    )
    return (*files, *copies)


def _keep_notes(page: str, file: Path) -> tuple[str, tuple[Path, ...]]:
    """Return a page with the notes of the existing file, and the copy of that if it was edited."""
    try:
        written = file.read_bytes()
    except FileNotFoundError:
        return merge_notes(page, ""), ()
    except OSError as error:
        raise UsageError(f"Cannot read the notes in {file}: {error.strerror}.") from error
    previous = written.decode(errors="replace")
    merged = merge_notes(page, previous)
    if not is_edited(previous):
        return merged, ()
    return merged, (write_atomically(edited_copy_path(file), written),)


def write_home_pages(
    config: Config, document: Document, out: Path | None
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Write the pages for this installation; return the files, and a sentence if none were written.

    Pages without papers are written only to a given folder `out`, and never over pages that show
    papers.
    """
    folder = out or config.digests
    kept = _existing_pages_note(document, folder) if document.empty else ()
    wanted = not kept and (out or not document.empty)
    return (write_pages(document, folder, config.digest.budget_kb) if wanted else ()), kept


def _existing_pages_note(document: Document, folder: Path) -> tuple[str, ...]:
    """Return that existing pages of an issue are kept, if they may show papers."""
    name = f"{document.kind}-{document.period}"
    pages = [page for suffix in _SUFFIXES if (page := folder / f"{name}.{suffix}").is_file()]
    if not pages or _is_empty_issue(folder / f"{name}.json"):
        return ()
    return (f"No papers can be shown now; the existing pages are kept: {pages[0]}.",)


def _is_empty_issue(file: Path) -> bool:
    """Return whether a page's data show no paper; False if they cannot be read."""
    try:
        return from_json(json.loads(file.read_text(encoding="utf-8"))).empty
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return False
