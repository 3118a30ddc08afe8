"""The papers that digests picked as a table for Notion.

Public: `format_notion`.
"""

from tracker.delivery.notes.notion_table import NotionRow, format_table
from tracker.delivery.notes.vault import marks_of
from tracker.digest.writing.phrasing import concept_name
from tracker.language import get_language
from tracker.settings import Config
from tracker.store import issues, paper_notes, reading_progress, summaries_and_tags
from tracker.store.database import Database
from tracker.topics import taxonomy


def format_notion(db: Database, config: Config) -> str:
    """Return the picked papers as a CSV table, in the language of the digests."""
    papers = issues.picked_papers(db)
    tags = summaries_and_tags.tags_for_works(db, list(papers))
    concepts = taxonomy.concepts_with_custom(config.directions)
    language = get_language(config.digest.language)
    states, notes = reading_progress.states_by_key(db), paper_notes.load_notes(db)

    def names(number: int, kind: str) -> list[str]:
        found = [concepts[tag.name] for tag in tags.get(number, ()) if tag.name in concepts]
        return [concept_name(one, language) for one in found if one.kind == kind]

    rows = [
        NotionRow(
            paper,
            names(number, "direction"),
            names(number, "dimension"),
            marks_of(states.get(paper.id, "")),
            notes.get(paper.id, ""),
        )
        for number, paper in papers.items()
    ]
    return format_table(rows)
