"""How the words of a sentence lie in the sentences of its paper, as numbers.

A true short form follows its source: its words come from one sentence, beside one another and in
order. A false one joins words that the paper never joins, or adds some. The numbers feed
``judge``, which weighs them.

Public surface: ``PaperWords``, ``measure``, ``paraphrase_stems``, ``FEATURES``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path

from summarizer.text.stems import STOP_WORDS, stem_tokens

_NEAR = 6  # content words between which two words still belong together
_BOUNDARY = re.compile(
    r"[,;:()\u2014]|\b(?:and|or|while|but|which|that|to|by|where|whereas|with)\b"
)
_PIECE = re.compile(r"[a-z0-9]+|[,;:()\u2014]")
_SAME_START = 5  # letters after which two words count as forms of one
_CLAUSE_MARK = re.compile(r"[,;:()]|\b(?:and|or|while|but|which|that)\b")
_PREPOSITION = re.compile(r"\b(?:by|on|in|for|with|from|across|over|using|under|through|via|of)\b")
FEATURES = (
    "known", "in_best", "in_chosen", "unknown", "unknown_run", "near_pairs", "ordered_pairs",
    "broken", "broken_inside", "broken_share", "bigrams", "trigrams", "from_other", "title_only",
    "inversions", "longest_run", "tail_broken", "start_broken", "chosen",
    "skipped", "unknown_tail", "broken_junctions", "foreign_tail",
)  # fmt: skip


@dataclass(frozen=True)
class PaperWords:
    """The words of a paper: the stems of its title, and those of each sentence, in order."""

    title: frozenset[str]
    sentences: tuple[tuple[str, ...], ...]
    own: frozenset[str] = frozenset()
    """Stems of the names of what the paper presents."""

    @cached_property
    def all_stems(self) -> frozenset[str]:
        """The stems of the title and of all sentences."""
        return self.title.union(*self.sentences)


@lru_cache(maxsize=1)
def paraphrase_stems() -> frozenset[str]:
    """Return the stems that people write in summaries without having read them."""
    text = Path(__file__).with_name("paraphrases.txt").read_text("utf-8")
    return frozenset(text.split())


def measure(sentence: str, paper: PaperWords) -> tuple[float, ...]:
    """Return the numbers named in ``FEATURES`` for a sentence with at least one content word."""
    words, bounded = _content_words(sentence.lower())
    forms = [_known_form(word, paper) for word in words]
    places = [_places(form, paper) if form else {} for form in forms]
    best = _best_sentence(places, len(paper.sentences))
    chosen = _cover(places, best, len(paper.sentences))
    free = [f is None and w not in paraphrase_stems() for w, f in zip(words, forms, strict=True)]
    pairs = _pairs(places, forms, bounded, paper)
    return (
        *_known_shares(forms, places, best, chosen),
        float(sum(free)),
        float(_longest(free)),
        *_pair_shares(pairs),
        *_gram_shares(sentence.lower(), paper),
        *_foreign_shares(forms, places, best, paper),
        *_order(pairs, places, best),
        float(len(chosen)),
        _skipped(places, best),
        float(any(free[-2:])),
        *_junctions(sentence.lower(), paper),
    )


_Places = Sequence[dict[int, list[int]]]


def _known_shares(
    forms: Sequence[str | None], places: _Places, best: int, chosen: set[int]
) -> tuple[float, float, float]:
    """Return the share of words that the paper has, its best sentence, and the chosen ones."""
    count = max(1, len(forms))
    return (
        sum(form is not None for form in forms) / count,
        sum(best in place for place in places) / count,
        sum(bool(chosen & place.keys()) for place in places) / count,
    )


def _pair_shares(pairs: Sequence["_Pair"]) -> tuple[float, float, float, float, float]:
    """Return the shares of near and ordered pairs, and how many are broken."""
    total = max(1, len(pairs))
    broken = sum(pair.broken for pair in pairs)
    return (
        sum(pair.near for pair in pairs) / total,
        sum(pair.ordered for pair in pairs) / total,
        float(broken),
        float(sum(pair.broken and not pair.bounded for pair in pairs)),
        broken / total,
    )


def _foreign_shares(
    forms: Sequence[str | None], places: _Places, best: int, paper: PaperWords
) -> tuple[float, float]:
    """Return the share of words in other sentences than the best one, and in the title only."""
    count = max(1, len(forms))
    title_only = sum(
        form in paper.title and not place for form, place in zip(forms, places, strict=True)
    )
    return sum(bool(place) and best not in place for place in places) / count, title_only / count


def _order(
    pairs: Sequence["_Pair"], places: _Places, best: int
) -> tuple[float, float, float, float]:
    """Return inversions, the longest run of near pairs, and broken pairs at the end and start."""
    total = max(1, len(pairs))
    broken = [pair.broken for pair in pairs]
    return (
        _inversions(places, best) / total,
        _longest([pair.near for pair in pairs]) / total,
        float(any(broken[-2:])),
        float(any(broken[:2])),
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two content words in a row: how the paper has them."""

    near: bool
    ordered: bool
    broken: bool
    bounded: bool


def _content_words(text: str) -> tuple[list[str], list[bool]]:
    """Return the content words, and for each whether a boundary stands between it and the last."""
    words: list[str] = []
    bounded: list[bool] = []
    boundary = False
    for piece in _PIECE.findall(text):
        boundary = boundary or _BOUNDARY.fullmatch(piece) is not None
        if piece[0].isalnum() and piece not in STOP_WORDS:
            words.extend(stem_tokens(piece))
            bounded.append(boundary)
            boundary = False
    return words, bounded


def _known_form(word: str, paper: PaperWords) -> str | None:
    """Return the word of the paper that is this one, or another form of it."""
    stems = paper.all_stems
    if word in stems:
        return word
    if len(word) < _SAME_START:
        return None
    start = word[: max(_SAME_START, len(word) - 3)]
    return next((stem for stem in sorted(stems) if stem.startswith(start)), None)


def _places(form: str, paper: PaperWords) -> dict[int, list[int]]:
    """Return sentence -> positions of a word in it."""
    return {
        number: [i for i, word in enumerate(words) if word == form]
        for number, words in enumerate(paper.sentences)
        if form in words
    }


def _best_sentence(places: Sequence[dict[int, list[int]]], number: int) -> int:
    return max(range(number), key=lambda n: sum(n in place for place in places), default=0)


def _cover(places: Sequence[dict[int, list[int]]], best: int, number: int) -> set[int]:
    """Return up to three sentences that together have most words."""
    chosen = {best}
    for _ in range(2):
        gains = {
            n: sum(n in place and not chosen & place.keys() for place in places)
            for n in range(number)
        }
        more = max(gains, key=gains.__getitem__, default=best)
        if gains.get(more, 0) < 2:
            break
        chosen.add(more)
    return chosen


def _pairs(
    places: _Places,
    forms: Sequence[str | None],
    bounded: Sequence[bool],
    paper: PaperWords,
) -> list[_Pair]:
    found = []
    for i in range(len(places) - 1):
        gaps = _gaps(places[i], places[i + 1])
        own = forms[i] in paper.own or forms[i + 1] in paper.own
        found.append(_Pair(
            near=any(abs(gap) <= _NEAR for gap in gaps),
            ordered=any(0 < gap <= _NEAR for gap in gaps),
            broken=bool(places[i] and places[i + 1]) and not gaps and not own,
            bounded=bounded[i + 1],
        ))  # fmt: skip
    return found


def _gaps(one: dict[int, list[int]], other: dict[int, list[int]]) -> list[int]:
    """Return the distances between two words in the sentences that have both."""
    return [b - a for n in one.keys() & other.keys() for a in one[n] for b in other[n] if a != b]


def _junctions(text: str, paper: PaperWords) -> tuple[float, float]:
    """Return the number of prepositions that join words of different sentences, and if one is last.

    The two words before it and those after it are all known, but no sentence has one of each side.
    """
    broken = last = 0
    for clause in _CLAUSE_MARK.split(text):
        parts = [_forms_of(part, paper) for part in _PREPOSITION.split(clause)]
        for left, right in pairwise(parts):
            before, after = set(left[-2:]), set(right[:2])
            joined = any(before & set(s) and after & set(s) for s in paper.sentences)
            last = bool(before and after and not joined and not (before | after) & paper.own)
            broken += last
    return float(broken), float(last)


def _forms_of(text: str, paper: PaperWords) -> list[str]:
    words = (word for word in stem_tokens(text) if word not in STOP_WORDS)
    return [form for word in words if (form := _known_form(word, paper))]


def _gram_shares(text: str, paper: PaperWords) -> tuple[float, float]:
    """Return the share of the pairs and triples of content words that a sentence has in a row."""
    words = [word for word in stem_tokens(text) if word not in STOP_WORDS]
    shares = []
    for size in (2, 3):
        known = {g for sentence in (*paper.sentences,) for g in _grams(sentence, size)}
        ours = _grams(words, size)
        shares.append(sum(gram in known for gram in ours) / max(1, len(ours)))
    return shares[0], shares[1]


def _grams(words: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + size]) for i in range(len(words) - size + 1)]


def _inversions(places: Sequence[dict[int, list[int]]], best: int) -> int:
    """Return how often the next word stands before the last one in the best sentence."""
    order = [place[best][0] for place in places if best in place]
    return sum(b < a for a, b in pairwise(order))


def _skipped(places: Sequence[dict[int, list[int]]], best: int) -> float:
    """Return the share of words left out between the first and last word of the best sentence."""
    order = sorted({place[best][0] for place in places if best in place})
    return 1 - len(order) / (order[-1] - order[0] + 1) if order else 0.0


def _longest(flags: Sequence[bool]) -> int:
    longest = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        longest = max(longest, run)
    return longest
