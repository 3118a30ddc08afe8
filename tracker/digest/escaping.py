"""Texts from outside made safe for a page: as HTML, as Markdown, as plain text."""

import re
import unicodedata

from markupsafe import Markup, escape


def done(text: str) -> Markup:
    """A text that is not to be escaped any more: the only place that says so."""
    return Markup(text)  # noqa: S704 - called on texts that were made safe for their form


_JOINERS = "\u200c\u200d"  # join or part letters in Persian, Indic scripts and emoji
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
# The blocks of combining diacritical marks. No script stacks more than three or four of them on a
# letter, and hundreds are painted over the lines above and below.
_MARKS = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_STACKED = re.compile(f"({_MARKS}{{4}}){_MARKS}+")


def flat(text: str) -> str:
    """A text on one line, so that it cannot pretend to be a part of the page.

    Without controls, signs that turn the direction of what follows, halves of characters, and
    marks stacked so high that they cover other lines.
    """
    if not text.isprintable():
        text = "".join(
            " " if unicodedata.category(sign) in _HIDDEN and sign not in _JOINERS else sign
            for sign in text
        )
    words = _STACKED.sub(r"\1", " ".join(text.split()))
    # Our own joints, such as ", ", keep their blank.
    return f"{' ' * text[:1].isspace()}{words}{' ' * text[-1:].isspace()}" if words else ""


def as_html(text: str) -> Markup:
    """A text in which no sign of HTML is left to work."""
    return escape(flat(text))


def as_text(text: str) -> Markup:
    """A text for a page that is no markup."""
    return done(flat(text))


_MARKDOWN_SIGNS = re.compile(r"([\\`*_\[\]<>|~$#&]|==|%%|\^)")
_MARKDOWN_START = re.compile(r"^(\d{0,9})([-+.)])(?=\s|$)")


def as_markdown(text: str) -> Markup:
    """A text in which no sign of Markdown (CommonMark, GitHub, Obsidian) is left to work."""
    signs = _MARKDOWN_SIGNS.sub(lambda found: "\\" + "\\".join(found[0]), flat(text))
    return done(_MARKDOWN_START.sub(r"\1\\\2", signs))
