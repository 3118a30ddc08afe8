"""Turns a document into its pages: HTML for mail and web, plain text, and Markdown.

Owns Jinja2 and css-inline. All wording and order live in the templates; here is only what they
cannot say: how each form makes a foreign text safe, how numbers and days are written, and how the
finished page is laid out. Texts that are not markup are escaped wherever they are put out, in all
three forms, by the environment and not by the templates.

Public: `render`, `TEXT_COLUMNS`.
"""

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from markupsafe import Markup, escape

from tracker.digest.document import Document, Entry, Proof

TEXT_COLUMNS = 78
_PAGES = {"weekly": "email/weekly.jinja", "monthly": "report/monthly.jinja"}


@dataclass(frozen=True, slots=True)
class _Note:
    """A numbered note: the sentence of `entry`'s abstract on which a shown sentence rests."""

    number: int
    entry: Entry
    source: str


@dataclass(frozen=True, slots=True)
class _Form:
    """A form of the page: how a text is made safe in it, and what is done to the whole."""

    escape: Callable[[str], Markup]
    finish: Callable[[str], str]
    filters: Mapping[str, Callable[..., object]]


def render(document: Document, templates: Path) -> dict[str, str]:
    """The pages of `document` as {"html": …, "txt": …, "md": …}, made from the templates' folder.

    The same document gives the same pages, byte by byte.
    """
    notes = _notes(document)
    pages = {}
    for name, form in _forms().items():
        page = _environment(templates, name).get_template(_PAGES[document.kind])
        pages[name] = form.finish(page.render(document=document, notes=notes, form=name))
    return pages


def _forms() -> dict[str, _Form]:
    return {
        "html": _Form(escape, _mailable, {"link": _address}),
        "txt": _Form(_plain, _folded, {"link": _plain_address, "pad": _padded, "rule": _ruled}),
        "md": _Form(_markdown, _spaced, {"link": _plain_address}),
    }


@cache  # compiling the templates takes ten times as long as filling them in
def _environment(templates: Path, name: str) -> Any:
    """A Jinja2 environment in which every text that is not markup is escaped as its form wants.

    Autoescaping is on for plain text and Markdown too: it is what marks the output of macros as
    done, so that `finalize` meets each foreign text exactly once.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    form = _forms()[name]
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        finalize=lambda value: _escaped(value, form),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(_FILTERS)
    environment.filters.update(form.filters)
    return environment


def _escaped(value: object, form: _Form) -> object:
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return form.escape(value)


def _notes(document: Document) -> dict[tuple[str, str], _Note]:
    """The notes of a page by paper id and shown sentence, numbered as they come up.

    A sentence that is the abstract's own, word for word, needs none.
    """
    notes: dict[tuple[str, str], _Note] = {}
    for entry, proof in _shown(document):
        if proof.text != proof.source:
            key = entry.id, proof.text
            notes.setdefault(key, _Note(len(notes) + 1, entry, proof.source))
    return notes


def _shown(document: Document) -> Iterator[tuple[Entry, Proof]]:
    """Each sentence a page shows, in the order of the page: a report puts its themes first."""
    parts = [list(_picks(document)), list(_themed(document))]
    for part in reversed(parts) if document.kind == "monthly" else parts:
        yield from part


def _picks(document: Document) -> Iterator[tuple[Entry, Proof]]:
    if document.read_first:
        yield from ((document.read_first, proof) for proof in document.read_first.proofs)
    for entry in document.top:
        yield from _one_liner(entry)


def _themed(document: Document) -> Iterator[tuple[Entry, Proof]]:
    picked = {entry.id for entry in (document.read_first, *document.top) if entry}
    for theme in document.themes:
        for entry in theme.entries:
            if entry.id not in picked:
                yield from _one_liner(entry)
    for wish in document.for_you:
        for entry in wish.entries:
            if entry.id not in picked:
                yield from _one_liner(entry)


def _one_liner(entry: Entry) -> Iterator[tuple[Entry, Proof]]:
    return ((entry, proof) for proof in entry.proofs if proof.text == entry.tldr)


# --- addresses -------------------------------------------------------------------------------


def _address(url: str) -> str:
    """`url` when it is a plain web address, else empty: no page links to anything else.

    Characters with a meaning in Markdown or HTML are percent-encoded.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # e.g. a broken IPv6 host
        return ""
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or re.search(r"[\s\x00-\x1f]", url)
    ):
        return ""
    return quote(url, safe="/:?#@!$&+,;=%~-._")


def _plain_address(url: str) -> Markup:
    return _done(_address(url))  # holds nothing that could be taken for markup


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


# --- numbers and days ------------------------------------------------------------------------


def _number(value: float) -> str:
    """1412 is "1,412", 1285.4 is "1,285", 78.34 is "78.3", 0.734 is "0.73"."""
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:,.2f}"


def _percent(share: float, digits: int = 0) -> str:
    """0.0934 is "9 %", with a space that does not break."""
    return f"{100 * share:.{digits}f}\N{NO-BREAK SPACE}%"


def _points(difference: float) -> str:
    """A difference of shares in percentage points: 0.0141 is "+1.4"; nothing is "0.0"."""
    text = f"{round(100 * difference, 1) + 0.0:+.1f}"
    return "0.0" if text == "+0.0" else text.replace("-", "\N{MINUS SIGN}")


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _full_day(day: date) -> str:
    return f"{day.day} {day:%b} {day.year}"


def _moment(moment: datetime) -> str:
    return f"{_day(moment)} {moment.year}, {moment:%H:%M} {moment.tzname() or ''}".rstrip()


def _bar(value: float, largest: float, width: int) -> int:
    """Length of a bar of at most `width`; what is not nothing is at least 1 long."""
    return max(1, round(width * value / largest)) if value > 0 else 0


def _clip(text: str, length: int) -> str:
    """`text` cut to `length` characters where it is longer, between words where it has any."""
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    return (cut[: cut.rfind(" ")] if cut.rfind(" ") > length // 2 else cut).rstrip() + "…"


_FILTERS: Mapping[str, Callable[..., object]] = {
    "host": _host,
    "number": _number,
    "percent": _percent,
    "points": _points,
    "day": _day,
    "full_day": _full_day,
    "moment": _moment,
    "bar": _bar,
    "clip": _clip,
}


# --- forms -----------------------------------------------------------------------------------


def _mailable(page: str) -> str:
    """HTML whose styles stand on the elements, since mail clients drop style sheets.

    The style element marked `data-css-inline="keep"` stays: dark scheme and narrow screens.
    """
    import css_inline

    inliner = css_inline.CSSInliner(load_remote_stylesheets=False, minify_css=True)
    return re.sub(r"\n\s*", "\n", inliner.inline(page)) + "\n"


def _done(text: str) -> Markup:
    """A text that is not to be escaped any more: the only place that says so."""
    return Markup(text)  # noqa: S704 - called on texts that were made safe for their form


def _flat(text: str) -> str:
    """A text on one line, so that it cannot pretend to be a part of the page."""
    return " ".join(text.split())


def _plain(text: str) -> Markup:
    return _done(_flat(text))


_MARKDOWN_SIGNS = re.compile(r"([\\`*_\[\]<>|~$#&]|==|%%|\^)")
_MARKDOWN_START = re.compile(r"^(\d{0,9})([-+.)])(?=\s|$)")


def _markdown(text: str) -> Markup:
    """A text in which no sign of Markdown (CommonMark, GitHub, Obsidian) is left to work."""
    signs = _MARKDOWN_SIGNS.sub(lambda found: "\\" + "\\".join(found[0]), _flat(text))
    return _done(_MARKDOWN_START.sub(r"\1\\\2", signs))


def _padded(text: str, width: int) -> Markup:
    """A cell of a text table: filled up on the right, or on the left when `width` is negative."""
    flat = _clip(_flat(text), abs(width))
    return _done(flat.rjust(-width) if width < 0 else flat.ljust(width))


def _ruled(text: str, sign: str) -> Markup:
    """A line of `sign` under a heading."""
    return _done(sign * min(len(text), TEXT_COLUMNS))


def _folded(page: str) -> str:
    """Plain text in lines of at most `TEXT_COLUMNS`; an address is never broken."""
    return _spaced("\n".join(_fold(line) for line in page.splitlines()))


def _fold(line: str) -> str:
    """One line as several, each indented as far as the first one's text after "1. " or "[1] "."""
    lead = re.match(r" *(?:(?:\d+\.|\[\d+\]|-) +)?", line)
    hang = " " * len(lead[0] if lead else "")
    if len(line) <= TEXT_COLUMNS or re.fullmatch(r"\s*https?://\S+", line):
        return line
    return textwrap.fill(line, TEXT_COLUMNS, subsequent_indent=hang, break_on_hyphens=False)


def _spaced(page: str) -> str:
    """At most one empty line in a row, none at the ends, and no blanks at the ends of lines."""
    lines = "\n".join(line.rstrip() for line in page.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"
