"""Readable names for groups of papers: class TF-IDF over noun-like phrases.

Class TF-IDF treats a group as one document: a phrase names a group when many of its papers use it
and few others do (Grootendorst, BERTopic, 2022, arXiv:2203.05794, section 3.3).
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources

_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-'][A-Za-z0-9]+)*|[.,;:!?()\[\]]")
# The longest phrase, in tokens: "mixture of experts".
_LONGEST = 3
# A name may hold these, but only inside.
_INNER = {"of"}
# "Graph-based", "long-term" and the like describe: they may begin a name, not end it.
_DESCRIBING = re.compile(
    r".*-(?:aware|augmented|based|dimensional|driven|efficient|free|generated|grained|hoc|informed"
    r"|level|like|of-the-art|preserving|quality|resource|scale|shot|specific|step|supervised|term"
    r"|time|to-end|trained|training|wise)$|.*ly$",
    re.I,
)
_TERMS = 8
# A phrase must weigh this share of a group's papers, and more than any one paper can make it.
_LEAST_SHARE, _LEAST_WEIGHT = 0.08, 3
# Several words say more than one; what stands in a title says more than in an abstract.
_SEVERAL_WORDS_BONUS = 1.7
_TITLE_WEIGHT = 2


@cache
def stop_words() -> frozenset[str]:
    """Words that cannot be in a label: function words and the jargon of abstracts."""
    text = resources.files(__package__).joinpath("stopwords.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


def phrases(text: str) -> set[str]:
    """The one- to three-word phrases of a text that could name something, as they are written."""
    return set(_phrases(_TOKEN.findall(text)))


def _phrases(tokens: Sequence[str]) -> Iterator[str]:
    content = [_is_content(token) for token in tokens]
    for start, begins in enumerate(content):
        if not begins:
            continue
        for end in range(start, min(start + _LONGEST, len(tokens))):
            if content[end]:
                if not _describes(tokens[end]):
                    yield " ".join(tokens[start : end + 1])
            elif tokens[end] not in _INNER:
                break


@cache
def _is_content(token: str) -> bool:
    return len(token) > 2 and token.lower() not in stop_words()


@cache
def _describes(token: str) -> bool:
    return bool(_DESCRIBING.fullmatch(token))


def label_groups(groups: Sequence[Sequence[tuple[str, str]]]) -> list[tuple[str, ...]]:
    """The terms of each group of (title, abstract), best first, none a variant of another.

    A group whose papers share no phrase has no terms.
    """
    used: defaultdict[str, Counter[str]] = defaultdict(Counter)
    counts = [_count(papers, used) for papers in groups]
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    average = sum(map(len, groups)) / max(1, len(groups))
    written = {key: max(forms, key=lambda f: (forms[f], f)) for key, forms in used.items()}
    return [
        tuple(written[term] for term in _best(count, total, len(papers), average))
        for count, papers in zip(counts, groups, strict=True)
    ]


def _count(papers: Sequence[tuple[str, str]], used: Mapping[str, Counter[str]]) -> Counter[str]:
    """The papers that use each phrase, titles counting double; notes the spellings in `used`."""
    count: Counter[str] = Counter()
    for title, abstract in papers:
        in_title = {fold(phrase) for phrase in phrases(title)}
        written = phrases(f"{title}. {abstract}")
        for phrase in written:
            used[fold(phrase)][_plain_case(phrase)] += 1
        for key in {fold(phrase) for phrase in written}:
            count[key] += _TITLE_WEIGHT if key in in_title else 1
    return count


@cache
def fold(phrase: str) -> str:
    """The key under which spellings of one phrase are counted: case and plural do not matter."""
    return " ".join(_singular(word) for word in phrase.lower().replace("-", " ").split())


def _singular(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@cache
def _plain_case(phrase: str) -> str:
    """Lower case, but for words that are written with capitals inside (MoE, RAG, GPT-4)."""
    return " ".join(
        word if any(letter.isupper() for letter in word[1:].partition("-")[0]) else word.lower()
        for word in phrase.split()
    )


def _best(count: Counter[str], total: Counter[str], size: int, average: float) -> list[str]:
    least = max(_LEAST_WEIGHT, _LEAST_SHARE * size)
    scored = {
        term: papers / size * math.log(1 + average / total[term]) * _bonus(term)
        for term, papers in count.items()
        if papers >= least
    }
    chosen: list[str] = []
    for term in sorted(scored, key=lambda term: (-scored[term], term)):
        if not any(_overlap(term, other) for other in chosen):
            chosen.append(term)
        if len(chosen) == _TERMS:
            break
    return chosen


def _bonus(term: str) -> float:
    return _SEVERAL_WORDS_BONUS if " " in term else 1.0


def _overlap(one: str, other: str) -> bool:
    """Whether two folded terms share a word, or one is the other's acronym."""
    words, others = one.split(), other.split()
    return bool(set(words) & set(others)) or one == _initials(others) or other == _initials(words)


def _initials(words: Sequence[str]) -> str:
    return "".join(word[0] for word in words)
