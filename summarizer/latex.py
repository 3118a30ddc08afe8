"""LaTeX fragments to readable Unicode.

arXiv titles and abstracts are LaTeX as their authors typed it: mostly prose, with accents, a few
font commands, formulas and macros that only the paper defines. A general converter reads
``$5 and $6`` as a formula and a norm bar as nothing, so this module reads the small language
that abstracts are written in, and leaves alone whatever is not clearly markup. The names of
symbols come from ``unicodeit``, asked for one command at a time.

Public surface: ``readable``, ``MARKUP``.
"""

import re
from collections.abc import Iterator

from summarizer.reader import Reader

MARKUP = re.compile(r"[\\$~{}]|``|''|--")
"""What a text must contain before ``readable`` can change it."""

_PLACEHOLDER = 0xF0000  # a private-use plane: ``text.plain`` has removed any that came in
_DELIMITER = re.compile(r"\\[\\$]|\$\$?|\\[()\[\]]")
_CLOSER = {"$": "$", "$$": "$$", "\\(": "\\)", "\\[": "\\]"}
_PROSE = re.compile(r"[A-Za-z]{3,} [A-Za-z]{3,}")
_TIE = re.compile(r"(?<=[\w.,:)\]])~(?=[\w\\(\[\U000f0000-\U0010ffff])")
_PLACED = re.compile("[\U000f0000-\U0010fffd]")


def readable(latex: str) -> str:
    r"""Return ``latex`` with its markup turned into Unicode text; white space is not collapsed.

    Formulas keep their symbols (``$O(\sqrt{n})$`` reads ``O(√n)``), font commands vanish, notes
    and citations are dropped, and a macro nobody knows keeps its name or its argument.
    """
    formulas: list[str] = []
    pieces: list[str] = []
    end = 0
    for start, stop, body in _formulas(latex):
        pieces += [latex[end:start], chr(_PLACEHOLDER + len(formulas))]
        formulas.append(Reader(body, math=True).read())
        end = stop
    pieces.append(latex[end:])
    prose = Reader(_TIE.sub(" ", "".join(pieces)), math=False).read()
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
