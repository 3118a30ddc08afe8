"""Words that change what a sentence claims, and that its source must therefore have, too.

A fluent sentence may have all the numbers and names of its source and still claim more: it praises,
names a cause, drops "may" or "up to", or speaks of all models where the source speaks of some.

Public surface: ``overclaims``.
"""

import re

from summarizer.text.stems import STOP_WORDS, content_stems, stem_tokens
from summarizer.text.wordlists import word_set

_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")


def _forms(text: str) -> frozenset[str]:
    """Return the words and their usual inflections."""
    words = set(word_set(text))
    for word in tuple(words):
        stem = word[:-1] if word.endswith("e") else word
        words.update((f"{word}s", f"{word}d", f"{word}ed", f"{stem}ing", f"{stem}ed", f"{word}ly"))
    return frozenset(words)


# Praise, rank and certainty: each is a separate claim.
_PRAISE = _forms(
    "award best breakthrough brilliant celebrated champion exceptional excellent extraordinary "
    "finest first flawless foremost genius greatest groundbreaking ideal incredible incredible "
    "landmark leading legendary magnificent masterpiece must-cite must-read outstanding "
    "paradigm-shifting perfect phenomenal prize pioneering record-breaking remarkable "
    "revolutionary revolutionize seminal sota spectacular state-of-the-art stunning superb "
    "superior supreme top-ranked transformative ultimate unbeatable unmatched unparalleled "
    "unprecedented unrivaled unrivalled winner winning world-class world-leading world-first worst "
    "acclaimed famous prestigious praised hailed renowned iconic unmatched unstoppable "
    "game-changing game-changer milestone endorsed competitor industry-leading"
)
_PRAISE_PHRASE = re.compile(
    r"\b(?:user stud(?:y|ies)|challenge (?:with|at)|competition|won|preferred|(?:has|"
    r"have) become|became|"
    r"standard (?:component|tool|choice|practice|part)|new standards?|gold standard|"
    r"once and for all|far ahead|by far|de facto|household name|"
    r"(?:widely|already|been|was|is|are) (?:adopted|deployed|used by|cited|recogni[sz]ed)|"
    r"in industry|the industry|industry standard|nobel|turing award|spotlight|oral presentation|"
    r"keynote|accepted (?:at|to|by)|published in|millions of (?:users|people)|"
    r"game.chang\w*|paradigm shift|human-level|superhuman|beyond human)\b"
)
# Accusations, verdicts and commerce: each is a separate claim, too.
_BLAME = _forms(
    "bogus bribe cheat corrupt counterfeit criminal deceive deceitful dishonest disgraceful "
    "fabricate fake falsify fraud fraudulent hoax illegal immoral incompetent infringe laughable "
    "liar misconduct plagiarism plagiarize plagiarise pseudoscience retract retraction "
    "ridiculous scam shameful stolen stole steal unethical unlawful worthless sloppy lazy "
    "dangerous harmful harmless unsafe unreliable trustworthy useless elegant beautiful trivial "
    "naive flawed disappointing mediocre misleading questionable suspicious notorious infamous "
    "hire hired hiring sale sell sold seller price pay paid investor donate donation sponsor "
    "pathetic awful terrible horrible stupid "
    "recruit job salary patent patented trademark lawsuit banned leak leaked spyware malware virus"
)
# "Fastest", "most accurate"; other words in -est are few.
_SUPERLATIVE = re.compile(r"\b(?:[a-z]{3,}est|(?:most|least) (?!of\b)[a-z]{5,})\b")
_NO_SUPERLATIVE = word_set(
    "attest backtest behest conquest contest detest earnest forest guest harvest honest "
    "infest ingest inquest interest invest latest manifest midwest modest molest northwest pretest "
    "protest quest request rest retest suggest digest southwest test unrest crest arrest nearest"
)
# What a number measures: a source with another measure does not support it.
_MEASURE = re.compile(
    r"\b(accura|precision|recall|perplex|f1\b|bleu\b|rouge\b|auc\b|auroc\b|error|loss(?:es)?\b|"
    r"fail|refus|hallucinat|toxic|latenc|memor|throughput|energ|bandwidth|win rate|carbon)"
)
_UNIVERSAL = _forms(
    "all always any anywhere anyone completely entirely every everyone everything everywhere "
    "exclusively fully guarantee impossible invariably never none nobody nothing only perfectly "
    "prove proof solely totally universal universally whenever wherever"
)
# "Not always" claims less, not more.
_NOT_ALL = re.compile(
    r"(?:\bnot|n't)(?: \w+)? (?:all|always|every|everyone|fully|entirely|only)\b"
    r"|\b(?:above all|after all|at all|all in (?:a|one)|only up to)\b"
)
_SAME_RANK = word_set("best optimal top frontier superior leading strongest state-of-the-art sota")
_SAME_UNIVERSAL = (
    word_set("all every any everyone everything whole entire always"),
    word_set("only solely exclusively limited restricted just alone"),
    word_set("prove proves proved proven proving proof"),
    word_set("guarantee guarantees guaranteed"),
    word_set("fully entirely completely totally"),
)
_CAUSAL_PHRASE = re.compile(
    r"\b(?:because|due to|owing to|thanks to|caus(?:e|es|ed|ing)|leads? to|led to|leading to|"
    r"results? in|resulted in|resulting in|as a result|therefore|consequently|hence|"
    r"responsible for|attribut(?:ed|able) to|stems? from|explains? why|the reason|driven by|"
    r"since (?!\d)(?:[a-z-]+ ){1,4}(?:is|are|was|were|does|do|has|have)|since(?<=, since)|"
    r"this is why|which is why|explained by|on account of|by virtue of|thereby|"
    r"consequence of|owes|triggers?|triggered|induces?|induced)\b"
)
# Words of a source that may be retold as a cause.
_MEANS = re.compile(
    r"\b(?:by (?:\w+ly )?\w+ing|thus|thereby|lead\w*|led|driv\w+|drove|yield\w*|enabl\w+|allow\w*|"
    r"explain\w*|attribut\w+|stem\w*|reasons?|result\w* (?:in|from)|causes?|arises?|so)\b"
)
# Certainty that a source must express, too.
_CERTAIN = re.compile(
    r"\b(?:will|prove[sn]?|proving|definitive(?:ly)?|conclusive(?:ly)?|establish(?:es)? that|"
    r"confirm(?:s|ed)?|"
    r"guarantee[sd]?|certain(?:ly)?|undoubtedly|clearly|necessarily|inevitabl[ey]|solves? the|"
    r"manages? to|eliminat(?:es?|ed|ing)|eradicat(?:es?|ed))\b"
)
_HEDGE = _forms(
    "may might could possibly perhaps potentially potential suggest appear seem seemingly likely "
    "hypothesize hypothesise conjecture speculate preliminary tentative plausible plausibly "
    "expect anticipate indicate hint believe presumably arguably can tend aim attempt intend try "
    "goal promising promise would should designed whether if unclear unknown"
)
_TRUE_HEDGE = _HEDGE - {"can", "potential", "expect", "expected", "expects"}
_SURE = re.compile(r"\b(?:will|always|must|invariably)\b")
_SENTENCE_END = re.compile(r"[.!?;]\s")
_LEAST_LINKED = 3  # of these words in the sentence of the source that has the cause
_CAUSE_REACH = 4  # content words on each side of a word for a cause
_STRONG_HEDGE = re.compile(
    r"\b(?:whether|potentially|unclear|unknown|open question|may|might|could|possibly|perhaps|"
    r"potentially|suggest(?:s|ed|ing)?|appears?|seems?|"
    r"likely|tends?|aims?|attempts?|intend(?:s|ed)?|hypothesi[sz]ed?|conjecture[ds]?|speculate|"
    r"preliminary|plausibl[ey]|tentative)\b"
)
# A limit in front of a number is a part of it: "up to 3x" is not "3x".
_BOUND = re.compile(
    r"\b(up to|at most|at least|less than|fewer than|more than|over|under|below|above|about|"
    r"around|approximately|nearly|almost|roughly|as much as|as many as|as few as|as little as|"
    r"within|only)\s+(?:an?\s+)?\$?(\d[\d.,]*)"
)
# "Over 3 data sets" is not "more than 3 data sets", and "about 3" claims less than "3".
_PLAIN_BOUNDS = {"above", "about"}
_SAME_BOUND = (
    {"up to", "at most", "as much as", "as many as", "within"},
    {"at least"},
    {"less than", "fewer than", "under", "below", "only", "as few as", "as little as"},
    {"above", "more than", "over"},
    {"about", "around", "approximately", "nearly", "almost", "roughly"},
)
# A condition that a shorter sentence may not drop.
_LEADING = ("in some", "some of", "for some", "partial", "sometimes")
_CONDITION = re.compile(
    r"\b(?:only(?=[.,;])|only (?:for|on|in|when|if|with)|except|unless|provided that|but not|"
    r"not necessarily|"
    r"in some|some of|for some|partial(?:ly)?|sometimes|in principle|in theory|in simulation)\b"
)
_ADDRESS_TO_READER = re.compile(
    r"\b(?:buy|subscribe|download now|click|visit|follow us|join us|sign up|contact|email|e-mail|"
    r"whatsapp|telegram|wechat|call now|order now|discount|free trial|promo|"
    r"(?:you|everyone|readers?|reviewers?|researchers?) (?:must|should|have to|need to)|"
    r"please|must (?:cite|read|accept)|should be (?:accepted|cited|read)|don't miss|"
    r"rate[ds]? (?:this|it|the paper)|\d+ ?(?:/|out of) ?(?:5|10|100)\b(?! (?:bench|task|data))|"
    r"(?:my|your|these|the system|previous|prior) (?:system )?(?:instructions?|prompts?)|"
    r"(?:i am|i'm|as) an? (?:ai|language model|assistant)|strong accept|accept this)\b",
    re.I,
)


def overclaims(sentence: str, source: str, paper: str) -> bool:
    """Whether a sentence claims more than its source, by its wording.

    ``source`` are the sentences it rests on; ``paper`` is all that is known of the paper.
    """
    plain, known, everything = sentence.lower(), source.lower(), paper.lower()
    return (
        _judges(plain, everything)
        or _changes_measure(plain, everything)
        or _generalizes(plain, known)
        or _invents_cause(plain, known)
        or _drops_hedge(plain, known)
        or bool(_certain(plain) - _certain(known))
        or _changes_bound(plain, known)
        or _drops_condition(plain, known)
        or (bool(_ADDRESS_TO_READER.search(sentence)) and not _ADDRESS_TO_READER.search(paper))
    )


def _judges(plain: str, paper: str) -> bool:
    """Whether a sentence praises or blames in words that the paper has not."""
    words, known = _words(_NOT_ALL.sub(" ", plain)), _words(paper)
    phrases = set(_PRAISE_PHRASE.findall(plain)) - set(_PRAISE_PHRASE.findall(paper))
    unranked = _superlatives(plain) and not _ranks(paper)
    return bool(words & _PRAISE - known - _same_rank(known) or words & _BLAME - known
                or unranked or phrases)  # fmt: skip


def _generalizes(plain: str, source: str) -> bool:
    """Whether a sentence says "all" or "never" where its source does not."""
    words, known = _words(_NOT_ALL.sub(" ", plain)), _words(source)
    return bool(words & _UNIVERSAL - known - _same_universal(known))


def _superlatives(text: str) -> set[str]:
    return set(_SUPERLATIVE.findall(text)) - _NO_SUPERLATIVE


def _ranks(everything: str) -> bool:
    """Whether a paper calls anything the best, or the most of its kind."""
    return bool(_superlatives(everything) or _words(everything) & _SAME_RANK)


def _changes_measure(plain: str, everything: str) -> bool:
    """Whether a sentence with a number speaks of a measure that the paper does not name."""
    if not any(c.isdigit() for c in plain):
        return False
    return any(measure not in everything for measure in _MEASURE.findall(plain))


def _same_rank(known: frozenset[str]) -> frozenset[str]:
    """Return "best", if the paper has a word such as "optimal"."""
    return frozenset({"best"} if known & _SAME_RANK else ())


def _same_universal(known: frozenset[str]) -> frozenset[str]:
    """Return the words for all, if one of them is known."""
    return frozenset().union(*(group for group in _SAME_UNIVERSAL if group & known))


def _words(text: str) -> frozenset[str]:
    found = _WORD.findall(text)
    return frozenset(found) | {part for word in found for part in word.split("-")}


def _invents_cause(plain: str, known: str) -> bool:
    """Whether a word for a cause stands between words that no such word connects in the source."""
    for match in _CAUSAL_PHRASE.finditer(plain):
        before = _nearest(plain[: match.start()])[-_CAUSE_REACH:]
        after = _nearest(plain[match.end() :])[:_CAUSE_REACH]
        if not any(
            _is_linked(set(before), set(after), clause)
            for clause in re.split(r"(?<=[.!?])\s", known)
        ):
            return True
    return False


def _is_linked(before: set[str], after: set[str], clause: str) -> bool:
    """Whether a sentence of the source has both sides and a word for a cause."""
    stems = content_stems(clause)
    both = bool(before & stems or not before) and bool(after & stems or not after)
    enough = len(before & stems) + len(after & stems) >= min(_LEAST_LINKED, len(before | after))
    return both and enough and _has_cause(clause)


def _nearest(text: str) -> list[str]:
    return [word for word in stem_tokens(text) if word not in STOP_WORDS]


def _has_cause(clause: str) -> bool:
    return _CAUSAL_PHRASE.search(clause) is not None or _MEANS.search(clause) is not None


def _drops_hedge(plain: str, known: str) -> bool:
    """Whether a word that the source hedges is in a sentence without a hedge."""
    if _words(plain) & _TRUE_HEDGE:
        return False
    return _shares_hedged(plain, known) or _replaces_ability(plain, known)


def _shares_hedged(plain: str, known: str) -> bool:
    """Whether a sentence has both of the words that come next after a hedge of the source."""
    stems = content_stems(plain)
    following = (
        set(_nearest(_SENTENCE_END.split(known[match.end() :])[0])[:2])
        for match in _STRONG_HEDGE.finditer(known)
    )
    return any(words and words <= stems for words in following)


def _replaces_ability(plain: str, known: str) -> bool:
    """Whether "always" or "will" replaces "can"."""
    return _SURE.search(plain) is not None and _SURE.search(known) is None


def _certain(text: str) -> set[str]:
    return {word[:5] for word in _CERTAIN.findall(text)}


def _drops_condition(plain: str, known: str) -> bool:
    """Whether a sentence has the words before or after a condition, but not the condition."""
    stems = content_stems(plain)
    for match in _CONDITION.finditer(known):
        before = set(_nearest(_SENTENCE_END.split(known[: match.start()])[-1])[-2:])
        after = set(_nearest(_SENTENCE_END.split(known[match.end() :])[0])[:2])
        beside = after if match[0].startswith(_LEADING) else before
        if match[0] not in plain and beside and beside <= stems:
            return True
    return False


def _changes_bound(plain: str, known: str) -> bool:
    """Whether a number has another bound in front of it than in the source."""
    ours, theirs = _bounds(plain), _bounds(known)
    added = {number: kind for number, kind in ours.items() if kind not in _PLAIN_BOUNDS}
    shared = {number for number in {*added, *theirs} if number in plain and number in known}
    return any(ours.get(number, "") != theirs.get(number, "") for number in shared)


def _bounds(text: str) -> dict[str, str]:
    """Return the kind of bound in front of each number that has one."""
    found = {}
    for bound, number in _BOUND.findall(text):
        kind = next(min(group) for group in _SAME_BOUND if bound in group)
        found[number.rstrip(".,")] = kind
    return found
