"""True sentences made from a sentence by rule: shorter, in another order, in other words.

Public surface: ``REWRITES``, ``OPENING``.
"""

import random
import re
from collections.abc import Callable

_SYNONYMS = {
    "show": "demonstrate", "shows": "demonstrates", "demonstrate": "show", "propose": "present",
    "demonstrates": "shows", "propose ": "introduce ", "introduce": "propose", "present": "propose",
    "proposed": "presented", "significantly": "substantially", "improves": "enhances",
    "improve": "enhance", "improving": "enhancing", "enables": "allows", "approach": "method",
    "method": "approach", "methods": "approaches", "approaches": "methods", "uses": "employs",
    "utilizes": "uses", "leverages": "uses", "leveraging": "using", "leverage": "use",
    "however": "yet", "achieves": "attains", "outperforms": "surpasses", "novel": "new",
    "framework": "framework", "existing": "current", "crucial": "important", "task": "task",
    "investigate": "study", "study": "examine", "reveal": "show", "reveals": "shows",
    "challenging": "difficult", "various": "several", "requires": "needs", "require": "need",
    "often": "frequently", "obtain": "get", "reduces": "lowers", "reducing": "lowering",
    "across": "over", "experiments": "tests", "evaluate": "assess",
    "find": "observe", "based on": "built on", "in order to": "to", "in this paper, we": "we",
}  # fmt: skip
OPENING = re.compile(
    r"^(?:In this (?:paper|work|study|article)|Here|To this end|To address this(?: \w+)?|Moreover|"
    r"Furthermore|Additionally|In addition|However|Specifically|In particular|Finally|Notably|"
    r"Therefore|Thus|To tackle this(?: \w+)?), "
)
_TAIL = re.compile(r"(?:, (?:which|where|with|while|including|such as|demonstrating|showing|"
                   r"highlighting|providing|making|thereby|offering) .*|"
                   r"\s\([^()]*\))(?=\.$)")  # fmt: skip
_FRONTED = re.compile(
    r"^((?:On|In|Across|For|Under|With|By|During|Using) [^,]{6,60}), (\w[^,]*)\.$"
)
_WE_VERB = re.compile(
    r"^We (propose|present|introduce|develop|study|evaluate|investigate|analyze|release) "
    r"((?:an?|the|our)? ?(?:[\w-]+ ){0,4}[\w-]+)((?:,? (?:that|which|for|to|where|based|using|"
    r"on|in)"
    r"\b.*)?)\.$"
)
_PAST = {
    "study": "studied",
    "evaluate": "evaluated",
    "develop": "developed",
    "present": "presented",
}
_ADVERBS = re.compile(r"\s(?:significantly|effectively|also|further|thus|carefully|comprehensively|"
                      r"systematically|extensively|novel|comprehensive|simple|"
                      r"efficiently)(?= \w)")  # fmt: skip


def shortened(sentence: str, _: random.Random) -> str | None:
    cut = OPENING.sub("", sentence)
    cut = _TAIL.sub("", cut[0].upper() + cut[1:])
    return cut if cut != sentence and len(cut.split()) > 6 else None


def without_adverbs(sentence: str, _: random.Random) -> str | None:
    cut = _ADVERBS.sub("", sentence)
    return cut if cut != sentence else None


def reordered(sentence: str, _: random.Random) -> str | None:
    match = _FRONTED.match(OPENING.sub("", sentence))
    if not match or match[2].split()[0] in {"and", "or"}:
        return None
    front, rest = match.groups()
    return f"{rest[0].upper()}{rest[1:]} {front[0].lower()}{front[1:]}."


def passive(sentence: str, _: random.Random) -> str | None:
    match = _WE_VERB.match(OPENING.sub("", sentence).replace("we ", "We ", 1))
    if not match:
        return None
    verb, what, rest = match.groups()
    done = _PAST.get(verb, f"{verb}d")
    return f"{what[0].upper()}{what[1:]} is {done}{rest}."


def synonyms(sentence: str, dice: random.Random) -> str | None:
    found = [w for w in _SYNONYMS if re.search(rf"\b{w}\b", sentence)]
    for word in dice.sample(found, min(2, len(found))):
        sentence = re.sub(rf"\b{word}\b", _SYNONYMS[word], sentence, count=1)
    return sentence if found else None


def joined(sentence: str, dice: random.Random) -> str | None:
    """Two of these, one after the other."""
    made = shortened(sentence, dice)
    return synonyms(made, dice) if made else None


REWRITES: dict[str, Callable[[str, random.Random], str | None]] = {
    "shortened": shortened, "without adverbs": without_adverbs, "reordered": reordered,
    "passive": passive, "synonyms": synonyms, "shortened, synonyms": joined,
}  # fmt: skip
