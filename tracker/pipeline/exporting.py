"""What the digests picked, handed over: as an Obsidian vault, as citations, as lines of JSON."""

import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from xml.sax.saxutils import quoteattr

from summarizer import Summary
from summarizer.text import plain
from tracker import resources
from tracker.delivery import citations, vault
from tracker.delivery.vault import Exported, Note
from tracker.digest.document import byline
from tracker.digest.render import note, verbatim
from tracker.errors import UsageError
from tracker.models import Paper, Tag
from tracker.pipeline import mapping, summarising
from tracker.pipeline.mapping import Landscape, TopicCount
from tracker.settings import Config
from tracker.store import findings, issues, lasting
from tracker.store.database import Database
from tracker.topics import taxonomy
from tracker.topics.taxonomy import Concept

# Kinds of change that leave a topic a group of its own in the week.
_STANDING = ("new", "continued", "split")
_FOLDERS = {"dimension": "Dimensions", "direction": "Directions"}


@dataclass(frozen=True, slots=True)
class _Linked:
    """A paper as the other notes link to it: the name of its note, and its title."""

    note: str
    title: str


@dataclass(frozen=True, slots=True)
class _Library:
    """All that the notes are made of; papers by their numbers."""

    papers: Mapping[int, Paper]
    tags: Mapping[int, Sequence[Tag]]
    topics: Mapping[int, Sequence[tuple[int, str]]]
    said: Mapping[str, Summary]
    concepts: Mapping[str, Concept]
    landscape: Landscape

    def tagged(self, key: str) -> list[_Linked]:
        """The picked papers under a key, the newest first."""
        return self._linked(n for n, tags in self.tags.items() if key in {t.name for t in tags})

    def in_topic(self, topic: int) -> list[_Linked]:
        """The picked papers of a lasting topic, the newest first."""
        return self._linked(n for n, topics in self.topics.items() if topic in dict(topics))

    def _linked(self, numbers: Iterable[int]) -> list[_Linked]:
        papers = sorted((self.papers[n] for n in numbers), key=lambda p: (p.announced, p.id))
        return [_Linked(_note_name(p), plain(p.title)) for p in reversed(papers)]


def obsidian(
    db: Database, config: Config, folder: Path, *, today: date, read: Collection[str] = ()
) -> Exported:
    """Write or update the vault: the map, dimensions, directions, topics and picked papers."""
    picked = issues.picked(db)
    library = _Library(
        picked,
        findings.tags_of(db, list(picked)),
        lasting.of_works(db, picked),
        summarising.glimpse(db, list(picked.values())),
        taxonomy.with_own(config.directions),
        mapping.landscape(db, config, today, read),
    )
    return vault.export(_notes(library, resources.templates()), folder)


def _notes(library: _Library, templates: Path) -> Iterator[Note]:
    yield _map(library, templates)
    for row in library.landscape.concepts:
        yield _concept(library, row, templates)
    yield from _topics(library, templates)
    for number, paper in library.papers.items():
        yield _paper(library, number, paper, templates)


def _map(library: _Library, templates: Path) -> Note:
    rows = library.landscape.concepts
    body = note(
        "map",
        templates,
        dimensions=[row for row in rows if row.kind == "dimension"],
        directions=[row for row in rows if row.kind == "direction"],
        topics=[change for change in library.landscape.changes if change.kind in _STANDING],
        week=library.landscape.week,
    )
    return Note("Map.md", ("tags: [tracker]",), body)


def _concept(library: _Library, row: TopicCount, templates: Path) -> Note:
    concept = library.concepts[row.key]
    inside = [key for key, other in library.concepts.items() if row.key in other.within]
    body = note(
        "concept",
        templates,
        row=row,
        about=concept.about,
        related=[(key, library.concepts[key].name) for key in (*concept.within, *inside)],
        papers=library.tagged(row.key),
    )
    front = (_aliases(concept.name, concept.name_zh), f"tags: [tracker, {row.kind}]")
    return Note(f"{_FOLDERS[row.kind]}/{row.key}.md", front, body)


def _topics(library: _Library, templates: Path) -> Iterator[Note]:
    for change in library.landscape.changes:
        if change.kind in _STANDING and change.position is not None:
            theme = library.landscape.themes[change.position]
            body = note(
                "topic",
                templates,
                topic=change,
                week=library.landscape.week,
                size=len(theme.members),
                terms=theme.terms,
                papers=library.in_topic(change.id),
            )
            front = (_aliases(change.name), "tags: [tracker, topic]")
            yield Note(f"Topics/topic-{change.id}.md", front, body)


def _paper(library: _Library, number: int, paper: Paper, templates: Path) -> Note:
    concepts = library.concepts
    standing = {c.id for c in library.landscape.changes if c.kind in _STANDING}
    keys = [tag.name for tag in library.tags.get(number, ()) if tag.name in concepts]
    topics = [pair for pair in library.topics.get(number, ()) if pair[0] in standing]
    body = note(
        "paper",
        templates,
        title=plain(paper.title),
        byline=byline([plain(name) for name in paper.authors]),
        paper=paper,
        tags=[(key, concepts[key].name) for key in keys],
        topics=[(f"topic-{number}", name) for number, name in topics],
        sentences=library.said[paper.id].sentences,
        citation=verbatim(citations.bibtex([paper]).strip()),
    )
    front = (
        _aliases(plain(paper.title)),
        f"arxiv: {json.dumps(paper.id)}",
        f"url: {json.dumps(paper.url)}",
        f"published: {paper.published}",
        "tags: [tracker, paper]",
    )
    return Note(f"Papers/{_note_name(paper)}.md", front, body)


def _aliases(*names: str) -> str:
    # A list of JSON is one of YAML too.
    return f"aliases: {json.dumps(names, ensure_ascii=False)}"


def _note_name(paper: Paper) -> str:
    return paper.id.replace("/", "_")


def _json_lines(papers: Sequence[Paper]) -> str:
    lines = (json.dumps(asdict(paper), ensure_ascii=False, default=str) for paper in papers)
    return "".join(f"{line}\n" for line in lines)


# What `tracker export` can write of the picked papers, by the name of the format.
FORMATS: Mapping[str, Callable[[Sequence[Paper]], str]] = {
    "bibtex": citations.bibtex,
    "ris": citations.ris,
    "csl": citations.csl,
    "jsonl": _json_lines,
}


def export(db: Database, config: Config, form: str, path: Path) -> int:
    """Write the picked papers, or as "opml" the feeds that are followed; gives how many."""
    if form == "opml":
        categories = config.categories
        _write(path, opml(categories))
        return len(categories)
    papers = list(issues.picked(db).values())
    _write(path, FORMATS[form](papers))
    return len(papers)


def opml(categories: Sequence[str]) -> str:
    """The arXiv feeds of categories as OPML 2.0, for any feed reader."""
    outlines = "".join(
        f'    <outline type="rss" text={quoteattr("arXiv " + category)}'
        f" xmlUrl={quoteattr('https://rss.arxiv.org/rss/' + category)}/>\n"
        for category in categories
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n  <head>'
        f"<title>tracker</title></head>\n  <body>\n{outlines}  </body>\n</opml>\n"
    )


def _write(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="")
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UsageError(f"Cannot write {path}: {error.strerror}.") from error
