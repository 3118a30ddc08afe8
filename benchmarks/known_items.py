"""Searches for one known paper: pasted ids and titles, authors, misspelt words, names.

    python benchmarks/known_items.py --home HOME [--only ids titles ...] [--failures] [--seed N]

HOME has imported and indexed papers. Works are drawn at random with a fixed seed, and every query
is made from what the store has. Prints, for each kind, how many queries find their work: first for
ids and titles, among the first ten for misspelt words, at all for authors. A title that several
works have is found if one of them comes first. `names` counts results that contain the name.
"""

import argparse
import random
import re
import string
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from search import NAMES

import tracker
from summarizer.text.folding import fold_words
from summarizer.text.sentences import to_plain_text
from tracker.library import Library
from tracker.models import Hit, Paper
from tracker.pipeline.retrieval import hybrid_search, query_plan
from tracker.pipeline.retrieval.hybrid_search import SearchOptions
from tracker.search.query.stopwords import is_stop_word
from tracker.store import fts_search, papers
from tracker.store.paper_filters import Filter

_TODAY = date(2026, 4, 1)
_ITEMS, _MISSPELT, _TEN = 300, 200, 10
_ALL = 1000
_NAMED = 100  # authors, each searched for in every spelling
_LONG = 4  # letters of a word that is misspelt
# As browsers, chats, reference managers and other sites give them; {key} is the id.
ID_FORMS = (
    "{key}",
    "{key}v1",
    "arXiv:{key}",
    "arXiv:{key}v2 [cs.CL]",
    "[{key}]",
    "arxiv {key}",
    "https://arxiv.org/abs/{key}",
    "http://www.arxiv.org/abs/{key}v3",
    "arxiv.org/pdf/{key}",
    "https://arxiv.org/pdf/{key}v1.pdf",
    "https://arxiv.org/pdf/{key}.pdf#page=7",
    "https://arxiv.org/html/{key}v2#S3.F1",
    "https://export.arxiv.org/abs/{key}",
    "https://ar5iv.labs.arxiv.org/html/{key}",
    "https://www.alphaxiv.org/abs/{key}",
    "https://www.alphaxiv.org/overview/{key}v1",
    "https://huggingface.co/papers/{key}",
    "https://hf.co/papers/{key}?utm_source=digest",
    "https://doi.org/10.48550/arXiv.{key}",
    "doi:10.48550/arXiv.{key}",
    "10.48550/arxiv.{key}",
    "https://www.semanticscholar.org/arxiv/{key}",
    "https://api.semanticscholar.org/arXiv:{key}",
    "https://scholar.google.com/scholar?q=arXiv:{key}",
    "https://arxiv.org/abs/{key}?context=cs.LG",
    "https://arxiv.org/abs/{key}?utm_source=slack&utm_medium=social",
    "<https://arxiv.org/abs/{key}>",
    "<https://arxiv.org/abs/{key}|arxiv.org>",
    "[paper](https://arxiv.org/abs/{key})",
    "papers like {key}",
    "similar to arXiv:{key}",
    "find https://arxiv.org/abs/{key}",
    "arXiv preprint arXiv:{key}",
    "arXiv preprint arXiv:{key} (2026)",
    "CoRR, abs/{key}",
    "eprint = {{{key}}}",
    "url = {{https://arxiv.org/abs/{key}}},",
    "@misc{{doe2026thing, eprint={{{key}}}, archivePrefix={{arXiv}}, primaryClass={{cs.CL}}}}",
    "zotero://select/items/arXiv:{key}",
    "oai:arXiv.org:{key}",
    "{key}.pdf",
    "arXiv:{key}v1 [cs.CL] 3 Mar 2026",
    "https%3A%2F%2Farxiv.org%2Fabs%2F{key}",
    "https://arxiv.org/abs/{key}).",
    "{wide}",
)  # fmt: skip
_EDITS = ("insert", "delete", "replace", "swap")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many of `total` queries of a kind succeeded, and those that did not."""

    kind: str
    total: int
    failures: tuple[str, ...]

    def line(self) -> str:
        """Return the outcome as a line."""
        found = self.total - len(self.failures)
        share = 100 * found / max(1, self.total)
        return f"{self.kind:44s} {found:5d} of {self.total:5d}  {share:5.1f} %"


def find(library: Library, query: str, limit: int = _TEN, author: str = "") -> list[Hit]:
    """Return the hits of a query as `tracker search` shows them."""
    options = SearchOptions(limit, hybrid_search.build_filter(author=author))
    found = hybrid_search.search_papers(library.db, library.config, query, options, today=_TODAY)
    return list(found.hits)


def draw(library: Library, count: int, rng: random.Random) -> list[Paper]:
    """Return works drawn at random."""
    numbers = sorted(rng.sample(range(1, papers.last_number(library.db) + 1), 2 * count))
    return list(papers.load_by_number(library.db, numbers).values())[:count]


def judge_ids(library: Library, rng: random.Random) -> Iterator[Outcome]:
    """Each form of id in turn, for works drawn at random."""
    failures = []
    works = draw(library, _ITEMS, rng)
    for place, work in enumerate(works):
        wide = "".join(chr(0xFEE0 + ord(sign)) for sign in work.id)
        query = ID_FORMS[place % len(ID_FORMS)].format(key=work.id, wide=wide)
        hits = find(library, query, 1)
        if not hits or hits[0].paper.id != work.id:
            failures.append(query)
    yield Outcome("pasted ids, first", len(works), tuple(failures))


def title_forms(work: Paper) -> Iterator[str]:
    """Yield a title as people paste it, with and without its reference."""
    title, plain = work.title, to_plain_text(work.title)
    author = work.authors[0] if work.authors else "Ada Doe"
    family = author.rpartition(" ")[2]
    yield title
    yield plain
    yield plain.lower()
    yield plain.upper()
    yield f"“{plain}”"
    yield f"{plain}. arXiv preprint, 2026"
    yield plain.replace(" ", "  ").replace(":", " :")
    yield f"@article{{x, title = {{{title}}}, author = {{{author}}}, year = {{2026}}}}"
    yield f'  title="{{{title}}}",'
    yield "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    yield f"{family}, {author[0]}., & Roe, R. (2026). {plain}. Journal of Tests, 3(1), 1–9."
    yield f"{author[0]}. {family} and R. Roe, “{plain},” in Proc. Tests, 2026, pp. 1–9."
    yield f'{family}, {author}, et al. "{plain}." arXiv preprint (2026).'
    yield f"{family} {author[0]}, Roe R. {plain}[J]. Journal of Tests, 2026, 3(1): 1-9."
    yield f"{plain}\n{author[0]} {family}, R Roe - arXiv preprint, 2026 - arxiv.org"
    yield f"TY  - JOUR\nTI  - {plain}\nAU  - {family}, {author[0]}.\nER  -"
    yield f"Paper page - {plain}"
    yield f"{plain} | alphaXiv"
    yield f"[{plain}](https://example.org/p/17)"
    yield f"*{plain}* https://example.org/p/17"
    slug = "-".join(re.findall(r"\w+", plain))
    yield f"https://www.semanticscholar.org/paper/{slug}-{family}-Roe/{'0a1b' * 10}"


def title_words(title: str) -> list[str]:
    """Return the words by which two titles are compared."""
    return fold_words(to_plain_text(title))


def judge_titles(library: Library, rng: random.Random) -> Iterator[Outcome]:
    """Each form of a title in turn, for works drawn at random."""
    failures = []
    works = draw(library, _ITEMS, rng)
    for place, work in enumerate(works):
        forms = list(title_forms(work))
        query = forms[place % len(forms)]
        first = [title_words(hit.paper.title) for hit in find(library, query, 1)]
        if first != [title_words(work.title)]:
            failures.append(query)
    yield Outcome("pasted titles, first", len(works), tuple(failures))


_PLAIN_LETTERS = str.maketrans(
    "łŁøØđĐıðÐœŒæÆßŞşĦħ", "lLoOdDidDoOaAsSsHh"
)  # fmt: skip


def author_forms(name: str) -> dict[str, str]:
    """Return the ways to write an author's name, by kind."""
    given, _, family = name.rpartition(" ")
    plain = name.translate(_PLAIN_LETTERS)
    plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return {
        "as written": name,
        "decomposed": unicodedata.normalize("NFD", name),
        "folded": plain,
        "small letters": name.lower(),
        "capitals": name.upper(),
        "Last, First": f"{family}, {given}" if given else name,
        "initial": f"{given[0]}. {family}" if given else name,
    }


def accented_authors(library: Library) -> dict[str, list[Paper]]:
    """Return the works with a name beyond ASCII, by that name; the first such name of a work."""
    works = defaultdict(list)
    for number in range(1, papers.last_number(library.db) + 1, 2000):
        for work in papers.load_by_number(library.db, range(number, number + 2000)).values():
            name = next((n for n in work.authors if not n.isascii()), "")
            if name and re.search(r"\w \w", name):
                works[name].append(work)
    return works


def judge_authors(library: Library, rng: random.Random) -> Iterator[Outcome]:
    """Works with a name beyond ASCII, by each way to write that name as `author:`."""
    every = accented_authors(library)
    works = {name: every[name] for name in rng.sample(sorted(every), min(_NAMED, len(every)))}
    missed: dict[str, list[str]] = defaultdict(list)
    for name, own in works.items():
        wanted = {work.id for work in own}
        for kind, written in author_forms(name).items():
            found = {hit.paper.id for hit in find(library, "", _ALL, written)}
            missed[kind] += [f"{written} ({name})"] * len(wanted - found)
    total = sum(map(len, works.values()))
    for kind, failures in missed.items():
        yield Outcome(f"authors beyond ASCII, {kind}", total, tuple(failures))


def _edited(kind: str, letter: str, pair: str) -> str:
    """Return what an edit makes of a letter, and for a swap of the next one."""
    forms = {"insert": letter + pair[0], "delete": "", "replace": letter, "swap": pair[::-1]}
    return forms[kind]


def edit(word: str, rng: random.Random) -> str:
    """Return a word with one random edit; never the word itself."""
    while True:
        place, letter = rng.randrange(len(word)), rng.choice(string.ascii_lowercase)
        kind = rng.choice(_EDITS)
        new = word[:place] + _edited(kind, letter, word[place : place + 2])
        new += word[place + (2 if kind == "swap" else 1) :]
        if new != word:
            return new


def misspell(words: Sequence[str], edits: int, rng: random.Random) -> list[str]:
    """Return the words with random edits, each in a word of at least four letters."""
    result = list(words)
    long = [place for place, word in enumerate(words) if len(word) >= _LONG]
    for _ in range(edits):
        place = rng.choice(long)
        result[place] = edit(result[place], rng)
    return result


Words = list[str]
Pick = Callable[[Words], Words]


def title_queries(library: Library, rng: random.Random, pick: Pick) -> Iterator[tuple[str, Words]]:
    """Yield id and words of queries that find their work among the first ten."""
    for work in draw(library, 4 * _MISSPELT, rng):
        content = content_words(to_plain_text(work.title))
        query = pick(content) if sum(len(word) >= _LONG for word in content) > 1 else []
        enough = any(len(word) >= _LONG for word in query)
        if enough and is_found(library, " ".join(query), work.id):
            yield work.id, query


def content_words(title: str) -> list[str]:
    """Return the words of a title in small letters, without stop words, numbers and letters."""
    words = dict.fromkeys(word.lower() for word in re.findall(r"[^\W\d_]+", title))
    return [word for word in words if word.isascii() and not is_stop_word(word) and len(word) > 1]


def is_found(library: Library, query: str, key: str) -> bool:
    """Whether a work is among the first ten for a query."""
    return any(hit.paper.id == key for hit in find(library, query))


def judge_misspelt(library: Library, rng: random.Random) -> Iterator[Outcome]:
    """Queries of title words that find their work, each with one or two random edits."""
    kinds: dict[str, Callable[[list[str]], list[str]]] = {
        "two to four words of the title": lambda words: rng.sample(
            words, min(len(words), rng.randint(2, 4))
        ),
        "all words of the title": lambda words: words,
    }
    for kind, pick in kinds.items():
        failures, total = [], 0
        for key, words in title_queries(library, rng, pick):
            query = " ".join(misspell(words, 1 + total % 2, rng))
            if not is_found(library, query, key):
                failures.append(f"{query} ({' '.join(words)}, {key})")
            total += 1
            if total == _MISSPELT:
                break
        yield Outcome(f"misspelt, {kind}", total, tuple(failures))


def judge_names(library: Library, _: random.Random) -> Iterator[Outcome]:
    """Names and acronyms: results that contain the name or its long form."""
    failures = []
    for name in NAMES:
        parsed = query_plan.parse_query(library.db, name, _TODAY, {})
        parts = query_plan.plan_query(library.db, Filter(), parsed).filters.fts_query.ranked
        numbers = papers.numbers_by_key(library.db, [hit.paper.id for hit in find(library, name)])
        matches = (
            fts_search.filter_works_containing(library.db, p, list(numbers.values())) for p in parts
        )
        having = set().union(*matches)
        failures += [f"{name}: {key}" for key, number in numbers.items() if number not in having]
    yield Outcome("names and acronyms, first ten", _TEN * len(NAMES), tuple(failures))


KINDS = {
    "ids": judge_ids,
    "titles": judge_titles,
    "misspelt": judge_misspelt,
    "names": judge_names,
    "authors": judge_authors,
}


def main() -> None:
    """Judge each kind and print a line for it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--only", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--failures", action="store_true", help="print the queries that failed")
    parser.add_argument("--seed", type=int, default=11)
    given = parser.parse_args()
    with tracker.open(given.home) as library:
        for kind in given.only:
            for outcome in KINDS[kind](library, random.Random(given.seed)):
                print(outcome.line(), flush=True)
                if given.failures:
                    print(*(f"    {query}" for query in outcome.failures), sep="\n")


if __name__ == "__main__":
    main()
