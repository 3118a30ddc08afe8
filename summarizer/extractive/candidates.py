"""Candidates for the lines about a paper: its sentences, and shorter wordings of each.

Public surface: ``Candidate``, ``list_candidates``, ``shorten_point``, ``MAX_WORDS``, ``KINDS``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from summarizer.extractive.standalone import drop_such, find_name, name_subject, refers_back
from summarizer.extractive.tighten import shorter_variants
from summarizer.text.stems import STOP_WORDS, stem_tokens

MAX_WORDS = 30
"""Usual longest line, in words; a longer sentence is better than one that is cut badly."""

KINDS = ("whole", "bare", "lead", "claim", "tail", "clause", "head")
"""How a candidate was made: the kinds of ``shorter_variants``."""

_LONGEST = 50
_POINT_WORDS = 32
_POINT_KINDS = frozenset({"bare", "lead", "tail", "clause", "head"})
_ANNOUNCES = re.compile(r": |\b(?:two|three|four|five|both|either|first)\b", re.IGNORECASE)
_SECOND_CLAIM = re.compile(r"\b(?:and|but|while|yet) that\b")  # its "that" needs the "We show"
_MIN_WORDS = 4
_FARTHEST = 5  # sentences between a name and a subject that stands for it
_FARTHEST_PHRASE = 2  # sentences between a phrase and a "these" that refers to it
_THESE = re.compile(r"\b[Tt]hese ([a-z]+s)\b")
_DEMONSTRATIVE = re.compile(
    r"(?<=[a-z,] )(?:this|these|those) ([a-z]{4,})"
    r"(?=[.,;:]| (?:from|in|of|to|for|with|by|on|at|and|or|is|are|can|when|while|through|as"
    r"|\w+ly) )"
)
_SEAM = 12  # characters that tell whether two wordings end alike

_DATA = r"(?:data ?sets?|benchmarks?|corpus|corpora|testbeds?)"
_METHOD = re.compile(
    r"(?:This|The|Our)(?: (?:proposed|resulting|new))?(?: [\w-]+)? (?:approach|method|framework"
    r"|model|system|algorithm|technique|strategy|architecture|pipeline)\b"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible line: the index of its sentence, how it was made, and its text.

    ``cut`` says that it ends before the sentence does. ``context`` is how many sentences before it
    belong to its source, because its subject was replaced by the name that the first introduces.
    """

    index: int
    kind: str
    text: str
    cut: bool = False
    context: int = 0

    @property
    def first(self) -> int:
        """Index of the first sentence it rests on."""
        return self.index - self.context


def list_candidates(tightened: Sequence[str], name: str = "", title: str = "") -> list[Candidate]:
    """Return every candidate for the tightened sentences of one abstract.

    ``name`` is what the title calls the work, "" if it does not name it.
    """
    found: list[Candidate] = []
    for index in range(len(tightened)):
        text, context = _named(tightened, index, name)
        if not context:
            text, context = _with_title_phrase(tightened, index, title)
        if refers_back(text):
            text = _with_title_word(drop_such(text), title)
        found += _sentence_candidates(index, text, context)
    return found


def _named(tightened: Sequence[str], index: int, name: str) -> tuple[str, int]:
    """Return a sentence whose subject is named, and how far back the name is introduced.

    The sentence just before must introduce the name, unless it is that of the title.
    """
    for back in range(1, min(index, _FARTHEST) + 1):
        introduced = find_name(tightened[index - back])
        if introduced != name and _is_data(introduced, tightened[index - back], tightened[index]):
            continue
        if introduced and (back == 1 or introduced == name):
            text = name_subject(tightened[index], introduced)
            return text, back if text != tightened[index] else 0
    return _named_by_title(tightened, index, name)


def _is_data(name: str, sentence: str, following: str) -> bool:
    """Whether ``name`` is that of data, and the subject of the next sentence is a method."""
    thing = re.escape(name)
    named = rf"\b{_DATA}\b[^.]{{0,120}}\b(?:called|named|dubbed|termed),? {thing}"
    described = rf"{thing}(?: \([^()]*\))?,? (?:an?|the) [^.,]{{0,80}}\b{_DATA}\b"
    return bool(_METHOD.match(following) and re.search(f"{named}|{described}", sentence))


def _named_by_title(tightened: Sequence[str], index: int, name: str) -> tuple[str, int]:
    """Return a sentence whose subject gets the title's name, if the sentence before uses it."""
    if index and name and name in tightened[index - 1]:
        text = name_subject(tightened[index], name)
        return text, 1 if text != tightened[index] else 0
    return tightened[index], 0


def _with_title_phrase(tightened: Sequence[str], index: int, title: str) -> tuple[str, int]:
    """Return a sentence with "these agents" as the title and an earlier sentence have it.

    "These agents outperform …" becomes "Coding agents outperform …" if the title and one of the
    sentences just before say "coding agents".
    """
    sentence = tightened[index]
    found = _THESE.search(sentence)
    if not found:
        return sentence, 0
    phrases = _phrases_ending(found[1], title.lower())
    for back in range(1, min(index, _FARTHEST_PHRASE) + 1):
        earlier = tightened[index - back].lower()
        if phrase := next((one for one in phrases if one in earlier), ""):
            named = phrase if found.start() else phrase.capitalize()
            return sentence[: found.start()] + named + sentence[found.end() :], back
    return sentence, 0


def _with_title_word(sentence: str, title: str) -> str:
    """Return a sentence with "the monitor" for "this monitor" if the title has that word."""
    own = set(stem_tokens(title.lower())) - STOP_WORDS
    return _DEMONSTRATIVE.sub(
        lambda found: f"the {found[1]}" if own.intersection(stem_tokens(found[1])) else found[0],
        sentence,
    )


def _phrases_ending(word: str, title: str) -> list[str]:
    """Return the phrases of two to four words of the title that end in ``word``, longest first.

    A phrase does not begin with, or contain, a word such as "of" or "the".
    """
    found = re.search(rf"((?:[a-z-]+ ){{1,3}}){word}\b", title)
    words = found[1].split() if found else []
    while STOP_WORDS.intersection(words):
        words = words[1:]
    return [" ".join([*words[i:], word]) for i in range(len(words))]


def _sentence_candidates(index: int, sentence: str, context: int) -> Iterator[Candidate]:
    seen: set[str] = set()
    ending = sentence[-_SEAM:]
    for kind, text in shorter_variants(sentence):
        if kind not in KINDS or text in seen or not _MIN_WORDS <= len(text.split()) <= _LONGEST:
            continue
        seen.add(text)
        if kind == "claim" and _SECOND_CLAIM.search(text):
            continue
        cut = kind != "bare" and not text.endswith(ending)
        if cut and _loses_its_point(sentence, text):
            continue
        yield Candidate(index, kind, text, cut, context)


def _loses_its_point(sentence: str, text: str) -> bool:
    """Whether a cut leaves out what was announced: what follows a colon, or one of two things."""
    left_out = sentence.rpartition(text[-_SEAM:-1])[2].lstrip()
    return left_out.startswith(":") or bool(_ANNOUNCES.search(text))


def shorten_point(tightened: str) -> str:
    """Return a sentence as one point: a long sentence in the longest of its wordings that fit."""
    if len(tightened.split()) <= _POINT_WORDS:
        return tightened
    shorter = [text for kind, text in shorter_variants(tightened) if kind in _POINT_KINDS]
    fitting = [text for text in shorter if len(text.split()) <= _POINT_WORDS]
    return max(fitting, key=len) if fitting else min([tightened, *shorter], key=len)
