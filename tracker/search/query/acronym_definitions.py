"""Acronyms as papers define them.

`find_pairs` finds "long form (SHORT)" in a text, after Schwartz & Hearst (PSB 2003) with a stricter
alignment (`tracker.search.query.acronym_alignment`); `find_uses` returns the pairs of a work with
the keys they are counted by. `tracker.search.query.expansion` uses them to expand queries.

Public: `FINDER_VERSION`, `find_pairs`, `find_uses`, `fold_short`, `fold_long`.
"""

import re
from functools import lru_cache

from tracker.search.query.acronym_alignment import (
    Alignment,
    align,
    significant_letters,
    strip_plural,
)
from tracker.store.acronyms import AcronymUse

# The version of `find_uses`; a new one makes every work be scanned again.
FINDER_VERSION = "aligned-1"

_ACCENT = re.compile(r"\\['\"`^~=.]\s*\{?([A-Za-z])\}?")
_COMMAND = re.compile(r"\\[a-zA-Z]+\*?\s*\{([^{}]*)\}|\{\\[a-zA-Z]+\s+([^{}]*)\}")
_MATH = re.compile(r"\$([^$]{1,40})\$")
_MARKUP = re.compile(r"\\([LloO])(?=\{\})|\\[a-zA-Z]+|[{}$\\]|\*\*|__")
_PARAGRAPH = re.compile(r"\n\s*\n")

_QUOTES = "\"'`“”‘’*«»"
# A long form does not extend across these: end of sentence, bracket, dash, "we propose".
_BREAK = re.compile(
    r"(?<!\bvs)(?<!\bSt)(?<!\.[A-Z])[.!?;:]\s|(?<=[a-z]{2})\.(?=[A-Z][a-z])|[()\[\]\n]|\s[-–—]+\s|—"
    r"|\b(?:propos(?:e|es|ed|ing)|introduc(?:e|es|ed|ing)|presents|called|named(?!\sentit)|namely"
    r"|dubbed|termed)\s"
)
# Beginnings of brackets that define nothing.
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
# List numbers, formulas and years are not short forms.
_NO_SHORT = re.compile(r"(?:[ivx]+|I{2,3})$|.*(?:[=<>%|_]|\d{4}|\^\D)")


def find_pairs(text: str) -> list[tuple[str, str]]:
    """Return the (short, long) pairs that a text defines, each once, in order, as spelled there.

    "SHORT (long form)" and "(long form, SHORT)" count, too. LaTeX commands are removed first.
    """
    plain = _strip_latex(text)
    found = (_match_bracket(plain, *bracket) for bracket in _find_brackets(plain))
    return list(dict.fromkeys((fit.short, fit.long) for fit in found if fit))


def _strip_latex(text: str) -> str:
    """Return a text without LaTeX, each paragraph on one line."""
    if any(mark in text for mark in "\\{$*~_"):
        text, before = _ACCENT.sub(r"\1", text), ""
        while before != text:
            before, text = text, _COMMAND.sub(lambda m: m[1] or m[2] or "", text)
        text = _MARKUP.sub(lambda m: m[1] or "", _MATH.sub(r"\1", text)).replace("~", " ")
    return "\n".join(" ".join(part.split()) for part in _PARAGRAPH.split(text))


def _find_brackets(text: str) -> list[tuple[int, int]]:
    """Return where brackets open and close, nested ones too, in order; lone ones are ignored."""
    opened: list[re.Match[str]] = []
    found = []
    for mark in re.finditer(r"[()\[\]]", text):
        if mark[0] in "([":
            opened.append(mark)
        elif opened and opened[-1][0] + mark[0] in ("()", "[]"):
            found.append((opened.pop().start(), mark.start()))
    return sorted(found)


def _match_bracket(text: str, opened: int, closed: int) -> Alignment | None:
    content = text[opened + 1 : closed].strip()
    if not content or _ASIDE.match(content):
        return None
    # A long form has at most fifteen words, so text further back cannot matter.
    before = text[max(0, opened - 250) : opened]
    return (
        _match_short_inside(before, content)
        or _match_long_inside(before, content)
        or _match_both_inside(content)
    )


def _match_short_inside(before: str, content: str) -> Alignment | None:
    """Match `long form (SHORT)`."""
    short = _HEAD_ENDS.split(_LEAD.sub("", content, count=1))[0].strip(_QUOTES + " ")
    if short.find(".") == len(short) - 1:
        short = short[:-1].rstrip(_QUOTES)
    # f(x): a bracket without a space before it rarely holds a short form.
    spaced = not before or before[-1].isspace() or before[-1] in _QUOTES
    if not _is_short_candidate(short) or not (spaced or _is_acronym_like(short)):
        return None
    fit = align(short, _candidate_window(before, short))
    return (
        fit if fit and len(fit.long.split()) <= _max_words(short) and _is_definition(fit) else None
    )


def _match_long_inside(before: str, content: str) -> Alignment | None:
    """Match `SHORT (long form)`, where the long form begins the bracket."""
    word = _WORD_BEFORE.search(before)
    short = word[1].strip(_QUOTES) if word else ""
    gloss = _GLOSS_ENDS.split(content)[0].strip(_QUOTES + " ")
    if not (_is_short_candidate(short) and _is_acronym_like(short)):
        return None
    # The long form of "LLMs" is a plural, too; otherwise the bracket lists examples.
    plural = strip_plural(short) == short or gloss.endswith("s")
    if not plural or not 2 <= len(gloss.split()) <= _max_words(short):
        return None
    fit = align(short, gloss, whole=True)
    return fit if fit and fit.points >= 1.2 and _is_definition(fit) else None


def _match_both_inside(content: str) -> Alignment | None:
    """Match `(long form, SHORT)`; lists look the same, so the alignment must be very good."""
    long, _, short = content.rpartition(",")
    short = _LEAD.sub("", short.strip(), count=1).strip(_QUOTES + " ")
    if not (long and _is_short_candidate(short) and _is_acronym_like(short)):
        return None
    fit = align(short, _candidate_window(long, short))
    return fit if fit and fit.share >= 0.8 and not fit.loose_share and _is_definition(fit) else None


def _is_short_candidate(text: str) -> bool:
    """Whether it has two to ten letters and digits in at most two words (Schwartz & Hearst)."""
    return (
        2 <= sum(map(str.isalnum, text)) <= 10
        and text[0].isalnum()
        and any(map(str.isalpha, text))
        and len(text.split()) <= 2
        and not _NO_SHORT.match(text)
    )


def _is_acronym_like(text: str) -> bool:
    capitals = sum(map(str.isupper, text))
    return capitals > 1 or (capitals == 1 and any(map(str.isdigit, text)))


def _max_words(short: str) -> int:
    """Return the most words of a long form, after Schwartz & Hearst."""
    size = len(significant_letters(short))
    return min(size + 5, 2 * size)


def _candidate_window(before: str, short: str) -> str:
    """Return the end of a text, in which the long form must be."""
    start = max((mark.end() for mark in _BREAK.finditer(before)), default=0)
    words = list(re.finditer(r"\S+", before[start:]))[-_max_words(short) :]
    return before[start + words[0].start() :].rstrip(_QUOTES + " ,-") if words else ""


def _is_definition(fit: Alignment) -> bool:
    """Whether an alignment is a definition. The limits were chosen by inspecting false pairs."""
    if fit.has_bad_opening or len(fit.long) <= len(fit.short) or _is_self_referential(fit):
        return False
    if "," in fit.long and fit.share < 0.75:
        return False
    if not _is_acronym_like(fit.short):
        return _is_word_definition(fit)
    if fit.word_count == 1:
        return _is_one_word_definition(fit)
    return fit.share >= 0.5 and fit.loose_share <= 2 / 3 and fit.points >= 0.75


def _is_one_word_definition(fit: Alignment) -> bool:
    letters = len(significant_letters(fit.short))
    return letters <= 5 or fit.loose_share * letters <= 2


def _is_word_definition(fit: Alignment) -> bool:
    """Whether an alignment of a short form that looks like a word is one: "amino acid (aa)"."""
    if fit.word_share < 0.8 or fit.points < 0.75 or (fit.short.islower() and fit.loose_share):
        return False
    return fit.word_count > 1 or len(fit.long) >= 2 * len(fit.short)


def _is_self_referential(fit: Alignment) -> bool:
    """Whether the short form occurs in the long one, or one of its two words is no acronym."""
    words = {*fit.long.split(), *_LETTERS.findall(fit.long)}
    first, *others = fit.short.split()
    if not others:
        return first in words
    low = fit.long.casefold()
    if not all(_is_acronym_like(w) or w.casefold() in low.split() or low.startswith(w.casefold())
               for w in (first, *others)):  # fmt: skip
        return True
    return first in words and all(word in words for word in others if _is_acronym_like(word))


_LETTERS = re.compile(r"[^\W_]+")
_GENITIVE = re.compile(r"['’]s\b")
_PLURAL = re.compile(r"(?<=[^\W\d_]{2}[^siu\W\d_])s$")


def fold_short(short: str) -> str:
    """Return the key of a short form: "LLMs" and "LLM" share one, as do "k-NN" and "kNN"."""
    return significant_letters(short)


@lru_cache(maxsize=4096)  # a query needs the keys of its runs of words more than once
def fold_long(long: str) -> str:
    """Return the key of a long form, without case, hyphens, spaces, plurals or the British s.

    Spellings of the same term share a key: fine-tuning, fine tuning, finetuning.
    """
    return "".join(map(_normalize_word, _LETTERS.findall(_GENITIVE.sub("", long.lower()))))


@lru_cache(maxsize=16384)
def _normalize_word(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return _PLURAL.sub("", word).replace("isation", "ization")


def find_uses(title: str, abstract: str) -> list[AcronymUse]:
    """Return the pairs that a work defines, each sense once, with the keys they are counted by."""
    found: dict[tuple[str, str], AcronymUse] = {}
    for short, long in (*find_pairs(title), *find_pairs(abstract)):
        use = AcronymUse(fold_short(short), fold_long(long), short, long)
        found.setdefault((use.short, use.long), use)
    return list(found.values())
