"""Good or bad, up or down: a sentence must judge a thing as its source does.

Other checks compare single words. Here the wording may differ entirely: "handles this with ease"
contradicts "remains a difficult task", and "increases the cost by 3%" contradicts "a reduction of
3%".

Public surface: ``changes_polarity``.
"""

import re
from collections.abc import Iterator, Sequence

from summarizer.text.stems import STOP_WORDS, stem_tokens
from summarizer.text.wordlists import any_word_pattern

_EASE = re.compile(
    any_word_pattern(
        "well easily ease readily reliably reliable accurately already adequate* sufficient* "
        "plenty smoothly effortless* strongly flawless* widely harmless unharmed unaffected intact"
    )
    + r"|\b(?:easy|capable|able) (?:to|of|for)\b|\bwithout (?:any )?(?:difficulty|trouble|loss)\b"
    r"|\bno (?:difficult\w+|trouble|loss|need)\b"
)
_TROUBLE = re.compile(
    any_word_pattern(
        "struggl* fail* difficult* challeng* limited limit limits limitation* suffer* poor* lack* "
        "insufficient* weak* weaker inadequat* unable cannot hard harder hurdle* scarc* gap gaps "
        "overlook* neglect* ignor* under-explor* underexplor* unexplor* inconsisten* unreliabl* "
        "degrad* disrupt* hinder* hamper* harm* undermin* brittle fragile fall* falls short low "
        "rarely "
        "little bottleneck* problem* prohibit* ineffective* inefficien* declin* drop* diminish* "
        "obstacle* ill-suited restrict* vulnerab* sensitive reduc* costly expensive impractical "
        "isolat* differ* disagree* not never no narrow* inaccurat* burden* worse* worsen*"
    )
    + r"|n't\b"
)
_FAULT = re.compile(
    any_word_pattern(
        "hurts hurt worsens worsen ruins ruin weakens harms fails barely hardly rarely scarcely "
        "struggles useless unnecessary suffers lacks lags trails underperforms degrades loses "
        "collapses unable poorly inadequate ineffective unreliable impossible undermines slower "
        "fragile"
    )
    + r"|\b(?:far|much) (?:behind|worse)\b|\bfalls? (?:behind|short)\b|\bno (?:improvement|gain|"
    r"benefit|effect|influence|help)\b|\bno useful\b"
)
# Words such as "faster" and "improves" are left out: less of something may be better.
_DENIED_EFFECT = re.compile(
    r"\bno (?:\w+ )?(?:effect|influence|impact|improvement|gains?|benefit|difference|help|use)\b|"
    r"\b(?:do|does|did) not (?:\w+ )?(?:affect|influence|improve|help|matter|benefit|change)\b|"
    r"\b(?:ruins?|harms?|destroys?|hurts?|worsens?)\b|\bmakes? [^.;]{3,60}? (?:harder|worse)\b"
)
_EFFECT = re.compile(any_word_pattern(
    "improv* effective* impact* affect* influenc* enhanc* boost* help* preserv* increas* benefit* "
    "outperform* gain gains mitigat* reduc* depend*"
))  # fmt: skip
_CONSIDERS = re.compile(r"\b(?:into account|account for|(?:fully )?considers?|address(?:es)?)\b")
_LEAVES_OUT = re.compile(any_word_pattern(
    "overlook* neglect* ignor* disregard* without_considering without_accounting fail_to"
))  # fmt: skip
_LESS_THAN = re.compile(r"\b(?:less|much less|far less|more poorly) ([a-z]{4,})\b")
_MORE = re.compile(
    any_word_pattern("superior better higher greater more improv* stronger comparable")
)
_NEGATED = re.compile(r"\b(?:not|no|never|without|cannot|hardly|barely|little)\b|n't\b")
_UP = re.compile(any_word_pattern(
    "increas* rais* rise rises rising rose boost* grow* grew strengthen* amplif* expand* doubl*"
))  # fmt: skip
_DOWN = re.compile(any_word_pattern(
    "decreas* reduc* lowers lowered lowering declin* drop* falls fell shrink* shrunk diminish* "
    "weaken* cut cuts cutting sav* mitigat* alleviat* minimi* halv* suppress*"
))  # fmt: skip
_LESS = re.compile(any_word_pattern("less fewer loss losses lower worse slower smaller"))
_TOKEN = re.compile(r"[a-z]+(?:-[a-z]+)*|\d+(?:\.\d+)?")
_NUMBER_REACH = 9  # words between a number and the word that says its direction
_OBJECT_REACH = 6
_OBJECT_WORDS = 2
_CLAUSE = re.compile(r"[;:]\s|,\s(?=while|but|whereas|and\b)|\b(?:while|but|whereas)\b|[.!?]\s")


def changes_polarity(sentence: str, best: str, source: str) -> bool:
    """Whether a sentence calls good what its source calls bad, or the reverse.

    ``best`` is the sentence of ``source`` that it rests on most.
    """
    plain, known, everything = sentence.lower(), best.lower(), source.lower()
    return (
        _finds_ease(plain, known, everything)
        or _finds_fault(plain, everything)
        or _denies(plain, known)
        or _is_less(plain, known)
        or _reverses_number(plain, everything)
        or _reverses_object(plain, everything)
    )


def _finds_ease(plain: str, known: str, everything: str) -> bool:
    """Whether a word for ease is new, and the source speaks of trouble that is not mentioned."""
    plain = plain.replace("as well as", " ")
    new = [match[0] for match in _EASE.finditer(plain) if match[0] not in everything]
    return bool(new) and bool(_TROUBLE.search(known)) and not _has_trouble(plain)


def _has_trouble(plain: str) -> bool:
    return _TROUBLE.search(_EASE.sub(" ", plain)) is not None


def _finds_fault(plain: str, everything: str) -> bool:
    negative = (_TROUBLE, _DOWN, _LESS, _FAULT)
    return _FAULT.search(plain) is not None and not any(p.search(everything) for p in negative)


def _denies(plain: str, known: str) -> bool:
    """Whether an effect of the source is denied, or an omission that it criticises."""
    denied = _DENIED_EFFECT.search(plain) and _EFFECT.search(known)
    undone = _CONSIDERS.search(plain) and _LEAVES_OUT.search(known)
    negative = _NEGATED.search(known) or _DENIED_EFFECT.search(known)
    return bool((denied and not negative) or (undone and not _LEAVES_OUT.search(plain)))


def _is_less(plain: str, known: str) -> bool:
    """Whether "less stable" replaces "superior stability"."""
    less = re.compile(any_word_pattern("less fewer lower worse weaker"))
    return (
        bool(_MORE.search(known))
        and not less.search(known)
        and any(match[1][:5] in known for match in _LESS_THAN.finditer(plain))
    )


def _reverses_number(plain: str, everything: str) -> bool:
    """Whether the word beside a shared number says "up" and that of the source "down"."""
    ours = dict(_number_directions(plain))
    theirs: dict[str, set[int]] = {}
    for number, direction in _number_directions(everything):
        theirs.setdefault(number, set()).add(direction)
    return any(number in theirs and theirs[number] == {-way} for number, way in ours.items())


def _number_directions(text: str) -> Iterator[tuple[str, int]]:
    """Yield each number with the direction of the nearest word that has one: 1 or -1."""
    for clause in _CLAUSE.split(text):
        tokens = _TOKEN.findall(clause)
        ways = [_way(token) for token in tokens]
        for place, token in enumerate(tokens):
            near = [
                (abs(place - other), way)
                for other, way in enumerate(ways)
                if way and abs(place - other) <= _NUMBER_REACH
            ]
            if token[0].isdigit() and near:
                yield token, min(near)[1]


def _way(token: str) -> int:
    if _UP.fullmatch(token):
        return 1
    return -1 if _DOWN.fullmatch(token) else 0


def _reverses_object(plain: str, everything: str) -> bool:
    """Whether what goes up in the sentence only goes down in the source, or the reverse."""
    known = [_ways_and_words(clause) for clause in _CLAUSE.split(everything)]
    for clause in _CLAUSE.split(plain):
        for way, objects in _moved(_ways_and_words(clause)):
            found = {w for tokens in known for w in _ways_of(objects, tokens)}
            if found == {-way}:
                return True
    return False


def _ways_and_words(clause: str) -> list[tuple[int, str]]:
    """Return the direction and the stem of each content word."""
    return [
        (_way(token), stem_tokens(token)[0])
        for token in _TOKEN.findall(clause)
        if token not in STOP_WORDS or _way(token)
    ]


def _moved(tokens: Sequence[tuple[int, str]]) -> Iterator[tuple[int, set[str]]]:
    """Yield each direction with the words that come after it."""
    for place, (way, _) in enumerate(tokens):
        after = {stem for other, stem in tokens[place + 1 : place + 1 + _OBJECT_WORDS] if not other}
        if way and after:
            yield way, after


def _ways_of(objects: set[str], tokens: Sequence[tuple[int, str]]) -> set[int]:
    """Return the directions near a place of the source that has all of ``objects``."""
    places = [place for place, (_, stem) in enumerate(tokens) if stem in objects]
    if not objects <= {tokens[place][1] for place in places}:
        return set()
    return {
        way
        for place in places
        for way, _ in tokens[max(0, place - _OBJECT_REACH) : place + _OBJECT_REACH]
        if way
    }
