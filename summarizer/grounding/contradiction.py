"""Detection of sentences that reverse their source or give one item the place of another.

A model that summarises rarely invents whole findings. It drops a "not", writes "lower" for
"higher", or gives one system the other's number. Each of these is visible in the words and is
detected here by rules that do not depend on the subject.

Public surface: ``contradicts``, ``has_misplaced_item``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from summarizer.text.stems import STOP_WORDS, stem_tokens

_NEGATIONS = frozenset(stem_tokens(
    "not no never neither nor without hardly barely unable fail lack struggle impossible "
    "incompatible infeasible incapable cannot"
))  # fmt: skip
_CONTRACTION = re.compile(r"n['\u2019]t\b|(?<=can)not\b")
_CLAUSE = re.compile(r"[.,;:!?()\u2014]")
# Words that may come between a negation and the word it negates.
_SKIPPED = (STOP_WORDS - {"no", "not"}) | frozenset(
    stem_tokens("necessarily always only yet fully")
)
_OPPOSITES = tuple(
    (stem_tokens(one)[0], stem_tokens(other)[0])
    for one, other in (
        pair.split("/")
        for pair in (
            "increase/decrease increase/reduce raise/lower improve/degrade improve/worsen "
            "improve/harm improve/hurt outperform/underperform exceed/underperform "
            "surpass/underperform higher/lower high/low upper/lower better/worse best/worst "
            "more/less more/fewer faster/slower larger/smaller large/small stronger/weaker "
            "strong/weak accelerate/slow gain/loss positive/negative able/unable succeed/fail "
            "success/failure enable/prevent support/refute confirm/contradict "
            "sufficient/insufficient effective/ineffective efficient/inefficient "
            "consistent/inconsistent likely/unlikely stable/unstable possible/impossible "
            "necessary/unnecessary robust/brittle longer/shorter easier/harder superior/inferior "
            "clear/unclear enhance/degrade alleviate/aggravate mitigate/exacerbate "
            "minimize/maximize always/never before/after with/without rise/fall rise/drop "
            "grow/shrink "
            "expand/shrink add/remove include/exclude accept/reject agree/disagree open/closed "
            "static/dynamic continuous/discrete dense/sparse shallow/deep narrow/wide narrow/broad "
            "early/late earlier/later explicit/implicit direct/indirect internal/external "
            "public/private automatic/manual synthetic/real single/multiple common/rare "
            "often/rarely "
            "frequent/rare similar/different same/different help/hurt help/hinder help/harm "
            "promote/suppress amplify/suppress amplify/mitigate reduce/amplify simple/complex "
            "easy/hard easy/difficult easy/challenging trivial/challenging trivial/difficult "
            "local/global online/offline short/long cheap/expensive cheaper/costlier "
            "lightweight/heavy "
            "advantage/disadvantage benefit/drawback strength/weakness limited/extensive "
            "limited/unlimited minimal/maximal major/minor inaccurate/accurate optimal/suboptimal "
            "deterministic/stochastic homogeneous/heterogeneous overestimate/underestimate "
            "reveal/hide preserve/destroy retain/lose maintain/lose gain/lose gain/drop win/lose "
            "improve/decrease improve/lower improve/reduce decline/improve decline/increase "
            "exceed/trail surpass/trail outperform/trail strengthen/weaken enhance/weaken "
            "enhance/reduce slow/speed fast/slow quick/slow correct/incorrect safe/unsafe "
            "supervised/unsupervised training/inference-time teacher/student good/bad poor/good "
            "encourage/discourage allow/prevent underfit/overfit cheap/costly scarce/abundant "
            "sequential/parallel centralized/decentralized frozen/trainable coarse/fine old/new "
            "majority/minority most/least most/few highest/lowest largest/smallest "
            "insensitive/sensitive vulnerable/robust vulnerable/resistant known/unknown "
            "first/second first/third first/last robust/fragile agnostic/specific "
            "white-box/black-box upstream/downstream dominate/trail "
            "faster/slow slower/fast faster/slower easier/harder heavy/minimal heavy/lightweight "
            "large/minimal huge/minimal heavy/little differently/consistent well/poor "
            "easily/struggle easier/resist more/minimal harder/improve worse/mitigate "
            "accessible/inaccessible simple/inaccessible transparent/opaque"
        ).split()
    )
)
"""Pairs of stems with opposite meanings."""
_OPPOSED = frozenset(word for pair in _OPPOSITES for word in pair)
_NEGATIVE_PREFIXES = ("un", "in", "im", "ir", "non", "dis", "sub", "mis")


# Words of one direction may replace each other.
_UP = frozenset(stem_tokens(
    "improve increase raise boost enhance gain higher better more rise grow accelerate exceed "
    "outperform surpass strengthen faster best help stronger improvement enhancement growth "
    "speedup acceleration"
))  # fmt: skip
_DOWN = frozenset(stem_tokens(
    "degrade decrease reduce lower worsen harm hurt decline drop fall worse less fewer shrink "
    "weaken slow underperform loss lose cut slower trail diminish limit weaker reduction "
    "degradation saving savings save"
))  # fmt: skip


_FREE = re.compile(r"\b([A-Za-z]+)-free\b")
_NON = re.compile(r"\b[Nn]on-(?=[a-z])")


def spell_negations(text: str) -> str:
    """Return ``text`` with "training-free" as "without training", "non-linear" as "not linear"."""
    return _NON.sub("not ", _FREE.sub(r"without \1", text))


def contradicts(sentence: str, source: str) -> bool:
    """Whether ``sentence`` negates what ``source`` affirms, the reverse, or has an opposite."""
    sentence, source = spell_negations(sentence), spell_negations(source)
    return (
        _has_opposite(sentence, source)
        or _negates(sentence, source)
        or _adds_negation(sentence, source)
        or _changes_outcome(sentence, source)
        or _flips_direction(sentence, source)
        or _mixes_contrast(sentence, source)
    )


_PLAIN_NEGATION = re.compile(
    r"\b(?:not(?! only)|never|cannot|neither|fails? to|no longer)\b|n['\u2019]t\b"
)
_ANY_NEGATION = re.compile(
    r"\b(?:no|not|never|cannot|neither|nor|none|without|fail\w*|lack\w*|hardly|barely|"
    r"rather than|un\w{3,}|"
    r"in(?:sufficient|compatible|capable|feasible|effective|consistent|adequate|accurate|valid)\w*|"
    r"im(?:possible|practical)|non\w*|free|avoid\w*|elimin\w+|remov\w+|limit\w*|struggl\w+|"
    r"absen\w+|"
    r"only|instead|less|few\w*|zero|negligible|little|ignor\w+|overlook\w*|neglect\w*|dis\w{3,}|"
    r"prevent\w*|difficult|hard|miss\w*)\b|n['\u2019]t\b|-free\b"
)
_NOT_ONLY = re.compile(r"\bonly\b[^.]{0,80}\bbut also\b")
_LOSES = re.compile(
    r"\b(?:falls? (?:behind|short)|lags?|trails?|loses? to|worse than|inferior to)\b"
)
_EQUAL = re.compile(r"\b(?:match(?:es|ed|ing)?|comparable|on par|equals?|competitive|similar)\b")
_AHEAD = re.compile(
    r"\b(?:outperform|surpass|exceed|beat|superior|better|improv|higher|best|gain|over|above)\w*\b"
)
_WINS = re.compile(r"\b(?:outperform|surpass|exceed|beat|superior|better)\w*\b")


def _adds_negation(sentence: str, source: str) -> bool:
    """Whether a sentence is negative and its source has no word of that kind."""
    plain, known = sentence.lower(), source.lower()
    if _NOT_ONLY.search(plain) and "not only" in known and "not only" not in plain:
        return True
    return bool(_PLAIN_NEGATION.search(plain)) and not _ANY_NEGATION.search(known)


def _flips_direction(sentence: str, source: str) -> bool:
    """Whether a sentence has only words for more where its source has only words for less."""
    words, known = set(stem_tokens(sentence.lower())), set(stem_tokens(source.lower()))
    new, missing = words - known, known - words
    return any(
        new & one and missing & other and not known & one and not words & other
        for one, other in ((_UP, _DOWN), (_DOWN, _UP))
    )


_CONTRAST = re.compile(r",? (?:whereas|while|but)\b|;")
_SUBJECT_WORDS = 3
_FEWEST_MIXED = 3
_CAPITALS = re.compile(r"\b[A-Za-z]*[A-Z]\w*[A-Z\d]\w*")


def _mixes_contrast(sentence: str, source: str) -> bool:
    """Whether a sentence takes words from both sides of a contrast but does not contrast them.

    The first words of a side are its subject, which the other side may leave out.
    """
    if _CONTRAST.search(sentence):
        return False
    names = _CAPITALS.findall(sentence)
    words = (
        set(stem_tokens(sentence.lower())) - STOP_WORDS - set(stem_tokens(" ".join(names).lower()))
    )
    for known in re.split(r"(?<=[.!?])\s", source):
        parts = [
            [word for word in stem_tokens(part) if word not in STOP_WORDS]
            for part in _CONTRAST.split(known.lower())
        ]
        if len(parts) == 2 and all(len(part) > _SUBJECT_WORDS for part in parts):
            one, other = set(parts[0]), set(parts[1])
            ours = words & set(parts[0][_SUBJECT_WORDS:]) - other, words & other - one
            if all(ours) and len(ours[0] | ours[1]) >= _FEWEST_MIXED:
                return True
    return False


def _changes_outcome(sentence: str, source: str) -> bool:
    """Whether who wins in the source loses in the sentence, or the reverse."""
    plain, known = sentence.lower(), source.lower()
    loses = _LOSES.search(plain) and _WINS.search(known) and not _LOSES.search(known)
    wins = _WINS.search(plain) and _EQUAL.search(known) and not _AHEAD.search(known)
    return bool((loses and not _WINS.search(plain)) or (wins and not _EQUAL.search(plain)))


def _has_opposite(sentence: str, source: str) -> bool:
    """Whether one word of a pair of opposites is only in ``sentence``, the other in ``source``."""
    words, known = set(stem_tokens(sentence.lower())), set(stem_tokens(source.lower()))
    only, missing = words - known, known - words
    return (
        any(
            _is_new_opposite(one, other, only, missing)
            or _is_new_opposite(other, one, only, missing)
            for one, other in _OPPOSITES
        )
        or any(_negated_form(word) & missing for word in only)
        or any(_negated_form(word) & only for word in missing)
        or _replaces_by_opposite(sentence, source)
    )


def _is_new_opposite(one: str, other: str, only: set[str], missing: set[str]) -> bool:
    """Whether ``one`` is new, ``other`` left out, and ``one`` replaces no word of its meaning."""
    if one not in only or other not in missing:
        return False
    return not any(one in group and group & missing for group in (_UP, _DOWN))


def _negated_form(word: str) -> set[str]:
    """Return what remains of "unstable", "inaccurate" or "nonlinear" without its prefix."""
    return {
        word.removeprefix(prefix)
        for prefix in _NEGATIVE_PREFIXES
        if word.startswith(prefix) and len(word) > len(prefix) + 3
    }


def _replaces_by_opposite(sentence: str, source: str) -> bool:
    """Whether an opposite is where the source has its counterpart, beside the same word.

    Both words of a pair may occur elsewhere in the source: "larger models need smaller batches".
    """
    ours, theirs = _word_neighbours(sentence), _word_neighbours(source)
    return any(
        _is_replaced(one, other, ours, theirs) or _is_replaced(other, one, ours, theirs)
        for one, other in _OPPOSITES
    )


def _is_replaced(
    one: str, other: str, ours: dict[str, set[str]], theirs: dict[str, set[str]]
) -> bool:
    own, known, opposite = (ours.get(one), theirs.get(one, set()), theirs.get(other))
    if not own or not opposite:
        return False
    after, before = (_on_side(own, side) for side in "><")
    if after & (known | opposite):
        return bool(after & opposite - known)
    return bool(before & opposite) and not own & known


def _on_side(words: set[str], side: str) -> set[str]:
    return {word for word in words if word[0] == side}


def _word_neighbours(text: str) -> dict[str, set[str]]:
    """Return for each word of an opposite pair the content words directly beside it, by side."""
    found: dict[str, set[str]] = {}
    for clause in _CLAUSE.split(text.lower()):
        words = [word for word in stem_tokens(clause) if word not in _SKIPPED or word in _OPPOSED]
        for place, word in enumerate(words):
            if word in _OPPOSED:
                beside = {f"<{w}" for w in words[max(place - 1, 0) : place]}
                found.setdefault(word, set()).update(
                    beside, (f">{w}" for w in words[place + 1 : place + 2])
                )
    return found


_TROUBLE = re.compile(
    r"\b(?:trouble|difficult\w*|hard|challeng\w*|limited|poor\w*|weak\w*|problems?|unable|cannot)\b"
)


def _negates(sentence: str, source: str) -> bool:
    """Whether a word is negated on one side only, and a word soon after it is on both sides."""
    negated, affirmed = _negated_and_affirmed(sentence)
    source_negated, source_affirmed = _negated_and_affirmed(source)
    lost = affirmed.keys() & source_negated.keys() - source_affirmed.keys() - negated.keys()
    if _TROUBLE.search(sentence.lower()):
        lost = set()  # "has trouble with" may say what "struggles with" says
    return bool(negated.keys() & source_affirmed.keys() - source_negated.keys()) or any(
        not source_negated[word] or source_negated[word] & (affirmed.keys() | negated.keys())
        for word in lost
    )


def _negated_and_affirmed(text: str) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return the stems ``text`` negates (the first content word after a negation), and others.

    Each comes with the three content words that follow it.
    """
    negated: dict[str, set[str]] = {}
    affirmed: dict[str, set[str]] = {}
    for clause in _CLAUSE.split(_CONTRACTION.sub(" not", text.lower())):
        words = [w for w in stem_tokens(clause) if w in _NEGATIONS or w not in _SKIPPED]
        for place, word in enumerate(words):
            if word not in _NEGATIONS:
                after_negation = place and words[place - 1] in _NEGATIONS
                found = negated if after_negation else affirmed
                found.setdefault(word, set()).update(words[place + 1 : place + 4])
    return negated, affirmed


_WORD = re.compile(r"[^\W_](?:[\w.+%\u00d7/-]*[\w+%\u00d7])?")
# Spellings of one number that must not look like two items: "1,412" and "1412", "3x" and "3 times".
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_UNIT = re.compile(r"(?<=\d)(?:%|\u00d7|x|-fold|[kmbtd])$")
_CONTEXT_WORDS = 2  # words on each side that identify an occurrence
_LEAST_SIMILARITY = 3  # to another item's context: one content word and one more word


@dataclass(frozen=True, slots=True)
class _Occurrence:
    """A number or name in context: the words before it, nearest first, and those after it."""

    item: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    def context_similarity(self, other: "_Occurrence") -> int:
        """Return the number of equal words, outwards from the item; content words count two."""
        return _common_run_weight(self.before, other.before) + _common_run_weight(
            self.after, other.after
        )


def has_misplaced_item(sentence: str, source: str) -> bool:
    """Whether a number or name is in ``sentence`` where ``source`` has another one.

    That is: the words around it resemble those around the other item in ``source`` more than
    those around the item itself.
    """
    known = list(_find_occurrences(source))
    for found in _find_occurrences(sentence):
        own = max((found.context_similarity(k) for k in known if k.item == found.item), default=0)
        other = max((found.context_similarity(k) for k in known if k.item != found.item), default=0)
        if other >= _LEAST_SIMILARITY and other > own:
            return True
    return False


def _common_run_weight(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the weight of the equal words at the start of both: content words count two."""
    total = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        total += 1 if not a or a in STOP_WORDS else 2
    return total


def _find_occurrences(text: str) -> Iterator[_Occurrence]:
    for clause in re.split(r"(?<=[.!?;:])\s", _THOUSANDS.sub("", text)):
        found = ["", *_WORD.findall(clause), ""]
        words = [word.lower() for word in found]
        for i, word in enumerate(found[1:-1], 1):
            if _is_number_or_name(word, first=i == 1):
                before = words[max(0, i - _CONTEXT_WORDS) : i]
                after = words[i + 1 : i + 1 + _CONTEXT_WORDS]
                item = _UNIT.sub("", words[i])
                yield _Occurrence(item, tuple(before[::-1]), tuple(after))


def _is_number_or_name(word: str, *, first: bool) -> bool:
    capital = any(c.isupper() for c in (word[1:] if first else word))
    return capital or any(c.isdigit() for c in word)
