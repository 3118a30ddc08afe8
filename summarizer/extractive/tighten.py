"""Shorter wordings of one sentence that claim no more than it does.

Everything here only removes words: discourse openers, citations, asides, web addresses, and for a
one-line summary also trailing clauses. Conditions ("when", "under", "unless", "except", "only")
are never cut from a finding, since the finding may hold only under them.

Public surface: ``tighten_sentence``, ``shorter_variants``, ``clip_words``.
"""

import re
from collections.abc import Iterator

from summarizer.extractive.phrases import (
    ADJUNCT,
    ADVERBIAL_LEAD,
    BACK_REFERRING_AIM,
    BACK_REFERRING_LEAD,
    BACK_REFERRING_MEANS,
    CITATION,
    CLAIM_INTRODUCTION,
    CONNECTIVE,
    COORDINATE_CLAUSE,
    DISCOURSE_OPENER,
    EMPHASIS,
    ENUMERATION,
    EXPLANATORY_PARENTHESIS,
    FINITE_VERB,
    INCOMPLETE_ENDING,
    INTERJECTION,
    LOST_DASH,
    METHOD_CLAUSE,
    METHOD_SENTENCE,
    PARENTHESIS,
    PARTICIPIAL_CLAUSE,
    SECOND_DASH,
    SENTENCE_LABEL,
    SOLVES_BY,
    SPECIFIED_PROBLEM,
    SUBORDINATE_START,
    URL_PHRASE,
    WRONG_NUMBER,
)
from summarizer.text.wordlists import word_set

_LIMIT_CHARACTERS = 1500
_HEAD_WORDS = 9
_DOUBLED = re.compile(r"(?<!\S)(\S{6,}) \1(?=[\s,.;:(])")  # a name twice in a row
_ENDED = re.compile(r"[.!?\u2026\u3002][\"')\u201d\u2019]?$")
_CONTRAST = re.compile(r"(?<=\w)(,? (?:that|which)) instead (?=[a-z]+s\b)")
_STEMS_WITH_E = word_set(
    "introduc propos analyz analys examin combin reformulat formulat formaliz characteriz leverag "
    "integrat creat curat compar evaluat us decompos optimiz measur explor provid investigat "
    "incorporat utiliz releas"
)
_STEMS = word_set("construct develop present build train design learn conduct model treat")
_TAIL_CHARACTERS = 40  # enough for the last two words


def tighten_sentence(sentence: str) -> str:
    """Return ``sentence`` without opener, citations, asides and addresses; still a sentence."""
    text = EMPHASIS.sub(r"\2", sentence[:_LIMIT_CHARACTERS])
    for pattern in (CITATION, EXPLANATORY_PARENTHESIS, URL_PHRASE):
        text = pattern.sub("", text)
    text = INTERJECTION.sub("", SENTENCE_LABEL.sub("", text.strip(), count=1))
    before = ""
    while text != before:
        before, text = (
            text,
            _capitalize_first(BACK_REFERRING_LEAD.sub("", DISCOURSE_OPENER.sub("", text))),
        )
    text = SECOND_DASH.sub("\\1\u2014", LOST_DASH.sub("\u2014", text))
    text = SPECIFIED_PROBLEM.sub("the ", SOLVES_BY.sub(_name_action, text))
    text = _CONTRAST.sub(r"\1 ", text)
    text = BACK_REFERRING_AIM.sub("", BACK_REFERRING_MEANS.sub(" with", text))
    text = _DOUBLED.sub(r"\1", text)
    text = WRONG_NUMBER.sub(r"\1", text)
    text = _fix_punctuation(CONNECTIVE.sub(r"\1 ", text))
    return text if any(c.isalnum() for c in text) else sentence


def _name_action(found: re.Match[str]) -> str:
    """Return "We introduce" for "We address this gap by introducing", if the verb is known."""
    subject, stem = found[1], found[2]
    ending = "e" if stem in _STEMS_WITH_E else "" if stem in _STEMS else None
    if ending is None:
        return found[0]
    return f"{subject} {stem}{ending}" + ("" if subject in ("We", "I") else "s")


def shorter_variants(sentence: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, text) for the tightened sentence itself and each shorter wording of it.

    Kinds: "whole"; "bare" (no parentheses); "lead" (no opening adverbial); "claim" (without "we
    show that"); "tail", "clause" and "head" (no trailing participle or clause); "adjunct" (a
    method sentence up to an adjunct).
    """
    yield "whole", sentence
    bare = _fix_punctuation(PARENTHESIS.sub("", sentence))
    if bare != sentence:
        yield "bare", bare
    main = _capitalize_first(ADVERBIAL_LEAD.sub("", bare))
    if main != bare:
        yield "lead", main
    claim = _capitalize_first(CLAIM_INTRODUCTION.sub("", main))
    if claim != main:
        yield "claim", claim
    for kind, text in _truncations(main):
        yield kind, text
    if claim != main:
        for _, text in _truncations(claim):
            yield "claim", text


def _truncations(text: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, beginning of ``text``); each ends where a clause that may be cut begins."""
    yield from _truncations_at("tail", text, PARTICIPIAL_CLAUSE)
    if METHOD_SENTENCE.match(text):
        yield from _truncations_at("clause", text, METHOD_CLAUSE)
        yield from _truncations_at("adjunct", text, ADJUNCT)
    elif not SUBORDINATE_START.match(text):
        for kind, head in _truncations_at("head", text, COORDINATE_CLAUSE):
            if FINITE_VERB.search(head):
                yield kind, head


def _truncations_at(kind: str, text: str, boundary: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    for found in list(boundary.finditer(text))[:8]:
        head = text[: found.start()].rstrip(" ,;:")
        if len(head.split()) >= _HEAD_WORDS and _is_complete(head):
            yield kind, _fix_punctuation(head)


def _is_complete(head: str) -> bool:
    """Whether ``head`` has balanced brackets and quotes and its last word needs no other word."""
    return (
        head.count("(") == head.count(")")
        and head.count("[") == head.count("]")
        and head.count('"') % 2 == 0
        and head.count("\u201c") == head.count("\u201d")
        and not INCOMPLETE_ENDING.search(head[-_TAIL_CHARACTERS:])
        and not ENUMERATION.search(head)
    )


def clip_words(text: str, limit: int) -> str:
    """Return at most ``limit`` words of ``text``, ending in "…" if any were cut."""
    parts = text.split()
    if len(parts) <= limit and len(text) <= limit * 20:
        return text
    head = " ".join(parts[:limit])[: limit * 20].rstrip(" ,;:.-(\u2013\u2014")
    return head + "\u2026"


def _capitalize_first(text: str) -> str:
    """Capitalise the first letter, unless the first word is a name like "vLLM" or "k-means"."""
    first = text.split(" ", 1)[0].rstrip(",;:")
    if first.islower() and first.replace("-", "").isalpha() and first[1:2] != "-":
        return text[0].upper() + text[1:]
    return text


def _fix_punctuation(text: str) -> str:
    """Repair spaces and commas after a removal and end with one full stop."""
    text = re.sub(r"\s+([,.;:!?)])", r"\1", " ".join(text.split()))
    text = re.sub(r",\s*,", ",", text).rstrip(" ,;:\u2013\u2014-")
    return text if _ENDED.search(text) else text + "."
