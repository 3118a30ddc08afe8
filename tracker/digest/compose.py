"""From a period's material to what is said: which papers, in which order, with which sentences.

A `Shape` is what makes a digest weekly or monthly; `weekly.py` and `monthly.py` hold theirs. Only
papers that were chosen are summarised, by the caller, between `choose` and `compose`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from summarizer import Summary
from summarizer.text import plain
from tracker.digest import words
from tracker.digest.document import (
    BoardNews,
    Counts,
    Document,
    Entry,
    Label,
    Medium,
    ModelNews,
    Personal,
    Proof,
    SmallPrint,
    Theme,
    Venue,
    Why,
)
from tracker.digest.material import Material
from tracker.digest.ranking import code_link, diverse, venue
from tracker.digest.reader import Match
from tracker.digest.revisions import of_paper
from tracker.language import Language
from tracker.models import Cluster, Paper, Pick
from tracker.settings import Ranking

_PER_THEME = 3


@dataclass(frozen=True, slots=True)
class Shape:
    """What distinguishes the kinds: their name, and how much of each part they show."""

    kind: str
    top: int
    themes: int


@dataclass(frozen=True, slots=True)
class Around:
    """What surrounds the papers. All of it may be empty: then nothing is said of it.

    `news` are works of earlier issues with what is new: withdrawn, revised, accepted or code;
    `late` works that came in after their own issue; `personal` the matches of the reader whose home
    this is, by paper id, `liked` the titles of what they liked, `remarks` what else is for them.
    """

    notices: tuple[str, ...] = ()
    boards: tuple[BoardNews, ...] = ()
    models: tuple[ModelNews, ...] = ()
    media: tuple[Medium, ...] = ()
    venues: tuple[Venue, ...] = ()
    news: tuple[tuple[Paper, str], ...] = ()
    late: tuple[Paper, ...] = ()
    personal: Mapping[str, tuple[Match, ...]] = field(default_factory=dict)
    liked: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """The picks that will be shown: the one to read, the list, and those of each theme.

    A theme comes with the number of papers that the period before had of it, where it is known.
    """

    first: Pick | None
    top: tuple[Pick, ...]
    themes: tuple[tuple[Cluster, int | None, tuple[Pick, ...]], ...]

    def best(self) -> list[Pick]:
        """The one to read and the list, best first."""
        return [*([self.first] if self.first else []), *self.top]

    def picks(self) -> list[Pick]:
        """Every pick shown, in reading order."""
        themed = [pick for *_, picks in self.themes for pick in picks]
        return [*self.best(), *themed]


def choose(
    material: Material,
    shape: Shape,
    shown_before: Iterable[str],
    weights: Ranking = Ranking(),  # noqa: B008  frozen
) -> Choice:
    """Pick what is shown; a paper that an earlier issue showed is not shown again."""
    span, before = material.ranked, set(shown_before)
    picks = {pick.paper.id: pick for pick in span.picks}
    fresh = [pick for pick in span.picks if pick.paper.id not in before]
    best = diverse(
        fresh, span.vectors, shape.top + 1, weights, span.theme_of, seed=material.period.key
    )
    used = {pick.paper.id for pick in best}
    rest = {pick.paper.id: pick for pick in fresh if pick.paper.id not in used}
    sizes = span.before or (None,) * len(span.clusters)
    themes = sorted(
        zip(span.clusters, sizes, strict=True), key=lambda one: -_strength(one[0], picks)
    )
    chosen = [(theme, was, _of_theme(theme, rest)) for theme, was in themes[: shape.themes]]
    return Choice(best[0] if best else None, tuple(best[1:]), tuple(chosen))


def _strength(cluster: Cluster, picks: Mapping[str, Pick]) -> float:
    """How much of the field's own matter a theme holds: the topic signals of its papers."""
    reasons = (picks[key].why for key in cluster.members if key in picks)
    return sum(reason.value for why in reasons for reason in why if reason.signal == "topic")


def _of_theme(theme: Cluster, rest: Mapping[str, Pick]) -> tuple[Pick, ...]:
    members = [rest[key] for key in theme.members if key in rest]
    return tuple(sorted(members, key=lambda pick: (-pick.score, pick.paper.id))[:_PER_THEME])


def compose(
    material: Material,
    shape: Shape,
    around: Around,
    choice: Choice,
    said: Mapping[str, Summary],
    small_print: SmallPrint,
    language: Language,
) -> Document:
    """The document; `said` has a summary of every paper in `choice` and `around`, by id."""
    entry = Entries(material, said, language)
    first = entry.of_pick(choice.first) if choice.first else None
    themes = tuple(
        Theme(theme.label, theme.terms, len(theme.members), tuple(map(entry.of_pick, picks)), was)
        for theme, was, picks in choice.themes
    )
    labels = [theme.label for theme in themes]
    name = words.issue_name(shape.kind, material.period.key, language)
    noticed = words.notices(material.counts, material.period.kind, language)
    return Document(
        kind=shape.kind,
        period=material.period.key,
        start=material.period.start,
        end=material.period.end,
        language=language.code,
        subject=words.subject(name, material.counts, labels, len(themes), language),
        preheader=words.preheader(material.counts, first, language),
        notices=(*around.notices, *noticed),
        counts=entry.counts(),
        read_first=first,
        top=tuple(map(entry.of_pick, choice.top)),
        themes=themes,
        unthemed=material.ranked.unthemed,
        boards=around.boards,
        corrections=tuple(entry.of_paper(paper, news) for paper, news in around.news),
        small_print=small_print,
        models=around.models,
        media=around.media,
        venues=around.venues,
        personal=entry.personal(around.personal, around.liked),
        late=tuple(map(entry.of_paper, around.late)),
        remarks=around.remarks,
    )


def _last_changes(paper: Paper) -> tuple[str, ...]:
    changes = of_paper(paper)
    return tuple(str(change) for change in changes if change.version == paper.version)


class Entries:
    """Makes entries in a language; holds what every entry needs, and makes each only once."""

    def __init__(self, material: Material, said: Mapping[str, Summary], language: Language) -> None:
        self._material, self._said, self._language = material, said, language
        self._picks = {pick.paper.id: pick for pick in material.ranked.picks}
        self._made: dict[str, Entry] = {}

    def of_pick(self, pick: Pick) -> Entry:
        """A ranked paper with its reasons."""
        return self._entry(pick.paper, pick.score, self._why(pick))

    def of_paper(self, paper: Paper, news: str = "") -> Entry:
        """A paper that is told of for its `news` or because it came late."""
        return self._entry(paper, 0.0, (), news)

    def personal(
        self, matches: Mapping[str, Sequence[Match]], liked: Mapping[str, str]
    ) -> tuple[Personal, ...]:
        """One reader's papers, each with why it is theirs."""
        return tuple(
            Personal(
                self._cached(key), tuple(words.match(one, liked, self._language) for one in found)
            )
            for key, found in matches.items()
        )

    def _cached(self, key: str) -> Entry:
        if key not in self._made:
            self._made[key] = self.of_pick(self._picks[key])
        return self._made[key]

    def counts(self) -> Counts:
        """The period in numbers, the names in the language."""
        counts = self._material.counts
        dimensions, directions = (
            tuple(
                replace(row, name=words.concept(self._material.concepts[row.key], self._language))
                for row in rows
            )
            for rows in (counts.dimensions, counts.directions)
        )
        return replace(counts, dimensions=dimensions, directions=directions)

    def _entry(self, paper: Paper, score: float, why: tuple[Why, ...], news: str = "") -> Entry:
        summary = self._said[paper.id]
        return Entry(
            id=paper.id,
            url=paper.url,
            title=plain(paper.title),
            authors=tuple(plain(name) for name in paper.authors),
            published=paper.published,
            announced=paper.announced,
            categories=paper.categories,
            topics=tuple(self._labels(paper.id)),
            tldr=summary.tldr,
            proofs=tuple(Proof(s.role, s.text, s.source) for s in summary.sentences),
            method=summary.method,
            model=summary.model,
            prompt_version=summary.prompt_version,
            created=summary.created,
            dropped=summary.dropped,
            note=summary.note,
            score=score,
            why=why,
            venue=plain(self._material.venues.get(paper.id) or venue(paper)),
            code=code_link(paper),
            withdrawn=paper.withdrawn,
            upvotes=self._upvotes(paper.id),
            news=news,
            changes=_last_changes(paper) if news == "revised" else (),
        )

    def _upvotes(self, key: str) -> int:
        reasons = self._picks[key].why if key in self._picks else ()
        return next((int(r.detail) for r in reasons if r.signal == "attention" and r.detail), 0)

    def _labels(self, key: str) -> Iterable[Label]:
        concepts, tags = self._material.concepts, self._material.ranked.tags.get(key, ())
        # A direction of one's own may have been taken out of the settings since.
        named = (concepts[tag.name] for tag in tags if tag.name in concepts)
        directions = (
            Label(c.key, words.concept(c, self._language)) for c in named if c.kind == "direction"
        )
        return islice(directions, 3)

    def _why(self, pick: Pick) -> tuple[Why, ...]:
        """The reasons that added something, the weightiest first, in words; chance is one too."""
        told = [r for r in pick.why if r.points > 0 or r.signal == "explore"]
        told.sort(key=lambda reason: -reason.points)
        return tuple(
            Why(r.signal, words.reason(r, self._language), round(r.points, 4)) for r in told
        )
