r"""An author line as arXiv stores it: the people and groups, without anything about them.

Authors type the line themselves: affiliations in brackets, enumerations that refer to a list of
institutions at the end, footnote marks, LaTeX accents, "and", a suffix after a comma. The line is
what the daily feed, OAI-PMH (arXivRaw) and records of the snapshot without `authors_parsed` have;
the API gives one name at a time. All of them use this module, so that the names of one work agree.

Public: `split_author_line`, `clean_author_name`.
"""

import html
import re
from collections.abc import Iterable

from summarizer.text.sentences import to_plain_text
from tracker.paper.person_names import is_group, is_nobody, is_suffix

_LONGEST = 200_000  # characters; the longest real line, of 3,000 names, has 60,000
_LONGEST_NAME = 1000
# Footnotes and marks in LaTeX, which refer to affiliations.
_NOTES = re.compile(
    r"\\(?:thanks|footnote|footnotetext|footnotemark|inst|affil|orcid|orcidlink|email"
    r"|textsuperscript)\s*(?:\[[^\]]{0,80}\])?\s*(?:\{[^{}]{0,300}\})?"
    r"|\{[\d,* ]+\}|\$\s*\{?\s*\}?\s*\^[^$]{0,60}\$|\^\{[^{}]{0,60}\}|\^[\d*\u2020\u2021]"
)
_MARKS = re.compile("[*\u2020\u2021\u00a7\u00b6#\u00b9\u00b2\u00b3\u2070-\u2079\u207a-\u207f]+")
_ADDRESS = re.compile(r"<[^<>\s]*@[^<>\s]*>|\S+@\S+\.\w+|https?://\S+")
_ENUMERATION = re.compile(r"[(\[]\s*(?:\d{1,3}|[a-z]|[ivx]{1,5}|\*+)\s*[)\]]")
_REFERENCES = re.compile(
    r"[(\[]\s*(?:\d{1,3}|[a-z])(?:\s*(?:,|and|&)\s*(?:\d{1,3}|[a-z]))*\s*[)\]](?=\s*\w)"
)
_BRACKETS = re.compile(r"\([^()\[\]]*\)|\[[^()\[\]]*\]")
# "with an appendix by Ada Doe", "for the Example Collaboration": the name that follows is one more.
_GROUPS = r"(?:collaboration|consortium|initiative|team|group|network)s?\b"
_JOINT = re.compile(
    r"[\s,;]{0,4}\b(?:(?:and\s+)?with\s+(?:an?\s+|the\s+)?(?:additional\s+)?(?:appendi(?:x|ces)"
    r"|contributions?|foreword|comments?)\s+(?:by|from|of)|appendi(?:x|ces)\s+by"
    rf"|(?:on|in)\s+behalf\s+of|for(?=\s+the\s[^,;]{{0,80}}\b{_GROUPS})"
    r"|for(?=\s[^,;]{0,80}\b(?:collaboration|consortium)\b))\s+(?:the\s+)?",
    re.I,
)
_SEPARATOR = re.compile(
    r"\s*(?:[,\uff0c\u3001;\uff1b:\uff1a|\u2022]|(?<=\s)/(?=\s)|\\and\b|\\\\|(?:^|(?<=\s)|(?<=[,)]))"
    r"(?:and|AND)(?=\s|$)|(?<=\s)\\?&(?=\s))\s*"
)
_INITIALS = re.compile(r"(?:[A-Z\u00c0-\u00de]\.[\s-]?){1,4}|[A-Z]{1,3}")
_DEGREE = re.compile(
    r"(?:Ph\.?\s?D|M\.?\s?D|M\.?\s?Sc|B\.?\s?Sc|M\.?S|M\.?A|B\.?A|MBA|MPH|RN|FRCS|FACS|Dr|Prof|Esq)"
    r"\.?"
)
_FINAL_STOP = re.compile(r"(?<=[a-z]{2})(?<!\bInc)(?<!\bLtd)\.\s*$")
_PLURAL_GROUP = re.compile(r"\b(?:teams|collaborations|groups|consortia|communities)$", re.I)
# White space, separators and stray characters around a name; "and" of a line cut elsewhere.
_EDGES = re.compile(r"^(?:[\s/:;,.~=_-]|(?:and|&)\s)+|(?:[\s/:;,~=&_-]|\sand)+$")
# Nearly all names: words of precomposed Latin letters without a word that needs a closer look.
_PLAIN = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:(?:[ '-]|\. ?)[A-Za-z\u00c0-\u024f]+)*\.?")
_SUSPICIOUS = re.compile(r"\b(?:and|et|al|others|authors?)\b|D\.?$|^[A-Z][A-Za-z]{1,3}\.?$", re.I)
_TIE = re.compile(r"(?<!\\)~")
_LETTER = re.compile(r"[^\W\d_]")
_GLUED_DIGITS = re.compile(r"(?<=\s)([^\W\d_]{2,}[^\W\d_A-Z])\s?\d{1,2}$")
_TITLE = re.compile(r"(?:(?:Dr|Prof|Mr|Mrs|Ms)(?:\.\s*|\s+)|Professor\s+)+(?=[^\W\d_])")
# "Ada Doe (X) Bo Roe (Y)": a bracket between two whole names separates them.
_BETWEEN_NAMES = re.compile(
    r"(?<=[^\W\d_]\s)([A-Z\u00c0-\u00de][^\W\d_]+)\s*[(\[][^()\[\]]*[)\]]\s+"
    r"(?=(?:[A-Z\u00c0-\u00de][\w.'-]*\s+){1,3}[A-Z\u00c0-\u00de][^\W\d_]+\s*(?:[,;(\[]|$))"
)


def split_author_line(line: str) -> tuple[str, ...]:
    """Return the people and groups that a line names, in order."""
    text = _NOTES.sub(" ", html.unescape(" ".join(line[:_LONGEST].split())))
    text = _remove_brackets(_cut_affiliation_list(text))
    text = _FINAL_STOP.sub("", _JOINT.sub(", ", _ADDRESS.sub(" ", text)))
    names = _join_suffixes(_rejoin_group_names(_split_outside_braces(text)))
    names = [name for name in map(_drop_et_al, names) if name]
    return _cleaned(_join_initials(_reverse_listed(text, names)))


def clean_author_name(name: str) -> str:
    """Return one author's name as text; empty if it names nobody (":", "et al.")."""
    if title := _TITLE.match(name):
        name = name[title.end() :]
    if _PLAIN.fullmatch(name) and not _SUSPICIOUS.search(name):
        return name
    if len(name) > _LONGEST_NAME:
        return ""
    text = to_plain_text(_TIE.sub(" ", _NOTES.sub(" ", html.unescape(name))).replace("--", "-"))
    text = _EDGES.sub("", " ".join(_MARKS.sub("", text).split()))
    if not is_group(text):
        text = _GLUED_DIGITS.sub(r"\1", text)
    somebody = _LETTER.search(text) and not is_nobody(text) and not _DEGREE.fullmatch(text)
    return text if somebody else ""


def _cleaned(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(filter(None, map(clean_author_name, names)))


def _cut_affiliation_list(text: str) -> str:
    """Return the line without a list of institutions after the names: "…, (1) University of X"."""
    if _ENUMERATION.match(text.strip()):
        return text  # the numbers precede the names
    counted = depth = 0
    for mark in _ENUMERATION.finditer(text):
        depth += text.count("(", counted, mark.start()) - text.count(")", counted, mark.start())
        counted = mark.start()
        is_listed = text[max(0, mark.start() - 2) : mark.start()].rstrip()[-1:] in (",", ";", ".")
        if not depth and is_listed and _LETTER.match(text[mark.end() : mark.end() + 2].lstrip()):
            return text[: mark.start()]
    return text


def _remove_brackets(text: str) -> str:
    """Return text without round and square brackets and what they hold, to any depth.

    An opening one that is never closed ends at the next separator: the names after it are kept.
    """
    text = _BETWEEN_NAMES.sub(r"\1, ", _REFERENCES.sub(", ", text))
    while _BRACKETS.search(text):
        text = _BRACKETS.sub(" ", text)
    return re.sub(r"[(\[][^,;)\]]*|[)\]]", " ", text)


def _split_outside_braces(text: str) -> list[str]:
    """Return the parts between separators; those inside braces belong to an accent or a name."""
    parts: list[str] = []
    start = counted = depth = 0
    for found in _SEPARATOR.finditer(text):
        depth += text.count("{", counted, found.start()) - text.count("}", counted, found.start())
        counted = found.start()
        if not depth:
            parts.append(text[start : found.start()])
            parts.append(found[0].strip())
            start = found.end()
    return [*parts, text[start:]]


def _rejoin_group_names(parts: list[str]) -> list[str]:
    """Return the names of `name, separator, name, …`; "the A and B teams" is one name."""
    names = [parts[0].strip()]
    for separator, part in zip(parts[1::2], parts[2::2], strict=True):
        shared = _PLURAL_GROUP.search(part) and separator in ("and", "&", r"\&")
        if shared and (len(names[-1].split()) == 1 or names[-1].lower().startswith("the ")):
            names[-1] = f"{names[-1]} {separator} {part.strip()}"
        else:
            names.append(part.strip())
    return names


def _join_suffixes(names: list[str]) -> list[str]:
    """Return the names with "Jr." and "III" after a comma attached."""
    joined: list[str] = []
    for name in names:
        if joined and is_suffix(name):
            joined[-1] = f"{joined[-1]} {name}"
        elif name:
            joined.append(name)
    return joined


def _drop_et_al(name: str) -> str:
    return re.sub(r"\s+et\.?\s*al\.?$", "", name, flags=re.I)


def _reverse_listed(text: str, names: list[str]) -> list[str]:
    """Return the names of "Doe, Ada; Roe, Bo" in their usual order; others are unchanged."""
    persons = [part.strip().removeprefix("and ") for part in text.split(";") if part.strip()]
    halves = [[half.strip() for half in person.split(",")] for person in persons]
    listed = all(len(pair) == 2 and all(pair) and " " not in pair[0] for pair in halves)
    return [f"{given} {family}" for family, given in halves] if listed and ";" in text else names


def _join_initials(names: list[str]) -> list[str]:
    """Return the names of "Doe, A., Roe, B." with their initials; others are unchanged."""
    families, initials = names[::2], names[1::2]
    if len(families) != len(initials) or not all(map(_INITIALS.fullmatch, initials)):
        return names
    if any(_INITIALS.fullmatch(name) or "." in name for name in families):
        return names
    return [f"{given} {family}" for family, given in zip(families, initials, strict=True)]
