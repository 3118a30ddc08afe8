"""Acronyms as the papers define them.

`pairs` finds "long form (SHORT)" in a text, after Schwartz & Hearst (PSB 2003) with a stricter
alignment (`tracker.search.alignment`); `uses` gives a work's pairs with the keys they are counted
by. What they add to a query is in `tracker.search.expansion`.

Public surface: `FINDER`, `pairs`, `uses`, `fold_short`, `fold_long`.
"""

import re
from functools import lru_cache

from tracker.search.alignment import Fit, fitted, letters, singular
from tracker.store.acronyms import Use

# Names what `uses` does; under another name every work is scanned again.
FINDER = "aligned-1"

_ACCENT = re.compile(r"\\['\"`^~=.]\s*\{?([A-Za-z])\}?")
_COMMAND = re.compile(r"\\[a-zA-Z]+\*?\s*\{([^{}]*)\}|\{\\[a-zA-Z]+\s+([^{}]*)\}")
_MATH = re.compile(r"\$([^$]{1,40})\$")
_MARKUP = re.compile(r"\\([LloO])(?=\{\})|\\[a-zA-Z]+|[{}$\\]|\*\*|__")
_PARAGRAPH = re.compile(r"\n\s*\n")

_QUOTES = "\"'`“”‘’*«»"
# Where a long form cannot reach across: a sentence's end, a bracket, a dash, "we propose".
_BREAK = re.compile(
    r"(?<!\bvs)(?<!\bSt)(?<!\.[A-Z])[.!?;:]\s|(?<=[a-z]{2})\.(?=[A-Z][a-z])|[()\[\]\n]|\s[-–—]+\s|—"
    r"|\b(?:propos(?:e|es|ed|ing)|introduc(?:e|es|ed|ing)|presents|called|named(?!\sentit)|namely"
    r"|dubbed|termed)\s"
)
# Brackets that define nothing.
_ASIDE = re.compile(
    r"e\.g|eg\b|[Ss]ee\b|[Cc]f\.|(?:Fig|Figure|Eq|Sec|Section|Tab|Table|Task|Theorem)s?\.?\s"
)
_LEAD = re.compile(
    r"(?:(?:i\.?e\.?|a\.?k\.?a\.?|or|also|simply|often|commonly|hereafter|henceforth|termed|called"
    r"|named|dubbed|denoted|abbreviated|known|referred|to|as|in|short)\b[.,:]*\s+)+(?=\S)",
    re.I,
)
_HEAD_ENDS = re.compile(r"[,;:]\s|\s(?:or|and|for|in)\s")
_GLOSS_ENDS = re.compile(r"[;:]\s|,?\s(?:i\.e|e\.g|hereafter)")
_WORD_BEFORE = re.compile(r"([^\s()\[\],;:]+)\s*$")
# Numbers of a list, formulas and years are no short forms.
_NO_SHORT = re.compile(r"(?:[ivx]+|I{2,3})$|.*(?:[=<>%|_]|\d{4}|\^\D)")


def pairs(text: str) -> list[tuple[str, str]]:
    """The (short, long) pairs that a text defines, each once, in order, spelled as in the text.

    "SHORT (long form)" and "(long form, SHORT)" count too. LaTeX commands are taken off first.
    """
    plain = _plain(text)
    found = (_defined(plain, *bracket) for bracket in _brackets(plain))
    return list(dict.fromkeys((fit.short, fit.long) for fit in found if fit))


def _plain(text: str) -> str:
    """A text on one line for each paragraph, without LaTeX."""
    if any(mark in text for mark in "\\{$*~_"):
        text, before = _ACCENT.sub(r"\1", text), ""
        while before != text:
            before, text = text, _COMMAND.sub(lambda m: m[1] or m[2] or "", text)
        text = _MARKUP.sub(lambda m: m[1] or "", _MATH.sub(r"\1", text)).replace("~", " ")
    return "\n".join(" ".join(part.split()) for part in _PARAGRAPH.split(text))


def _brackets(text: str) -> list[tuple[int, int]]:
    """Where brackets open and close, nested ones too, in order; lone ones are left out."""
    opened: list[re.Match[str]] = []
    found = []
    for mark in re.finditer(r"[()\[\]]", text):
        if mark[0] in "([":
            opened.append(mark)
        elif opened and opened[-1][0] + mark[0] in ("()", "[]"):
            found.append((opened.pop().start(), mark.start()))
    return sorted(found)


def _defined(text: str, opened: int, closed: int) -> Fit | None:
    content = text[opened + 1 : closed].strip()
    if not content or _ASIDE.match(content):
        return None
    # Nothing further back can matter: a long form has fifteen words at most.
    before = text[max(0, opened - 250) : opened]
    return _short_inside(before, content) or _long_inside(before, content) or _both_inside(content)


def _short_inside(before: str, content: str) -> Fit | None:
    """The fit of `long form (SHORT)`."""
    short = _HEAD_ENDS.split(_LEAD.sub("", content, count=1))[0].strip(_QUOTES + " ")
    if short.find(".") == len(short) - 1:
        short = short[:-1].rstrip(_QUOTES)
    # f(x): what follows without a space is hardly ever a short form.
    spaced = not before or before[-1].isspace() or before[-1] in _QUOTES
    if not _may_be_short(short) or not (spaced or _acronymic(short)):
        return None
    fit = fitted(short, _window(before, short))
    return fit if fit and len(fit.long.split()) <= _most_words(short) and _holds(fit) else None


def _long_inside(before: str, content: str) -> Fit | None:
    """The fit of `SHORT (long form)`, where the long form begins the bracket."""
    word = _WORD_BEFORE.search(before)
    short = word[1].strip(_QUOTES) if word else ""
    gloss = _GLOSS_ENDS.split(content)[0].strip(_QUOTES + " ")
    if not (_may_be_short(short) and _acronymic(short)):
        return None
    # What follows "LLMs" in brackets is a plural too, or it is a list of some.
    plural = singular(short) == short or gloss.endswith("s")
    if not plural or not 2 <= len(gloss.split()) <= _most_words(short):
        return None
    fit = fitted(short, gloss, whole=True)
    return fit if fit and fit.points >= 1.2 and _holds(fit) else None


def _both_inside(content: str) -> Fit | None:
    """The fit of `(long form, SHORT)`; a list looks the same, so it has to be beyond doubt."""
    long, _, short = content.rpartition(",")
    short = _LEAD.sub("", short.strip(), count=1).strip(_QUOTES + " ")
    if not (long and _may_be_short(short) and _acronymic(short)):
        return None
    fit = fitted(short, _window(long, short))
    return fit if fit and fit.share >= 0.8 and not fit.loose and _holds(fit) else None


def _may_be_short(text: str) -> bool:
    """Whether it is two to ten letters and digits in two words at most (Schwartz & Hearst)."""
    return (
        2 <= sum(map(str.isalnum, text)) <= 10
        and text[0].isalnum()
        and any(map(str.isalpha, text))
        and len(text.split()) <= 2
        and not _NO_SHORT.match(text)
    )


def _acronymic(text: str) -> bool:
    capitals = sum(map(str.isupper, text))
    return capitals > 1 or (capitals == 1 and any(map(str.isdigit, text)))


def _most_words(short: str) -> int:
    """How long a long form may be, by Schwartz & Hearst."""
    size = len(letters(short))
    return min(size + 5, 2 * size)


def _window(before: str, short: str) -> str:
    """The end of a text in which the long form must lie."""
    start = max((mark.end() for mark in _BREAK.finditer(before)), default=0)
    words = list(re.finditer(r"\S+", before[start:]))[-_most_words(short) :]
    return before[start + words[0].start() :].rstrip(_QUOTES + " ,-") if words else ""


def _holds(fit: Fit) -> bool:
    """Whether an alignment is a definition. The limits were set by looking at false pairs."""
    if fit.opening or len(fit.long) <= len(fit.short) or _says_itself(fit):
        return False
    if "," in fit.long and fit.share < 0.75:
        return False
    if not _acronymic(fit.short):
        return _holds_as_word(fit)
    if fit.words == 1:
        return fit.loose * len(letters(fit.short)) <= 2 or len(letters(fit.short)) <= 5
    return fit.share >= 0.5 and fit.loose <= 2 / 3 and fit.points >= 0.75


def _holds_as_word(fit: Fit) -> bool:
    """The same for a short form that looks like any word: "amino acid (aa)"."""
    if fit.word_share < 0.8 or fit.points < 0.75 or (fit.short.islower() and fit.loose):
        return False
    return fit.words > 1 or len(fit.long) >= 2 * len(fit.short)


def _says_itself(fit: Fit) -> bool:
    """Whether the short form stands in the long one, or is two words of which one is none."""
    said = {*fit.long.split(), *_LETTERS.findall(fit.long)}
    first, *others = fit.short.split()
    if not others:
        return first in said
    low = fit.long.casefold()
    if not all(_acronymic(w) or w.casefold() in low.split() or low.startswith(w.casefold())
               for w in (first, *others)):  # fmt: skip
        return True
    return first in said and all(word in said for word in others if _acronymic(word))


_LETTERS = re.compile(r"[^\W_]+")
_GENITIVE = re.compile(r"['’]s\b")
_PLURAL = re.compile(r"(?<=[^\W\d_]{2}[^siu\W\d_])s$")


def fold_short(short: str) -> str:
    """The key of a short form: "LLMs" is "LLM", "k-NN" is "kNN", "MOE" is "MoE"."""
    return letters(short)


@lru_cache(maxsize=4096)  # a query asks for the keys of its runs of words more than once
def fold_long(long: str) -> str:
    """The key of a long form, without case, hyphens, spaces, plurals or the British s.

    Two writings of one thing have one key: fine-tuning, fine tuning, finetuning.
    """
    return "".join(map(_singular, _LETTERS.findall(_GENITIVE.sub("", long.lower()))))


@lru_cache(maxsize=16384)
def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return _PLURAL.sub("", word).replace("isation", "ization")


def uses(title: str, abstract: str) -> list[Use]:
    """The pairs that a work defines, each sense once, with the keys that they are counted by."""
    found: dict[tuple[str, str], Use] = {}
    for short, long in (*pairs(title), *pairs(abstract)):
        use = Use(fold_short(short), fold_long(long), short, long)
        found.setdefault((use.short, use.long), use)
    return list(found.values())
