"""Shorter wordings of one sentence that say no more than it does.

Everything here only removes words: discourse openers, citations, asides, addresses, and for a
one-line summary also trailing clauses. Conditions ("when", "under", "unless", "except", "only")
are never cut from a finding, since the finding may hold only there.

Public surface: ``tighten``, ``variants``, ``clip``.
"""

import re
from collections.abc import Iterator

from summarizer.phrases import (
    ADDRESS,
    ADJUNCT,
    ASIDE,
    CITATION,
    CLAIM,
    CLAUSE,
    COORDINATE,
    DANGLING,
    ENUMERATION,
    FINITE,
    INTERJECTION,
    LABEL,
    LEAD,
    LINK,
    METHOD,
    OPENER,
    PARENTHESIS,
    PARTICIPLE,
    POINTING_LEAD,
    SUBORDINATE,
)

_LIMIT_CHARACTERS = 1500
_HEAD_WORDS = 9
_LAST_WORDS = 40  # characters that hold the last two words


def tighten(sentence: str) -> str:
    """Return ``sentence`` without its opener, citations, asides and addresses, still a sentence."""
    text = sentence[:_LIMIT_CHARACTERS]
    for pattern in (CITATION, ASIDE, ADDRESS):
        text = pattern.sub("", text)
    text = INTERJECTION.sub("", LABEL.sub("", text.strip(), count=1))
    before = ""
    while text != before:
        before, text = text, _capital(POINTING_LEAD.sub("", OPENER.sub("", text)))
    text = _tidy(LINK.sub(r"\1 ", text))
    return text if any(c.isalnum() for c in text) else sentence


def variants(sentence: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, text) for each shorter wording of a tightened sentence, itself first.

    Kinds: "whole"; "bare" (no parentheses); "lead" (no opening adverbial); "claim" (what "we show
    that" is about); "tail", "clause" and "head" (no trailing participle or clause); "adjunct" (a
    method sentence up to an adjunct).
    """
    yield "whole", sentence
    bare = _tidy(PARENTHESIS.sub("", sentence))
    if bare != sentence:
        yield "bare", bare
    main = _capital(LEAD.sub("", bare))
    if main != bare:
        yield "lead", main
    claim = _capital(CLAIM.sub("", main))
    if claim != main:
        yield "claim", claim
    for kind, text in _cut(main):
        yield kind, text
    if claim != main:
        for _, text in _cut(claim):
            yield "claim", text


def _cut(text: str) -> Iterator[tuple[str, str]]:
    """Shorter heads of ``text``: each ends where a clause that may be left off begins."""
    yield from _heads("tail", text, PARTICIPLE)
    if METHOD.match(text):
        yield from _heads("clause", text, CLAUSE)
        yield from _heads("adjunct", text, ADJUNCT)
    elif not SUBORDINATE.match(text):
        for kind, head in _heads("head", text, COORDINATE):
            if FINITE.search(head):
                yield kind, head


def _heads(kind: str, text: str, boundary: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    for found in list(boundary.finditer(text))[:8]:
        head = text[: found.start()].rstrip(" ,;:")
        if len(head.split()) >= _HEAD_WORDS and _closed(head):
            yield kind, _tidy(head)


def _closed(head: str) -> bool:
    """Whether a cut leaves balanced brackets, balanced quotes and no word that wants another."""
    return (
        head.count("(") == head.count(")")
        and head.count("[") == head.count("]")
        and head.count('"') % 2 == 0
        and head.count("\u201c") == head.count("\u201d")
        and not DANGLING.search(head[-_LAST_WORDS:])
        and not ENUMERATION.search(head)
    )


def clip(text: str, limit: int) -> str:
    """Return at most ``limit`` words of ``text``; what is cut off shows as "…"."""
    parts = text.split()
    if len(parts) <= limit and len(text) <= limit * 20:
        return text
    head = " ".join(parts[:limit])[: limit * 20].rstrip(" ,;:.-(\u2013\u2014")
    return head + "\u2026"


def _capital(text: str) -> str:
    """First letter upper-case, unless the first word is a name such as "vLLM" or "k-means"."""
    first = text.split(" ", 1)[0].rstrip(",;:")
    if first.islower() and first.replace("-", "").isalpha() and first[1:2] != "-":
        return text[0].upper() + text[1:]
    return text


def _tidy(text: str) -> str:
    """Mend the joints after a removal and end with one full stop."""
    text = re.sub(r"\s+([,.;:!?)])", r"\1", " ".join(text.split()))
    text = re.sub(r",\s*,", ",", text).rstrip(" ,;:\u2013\u2014-")
    return text if text.endswith((".", "!", "?", "\u2026", "\u3002")) else text + "."
