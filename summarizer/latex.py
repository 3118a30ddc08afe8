"""LaTeX fragments to readable Unicode.

arXiv titles and abstracts are LaTeX as their authors typed it: mostly prose, with accents, a few
font commands, formulas and macros that only the paper defines. A general converter reads
``$5 and $6`` as a formula and a norm bar as nothing, so this module reads the small language
that abstracts are written in, and leaves alone whatever is not clearly markup. The names of
symbols come from ``unicodeit``, asked for one command at a time.

Public surface: ``readable``, ``MARKUP``.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
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

MARKUP = re.compile(r"[\\$~{}]|``|''|--")
"""What a text must contain before ``readable`` can change it."""

_MAX_DEPTH = 40
_PLACEHOLDER = 0xF0000  # a private-use plane: ``text.plain`` has removed any that came in
_DELIMITER = re.compile(r"\\[\\$]|\$\$?|\\[()\[\]]")
_CLOSER = {"$": "$", "$$": "$$", "\\(": "\\)", "\\[": "\\]"}
_PROSE = re.compile(r"[A-Za-z]{3,} [A-Za-z]{3,}")
_TOKEN = re.compile(r"\\(?:[A-Za-z]+\*?|.)?|[{}~^_]|[^\\{}~^_]+", re.S)
_LISTED = re.compile(r"[\w.+-]{1,6}(?:, ?[\w.+-]{1,6}){1,20}")
"""What braces typed as a set hold: ``{0,1}`` keeps them."""
_TIE = re.compile(r"(?<=[\w.,:)\]])~(?=[\w\\(\[\U000f0000-\U0010ffff])")
_PLACED = re.compile("[\U000f0000-\U0010fffd]")


def readable(latex: str) -> str:
    """Return ``latex`` with its markup turned into Unicode text; white space is not collapsed.

    Formulas keep their symbols (``$O(\\sqrt{n})$`` reads ``O(√n)``), font commands vanish, notes
    and citations are dropped, and a macro nobody knows keeps its name or its argument.
    """
    formulas: list[str] = []
    pieces: list[str] = []
    end = 0
    for start, stop, body in _formulas(latex):
        pieces += [latex[end:start], chr(_PLACEHOLDER + len(formulas))]
        formulas.append(_Reader(body, math=True).read())
        end = stop
    pieces.append(latex[end:])
    prose = _Reader(_TIE.sub(" ", "".join(pieces)), math=False).read()
    return _PLACED.sub(lambda m: formulas[ord(m.group()) - _PLACEHOLDER], _typography(prose))


def _formulas(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, body) of each formula; a dollar sign that is money opens none."""
    marks = [m for m in _DELIMITER.finditer(text) if m.group() not in ("\\\\", "\\$")]
    index = 0
    while index + 1 < len(marks):
        left, right = marks[index], marks[index + 1]
        body = text[left.end() : right.start()]
        if _CLOSER.get(left.group()) == right.group() and _is_formula(
            body, text[right.end() : right.end() + 1]
        ):
            yield left.start(), right.end(), body
            index += 1
        index += 1


def _is_formula(body: str, following: str) -> bool:
    if not body.strip() or len(body) > 2000:
        return False
    if re.search(r"[\\^_]", body):
        return True
    if re.fullmatch(r"[<>=+-]{1,2}", body):
        return True
    spaced = body[0].isspace() != body[-1].isspace()
    return not (spaced or following.isdigit() or _PROSE.search(body))


def _typography(text: str) -> str:
    text = text.replace("``", "\u201c").replace("''", "\u201d")
    return re.sub(r"(?<![-\s])---?(?![-\s])|(?<=\s)---?(?=\s)", _dash, text)


def _dash(match: re.Match[str]) -> str:
    return "\u2014" if len(match.group()) == 3 else "\u2013"


class _Reader:
    """One pass over the tokens of one fragment; ``position`` is the next token to read."""

    def __init__(self, source: str, *, math: bool) -> None:
        self.tokens = _TOKEN.findall(source)
        self.position = 0
        self.math = math
        self.depth = 0

    def read(self) -> str:
        out: list[str] = []
        while self.position < len(self.tokens):
            self._put(out, self._next())
        text = "".join(out)
        return _closed_up(text) if self.math else text

    def _put(self, out: list[str], piece: str | None) -> None:
        """Append ``piece``; None stands for a dropped note, which takes the blank before it along."""
        if piece is not None:
            out.append(piece)
        elif out:
            out[-1] = out[-1].rstrip()

    def _next(self) -> str | None:
        token = self.tokens[self.position]
        self.position += 1
        if self.depth > _MAX_DEPTH:  # deeper nesting is an attack on the stack, not an abstract
            return "" if token[0] in "\\{}" else token
        self.depth += 1
        piece = self._piece(token)
        self.depth -= 1
        return piece

    def _piece(self, token: str) -> str | None:
        if token == "{":
            content = self._group()
            return f"{{{content}}}" if _LISTED.fullmatch(content) else content
        if token == "}":
            return ""
        if token.startswith("\\"):
            return self._command(token[1:].rstrip("*"))
        if self.math:
            return self._math_token(token)
        return token

    def _group(self) -> str:
        """The rest of a brace group, without its braces."""
        out: list[str] = []
        while self.position < len(self.tokens):
            if self.tokens[self.position] == "}":
                self.position += 1
                break
            self._put(out, self._next())
        return "".join(out)

    def _argument(self) -> str:
        """The next group or, failing that, the next character or command."""
        if self.position >= len(self.tokens):
            return ""
        token = self.tokens[self.position]
        if token[0].isspace():
            self._skip_blank()
            return self._argument()
        if token == "{":
            self.position += 1
            return self._group()
        if token[0] == "\\":
            return self._next() or ""
        self.tokens[self.position] = token[1:]
        if not token[1:]:
            self.position += 1
        return token[:1]

    def _has_group(self) -> bool:
        return self.position < len(self.tokens) and self.tokens[self.position] == "{"

    def _option(self) -> str:
        """Skip and return a bracketed option such as the ``[3]`` of ``\\sqrt[3]{x}``."""
        token = self.tokens[self.position] if self.position < len(self.tokens) else ""
        found = re.match(r"\[([^\]]{0,80})\]", token)
        if not found:
            return ""
        self.tokens[self.position] = token[found.end() :]
        if not self.tokens[self.position]:
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
        following = self.tokens[self.position][:1] if self.position < len(self.tokens) else ""
        return f" {name}" if following in ("(", "_", "^", "", "}", "{", "\\") else f" {name} "

    def _math_token(self, token: str) -> str:
        if token in ("^", "_"):
            table = SUPERSCRIPTS if token == "^" else SUBSCRIPTS
            return _script(token, self._argument().strip(), table)
        return " " if token == "~" else token.replace("&", " ")

    def _skip_blank(self) -> None:
        if self.position < len(self.tokens):
            self.tokens[self.position] = self.tokens[self.position].lstrip()
            if not self.tokens[self.position]:
                self.position += 1

    def _skip_arguments(self) -> None:
        self._option()
        self._option()
        if self._has_group():
            self._argument()

    def fraction(self) -> str:
        top, bottom = self._argument(), self._argument()
        return f"{_bracketed(top)}/{_bracketed(bottom)}"

    def root(self) -> str:
        index = self._option()
        sign = {"3": "\u221b", "4": "\u221c"}.get(index, "\u221a")
        return sign + _bracketed(self._argument())

    def blackboard(self) -> str:
        letter = self._argument()
        return _unicode(f"mathbb{{{letter}}}") if letter in tuple("CNPQRZ") else letter

    def code_point(self) -> str:
        found = re.fullmatch(r"x([0-9A-Fa-f]{2,5})", self._argument())
        return chr(int(found.group(1), 16)) if found else ""

    def link(self) -> str:
        self._argument()
        return self._argument()

    def raised(self) -> str:
        body = self._argument()
        return body if body.isalpha() else _script("^", body, SUPERSCRIPTS)

    def negated(self) -> str:
        return unicodedata.normalize("NFC", self._argument().strip() + "\u0338")

    def lowered(self) -> str:
        return _script("_", self._argument(), SUBSCRIPTS)


_HANDLERS: dict[str, Callable[[_Reader], str]] = {
    "frac": _Reader.fraction,
    "tfrac": _Reader.fraction,
    "dfrac": _Reader.fraction,
    "sfrac": _Reader.fraction,
    "sqrt": _Reader.root,
    "mathbb": _Reader.blackboard,
    "not": _Reader.negated,
    "unicode": _Reader.code_point,
    "textsuperscript": _Reader.raised,
    "textsubscript": _Reader.lowered,
}


@lru_cache(maxsize=4096)
def _unicode(name: str) -> str:
    """The character ``unicodeit`` has for a command; "" where it knows none."""
    import unicodeit

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
