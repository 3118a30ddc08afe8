"""Names for themes that a person would write: one or two noun phrases, or a direction's name.

A facet is something that several papers of a theme share: a noun phrase of their titles or a
direction of the taxonomy. A name is the most typical facet, if useful with one of other papers. A
phrase is the more typical, the more papers of the theme and the fewer others have it (class TF-IDF:
BERTopic, arXiv:2203.05794, section 3.3). What titles of the ninety days before hardly use is the
accident of a data set or a system.

Public: `ThemeNamer`, `ThemeName`, `TITLE`, `TEXT`.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property

from tracker.models import Paper, Tag
from tracker.topics.naming.facet_spelling import spell_facet
from tracker.topics.naming.facets import (
    DOMINANT_SHARE,
    Facet,
    beginnings,
    dominant_direction,
    fold_seeds,
    in_order,
    join_directions,
    own_words,
    without_fragments,
)
from tracker.topics.naming.folded_phrases import count_texts, fold_text
from tracker.topics.naming.name_words import (
    DIRECTION_NAMES,
    DOMAINS,
    aliases_of,
    can_stand_alone,
    is_vague_phrase,
    long_form,
    lower_first,
    split_name,
    split_words,
)
from tracker.topics.phrase_counts import find_phrases
from tracker.topics.taxonomy import Concept

# How a paper fits a facet: its title or its abstract has the phrase.
TITLE, TEXT = 2, 1

_MAX_NAME_WORDS = 6
# A facet needs this share of a theme's papers, and at least three of them.
_MIN_SHARE, _MIN_WORD_SHARE, _MIN_DOMAIN_SHARE, _MIN_PAPERS = 0.08, 0.15, 0.3, 3
# How many titles of the ninety days before must have a phrase of several words or of one word for
# it to be a subject of the field. A phrase in four titles of the theme may be a new subject.
_KNOWN_TITLES, _KNOWN_WORD_TITLES, _NEW_TITLES = 8, 60, 4
# A phrase must be this much (natural logarithm) more frequent in the theme than in the period.
_MIN_LIFT, _MIN_WORD_LIFT, _MAX_LIFT = 0.8, 1.4, 3.0
# One word says less than several; seed phrases are names; a direction is the last resort.
_WORD_WEIGHT, _SEED_WEIGHT, _DIRECTION_WEIGHT = 0.5, 1.4, 0.25
_MIN_DIRECTION_SHARE = 0.2
# A second facet adds at least this share of the theme's papers.
_MIN_ADDED = 0.05
# A dominant direction is so much (natural logarithm) more frequent than in the period.
_DOMINANT_LIFT = 0.3
# A theme is about benchmarks if this share of its titles says so.
_BENCHMARK_SHARE = 0.4
# The first of so many facets whose name fits this share names a theme; then a common direction.
_TRIED, _ENOUGH_COVERAGE, _ENOUGH_FOR_WORDS = 6, 0.2, 0.5
_MIN_SMALL = 0.2
_BENCHMARK = re.compile(r"bench\b|benchmark", re.I)


@dataclass(frozen=True, slots=True)
class ThemeName:
    """A name and the share of the theme's papers that fit it."""

    text: str
    coverage: float


class ThemeNamer:
    """Names groups of a period's papers, which are given by id with the tags of the taxonomy.

    `earlier_titles` are the titles of the ninety days before; without any, every phrase counts as
    one of the field.
    """

    def __init__(
        self,
        papers: Mapping[str, Paper],
        tags: Mapping[str, Sequence[Tag]],
        concepts: Mapping[str, Concept],
        earlier_titles: Iterable[str] = (),
    ) -> None:
        self._papers, self._concepts = papers, concepts
        self._titles = {key: fold_text(paper.title) for key, paper in papers.items()}
        self._texts = {
            key: self._titles[key] + fold_text(paper.abstract) for key, paper in papers.items()
        }
        directions = {key for key, concept in concepts.items() if concept.kind == "direction"}
        self._directions = {
            key: frozenset(tag.name for tag in tags.get(key, ()) if tag.name in directions)
            for key in papers
        }
        self._earlier_titles = tuple(earlier_titles)

    def name(self, members: Sequence[str], used_names: Collection[str] = ()) -> ThemeName | None:
        """Return a name for a group of papers that is not in use, or None without a good one."""
        known = [key for key in members if key in self._papers]
        facets = self._list_facets(known)
        used = {other.casefold() for other in used_names}
        names = []
        for facet in facets[:_TRIED]:
            text = self._compose_name(facet, facets, known)
            if text and text.casefold() not in used:
                names.append(ThemeName(text, self.coverage(text, known)))
                if self._covers_enough(names[-1]):
                    return names[-1]
        sound = [name for name in names if not self._has_only_words(name.text)]
        if best := max(sound, key=lambda name: name.coverage, default=None):
            return best
        by_words = max(names, key=lambda name: name.coverage, default=None)
        return self._most_common_direction(known, used) or by_words

    def _covers_enough(self, name: ThemeName) -> bool:
        """Whether a name fits enough papers to be taken without trying others."""
        if self._has_only_words(name.text):
            return False
        words_only = all(" " not in part for part in split_name(name.text))
        return name.coverage >= (_ENOUGH_FOR_WORDS if words_only else _ENOUGH_COVERAGE)

    def _has_only_words(self, name: str) -> bool:
        """Whether a name has only single words that are not known to be subjects."""
        return all(self._is_word(fold_text(part).strip()) for part in split_name(name))

    def _most_common_direction(self, known: Sequence[str], used: Set[str]) -> ThemeName | None:
        """Return the name of the direction of most papers of a group too small for phrases."""
        counts = Counter(key for paper in known for key in self._directions[paper])
        for key, papers in counts.most_common():
            text = self._direction_name(key)
            if papers > 1 and papers >= _MIN_SMALL * len(known) and text.casefold() not in used:
                return ThemeName(text, papers / len(known))
        return None

    def last_resort(self, members: Sequence[str], used_names: Collection[str] = ()) -> str:
        """Return the directions of a group that shares no phrase, "" if it has none."""
        tagged = [self._directions[key] for key in members if key in self._papers]
        return join_directions(tagged, self._direction_name, used_names)

    def coverage(self, name: str, members: Iterable[str]) -> float:
        """Return the share of some papers that fit a name."""
        fits = [self.fit(name, key) > 0 for key in members]
        return sum(fits) / len(fits) if fits else 0.0

    def fit(self, name: str, key: str) -> int:
        """Return how a paper fits a part of a name: TITLE, TEXT, or 0 if it does not."""
        if key not in self._papers:
            return 0
        return max(self._fit_part(part, key) for part in split_name(name))

    def _fit_part(self, part: str, key: str) -> int:
        phrase = long_form(fold_text(part).strip())
        spellings = [f" {text} " for text in (phrase, *aliases_of(phrase))]
        if any(text in self._titles[key] for text in spellings):
            return TITLE
        if any(text in self._texts[key] for text in spellings):
            return TEXT
        return TEXT if self._keys_by_name.get(part.casefold()) in self._directions[key] else 0

    @cached_property
    def _keys_by_name(self) -> Mapping[str, str]:
        return {
            self._direction_name(key).casefold(): key
            for key, concept in self._concepts.items()
            if concept.kind == "direction"
        }

    def _direction_name(self, key: str) -> str:
        return DIRECTION_NAMES.get(key) or self._concepts[key].name

    def _list_facets(self, members: Sequence[str]) -> list[Facet]:
        """Return the facets of a group of papers, most typical first."""
        phrases, directions = self._phrase_facets(members), self._direction_facets(members)
        scores = {facet.text: facet.score for facet in phrases}
        named = {self._folded_name(facet.text): facet for facet in directions}
        facets = [facet for facet in without_fragments(phrases) if facet.text not in named]
        facets += [
            replace(facet, score=facet.score + scores.get(name, 0.0))
            for name, facet in named.items()
        ]
        return sorted(facets, key=lambda facet: (-facet.score, facet.text))

    def _phrase_facets(self, members: Sequence[str]) -> list[Facet]:
        counted = Counter(phrase for key in members for phrase in self._title_phrases[key])
        phrases = self._possible_phrases(counted, members)
        found = (self._phrase_facet(phrase, counted[phrase], members) for phrase in phrases)
        return [facet for facet in found if facet]

    def _possible_phrases(self, counted: Counter[str], members: Sequence[str]) -> list[str]:
        """Return the phrases that may name the members, sorted."""
        seeds = {seed for key in members for d in self._directions[key] for seed in self._seeds[d]}
        repeated = {phrase for phrase, titles in counted.items() if titles >= 2}
        known = self._all_seeds | DOMAINS
        phrases = {long_form(phrase) for phrase in repeated | seeds | DOMAINS}
        return sorted(
            phrase
            for phrase in phrases
            if phrase in known or self._is_subject(phrase, counted[phrase])
        )

    def _phrase_facet(self, phrase: str, titles: int, members: Sequence[str]) -> Facet | None:
        """Return the facet of a folded phrase, or None if it is rare or common."""
        size, spellings = len(members), [f" {text} " for text in (phrase, *aliases_of(phrase))]
        having = frozenset(
            key for key in members if any(text in self._texts[key] for text in spellings)
        )
        if len(having) < max(_MIN_PAPERS, self._least_share(phrase) * size):
            return None
        in_period = sum(self._period_counts[text] for text in (phrase, *aliases_of(phrase)))
        lift = self._lift(len(having) / size, in_period)
        if lift < (_MIN_WORD_LIFT if self._is_word(phrase) else _MIN_LIFT):
            return None
        share = (0.5 * len(having) + 1.5 * titles) / size
        return Facet(phrase, having, share * min(lift, _MAX_LIFT) * self._phrase_weight(phrase))

    def _phrase_weight(self, phrase: str) -> float:
        if self._is_word(phrase):
            return _WORD_WEIGHT
        return _SEED_WEIGHT if phrase in self._all_seeds else 1.0

    def _least_share(self, phrase: str) -> float:
        if phrase in DOMAINS:
            return _MIN_DOMAIN_SHARE
        return _MIN_WORD_SHARE if self._is_word(phrase) else _MIN_SHARE

    def _is_subject(self, phrase: str, titles: int) -> bool:
        """Whether a phrase is a subject of the field rather than of a few papers."""
        if is_vague_phrase(phrase) or (
            " " not in phrase and not can_stand_alone(phrase, self._written)
        ):
            return False
        if not self._earlier_titles:
            return True
        earlier = self._earlier_counts[phrase]
        if " " not in phrase:
            return earlier >= _KNOWN_WORD_TITLES
        return earlier >= _KNOWN_TITLES or titles >= _NEW_TITLES

    def _direction_facets(self, members: Sequence[str]) -> list[Facet]:
        keys = {direction for key in members for direction in self._directions[key]}
        return [facet for key in sorted(keys) if (facet := self._direction_facet(key, members))]

    def _direction_facet(self, direction: str, members: Sequence[str]) -> Facet | None:
        name = f" {self._folded_name(direction)} "
        tagged_or_named = (
            key for key in members if direction in self._directions[key] or name in self._texts[key]
        )
        having = frozenset(tagged_or_named)
        share = len(having) / len(members)
        tagged = sum(direction in found for found in self._directions.values())
        lift = self._lift(share, tagged)
        if len(having) < _MIN_PAPERS or share < _MIN_DIRECTION_SHARE or lift < _DOMINANT_LIFT:
            return None
        weight = _DIRECTION_WEIGHT
        return Facet(direction, having, share * min(lift, _MAX_LIFT) * weight, is_direction=True)

    def _folded_name(self, direction: str) -> str:
        return " ".join(fold_text(self._direction_name(direction)).split())

    def _lift(self, share: float, in_period: int) -> float:
        return math.log(share * len(self._papers) / max(1, in_period)) if share else 0.0

    def _compose_name(self, first: Facet, facets: Sequence[Facet], members: Sequence[str]) -> str:
        """Return the name that begins with a facet or with the dominant direction."""
        dominant = dominant_direction(facets, len(members))
        partners = self._partners(first, facets, members)
        if dominant in partners:
            partners = [dominant, *partners]
        text = self._spell(first, members)
        if self._are_benchmarks(members):
            return text if "ench" in text else f"Benchmarks for {lower_first(text)}"
        pairs = (in_order(first, partner) for partner in partners)
        if joined := next(filter(None, (self._join(pair, members) for pair in pairs)), ""):
            return joined
        if first.text in DOMAINS:
            return f"Language models in {lower_first(text)}"
        return text if len(split_words(text)) > 1 and not self._is_adjective(text) else ""

    def _join(self, pair: tuple[Facet, Facet], members: Sequence[str]) -> str:
        """Return two facets in one name, or "" if it would be too long or ambiguous."""
        one, other = (self._spell(facet, members) for facet in pair)
        if " and " in f"{one} {other}" or self._is_adjective(one) or self._is_adjective(other):
            return ""
        if beginnings(one) & beginnings(other):
            return ""  # "LLM agents and agentic AI"
        joined = f"{one} {self._connective(pair, members)} {lower_first(other)}"
        return joined if len(joined.split()) <= _MAX_NAME_WORDS else ""

    def _is_adjective(self, text: str) -> bool:
        """Whether a spelling is one compound that describes something: "cross-modal"."""
        is_compound = "-" in text and " " not in text and not text.endswith("ing")
        return is_compound and " ".join(fold_text(text).split()) not in self._all_seeds

    def _connective(self, pair: tuple[Facet, Facet], members: Sequence[str]) -> str:
        """Return the preposition that papers put between two phrases, or else "and"."""
        if pair[1].text in DOMAINS:
            return "in"
        phrases = {word: f" {pair[0].text} {word} {pair[1].text} " for word in ("with", "for")}
        for word, phrase in phrases.items():
            if sum(phrase in self._texts[key] for key in members) >= _MIN_PAPERS:
                return word
        return "and"

    def _spell(self, facet: Facet, members: Sequence[str]) -> str:
        if facet.is_direction:
            return self._direction_name(facet.text)
        papers = [self._papers[key] for key in members if key in facet.papers]
        return spell_facet(facet.text, [p.abstract for p in papers], [p.title for p in papers])

    def _are_benchmarks(self, members: Sequence[str]) -> bool:
        titles = [bool(_BENCHMARK.search(self._papers[key].title)) for key in members]
        return sum(titles) >= _BENCHMARK_SHARE * len(titles)

    def _partners(
        self, first: Facet, facets: Sequence[Facet], members: Sequence[str]
    ) -> list[Facet]:
        """Return the facets that add papers to those of `first`, phrases and the best first."""
        words, size = own_words(first, self._direction_name), len(members)
        gains = {}
        for facet in facets:
            is_general = facet.is_direction and len(facet.papers) < DOMINANT_SHARE * size
            is_same = words & own_words(facet, self._direction_name)
            if facet is first or is_general or is_same:
                continue
            added = len(facet.papers - first.papers)
            # Within a direction or after a preposition, a phrase distinguishes the theme without
            # adding papers.
            qualifies = first.is_direction or self._connective((first, facet), members) != "and"
            if qualifies or added >= max(_MIN_PAPERS, _MIN_ADDED * size):
                gains[facet] = (qualifies + 0.2 + added / size) * facet.score
        return sorted(gains, key=lambda f: (self._generality(f), -gains[f], f.text))

    def _generality(self, facet: Facet) -> int:
        """Return 0 for a phrase of several words, 1 for a word, 2 for a direction."""
        if facet.is_direction:
            return 2
        return int(self._is_word(facet.text))

    def _is_word(self, phrase: str) -> bool:
        """Whether a phrase is one word that is not known to be a subject."""
        return " " not in phrase and phrase not in self._all_seeds | DOMAINS

    @cached_property
    def _title_phrases(self) -> Mapping[str, frozenset[str]]:
        return {
            key: frozenset(" ".join(fold_text(p).split()) for p in find_phrases(paper.title))
            for key, paper in self._papers.items()
        }

    @cached_property
    def _phrases(self) -> frozenset[str]:
        """The phrases that at least two titles of the period have."""
        counted = Counter(phrase for found in self._title_phrases.values() for phrase in found)
        common = (
            self._all_seeds
            | DOMAINS
            | {phrase for phrase, papers in counted.items() if papers >= 2}
        )
        return common | {alias for phrase in common for alias in aliases_of(phrase)}

    @cached_property
    def _period_counts(self) -> Counter[str]:
        return count_texts(self._texts.values(), self._phrases)

    @cached_property
    def _earlier_counts(self) -> Counter[str]:
        return count_texts(map(fold_text, self._earlier_titles), self._phrases)

    @cached_property
    def _seeds(self) -> Mapping[str, frozenset[str]]:
        """The folded seed phrases of each direction that can name something."""
        return {key: fold_seeds(concept.seeds) for key, concept in self._concepts.items()}

    @cached_property
    def _all_seeds(self) -> frozenset[str]:
        directions = {key for key, c in self._concepts.items() if c.kind == "direction"}
        return frozenset(seed for key in directions for seed in self._seeds[key])

    @cached_property
    def _written(self) -> Counter[str]:
        """How often each word, in lower case, occurs in the period's abstracts."""
        texts = (paper.abstract.lower() for paper in self._papers.values())
        return Counter(word for text in texts for word in re.findall(r"[a-z]+", text))
