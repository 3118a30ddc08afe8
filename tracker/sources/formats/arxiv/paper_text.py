"""What the parsers of full texts share: which headings and sentences count, and the limits.

Public: `CONCLUDING`, `LIMITING`, `MAX_CHARACTERS`, `join_parts`, `split_heading`, `split_caption`,
`find_releases`, `distinct`.
"""

import re
from collections.abc import Hashable, Iterable, Iterator
from typing import TypeVar

from summarizer.text.sentences import split_sentences, to_plain_text
from tracker.paper.paper_outline import OutlineCaption

_Item = TypeVar("_Item", bound=Hashable)

CONCLUDING = re.compile(r"\b(?:conclu|limitation)", re.I)
LIMITING = re.compile(r"\blimitation", re.I)
MAX_CHARACTERS = 8_000
_MAX_TITLE, _MAX_CAPTION, _MAX_ITEMS, _MAX_RELEASES = 160, 600, 80, 12


def join_parts(parts: Iterable[str]) -> str:
    """Return distinct parts as plain text, up to a limit."""
    texts = dict.fromkeys(to_plain_text(part[: 4 * MAX_CHARACTERS]) for part in parts)
    return " ".join(filter(None, texts))[:MAX_CHARACTERS].strip()


_NUMBERED = re.compile(
    r"(?:Appendix\s+)?(?P<number>\d{1,2}(?:\.\d{1,2}){0,2}|(?<=Appendix )[A-Z]\b|[IVX]{1,5}(?=\.))"
    r"[.:]?\s+(?P<title>\S.*)"
)


def split_heading(text: str, tag: str = "") -> tuple[str, str]:
    """Return (number, title) of a heading; `tag` is its number where the format marks it."""
    whole = to_plain_text(text)[:_MAX_TITLE]
    label = to_plain_text(tag)
    if label and whole.startswith(label):
        number = re.sub(r"^(?:Appendix|Section|Chapter)\s+", "", label).rstrip(" .:")
        return number[:12], whole[len(label) :].strip(" .:")
    match = _NUMBERED.match(whole)
    return (match["number"], match["title"].strip()) if match else ("", whole)


_LABELLED = re.compile(
    r"(?P<kind>Fig(?:ure|\.)?|Tab(?:le|\.)?)\s*(?P<number>[A-Z]?\.?\d{1,3}(?:\.\d{1,3})?)\s*[.:|]?\s*"
    r"(?P<text>.*)",
    re.I | re.S,
)


def split_caption(text: str, *, appendix: bool = False) -> OutlineCaption | None:
    """Return a caption that starts with the number of a figure or table; else None."""
    match = _LABELLED.match(to_plain_text(text[: 4 * _MAX_CAPTION]))
    if not match:
        return None
    kind = "figure" if match["kind"].lower().startswith("fig") else "table"
    return OutlineCaption(kind, match["number"], match["text"][:_MAX_CAPTION].strip(), appendix)


_ADDRESS = re.compile(r"https?://\S|\b(?:github|huggingface)\.com?/\S|\bhf\.co/\S", re.I)
# The authors' releases, not the software they used: "our code is available at", "we release".
_RELEASE = re.compile(
    r"\b(?:we|authors)\b[^.!?]{0,60}"
    r"\b(?:releas|open[- ]?sourc|publish|provid|share|host|mak(?:e|ing))"
    r"|\b(?:our|the|all|source|project)\b[^!?]{0,60}"
    r"\b(?:code(?:base)?|models?|weights|checkpoints?|data(?:sets?)?|demo|page|website|benchmark"
    r"|implementation|repository|artifacts?|resources)\b[^!?]{0,80}\b(?:available|released|public"
    r"|hosted|found|accessible|open[- ]?sourced)\b"
    r"|^\W*(?:project\s+(?:page|website)|code(?:base)?|models?|weights|data(?:set)?s?|demo|github"
    r"|website|homepage|hugging\s?face)\b[^.!?]{0,30}(?::|\bat\b|https?://)",
    re.I,
)


def find_releases(paragraphs: Iterable[str]) -> tuple[str, ...]:
    """Return the sentences with an address in which the authors say what they publish."""
    sentences = (
        sentence
        for paragraph in paragraphs
        if _ADDRESS.search(paragraph)
        for sentence in split_sentences(to_plain_text(paragraph[:MAX_CHARACTERS]))
    )
    found = (s for s in sentences if _ADDRESS.search(s) and _RELEASE.search(s))
    return tuple(dict.fromkeys(sentence[:_MAX_CAPTION] for sentence in found))[:_MAX_RELEASES]


def distinct(items: Iterator[_Item]) -> tuple[_Item, ...]:
    """Return the items without repetitions, up to a limit."""
    return tuple(dict.fromkeys(items))[:_MAX_ITEMS]
