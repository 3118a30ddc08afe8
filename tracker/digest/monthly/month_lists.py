"""The surveys, benchmarks, data sets and code of a month, and the groups behind its papers.

Public: `ListedPaper`, `PaperList`, `GroupPapers`, `choose_listed`, `build_paper_lists`,
`count_groups`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from summarizer.grounding.names import is_order
from summarizer.text.sentences import to_plain_text
from tracker.models import Pick
from tracker.paper.title_kind import BENCHMARK, DATASET, SURVEY

CODE = "code"
# How many papers of each kind are listed, in the order of the lists.
_MOST = {SURVEY: 8, BENCHMARK: 8, DATASET: 5, CODE: 8}
_LEAST_GROUP_PAPERS, _MOST_GROUPS = 3, 10


@dataclass(frozen=True, slots=True)
class ListedPaper:
    """A paper in a list; `finding` is what it achieved, empty if its abstract does not say.

    `code` is the address of its code, and `stars` are those of the repository, if known.
    """

    id: str
    url: str
    title: str
    finding: str = ""
    code: str = ""
    stars: int | None = None


@dataclass(frozen=True, slots=True)
class PaperList:
    """How many papers of the month are surveys, benchmarks, data sets or have code (`key`).

    `best` are those that are ranked first; a paper is in the first of the lists only.
    """

    key: str
    papers: int
    best: tuple[ListedPaper, ...]


@dataclass(frozen=True, slots=True)
class GroupPapers:
    """The papers of a group on Hugging Face's daily pages, their upvotes, and the one with most."""

    name: str
    papers: int
    upvotes: int
    best: ListedPaper


@dataclass(frozen=True, slots=True)
class GroupedWork:
    """A work with upvotes, and the group to which its submitter attributes it."""

    group: str
    id: str
    title: str
    upvotes: int


def choose_listed(picks: Iterable[Pick]) -> dict[str, tuple[Pick, ...]]:
    """Return the first papers of each list; `picks` are ranked, the best first."""
    ranked = list(picks)
    used: set[str] = set()
    chosen = {}
    for key, most in _MOST.items():
        fitting = (p for p in ranked if p.paper.id not in used and _is_of(p, key))
        chosen[key] = tuple(found for _, found in zip(range(most), fitting, strict=False))
        used.update(pick.paper.id for pick in chosen[key])
    return chosen


def _is_of(pick: Pick, key: str) -> bool:
    facts = pick.paper.facts
    return bool(facts.code_link) if key == CODE else facts.kind == key


def build_paper_lists(
    counts: Mapping[str, int],
    chosen: Mapping[str, Iterable[Pick]],
    stars: Mapping[str, int],
    finding_of: Callable[[Pick], str],
) -> tuple[PaperList, ...]:
    """Return the lists that have papers; `counts` are those of all papers of the month."""
    lists = (
        PaperList(
            key,
            counts.get(key, 0),
            tuple(_list_paper(pick, stars, finding_of) for pick in chosen.get(key, ())),
        )
        for key in _MOST
    )
    return tuple(found for found in lists if found.best)


def _list_paper(
    pick: Pick, stars: Mapping[str, int], finding_of: Callable[[Pick], str]
) -> ListedPaper:
    paper = pick.paper
    return ListedPaper(
        paper.id,
        paper.url,
        to_plain_text(paper.title),
        # What a survey finds is rarely a result.
        "" if paper.facts.kind == SURVEY else finding_of(pick),
        paper.facts.code_link,
        stars.get(paper.id),
    )


def count_groups(works: Iterable[GroupedWork]) -> tuple[GroupPapers, ...]:
    """Return the groups with most papers, of those that have enough to compare."""
    by_group: defaultdict[str, list[GroupedWork]] = defaultdict(list)
    for work in works:
        by_group[work.group].append(work)
    found = sorted(_describe(by_group), key=lambda g: (-g.papers, -g.upvotes, g.name))
    return tuple(found[:_MOST_GROUPS])


def _describe(by_group: Mapping[str, list[GroupedWork]]) -> Iterator[GroupPapers]:
    for name, works in by_group.items():
        if len(works) < _LEAST_GROUP_PAPERS or is_order(name):
            continue
        best = max(works, key=lambda work: (work.upvotes, work.id))
        yield GroupPapers(
            name,
            len(works),
            sum(work.upvotes for work in works),
            ListedPaper(best.id, f"https://arxiv.org/abs/{best.id}", to_plain_text(best.title)),
        )
