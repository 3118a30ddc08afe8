"""From a period's material to what is said: which papers, in which order, with which sentences.

A `Shape` is what makes a digest weekly or monthly; `weekly.py` and `monthly.py` hold theirs. Only
papers that were chosen are summarised, by the caller, between `choose` and `compose`.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice

from summarizer import Summary
from summarizer.text import plain
from tracker.digest.document import (
    BoardNews,
    Document,
    Entry,
    Label,
    Proof,
    SmallPrint,
    Theme,
    Why,
)
from tracker.digest.material import Material
from tracker.digest.ranking import code_link, diverse, venue
from tracker.models import Cluster, Paper, Pick
from tracker.topics import taxonomy

# A period with less than this share of what is usual is thin enough to say so.
_THIN = 0.5
_PER_THEME = 3


@dataclass(frozen=True, slots=True)
class Shape:
    """What distinguishes the kinds: their names, and how much of each part they show."""

    kind: str
    title: str
    period_name: str
    top: int
    themes: int


@dataclass(frozen=True, slots=True)
class Around:
    """What surrounds the papers: boards, corrections, small print, and sentences to say first."""

    boards: tuple[BoardNews, ...]
    withdrawn: tuple[Paper, ...]
    small_print: SmallPrint
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """The picks that will be shown: the one to read, the list, and those of each theme."""

    first: Pick | None
    top: tuple[Pick, ...]
    themes: tuple[tuple[Cluster, tuple[Pick, ...]], ...]

    def best(self) -> list[Pick]:
        """The one to read and the list, best first."""
        return [*([self.first] if self.first else []), *self.top]

    def picks(self) -> list[Pick]:
        """Every pick shown, in reading order."""
        themed = [pick for _, picks in self.themes for pick in picks]
        return [*self.best(), *themed]


def choose(material: Material, shape: Shape, shown_before: Set[str]) -> Choice:
    """Pick what is shown; a paper that an earlier issue showed is not shown again."""
    picks = {pick.paper.id: pick for pick in material.ranked.picks}
    fresh = [pick for pick in material.ranked.picks if pick.paper.id not in shown_before]
    best = diverse(fresh, material.ranked.vectors, shape.top + 1)
    used = {pick.paper.id for pick in best}
    rest = {pick.paper.id: pick for pick in fresh if pick.paper.id not in used}
    themes = sorted(material.ranked.clusters, key=lambda c: -_strength(c, picks))
    chosen = [(theme, _of_theme(theme, rest)) for theme in themes[: shape.themes]]
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
) -> Document:
    """The document; `said` has a summary for every paper that is chosen or withdrawn, by id."""
    entry = _Entries(material, said)
    themes = tuple(
        Theme(theme.label, theme.terms, len(theme.members), tuple(map(entry.of_pick, picks)))
        for theme, picks in choice.themes
    )
    subject = _subject(
        material, shape, [theme.label for theme in themes], len(material.ranked.clusters)
    )
    return Document(
        kind=shape.kind,
        period=material.period.key,
        start=material.period.start,
        end=material.period.end,
        language="en",
        subject=subject,
        preheader=_preheader(material, choice.first),
        notices=(*around.notices, *_notices(material, shape)),
        counts=material.counts,
        read_first=entry.of_pick(choice.first) if choice.first else None,
        top=tuple(map(entry.of_pick, choice.top)),
        themes=themes,
        unthemed=material.ranked.unthemed,
        boards=around.boards,
        corrections=tuple(map(entry.of_paper, around.withdrawn)),
        small_print=around.small_print,
    )


def _subject(material: Material, shape: Shape, labels: Sequence[str], themes: int) -> str:
    name = f"{shape.title} {material.period.key}"
    if not labels:
        return f"{name}: {material.counts.papers:,} papers"
    more = f", + {themes - 2} more" if themes > 2 else ""
    return f"{name}: {', '.join(labels[:2])}{more}"


def _preheader(material: Material, first: Pick | None) -> str:
    counted = f"{material.counts.papers:,} papers"
    return f"{counted}. Read this one: {plain(first.paper.title)}" if first else counted


def _notices(material: Material, shape: Shape) -> Iterable[str]:
    counts = material.counts
    closed = [day for day in counts.days if day.state == "closed"]
    empty = [day for day in counts.days if day.state == "empty"]
    if counts.papers < _THIN * (counts.baseline or 1):
        yield _thin(counts.papers, shape, len(closed), len(empty))
    if counts.indexed < counts.papers:
        yield (
            f"{counts.papers - counts.indexed:,} of {counts.papers:,} papers are not indexed and"
            " could not be ranked; `tracker index` does it."
        )


def _thin(papers: int, shape: Shape, closed: int, empty: int) -> str:
    number = (
        "No paper was" if not papers else f"Only {papers} paper{'s were' * (papers > 1) or ' was'}"
    )
    reasons = []
    if closed:
        reasons.append(f"arXiv was closed on {closed} of its working days")
    if empty:
        reasons.append(f"nothing has been collected for {empty} announcement days")
    tail = f": {' and '.join(reasons)}." if reasons else "."
    return f"{number} collected for this {shape.period_name}{tail}"


class _Entries:
    """Makes entries; holds what every entry needs."""

    def __init__(self, material: Material, said: Mapping[str, Summary]) -> None:
        self._material, self._said = material, said

    def of_pick(self, pick: Pick) -> Entry:
        return self._entry(pick.paper, pick.score, _why(pick))

    def of_paper(self, paper: Paper) -> Entry:
        return self._entry(paper, 0.0, ())

    def _entry(self, paper: Paper, score: float, why: tuple[Why, ...]) -> Entry:
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
            venue=plain(venue(paper)),
            code=code_link(paper),
            withdrawn=paper.withdrawn,
        )

    def _labels(self, key: str) -> Iterable[Label]:
        concepts = taxonomy.load()
        named = (concepts[tag.name] for tag in self._material.ranked.tags.get(key, ()))
        directions = (Label(c.key, c.name) for c in named if c.kind == "direction")
        return islice(directions, 3)


def _why(pick: Pick) -> tuple[Why, ...]:
    """The reasons that added something, the weightiest first, in words."""
    told = sorted((r for r in pick.why if r.points > 0), key=lambda reason: -reason.points)
    return tuple(Why(r.signal, r.detail, round(r.points, 4)) for r in told)
