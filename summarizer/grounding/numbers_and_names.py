"""Numbers and names in a sentence that its source does not have.

An invented or misread number is the worst error a summary can have and the easiest to detect, so
a sentence is shown only after every number and every name of a model, data set or method in it
was found in the text it comes from.

Public surface: ``find_numbers_and_names``, ``find_unsupported``.
"""

import re

_NUMBER = re.compile(
    r"(?<![A-Za-z][-.])(?<![\w.])(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"([\u2070\u00b9\u00b2\u00b3\u2074-\u2079\u207b]*)"
    r"(?:[\s-]?(%|percent\b|percentage points?\b|pp\b|\u00d7|x\b|times\b|fold\b|billion\b|million\b"
    r"|trillion\b|thousand\b|GB\b|MB\b|TB\b|ms\b)|([kKMBTD])\b)?"
)
_UNITS = {
    "percent": "%",
    "x": "\u00d7",
    "times": "\u00d7",
    "fold": "\u00d7",
    "billion": "B",
    "million": "M",
    "trillion": "T",
    "thousand": "K",
    "k": "K",
    "percentage point": "pp",
    "percentage points": "pp",
}
_SHORT_ACRONYMS = {
    "rl": "reinforcement learning",
    "ml": "machine learning",
    "dl": "deep learning",
    "ai": "artificial intelligence",
    "nn": "neural network",
    "lm": "language model",
    "qa": "question answering",
    "kg": "knowledge graph",
    "mt": "machine translation",
}
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f\u0370-\u04ff][\w.+-]*")


def find_numbers_and_names(text: str) -> frozenset[str]:
    """Return the numbers and the names in ``text``, each in a normalised spelling.

    Numbers include their unit ("71.3%", "1412", "7B", "3\u00d7"): thousands separators are removed,
    "percent" becomes "%", "3x", "3 times" and "3-fold" become "3\u00d7", "7 billion" becomes "7B".
    Names are words with a capital after their first letter ("BERT", "LoRA", "LLM" for "LLMs") or
    with a digit ("GPT-4", "Qwen2.5-7B"; the size in such a name counts as a number too: "7B").
    """
    return frozenset(_find_numbers(text) | _find_names(text))


def find_unsupported(sentence: str, source: str) -> tuple[str, ...]:
    """Return the numbers and names of ``sentence`` that ``source`` does not have, sorted.

    Case is ignored. Empty when everything is supported.
    """
    known = {item.casefold() for item in find_numbers_and_names(source)}
    found = find_numbers_and_names(sentence)
    missing = (item for item in found if item.casefold() not in known)
    return tuple(sorted(item for item in missing if not _is_other_form(item, known, source)))


def _is_other_form(item: str, known: set[str], source: str) -> bool:
    """Whether the source has the plural or singular of a name, or the words of an acronym."""
    folded = item.casefold()
    if f"{folded}s" in known or folded.removesuffix("s") in known:
        return True
    return item.isalpha() and item.isupper() and _is_spelled_out(folded, source.lower())


def _is_spelled_out(acronym: str, source: str) -> bool:
    """Whether words in a row begin with the letters: "linear temporal logic" for "LTL"."""
    if acronym in _SHORT_ACRONYMS:
        return _SHORT_ACRONYMS[acronym] in source
    initials = "".join(word[0] for word in re.findall(r"[a-z]+", source))
    return len(acronym) > 2 and acronym in initials


def _find_numbers(text: str) -> set[str]:
    found = set()
    for match in _NUMBER.finditer(text):
        digits, power, unit, letter = match.groups()
        unit = unit or letter or ""
        found.add(digits.replace(",", "") + power + _UNITS.get(unit, unit))
    return found


def _find_names(text: str) -> set[str]:
    found: set[str] = set()
    for word in _WORD.findall(text):
        if word[1:].isalpha() and word[1:].islower():
            continue  # a plain word, as nearly all are
        parts = _strip_plain_words(word.strip(".+-").split("-"))
        if any(c.isdigit() for part in parts for c in part):
            found.add("-".join(parts))
        else:
            found.update(_singular(part) for part in parts if _is_name(part))
    return found


def _strip_plain_words(parts: list[str]) -> list[str]:
    """Return ``parts`` without plain words around a name: "GPT-4" from "pre-GPT-4-based"."""
    named = [i for i, part in enumerate(parts) if _is_name(part) or not part.isalpha()]
    if not named:
        return []
    first = named[0] - (named[0] > 0 and _is_bare_version(parts[named[0]]))
    return parts[first : named[-1] + 1]


def _is_bare_version(part: str) -> bool:
    """Whether ``part`` is a version number that needs the word before it: "4" in "GPT-4"."""
    return not any(c.isalpha() for c in part)


def _is_name(part: str) -> bool:
    return any(c.isupper() for c in part[1:])


def _singular(name: str) -> str:
    """Return an acronym without its plural s; other words are stemmed where they are compared."""
    return name[:-1] if name.endswith("s") and name[:-1].isupper() else name
