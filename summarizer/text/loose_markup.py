r"""Markup that is not LaTeX, or LaTeX that lost a sign: entities, Markdown, ``textbf{x}``.

Titles and abstracts are pasted from web pages, chats and submission forms, some of which escape
``&`` twice, drop backslashes or escape the dollar signs of a formula. Only what cannot be meant
literally is changed: ``x**2``, ``A*``, ``textless``, ``AT&T`` and ``<think>`` stay.

Public surface: ``LOOSE_MARKUP``, ``repair_latex``, ``strip_emphasis``.
"""

import html
import re
from html.entities import name2codepoint

LOOSE_MARKUP = re.compile(
    r"\*|&[#\w]|text[a-z]{3}|</|<br|\b(?:emph|math[a-z]{2,4})\{|__|\]\(|TeX\s"
)
"""What a text must contain before this module can change it."""

_ENTITY = re.compile(r"&(?:(\w{2,8})|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_ESCAPES = 3  # how often a text may have been escaped
# Names that are no words of any language, so that they are commands even without the backslash.
_LOST_SYMBOL = re.compile(
    r"(?<!\\)(text(?:dollar|underscore|quotesingle|quotedbl(?:left|right)?|quote(?:left|right)"
    r"|ascii(?:tilde|circum)|backslash|e[nm]dash|ellipsis|degree|registered|trademark|copyright"
    r"|greater|times|bullet|dagger|percent|sterling|euro|mu|rightarrow))(?![\w{])"
)
_LOST_COMMAND = re.compile(
    r"(?<![\\A-Za-z])((?:text(?:bf|it|tt|sc|sf|rm|sl|md|up|normal|color|(?:super|sub)script)"
    r"|emph|underline|math(?:bf|it|rm|sf|tt|cal|bb|frak|scr)|boldsymbol|operatorname|sqrt|frac"
    r"|url|href|footnote|cite[pt]?)\{)"
)
# "\$p\$" and "\$Name$" are formulas whose signs were escaped; "\$20-\$50" is money.
_ESCAPED_FORMULA = re.compile(
    r"\\\$((?:\{?[A-Za-z][\w^{}()\[\]+*/=,.'|\\-]{0,60}?|\\[A-Za-z][^$]{0,120}?))\\?\$(?![\w$])"
)
_TAGS = re.compile(r"<(i|b|em|strong|sub|sup)>([^<>]{1,300})</\1>")
_BREAKS = re.compile(r"</?p>|<br\s*/?>", re.I)
# "\LaTeX and" would lose its space, as in TeX.
_SPACED_NAME = re.compile(r"\\((?:La|Bib|Xe)?TeX)\s+(?=\w)")
_LINK = re.compile(r"!?\[([^\[\]]{1,120})\]\((https?://[^\s()]{1,300})\)")
_UNDERLINED = re.compile(r"(?<![\w_])__(?=[^\s_])([^_]{1,200}\s[^_]{0,200}[^\s_])__(?![\w_])")
_BOLD = re.compile(r"(?<!\*)(\*{2,3})(?=[^\s*])([^*]{0,200}?[^\s*])\1(?!\*)")
_ITALIC = re.compile(
    r"(?<![\w*\\/.)\]])\*(?=[A-Za-z<\"\u201c\U000f0000-\U0010ffff])([^*]{0,120}?[^\s*(,;-])\*(?![\w*/])"
)


def repair_latex(text: str) -> str:
    """Return ``text`` with entities resolved and the signs of LaTeX that it lost."""
    if "&" in text:
        text = _resolve_entities(text)
    if "</" in text or "<br" in text:
        text = _BREAKS.sub(" ", _TAGS.sub(r"\2", text))
    text = _SPACED_NAME.sub(r"\1 ", text)
    text = _LOST_COMMAND.sub(r"\\\1", _LOST_SYMBOL.sub(r"\\\1", text))
    return _ESCAPED_FORMULA.sub(r"$\1$", text) if "\\$" in text else text


def _resolve_entities(text: str) -> str:
    for _ in range(_ESCAPES):
        resolved = _ENTITY.sub(_resolve_entity, text)
        if resolved == text:
            break
        text = resolved
    return text


def _resolve_entity(found: re.Match[str]) -> str:
    """Return the character of an entity of HTML 4; any other name is not one."""
    known = not found[1] or found[1] in name2codepoint or found[1] == "apos"
    return html.unescape(found[0]) if known else found[0]


def strip_emphasis(text: str) -> str:
    """Return ``text`` without the marks of Markdown's bold, italic and links."""
    if "__" in text:
        text = _UNDERLINED.sub(r"\1", text)
    if "](" in text:
        text = _LINK.sub(_name_link, text)
    if "*" not in text:
        return text
    return _ITALIC.sub(r"\1", _BOLD.sub(_strip_bold, text))


def _name_link(found: re.Match[str]) -> str:
    """Return the words of a link with its address, which often are the address itself."""
    return found[2] if found[1].startswith("http") else f"{found[1]} ({found[2]})"


def _strip_bold(found: re.Match[str]) -> str:
    """Return the content; within a word only if it is letters: an initial, and not a power."""
    before = found.string[found.start() - 1 : found.start()]
    after = found.string[found.end() : found.end() + 1]
    if not (before.isalnum() or after.isalnum() or (before in (")", "]") and before)):
        return found[2]
    return found[2] if found[2].isalpha() and not before.isdigit() else found[0]
