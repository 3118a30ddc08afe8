"""Conversion of LaTeX fragments to readable Unicode.

arXiv titles and abstracts are LaTeX as their authors typed it: mostly prose, with accents, a few
font commands, formulas and macros that only the paper defines. A general converter reads
``$5 and $6`` as a formula and drops the bars of a norm, so this module parses the small subset
that abstracts use and does not change what is not clearly markup. Symbols come from ``unicodeit``,
one command at a time.

Public surface: ``latex_to_text``, ``MARKUP``.
"""

import re
from collections.abc import Iterator

from summarizer.text.latex_parser import LatexParser
from summarizer.text.loose_markup import repair_latex, strip_emphasis

MARKUP = re.compile(r"[\\$~{}]|``|''|--")
"""What a text must contain before ``latex_to_text`` can change it."""

_PLACEHOLDER = 0xF0000  # a private-use plane: ``to_plain_text`` has removed any in the input
_DELIMITER = re.compile(r"\\[\\$]|\$\$?|\\[()\[\]]")
_CLOSER = {"$": "$", "$$": "$$", "\\(": "\\)", "\\[": "\\]"}
_PROSE = re.compile(r"[A-Za-z]{3,} [A-Za-z]{3,}")
_TIE = re.compile(r"(?<=[\w.,:)\]])~(?=[\w\\(\[\U000f0000-\U0010ffff])")
# "60%~70%" is a range; "nDCG@5~0.459", "Llama~3.2~3B" and "12~161" are not.
_RANGE = re.compile(r"(?<![\w@^~.-])(\d[\d.]*[%x]?)~(?=\d[\d.]*(?:[%x]|\b))(?!\d{3}\b(?!\\?%))")
_PLACED = re.compile("[\U000f0000-\U0010fffd]")


def latex_to_text(latex: str) -> str:
    r"""Return ``latex`` with its markup turned into Unicode text; white space is not collapsed.

    Formulas keep their symbols (``$O(\sqrt{n})$`` becomes ``O(√n)``), font commands, notes and
    citations are dropped, and an unknown macro is replaced by its argument, or by its name if it
    has none.
    """
    latex = repair_latex(latex)
    formulas: list[str] = []
    pieces: list[str] = []
    end = 0
    for start, stop, body in _find_formulas(latex):
        pieces += [latex[end:start], chr(_PLACEHOLDER + len(formulas))]
        formulas.append(LatexParser(body, math=True).parse())
        end = stop
    pieces.append(latex[end:])
    prose = LatexParser(_TIE.sub(" ", _RANGE.sub("\\1\u2013", "".join(pieces))), math=False).parse()
    return _PLACED.sub(
        lambda m: formulas[ord(m.group()) - _PLACEHOLDER], _convert_typography(prose)
    )


def _find_formulas(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, body) of each formula; a dollar sign for money does not open one."""
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


def _convert_typography(text: str) -> str:
    text = strip_emphasis(text)
    text = text.replace("``", "\u201c").replace("''", "\u201d")
    return re.sub(r"(?<![-\s])---?(?![-\s])|(?<=\s)---?(?=\s)", _unicode_dash, text)


def _unicode_dash(match: re.Match[str]) -> str:
    return "\u2014" if len(match.group()) == 3 else "\u2013"
