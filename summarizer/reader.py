r"""Reads one fragment of LaTeX: commands, groups, scripts; what it does not know it leaves.

``latex`` decides which parts of a text are formulas and hands each part to a ``Reader``.

Public surface: ``Reader``.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from summarizer.symbols import (
    ACCENTS,
    DROPPED,
    LAST_ARGUMENT,
    LETTERS,
    MATH_ACCENTS,
    OPERATORS,
    SPACED,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    SWITCHES,
)

_MAX_DEPTH = 40
_ITEM = re.compile(r"\\(?:[A-Za-z]+\*?|.)?|[{}~^_]|[^\\{}~^_]+", re.S)
_LISTED = re.compile(r"[\w.+-]{1,6}(?:, ?[\w.+-]{1,6}){1,20}")
"""What braces typed as a set hold: ``{0,1}`` keeps them."""


class Reader:
    """One pass over the tokens of one fragment; ``position`` is the next item to read."""

    def __init__(self, source: str, *, math: bool) -> None:
        self.items: list[str] = _ITEM.findall(source)
        self.position = 0
        self.math = math
        self.depth = 0

    def read(self) -> str:
        """Return the whole fragment as text."""
        out: list[str] = []
        while self.position < len(self.items):
            self._put(out, self._next())
        text = "".join(out)
        return _closed_up(text) if self.math else text

    def _put(self, out: list[str], piece: str | None) -> None:
        """Append ``piece``; None is a dropped note, which takes the blank before it along."""
        if piece is not None:
            out.append(piece)
        elif out:
            out[-1] = out[-1].rstrip()

    def _next(self) -> str | None:
        item = self.items[self.position]
        self.position += 1
        if self.depth > _MAX_DEPTH:  # deeper nesting is an attack on the stack, not an abstract
            return "" if item[0] in "\\{}" else item
        self.depth += 1
        piece = self._piece(item)
        self.depth -= 1
        return piece

    def _piece(self, item: str) -> str | None:
        if item == "{":
            content = self._group()
            return f"{{{content}}}" if _LISTED.fullmatch(content) else content
        if item == "}":
            return ""
        if item.startswith("\\"):
            return self._command(item[1:].rstrip("*"))
        if self.math:
            return self._math_token(item)
        return item

    def _group(self) -> str:
        """The rest of a brace group, without its braces."""
        out: list[str] = []
        while self.position < len(self.items):
            if self.items[self.position] == "}":
                self.position += 1
                break
            self._put(out, self._next())
        return "".join(out)

    def _argument(self) -> str:
        """The next group or, failing that, the next character or command."""
        if self.position >= len(self.items):
            return ""
        item = self.items[self.position]
        if item[0].isspace():
            self._skip_blank()
            return self._argument()
        if item == "{":
            self.position += 1
            return self._group()
        if item[0] == "\\":
            return self._next() or ""
        self.items[self.position] = item[1:]
        if not item[1:]:
            self.position += 1
        return item[:1]

    def _has_group(self) -> bool:
        return self.position < len(self.items) and self.items[self.position] == "{"

    def _option(self) -> str:
        r"""Skip and return a bracketed option such as the ``[3]`` of ``\sqrt[3]{x}``."""
        item = self.items[self.position] if self.position < len(self.items) else ""
        found = re.match(r"\[([^\]]{0,80})\]", item)
        if not found:
            return ""
        self.items[self.position] = item[found.end() :]
        if not self.items[self.position]:
            self.position += 1
        return found.group(1)

    def _command(self, name: str) -> str | None:
        if name in DROPPED:
            self._skip_arguments()
            return None
        if name in SWITCHES:
            self._skip_blank()
            return ""
        if handler := _HANDLERS.get(name):
            return handler(self)
        if name in LAST_ARGUMENT:
            return self._last_argument(LAST_ARGUMENT[name])
        if name in ACCENTS or (self.math and name in MATH_ACCENTS):
            return _accented(self._argument(), ACCENTS.get(name) or MATH_ACCENTS[name])
        return self._symbol(name)

    def _last_argument(self, count: int) -> str:
        self._option()
        return [self._argument() for _ in range(count)][-1]

    def _symbol(self, name: str) -> str:
        if not name[:1].isalpha():
            return LETTERS.get(name, name)
        if self.math and name in OPERATORS:
            return self._operator(name)
        if symbol := LETTERS.get(name) or _unicode(name):
            if name in SPACED:
                return f" {symbol} "
            self._skip_blank()
            return symbol
        argument = "".join(iter(self._groups, ""))
        return argument or name

    def _groups(self) -> str:
        return self._argument() if self._has_group() else ""

    def _operator(self, name: str) -> str:
        following = self.items[self.position][:1] if self.position < len(self.items) else ""
        return f" {name}" if following in ("(", "_", "^", "", "}", "{", "\\") else f" {name} "

    def _math_token(self, item: str) -> str:
        if item in ("^", "_"):
            table = SUPERSCRIPTS if item == "^" else SUBSCRIPTS
            return _script(item, self._argument().strip(), table)
        return " " if item == "~" else item.replace("&", " ")

    def _skip_blank(self) -> None:
        if self.position < len(self.items):
            self.items[self.position] = self.items[self.position].lstrip()
            if not self.items[self.position]:
                self.position += 1

    def _skip_arguments(self) -> None:
        self._option()
        self._option()
        if self._has_group():
            self._argument()

    def _fraction(self) -> str:
        top, bottom = self._argument(), self._argument()
        return f"{_bracketed(top)}/{_bracketed(bottom)}"

    def _root(self) -> str:
        index = self._option()
        sign = {"3": "\u221b", "4": "\u221c"}.get(index, "\u221a")
        return sign + _bracketed(self._argument())

    def _blackboard(self) -> str:
        letter = self._argument()
        return _unicode(f"mathbb{{{letter}}}") if letter in tuple("CNPQRZ") else letter

    def _code_point(self) -> str:
        found = re.fullmatch(r"x([0-9A-Fa-f]{2,5})", self._argument())
        return chr(int(found.group(1), 16)) if found else ""

    def _quantity(self) -> str:
        self._option()
        return self._argument() + self._argument()

    def _raised(self) -> str:
        body = self._argument()
        return body if body.isalpha() else _script("^", body, SUPERSCRIPTS)

    def _negated(self) -> str:
        return unicodedata.normalize("NFC", self._argument().strip() + "\u0338")

    def _lowered(self) -> str:
        return _script("_", self._argument(), SUBSCRIPTS)


_HANDLERS: dict[str, Callable[[Reader], str]] = {
    "frac": Reader._fraction,
    "tfrac": Reader._fraction,
    "dfrac": Reader._fraction,
    "sfrac": Reader._fraction,
    "sqrt": Reader._root,
    "mathbb": Reader._blackboard,
    "SI": Reader._quantity,
    "qty": Reader._quantity,
    "not": Reader._negated,
    "unicode": Reader._code_point,
    "textsuperscript": Reader._raised,
    "textsubscript": Reader._lowered,
}


@lru_cache(maxsize=4096)
def _unicode(name: str) -> str:
    """The character ``unicodeit`` has for a command; "" where it knows none."""
    import unicodeit  # type: ignore[import-untyped]  # it ships no types

    found = str(unicodeit.replace("\\" + name))
    known = "\\" not in found and "{" not in found and not found.endswith(name[-2:])
    return found if known else ""


def _closed_up(formula: str) -> str:
    """One blank at most between symbols, none inside a bracket's edge."""
    formula = re.sub(r"\s+", " ", formula).strip()
    return re.sub(r"(?<=[(\[{]) | (?=[)\]},])", "", formula)


def _accented(base: str, mark: str) -> str:
    """``base`` with a combining mark on its first letter; a longer base under a hat keeps none."""
    if len(base) != 1 and not base[:1].isalpha():
        return base
    base = {"\u0131": "i", "\u0237": "j"}.get(base, base)
    return unicodedata.normalize("NFC", base + mark) if len(base) == 1 else base


def _script(sign: str, body: str, table: dict[str, str]) -> str:
    short = len(body) <= 2 or not any(c.isalpha() for c in body)
    if body and short and all(c in table for c in body):
        return "".join(table[c] for c in body)
    if sign == "^" and body in ("\u2218", "\u2032", "*", "\u2217", "\u22c6"):
        return {"\u2218": "\u00b0"}.get(body, body)
    return sign + (body if re.fullmatch(r"\w*|[^\w\s]", body) else f"({body})")


def _bracketed(body: str) -> str:
    body = body.strip()
    return body if re.fullmatch(r"[\w.]*|[^\s]", body) else f"({body})"
