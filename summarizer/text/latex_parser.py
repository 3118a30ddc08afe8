r"""Parser for one fragment of LaTeX: commands, groups and scripts; unknown input passes through.

``latex`` decides which parts of a text are formulas and gives each part to a ``LatexParser``.

Public surface: ``LatexParser``.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from summarizer.text.latex_symbols import (
    ACCENTS,
    DROPPED_COMMANDS,
    FIXED_TEXT,
    LAST_ARGUMENT_COMMANDS,
    MATH_ACCENTS,
    OPERATORS,
    SPACED_SYMBOLS,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    SWITCHES,
)

_MAX_DEPTH = 40
_ITEM = re.compile(r"\\(?:[A-Za-z]+\*?|.)?|[{}~^_]|[^\\{}~^_]+", re.S)
_LISTED = re.compile(r"[\w.+-]{1,6}(?:, ?[\w.+-]{1,6}){1,20}")
"""The content of braces that denote a set: ``{0,1}`` keeps its braces."""


class LatexParser:
    """One pass over the tokens of one fragment; ``position`` is the next token to read."""

    def __init__(self, source: str, *, math: bool) -> None:
        self.tokens: list[str] = _ITEM.findall(source)
        self.position = 0
        self.math = math
        self.depth = 0

    def parse(self) -> str:
        """Return the whole fragment as text."""
        out: list[str] = []
        while self.position < len(self.tokens):
            self._append(out, self._parse_next())
        text = "".join(out)
        return _collapse_spaces(text) if self.math else text

    def _append(self, out: list[str], piece: str | None) -> None:
        """Append ``piece``; None is a dropped note, and the space before it is dropped too."""
        if piece is not None:
            out.append(piece)
        elif out:
            out[-1] = out[-1].rstrip()

    def _parse_next(self) -> str | None:
        item = self.tokens[self.position]
        self.position += 1
        if self.depth > _MAX_DEPTH:  # deeper nesting is an attack on the stack, not an abstract
            return "" if item[0] in "\\{}" else item
        self.depth += 1
        piece = self._parse_token(item)
        self.depth -= 1
        return piece

    def _parse_token(self, item: str) -> str | None:
        if item == "{":
            content = self._parse_group()
            return f"{{{content}}}" if _LISTED.fullmatch(content) else content
        if item == "}":
            return ""
        if item.startswith("\\"):
            return self._parse_command(item[1:].rstrip("*"))
        if self.math:
            return self._parse_math_token(item)
        return item

    def _parse_group(self) -> str:
        """Parse the rest of a brace group and return it without its braces."""
        out: list[str] = []
        while self.position < len(self.tokens):
            if self.tokens[self.position] == "}":
                self.position += 1
                break
            self._append(out, self._parse_next())
        return "".join(out)

    def _parse_argument(self) -> str:
        """Parse the next group or, if there is none, the next character or command."""
        if self.position >= len(self.tokens):
            return ""
        item = self.tokens[self.position]
        if item[0].isspace():
            self._skip_blank()
            return self._parse_argument()
        if item == "{":
            self.position += 1
            return self._parse_group()
        if item[0] == "\\":
            return self._parse_next() or ""
        self.tokens[self.position] = item[1:]
        if not item[1:]:
            self.position += 1
        return item[:1]

    def _has_group(self) -> bool:
        return self.position < len(self.tokens) and self.tokens[self.position] == "{"

    def _parse_option(self) -> str:
        r"""Skip and return a bracketed option such as the ``[3]`` of ``\sqrt[3]{x}``."""
        item = self.tokens[self.position] if self.position < len(self.tokens) else ""
        found = re.match(r"\[([^\]]{0,80})\]", item)
        if not found:
            return ""
        self.tokens[self.position] = item[found.end() :]
        if not self.tokens[self.position]:
            self.position += 1
        return found.group(1)

    def _parse_command(self, name: str) -> str | None:
        if name in DROPPED_COMMANDS:
            self._skip_arguments()
            return None
        if name in SWITCHES:
            self._skip_blank()
            return ""
        if handler := _HANDLERS.get(name):
            return handler(self)
        if name in LAST_ARGUMENT_COMMANDS:
            return self._parse_last_argument(LAST_ARGUMENT_COMMANDS[name])
        if name in ACCENTS or (self.math and name in MATH_ACCENTS):
            return _apply_accent(self._parse_argument(), ACCENTS.get(name) or MATH_ACCENTS[name])
        return self._parse_symbol(name)

    def _parse_last_argument(self, count: int) -> str:
        self._parse_option()
        return [self._parse_argument() for _ in range(count)][-1]

    def _parse_symbol(self, name: str) -> str:
        if not name[:1].isalpha():
            return FIXED_TEXT.get(name, name)
        if self.math and name in OPERATORS:
            return self._format_operator(name)
        if symbol := FIXED_TEXT.get(name) or _unicode_symbol(name):
            if name in SPACED_SYMBOLS:
                return f" {symbol} "
            self._skip_blank()
            return symbol
        argument = "".join(iter(self._parse_optional_group, ""))
        return argument or name

    def _parse_optional_group(self) -> str:
        return self._parse_argument() if self._has_group() else ""

    def _format_operator(self, name: str) -> str:
        following = self.tokens[self.position][:1] if self.position < len(self.tokens) else ""
        return f" {name}" if following in ("(", "_", "^", "", "}", "{", "\\") else f" {name} "

    def _parse_math_token(self, item: str) -> str:
        if item in ("^", "_"):
            table = SUPERSCRIPTS if item == "^" else SUBSCRIPTS
            return _format_script(item, self._parse_argument().strip(), table)
        return " " if item == "~" else item.replace("&", " ")

    def _skip_blank(self) -> None:
        if self.position < len(self.tokens):
            self.tokens[self.position] = self.tokens[self.position].lstrip()
            if not self.tokens[self.position]:
                self.position += 1

    def _skip_arguments(self) -> None:
        self._parse_option()
        self._parse_option()
        if self._has_group():
            self._parse_argument()

    def _parse_fraction(self) -> str:
        top, bottom = self._parse_argument(), self._parse_argument()
        return f"{_parenthesize(top)}/{_parenthesize(bottom)}"

    def _parse_root(self) -> str:
        index = self._parse_option()
        sign = {"3": "\u221b", "4": "\u221c"}.get(index, "\u221a")
        return sign + _parenthesize(self._parse_argument())

    def _parse_blackboard(self) -> str:
        letter = self._parse_argument()
        return _unicode_symbol(f"mathbb{{{letter}}}") if letter in tuple("CNPQRZ") else letter

    def _parse_code_point(self) -> str:
        found = re.fullmatch(r"x([0-9A-Fa-f]{2,5})", self._parse_argument())
        return chr(int(found.group(1), 16)) if found else ""

    def _parse_quantity(self) -> str:
        self._parse_option()
        return self._parse_argument() + self._parse_argument()

    def _parse_superscript(self) -> str:
        body = self._parse_argument()
        return body if body.isalpha() else _format_script("^", body, SUPERSCRIPTS)

    def _parse_negation(self) -> str:
        return unicodedata.normalize("NFC", self._parse_argument().strip() + "\u0338")

    def _parse_subscript(self) -> str:
        return _format_script("_", self._parse_argument(), SUBSCRIPTS)


_HANDLERS: dict[str, Callable[[LatexParser], str]] = {
    "frac": LatexParser._parse_fraction,
    "tfrac": LatexParser._parse_fraction,
    "dfrac": LatexParser._parse_fraction,
    "sfrac": LatexParser._parse_fraction,
    "sqrt": LatexParser._parse_root,
    "mathbb": LatexParser._parse_blackboard,
    "SI": LatexParser._parse_quantity,
    "qty": LatexParser._parse_quantity,
    "not": LatexParser._parse_negation,
    "unicode": LatexParser._parse_code_point,
    "textsuperscript": LatexParser._parse_superscript,
    "textsubscript": LatexParser._parse_subscript,
}


@lru_cache(maxsize=4096)
def _unicode_symbol(name: str) -> str:
    """Return the character ``unicodeit`` has for a command, or "" if it has none."""
    import unicodeit  # type: ignore[import-untyped]  # it ships no types

    found = str(unicodeit.replace("\\" + name))
    known = "\\" not in found and "{" not in found and not found.endswith(name[-2:])
    return found if known else ""


def _collapse_spaces(formula: str) -> str:
    """Collapse spaces between symbols to one and remove them just inside brackets."""
    formula = re.sub(r"\s+", " ", formula).strip()
    return re.sub(r"(?<=[(\[{]) | (?=[)\]},])", "", formula)


def _apply_accent(base: str, mark: str) -> str:
    """Return ``base`` with a combining mark if it is one letter; a longer base stays unmarked."""
    if len(base) != 1 and not base[:1].isalpha():
        return base
    base = {"\u0131": "i", "\u0237": "j"}.get(base, base)
    return unicodedata.normalize("NFC", base + mark) if len(base) == 1 else base


_POSTFIX_MARKS = {"\u2218": "\u00b0"} | {mark: mark for mark in "\u2032*\u2217\u22c6"}
"""Superscripts written without a caret: a ring becomes a degree sign, the others stay."""


def _format_script(sign: str, body: str, table: dict[str, str]) -> str:
    if _has_script_form(body, table):
        return "".join(map(table.__getitem__, body))
    if sign == "^" and body in _POSTFIX_MARKS:
        return _POSTFIX_MARKS[body]
    return sign + (body if re.fullmatch(r"\w*|[^\w\s]", body) else f"({body})")


def _has_script_form(body: str, table: dict[str, str]) -> bool:
    """Whether Unicode has every character of ``body``; longer words are easier to read inline."""
    short = len(body) <= 2 or not any(map(str.isalpha, body))
    return bool(body) and short and set(body) <= table.keys()


def _parenthesize(body: str) -> str:
    body = body.strip()
    return body if re.fullmatch(r"[\w.]*|[^\s]", body) else f"({body})"
