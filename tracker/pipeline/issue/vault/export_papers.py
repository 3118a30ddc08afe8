"""Exporting the papers that digests picked: an Obsidian vault, citations, JSON lines, OPML.

Public: `export_vault`, `export_file`, `format_opml`, `FORMATS`.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from xml.sax.saxutils import quoteattr

from summarizer import Summary
from summarizer.text.sentences import to_plain_text
from tracker import resources
from tracker.delivery import citations
from tracker.delivery.notes import vault
from tracker.delivery.notes.vault import ExportCounts, VaultNote, marks_of
from tracker.digest.byline import byline
from tracker.digest.render.pages import escape_code_block, render_vault_note
from tracker.digest.writing.phrasing import concept_name
from tracker.errors import UsageError
from tracker.files import replace_text
from tracker.language import Language, get_language
from tracker.models import Paper, Tag
from tracker.pipeline.issue.vault.notion_rows import format_notion
from tracker.pipeline.issue.vault.vault_periods import (
    PeriodList,
    load_period_lists,
    map_diagram,
    period_note,
)
from tracker.pipeline.learning import knowledge_map
from tracker.pipeline.learning.knowledge_map import KnowledgeMap, TopicCount
from tracker.pipeline.learning.reading_paths import ReadingPath, load_path
from tracker.pipeline.summarize import summaries
from tracker.settings import Config
from tracker.store import (
    issues,
    paper_notes,
    reading_progress,
    summaries_and_tags,
    topic_history,
)
from tracker.store.database import Database
from tracker.topics import taxonomy
from tracker.topics.taxonomy import Concept

# Kinds of change after which a topic has a cluster in the week.
_STANDING = ("new", "continued", "split")
_PATH_LENGTH = 10
_FOLDERS = {"dimension": "Dimensions", "direction": "Directions"}


@dataclass(frozen=True, slots=True)
class _NoteLink:
    """A link to a paper from other notes: the name of its note, and its title."""

    note: str
    title: str


@dataclass(frozen=True, slots=True)
class _VaultContent:
    """Everything that the notes are made of; papers by number."""

    papers: Mapping[int, Paper]
    tags: Mapping[int, Sequence[Tag]]
    topics: Mapping[int, Sequence[tuple[int, str]]]
    summaries: Mapping[str, Summary]
    concepts: Mapping[str, Concept]
    landscape: KnowledgeMap
    states: Mapping[str, str]
    notes: Mapping[str, str]
    periods: Sequence[PeriodList]
    paths: Mapping[str, ReadingPath]
    language: Language

    def name(self, key: str) -> str:
        """Return the name of a dimension or direction in the language of the vault."""
        return concept_name(self.concepts[key], self.language)

    def papers_tagged(self, key: str) -> list[_NoteLink]:
        """Return the picked papers with a tag, the newest first."""
        return self._note_links(n for n, tags in self.tags.items() if key in {t.name for t in tags})

    def papers_in_topic(self, topic: int) -> list[_NoteLink]:
        """Return the picked papers of a topic, the newest first."""
        return self._note_links(n for n, topics in self.topics.items() if topic in dict(topics))

    def _note_links(self, numbers: Iterable[int]) -> list[_NoteLink]:
        papers = sorted((self.papers[n] for n in numbers), key=lambda p: (p.announced, p.id))
        return [_NoteLink(_note_name(p), to_plain_text(p.title)) for p in reversed(papers)]


def export_vault(
    db: Database, config: Config, folder: Path, *, today: date, read: Collection[str] = ()
) -> ExportCounts:
    """Write or update the vault: the map, dimensions, directions, topics and picked papers."""
    picked = issues.picked_papers(db)
    library = _VaultContent(
        picked,
        summaries_and_tags.tags_for_works(db, list(picked)),
        topic_history.for_works(db, picked),
        summaries.load_summaries(db, list(picked.values())),
        taxonomy.concepts_with_custom(config.directions),
        knowledge_map.load_knowledge_map(db, config, today, read),
        reading_progress.states_by_key(db),
        paper_notes.load_notes(db),
        load_period_lists(db),
        _load_paths(db, config),
        get_language(config.digest.language),
    )
    notes = _build_notes(library, resources.templates_folder())
    return vault.export_notes(notes, folder, library.language.gettext("My notes"))


def _load_paths(db: Database, config: Config) -> dict[str, ReadingPath]:
    """Return where to start each direction, in the language of the vault."""
    language = get_language(config.digest.language)
    directions = taxonomy.concepts_of_kind(
        "direction", taxonomy.concepts_with_custom(config.directions)
    )
    return {one.key: load_path(db, one, _PATH_LENGTH, language=language) for one in directions}


def _build_notes(library: _VaultContent, templates: Path) -> Iterator[VaultNote]:
    yield _map_note(library, templates)
    for row in library.landscape.concepts:
        yield _concept_note(library, row, templates)
    yield from _topic_notes(library, templates)
    titles = {paper.id: to_plain_text(paper.title) for paper in library.papers.values()}
    for period in library.periods:
        yield period_note(period, titles, templates, library.language)
    for number, paper in library.papers.items():
        yield _paper_note(library, number, paper, templates)


def _map_note(library: _VaultContent, templates: Path) -> VaultNote:
    rows = library.landscape.concepts
    body = render_vault_note(
        "map",
        templates,
        library.language.code,
        dimensions=[(row, library.name(row.key)) for row in rows if row.kind == "dimension"],
        directions=[(row, library.name(row.key)) for row in rows if row.kind == "direction"],
        topics=[change for change in library.landscape.changes if change.kind in _STANDING],
        week=library.landscape.week,
    )
    return VaultNote("Map.md", ("tags: [tracker]",), body, "map/Map")


def _concept_note(library: _VaultContent, row: TopicCount, templates: Path) -> VaultNote:
    concept = library.concepts[row.key]
    inside = [key for key, other in library.concepts.items() if row.key in other.within]
    body = render_vault_note(
        "concept",
        templates,
        library.language.code,
        row=row,
        name=library.name(row.key),
        other_name=concept.name_zh if library.language.code == "en" else concept.name,
        about=concept.about,
        related=[(key, library.name(key)) for key in (*concept.within, *inside)],
        papers=library.papers_tagged(row.key),
        path=library.paths.get(row.key),
        names={key: library.name(key) for key in library.concepts},
        diagram=escape_code_block(_diagram(library, row)),
    )
    front = (_aliases_line(concept.name, concept.name_zh), f"tags: [tracker, {row.kind}]")
    return VaultNote(f"{_FOLDERS[row.kind]}/{row.key}.md", front, body, f"{row.kind}/{row.key}")


def _diagram(library: _VaultContent, row: TopicCount) -> str:
    names = {key: library.name(key) for key in library.concepts}
    return map_diagram(row, library.landscape.concepts, names, library.language)


def _topic_notes(library: _VaultContent, templates: Path) -> Iterator[VaultNote]:
    for change in library.landscape.changes:
        if change.kind in _STANDING and change.position is not None:
            theme = library.landscape.themes[change.position]
            body = render_vault_note(
                "topic",
                templates,
                library.language.code,
                topic=change,
                week=library.landscape.week,
                size=len(theme.members),
                terms=theme.terms,
                papers=library.papers_in_topic(change.id),
            )
            front = (_aliases_line(change.name), "tags: [tracker, topic]")
            name = f"topic-{change.id}"
            yield VaultNote(f"Topics/{name}.md", front, body, f"topic/{name}")


def _paper_note(library: _VaultContent, number: int, paper: Paper, templates: Path) -> VaultNote:
    concepts = library.concepts
    standing = {c.id for c in library.landscape.changes if c.kind in _STANDING}
    keys = [tag.name for tag in library.tags.get(number, ()) if tag.name in concepts]
    topics = [pair for pair in library.topics.get(number, ()) if pair[0] in standing]
    body = render_vault_note(
        "paper",
        templates,
        library.language.code,
        title=to_plain_text(paper.title),
        byline=byline([to_plain_text(name) for name in paper.authors]),
        paper=paper,
        tags=[(key, library.name(key)) for key in keys],
        topics=[(f"topic-{number}", name) for number, name in topics],
        sentences=library.summaries[paper.id].sentences,
        citation=escape_code_block(citations.bibtex([paper]).strip()),
    )
    return VaultNote(
        f"Papers/{_note_name(paper)}.md",
        _paper_properties(paper, [(key, concepts[key].kind) for key in keys]),
        body,
        f"paper/{paper.id}",
        marks_of(library.states.get(paper.id, "")),
        library.notes.get(paper.id, ""),
    )


def _paper_properties(paper: Paper, tags: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Return the properties of a paper's note, as Dataview and Obsidian read them."""
    title = to_plain_text(paper.title)
    return (
        _aliases_line(title),
        f"tracker: {json.dumps(f'paper/{paper.id}')}",
        f"title: {json.dumps(title, ensure_ascii=False)}",
        f"authors: {_json_list(map(to_plain_text, paper.authors))}",
        f"arxiv: {json.dumps(paper.id)}",
        f"url: {json.dumps(paper.url)}",
        f"published: {paper.published}",
        f"announced: {paper.announced}",
        f"venue: {json.dumps(paper.facts.venue, ensure_ascii=False)}",
        f"directions: {_json_list(key for key, kind in tags if kind == 'direction')}",
        f"dimensions: {_json_list(key for key, kind in tags if kind == 'dimension')}",
        "saved: false",
        "read: false",
        "tried: false",
        "tags: [tracker, paper]",
    )


def _json_list(items: Iterable[str]) -> str:
    # A JSON list is valid YAML.
    return json.dumps(list(items), ensure_ascii=False)


def _aliases_line(*names: str) -> str:
    return f"aliases: {_json_list(names)}"


def _note_name(paper: Paper) -> str:
    return paper.id.replace("/", "_")


def _format_json_lines(papers: Sequence[Paper]) -> str:
    lines = (json.dumps(asdict(paper), ensure_ascii=False, default=str) for paper in papers)
    return "".join(f"{line}\n" for line in lines)


# The formats in which `tracker export` can write the picked papers, by name.
FORMATS: Mapping[str, Callable[[Sequence[Paper]], str]] = {
    "bibtex": citations.bibtex,
    "ris": citations.ris,
    "csl": citations.csl,
    "jsonl": _format_json_lines,
}

# Those that contain the user's notes, too.
_WITH_NOTES: Mapping[str, Callable[[Sequence[Paper], Mapping[str, str]], str]] = {
    "bibtex": citations.bibtex,
    "ris": citations.ris,
}


def export_file(db: Database, config: Config, form: str, path: Path) -> int:
    """Write the picked papers, or as "opml" the followed feeds; return how many."""
    if form == "opml":
        categories = config.categories
        _write_text(path, format_opml(categories))
        return len(categories)
    papers = list(issues.picked_papers(db).values())
    if form == "notion":
        text = format_notion(db, config)
    elif form in _WITH_NOTES:
        text = _WITH_NOTES[form](papers, paper_notes.load_notes(db))
    else:
        text = FORMATS[form](papers)
    _write_text(path, text)
    return len(papers)


def format_opml(categories: Sequence[str]) -> str:
    """Return the arXiv feeds of categories as OPML 2.0, for any feed reader."""
    outlines = "".join(
        f'    <outline type="rss" text={quoteattr("arXiv " + category)}'
        f" xmlUrl={quoteattr('https://rss.arxiv.org/rss/' + category)}/>\n"
        for category in categories
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n  <head>'
        f"<title>tracker</title></head>\n  <body>\n{outlines}  </body>\n</opml>\n"
    )


def _write_text(path: Path, text: str) -> None:
    try:
        replace_text(path, text)
    except OSError as error:
        raise UsageError(f"Cannot write {path}: {error.strerror}.") from error
