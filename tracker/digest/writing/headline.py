"""A headline for a paper: its finding as one short clause, taken from sentences of its summary.

A sentence is compressed by deleting whole constituents only: the frame of a report ("We show
that"), adverbials, trailing participles and prepositional phrases. A clause that points back
("these agents"), has no finite verb, or is still too long is not used; then the title is.

Public: `headline`, `finding_clause`, `LIMIT`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from summarizer.text.stems import STOP_WORDS, content_stems
from tracker.digest.document import Entry
from tracker.digest.writing.headline_grammar import (
    ADVERBS,
    BACKWARD_SUBJECT,
    CUT_POINTS,
    FINITE_VERBS,
    FIRST_OF_TWO_VERBS,
    FRAMES,
    HALF_COMPARISON,
    INTRODUCTION,
    OPEN_ENDS,
    OPENERS,
    OWN_SUBJECT,
    QUANTITY,
    VAGUE_CLAIM,
)

LIMIT = 70
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:%|x\b|×| points?\b|-fold)")
_CJK = re.compile(r"[\u3040-\u9fff]")
# Half a line of a phone: Chinese characters are twice as wide.
_CJK_LIMIT = LIMIT // 2
# The value of a clause with a number, without one, of a vague one, of a title that is a clause, of
# a description, and of any other title; a deletion costs a little, unused length too.
_WITH_NUMBER, _QUANTITY, _CLAIM, _VAGUE = 3.0, 2.5, 2.0, 0.7
_TITLE_CLAIM, _DESCRIPTION, _TITLE = 2.6, 1.1, 1.3
# A title that does not tell what the paper is about.
_UNTITLED = re.compile(r"technical report|system card|^\S+$", re.I)
_MIN_WORDS, _MIN_REPORTED_WORDS = 5, 4
# First words of sentences that are no names.
_COMMON_START = re.compile(
    r"(?:The|This|These|An?|Their|It|Both|All|Most|Experiment\w*|Extensive|Evaluat\w+|Results?|Data"
    r"|Compared|Contrary|Rather|Approximately|Demonstrating|Using|By|Across|Among|After|Although|As"
    r"|At|Despite|Even|For|From|Given|In|On|Over|Through|To|Under|Unlike|When|While|With|Without"
    r"|Analys[ie]s|Empirical\w*|Comprehensive|Training|Building|Leveraging|Trained"
    r"|Powered|Applied) "
)
_PERSONS = (("[Ww]e", "they"), ("our", "their"), ("Our", "Their"), ("us", "them"))
_PER_DELETION, _PER_LENGTH = 0.12, 0.6

# What authors add to a result: its importance. What they put in front of one: that it is one.
_COMMENT = re.compile(r",\s+(?:marking|paving|opening|representing|highlighting|underscoring)\b")
_OPENING = re.compile(
    r"^(?:(?:our|these|the|experimental|extensive)\s+)*(?:results?|findings?|experiments?|we)\s+"
    r"(?:show|demonstrate|suggest|indicate|find|reveal)s?\s+(?:that\s+)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Variant:
    """A clause and the number of constituents deleted from its sentence.

    `is_reported` is whether the whole of it followed "We show that", so that it has a finite verb.
    """

    text: str
    deletions: int = 0
    is_reported: bool = False


def headline(entry: Entry, limit: int = LIMIT) -> str:
    """Return the finding of a paper in at most `limit` characters, or else its short title."""
    results = [proof.text for proof in entry.proofs if proof.role == "result"]
    sentences = [text for text in dict.fromkeys((entry.result, *results, entry.tldr)) if text]
    if any(map(_CJK.search, sentences)):
        return _cjk_headline(sentences, entry.title, limit)
    candidates = list(_candidates(entry.title, sentences, limit))
    best = max(candidates, key=lambda pair: pair[0], default=(0.0, ""))[1]
    return best or shorten_title(entry.title, limit)


def finding_clause(entry: Entry) -> str:
    """Return the result of a paper, or else what it does, as a clause in the third person.

    The clause follows a colon; it is empty if every sentence points back to others.
    """
    results = [proof.text for proof in entry.proofs if proof.role == "result"]
    name = _short_name(entry.title)
    found = [
        text
        for text in dict.fromkeys((entry.result, *results))
        if text and not _repeats_title(text, entry.title)
    ]
    for sentence in found:
        clause = _clause(_clean(sentence), name)
        if clause and _is_complete(clause):
            return _lower_start(clause.text)
    whole = (_in_third_person(text, name) for text in (*found, entry.tldr) if text)
    return next(filter(None, whole), "")


def _repeats_title(sentence: str, title: str) -> bool:
    """Whether a sentence is the title again, with nothing after it but a comment of the authors.

    "Our results show that X can learn Y, marking a key step toward Z."
    """
    claim = _COMMENT.split(_OPENING.sub("", sentence), maxsplit=1)[0]
    words = content_stems(claim)
    return bool(words) and words <= content_stems(title)


def _in_third_person(sentence: str, name: str) -> str:
    """Return a sentence with its authors as "they"; "" if it points back to another sentence."""
    clause = _clause(_clean(sentence), name)
    if "…" in sentence or clause is None or BACKWARD_SUBJECT.match(clause.text):
        return ""
    text = re.sub(r"^We\b", "its authors", sentence.rstrip(" ."))
    for own, other in _PERSONS:
        text = re.sub(rf"\b{own}\b", other, text)
    return _lower_start(text)


def _lower_start(text: str) -> str:
    """Return a clause to follow a colon, in lower case unless it begins with a name."""
    first_word = text.partition(" ")[0].rstrip(",").lower()
    is_common = _COMMON_START.match(text) or first_word in STOP_WORDS
    return text[:1].lower() + text[1:] if is_common else text


def _cjk_headline(sentences: Iterable[str], title: str, limit: int) -> str:
    for sentence in sentences:
        text = sentence.rstrip("。.")
        if _CJK.search(text) and len(text) <= min(_CJK_LIMIT, limit):
            return text
    return shorten_title(title, limit)


def _candidates(title: str, sentences: Iterable[str], limit: int) -> Iterator[tuple[float, str]]:
    name = _short_name(title)
    for sentence in sentences:
        yield from _sentence_candidates(sentence, name, limit)
    yield from _title_candidates(title, limit)


def _sentence_candidates(sentence: str, name: str, limit: int) -> Iterator[tuple[float, str]]:
    for variant in _variants(_clean(sentence), name):
        if len(variant.text) <= limit and _is_complete(variant):
            yield _value(variant, limit), _capitalize(variant.text)
    for text in _quantity_lines(sentence, name):
        if len(text) <= limit:
            yield _QUANTITY + _PER_LENGTH * len(text) / limit, text
    if (description := _description(sentence)) and len(description) <= limit:
        yield _DESCRIPTION + _PER_LENGTH * len(description) / limit, description


def _title_candidates(title: str, limit: int) -> Iterator[tuple[float, str]]:
    shortened = shorten_title(title, limit)
    if shortened != title and "…" not in shortened:
        yield _DESCRIPTION + 0.1 + _PER_LENGTH * len(shortened) / limit, shortened
    if len(title) <= limit and not _UNTITLED.search(title):
        is_clause = ":" not in title and not title.endswith("?") and _has_verb(title)
        yield (_TITLE_CLAIM if is_clause else _TITLE + _PER_LENGTH * len(title) / limit), title


def _value(variant: _Variant, limit: int) -> float:
    kind = _WITH_NUMBER if _NUMBER.search(variant.text) else _CLAIM
    if VAGUE_CLAIM.search(variant.text) and kind == _CLAIM:
        kind = _VAGUE
    value_of_length = _PER_LENGTH * len(variant.text) / limit
    return kind + value_of_length - _PER_DELETION * variant.deletions


def _clean(sentence: str) -> str:
    """Return a sentence without emphasis marks, parentheses and its full stop."""
    text = re.sub(r"\*\*|__", "", sentence)
    text = re.sub(r"\s*\((?![^()]*\bvs\b)[^()]*\)", "", text)
    return " ".join(text.split()).rstrip(" .")


def _clause(text: str, name: str) -> _Variant | None:
    """Return a sentence without the frame of a report, and with its subject named if it can be."""
    text = OPENERS.sub("", text)
    frame = next((match for frame in FRAMES if (match := frame.match(text))), None)
    text = _without_leading_adverbial(text[frame.end() :] if frame else text)
    if match := OWN_SUBJECT.match(text):
        if not name:
            return None
        text = name + text[match.end() :]
    text = re.sub(r"^[Oo]ur (?=[A-Z])", "", text)
    return _Variant(text, is_reported=bool(frame and frame[0].rstrip(" ,").endswith("that")))


def _without_leading_adverbial(text: str) -> str:
    """Return a clause without the adverbial before its subject: "On long tasks, X improves"."""
    if not re.match(
        r"(?:Across|On|In|Through|With|Under|Over|For|At|Compared|Applied|By|Using|When|Relative"
        r"|Evaluated|Tested)\b",
        text,
        re.I,
    ):
        return text
    for comma in re.finditer(r", ", text):
        rest = text[comma.end() :]
        if not re.match(r"(?:and|or|but|which|while)\b", rest) and _begins_with_clause(rest):
            return rest
    return text


def _begins_with_clause(text: str) -> bool:
    """Whether a text has a finite verb after its first words and before any comma."""
    words = text.split(",", maxsplit=1)[0].split()[:9]
    return any(word.lower() in FINITE_VERBS for word in words[1:])


def _variants(sentence: str, name: str) -> Iterator[_Variant]:
    """Yield the clause of a sentence and what remains when constituents are deleted from it."""
    base = _clause(sentence, name)
    if base is None:
        return
    seen, queue = {base.text}, [base]
    while queue:
        variant = queue.pop()
        yield variant
        for text in _deletions(variant.text):
            if text and text not in seen and len(seen) < 200:
                seen.add(text)
                queue.append(_Variant(text, variant.deletions + 1))


def _deletions(text: str) -> Iterator[str]:
    """Yield a clause without one of its constituents."""
    without_adverbs = ADVERBS.sub("", text)
    if without_adverbs != text:
        yield " ".join(without_adverbs.split())
    if match := FIRST_OF_TWO_VERBS.match(text):
        yield f"{match['subject']} {text[match.end() :]}"
    per_number = re.sub(r"(\d%?) for [^,;:]*?(?= vs\.|$)", r"\1", text)
    if per_number != text:
        yield per_number
    before_colon = re.sub(r" (?:from|by|of|in|across|on) [^,;:]+(?=:)", "", text)
    if before_colon != text:
        yield before_colon
    for match in CUT_POINTS.finditer(text):
        yield text[: match.start()].rstrip(" ,;:")


def _is_complete(variant: _Variant) -> bool:
    """Whether a text is a clause that stands alone and ends where a clause may end."""
    text = variant.text
    if BACKWARD_SUBJECT.match(text) or any(sign.search(text) for sign in _INCOMPLETE_SIGNS):
        return False
    if text.count('"') % 2 or text.count("(") != text.count(")") or _lacks_last_item(text):
        return False
    return _says_enough(variant) and not OPEN_ENDS.search(text)


def _says_enough(variant: _Variant) -> bool:
    """Whether a text has a verb, and a number or enough words."""
    least = _MIN_REPORTED_WORDS if variant.is_reported else _MIN_WORDS
    is_long = len(variant.text.split()) >= least or bool(_NUMBER.search(variant.text))
    return is_long and (variant.is_reported or _has_verb(variant.text))


_INCOMPLETE_SIGNS = (HALF_COMPARISON, re.compile("…"), re.compile(r"\b(?:we|our|us)\b", re.I))


def _lacks_last_item(text: str) -> bool:
    """Whether a text is a list that was cut before its last item."""
    _, *rest = text.split(",")
    if not rest or re.search(r"\b(?:and|or)\b", ",".join(rest)):
        return False
    return not _begins_with_clause(rest[-1])


def _has_verb(text: str) -> bool:
    """Whether a finite verb follows a subject, before any comma or colon."""
    words = re.split(r"[,;:]", text)[0].split()
    places = [n for n, word in enumerate(words) if word.lower() in FINITE_VERBS]
    return bool(places) and 1 <= places[0] <= 9 and places[0] < len(words) - 1


def _quantity_lines(sentence: str, name: str) -> Iterator[str]:
    """Yield the name of a system and what it gains, if a sentence says so without a subject."""
    match = QUANTITY.search(_clean(sentence)) if name else None
    if not match or not _NUMBER.search(match["np"]):
        return
    # "Relative" stays: 26% relative is not 26%.
    full = f"{name}: {match['np'].strip()}"
    yield full
    yield full.replace(" in overall ", " in ")


def _description(sentence: str) -> str:
    """Return what a paper introduces: "GLM-5: a foundation model"."""
    match = INTRODUCTION.match(_clean(sentence))
    if not match:
        return ""
    what = re.split(r" (?:that|which|designed|where|whose|by|to)\b", match["what"])[0]
    text = f"{match['name']}: {what}"
    return "" if "," in what or OPEN_ENDS.search(text) or BACKWARD_SUBJECT.match(text) else text


def _short_name(title: str) -> str:
    """Return the name of a system or study that a title begins with, or ""."""
    head, colon, _ = title.partition(": ")
    return head if colon and len(head.split()) <= 4 and not head.endswith("?") else ""


def shorten_title(title: str, limit: int = LIMIT) -> str:
    """Return a title of at most `limit` characters, cut between constituents only."""
    if len(title) <= limit:
        return title
    cuts = [
        title[: match.start()].rstrip(" ,;:")
        for match in re.finditer(
            r"(?<=\?) |: | (?=for |via |with |in |through |from |by |on |to |using )", title
        )
    ]
    fitting = [cut for cut in cuts if 10 <= len(cut) <= limit and not OPEN_ENDS.search(cut)]
    if fitting:
        return max(fitting, key=len)
    cut = title[: limit - 1]
    return cut[: cut.rfind(" ")].rstrip(" ,;:") + "…"


def _capitalize(text: str) -> str:
    return text[:1].upper() + text[1:]
