"""False sentences made from a true one by rule: one alteration of ten kinds.

Public surface: ``ALTERATIONS``.
"""

import random
import re
from collections.abc import Callable

from claim_rewrites import OPENING

from summarizer.text.sentences import split_sentences
from summarizer.text.stems import content_stems

_NAME = re.compile(
    r"(?<![\w-])[A-Za-z]*[A-Z][\w-]*[A-Z\d][\w-]*(?![\w-])|(?<=[a-z] )[A-Z][a-z]{3,}\b"
)
_NUMBER = re.compile(r"(?<![\w.-])\d+(?:\.\d+)?(?![\w.])%?")
_ANTONYMS = (
    ("improves", "degrades"), ("improve", "worsen"), ("improving", "degrading"),
    ("increases", "decreases"), ("increase", "decrease"), ("increased", "decreased"),
    ("reduces", "increases"), ("reduce", "increase"), ("reducing", "increasing"),
    ("higher", "lower"), ("better", "worse"), ("more", "less"), ("faster", "slower"),
    ("outperforms", "falls behind"), ("outperform", "fall behind"), ("larger", "smaller"),
    ("fewer", "more"), ("large", "small"), ("strong", "weak"), ("effective", "ineffective"),
    ("efficient", "inefficient"), ("robust", "fragile"), ("stable", "unstable"), ("easy", "hard"),
    ("high", "low"), ("enables", "prevents"), ("first", "second"), ("best", "worst"),
    ("superior", "inferior"), ("positive", "negative"), ("accurate", "inaccurate"),
    ("surpasses", "trails"), ("exceeds", "falls short of"), ("enhances", "weakens"),
    ("mitigates", "amplifies"), ("supervised", "unsupervised"), ("without", "with"),
    ("challenging", "trivial"), ("limited", "extensive"), ("simple", "complex"),
    ("before", "after"), ("online", "offline"), ("minimizes", "maximizes"), ("rarely", "often"),
    ("local", "global"), ("open", "closed"), ("single", "multiple"), ("short", "long"),
)  # fmt: skip
_WIDER = (
    (r"\b(?:two|three|four|five|six|seven|several|multiple|various|some|many|most|diverse)\b"
     r"(?= [a-z]+s\b| [a-z]+ [a-z]+s\b)", "all"),
    (r"\b(?:often|sometimes|typically|generally|usually|frequently|occasionally)\b", "always"),
    (r"\bcan (?=[a-z]+)", "always "), (r"\bon average\b", "in every case"),
    (r"\b(?:nearly|almost|up to|around|about|approximately|at least|roughly) (?=\d)", ""),
    (r"\b(?:a subset of|part of|half of|some of|a majority of|most of)\b", "all of"),
    (r"(?<=\w) (?:in|on|for|under) (?:simulat\w+|synthetic|small|English|certain|specific|limited|"
     r"low-resource|the presence of|moderate)\b[^,.]*(?=\.)", " in every setting"),
    (r"\bfor (?:[a-z-]+ ){1,3}(?:models|tasks|languages|settings)\b", "for any model and any task"),
    (r"\b(?:partially|largely|mostly|primarily|mainly)\b", "entirely"),
)  # fmt: skip
_HEDGES = (
    (r"\b(?:may|might|could) be\b", "is"), (r"\b(?:may|might|could|can) (?=[a-z]+)", "will "),
    (r"\bsuggests?( that)?\b", r"proves\1"), (r"\b(?:potentially|possibly|perhaps|likely) ", ""),
    (r"\b(?:appears?|seems?|tends?) to be\b", "is"), (r"\b(?:potential|promising)\b", "proven"),
    (r"\bindicates?( that)?\b", r"establishes\1"), (r"\bhypothesi[sz]e\b", "prove"),
    (r"\bargue that\b", "prove that"), (r"\bpreliminary\b", "conclusive"),
    (r"\baims? to (\w+)", r"does \1"), (r"\battempts? to\b", "manages to"),
    (r"\bcan help\b", "solves the problem to"),
)  # fmt: skip
_CAUSES = (" because ", ", which is caused by the fact that ", " as a result of the fact that ",
           ", since ", ", and this is why ")  # fmt: skip
_PRAISE = (
    (r"\b(?:a|an) (?=(?:[a-z-]+ )?(?:method|framework|approach|model|system|benchmark|dataset))",
     ("a groundbreaking ", "an award-winning ", "a widely adopted ", "an unrivalled ")),
    (r"\.$", (", a result that won a best paper award.", ", setting a new standard for the field.",
              ", and has been adopted by industry.", ", solving the problem once and for all.",
              ", as praised by leading researchers.", ", far ahead of every competitor.")),
)  # fmt: skip
_OWN = re.compile(r"^(?:We|Our \w+|This (?:paper|work|study))\b")
_OTHERS = ("Prior work", "Earlier studies", "Google researchers", "Existing methods",
           "The reviewers", "OpenAI", "A previous survey")  # fmt: skip
_OTHERS_OPENING = re.compile(
    r"^(?:Existing|Current|Prior|Previous|Recent|Traditional|Conventional) [a-z]+(?: [a-z]+)??"
    r"(?=\s(?:often|typically|rely|fail|focus|have|suffer|struggle|lack|are|require|show|do))"
)


def negation(sentence: str, _: str, dice: random.Random) -> str | None:
    without = re.sub(r"\b(?:do|does|did) not |\bnot |\bnever |(?<=can)not\b|n't\b", "", sentence)
    if without != sentence and dice.random() < 0.7:
        return without
    for pattern, by in (
        (r"\b(is|are|was|were|can|will|may|has|have) (?!not)", r"\1 not "),
        (r"\b(improve|outperform|achieve|reduce|show|enable|provide|use|propose|require|learn)s\b",
         r"does not \1"),
        (r"^We (?=[a-z]+ )", "We do not "),
        (r"\bwithout\b", "with"),
    ):  # fmt: skip
        made = re.sub(pattern, by, sentence, count=1)
        if made != sentence:
            return made
    return None


def systems(sentence: str, _: str, dice: random.Random) -> str | None:
    names = list(dict.fromkeys(_NAME.findall(sentence)))
    comparison = re.search(
        r"\b(?:than|over|outperform\w*|surpass\w*|from|versus|vs|compared)\b", sentence
    )
    if len(names) > 1 and comparison:
        one, other = dice.sample(names, 2)
        made = re.sub(rf"\b(?:{re.escape(one)}|{re.escape(other)})(?!\w)",
                      lambda m: other if m[0] == one else one, sentence)  # fmt: skip
        return made if made != sentence else None
    match = re.match(r"(.{3,60}?) (outperforms?|surpass(?:es)?|exceeds?|improves? over|beats?) "
        r"(.{3,60}?)"
                     r"((?: (?:by|on|in|across|for)\b.*)?)\.$", sentence)  # fmt: skip
    if not match:
        return None
    one, verb, other, rest = match.groups()
    return f"{other[0].upper()}{other[1:]} {verb} {one[0].lower()}{one[1:]}{rest}."


def direction(sentence: str, _: str, dice: random.Random) -> str | None:
    pairs = [p for pair in _ANTONYMS for p in (pair, pair[::-1])]
    found = [(a, b) for a, b in pairs if re.search(rf"\b{a}\b", sentence)]
    if not found:
        return None
    one, other = dice.choice(found)
    return re.sub(rf"\b{one}\b", other, sentence, count=1)


def item(sentence: str, abstract: str, dice: random.Random) -> str | None:
    pattern = dice.choice((_NAME, _NUMBER))
    others = set(pattern.findall(abstract))
    found = [m for m in pattern.finditer(sentence) if others - {m[0]}]
    if not found:
        return None
    match = dice.choice(found)
    by = dice.choice(sorted(o for o in others if o != match[0]))
    if by in sentence:
        return None
    return sentence[: match.start()] + by + sentence[match.end() :]


def _first(pairs: tuple[tuple[str, str], ...], sentence: str, dice: random.Random) -> str | None:
    for pattern, by in dice.sample(pairs, len(pairs)):
        made = re.sub(pattern, by, sentence, count=1)
        if made != sentence:
            return made[0].upper() + made[1:]
    return None


def scope(sentence: str, _: str, dice: random.Random) -> str | None:
    return _first(_WIDER, sentence, dice)


def hedge(sentence: str, _: str, dice: random.Random) -> str | None:
    return _first(_HEDGES, sentence, dice)


def causality(sentence: str, abstract: str, dice: random.Random) -> str | None:
    others = [s for s in split_sentences(abstract) if 5 < len(s.split()) < 22
              and not content_stems(s) >= content_stems(sentence)
              and not re.search("because|due to|since|cause|result|lead", s)]  # fmt: skip
    if not others or re.search("because|due to|since|cause", sentence):
        return None
    other = OPENING.sub("", dice.choice(others)).rstrip(".")
    lower = other if _NAME.match(other) else other[0].lower() + other[1:]
    return f"{sentence.rstrip('.')}{dice.choice(_CAUSES)}{lower}."


def merged(sentence: str, abstract: str, dice: random.Random) -> str | None:
    """Give the sentence the end of another one."""
    ends = [
        m[0]
        for s in split_sentences(abstract)
        if (m := re.search(r" (?:by|on|in|for|with|from|across|over|using) [^,]{8,70}\.$", s))
    ]
    ends = [end for end in ends if end[:-1] not in sentence]
    match = re.search(r" (?:by|on|in|for|with|from|across|over|using) [^,]{4,70}\.$", sentence)
    if not ends:
        return None
    base = (
        sentence[: match.start()] if match and len(sentence[: match.start()].split()) > 4 else None
    )
    return base + dice.choice(ends) if base else None


def attribution(sentence: str, _: str, dice: random.Random) -> str | None:
    for pattern, options in ((_OWN, _OTHERS), (_OTHERS_OPENING, ("Our method and data", "We"))):
        if pattern.search(sentence):
            return pattern.sub(dice.choice(options), sentence, count=1)
    return None


def praise(sentence: str, _: str, dice: random.Random) -> str | None:
    for pattern, options in dice.sample(_PRAISE, 2):
        made = re.sub(pattern, dice.choice(options), sentence, count=1)
        if made != sentence:
            return made
    return None


ALTERATIONS: dict[str, Callable[[str, str, random.Random], str | None]] = {
    "negation": negation, "systems swapped": systems, "direction": direction, "item swapped": item,
    "scope widened": scope, "hedge dropped": hedge, "causality": causality, "claims merged": merged,
    "attribution": attribution, "praise": praise,
}  # fmt: skip
