"""Escaping of untrusted text for HTML, Markdown and plain text.

Public: `escape_html`, `escape_markdown`, `escape_text`, `to_single_line`, `mark_safe`.
"""

import re
import unicodedata

from markupsafe import Markup, escape


def mark_safe(text: str) -> Markup:
    """Return `text` as markup that is not escaped again; nothing else creates markup."""
    return Markup(text)  # noqa: S704 - callers have escaped the text


_JOINERS = "\u200c\u200d"  # needed in Persian, Indic scripts and emoji
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
# The Unicode blocks of combining diacritical marks. No script stacks more than four on a letter;
# hundreds would be drawn over the lines above and below.
_MARKS = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_STACKED = re.compile(f"({_MARKS}{{4}}){_MARKS}+")


def to_single_line(text: str) -> str:
    """Return `text` on one line, so that it cannot imitate the structure of the page.

    Control characters, bidirectional overrides, surrogates and excessive combining marks are
    removed.
    """
    if not text.isprintable():
        text = "".join(
            " " if unicodedata.category(sign) in _HIDDEN and sign not in _JOINERS else sign
            for sign in text
        )
    words = _STACKED.sub(r"\1", " ".join(text.split()))
    # Separators of the templates, such as ", ", keep their space.
    return f"{' ' * text[:1].isspace()}{words}{' ' * text[-1:].isspace()}" if words else ""


def escape_html(text: str) -> Markup:
    """Return `text` with the special characters of HTML escaped."""
    return escape(to_single_line(text))


def escape_text(text: str) -> Markup:
    """Return `text` for a plain-text page."""
    return mark_safe(to_single_line(text))


_MARKDOWN_SIGNS = re.compile(r"([\\`*_\[\]<>|~$#&]|==|%%|\^)")
_MARKDOWN_START = re.compile(r"^(\d{0,9})([-+.)])(?=\s|$)")


def escape_markdown(text: str) -> Markup:
    """Return `text` with the special characters of CommonMark, GitHub and Obsidian escaped."""
    signs = _MARKDOWN_SIGNS.sub(lambda found: "\\" + "\\".join(found[0]), to_single_line(text))
    return mark_safe(_MARKDOWN_START.sub(r"\1\\\2", signs))
