"""The libraries of reference managers: BibTeX, RIS, Zotero's CSV, lists of ids, Obsidian notes.

Only what identifies a paper is read: arXiv ids, wherever an entry has them, and the title.

Public: `LIBRARY_KINDS`, `LibraryEntry`, `parse_library`.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from summarizer.text.sentences import to_plain_text
from tracker.errors import SourceMalformed
from tracker.models import PaperId

NAME = "library"
# What comes before an id in free text; a bare number there could be anything.
_LABELLED = re.compile(
    r"(?:arxiv[:.\s/]\s*|arxiv\.org/(?:abs|pdf|html)/|arxiv_id:\s*[\"']?)"
    r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})",
    re.IGNORECASE,
)
_ZOTERO_COLUMNS = ("Key", "Title")
# Fields of an entry that hold an id without a label.
_ID_FIELDS = ("eprint", "arxivid", "arxiv", "Archive Location", "archiveprefixid")


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """An entry of a library: its arXiv ids, and its title, or "" if it has none."""

    ids: tuple[str, ...]
    title: str = ""


def parse_library(kind: str, text: str, file_name: str) -> list[LibraryEntry]:
    """Return the entries of a library. Raises SourceMalformed for a file of another format."""
    entries = [entry for entry in _PARSERS[kind](text, file_name) if entry.ids or entry.title]
    if not entries:
        raise SourceMalformed(NAME, file_name, f"there is no entry of the kind {kind}")
    return entries


def _parse_bibtex(text: str, file_name: str) -> Iterator[LibraryEntry]:
    from bibtexparser.entrypoint import parse_string

    library = parse_string(text)
    if not library.entries and library.failed_blocks:
        raise SourceMalformed(NAME, file_name, str(library.failed_blocks[0].error)[:200])
    for entry in library.entries:
        fields = {field.key.lower(): str(field.value) for field in entry.fields}
        yield _entry_from_fields(fields, fields.get("title", ""))


def _parse_ris(text: str, file_name: str) -> Iterator[LibraryEntry]:
    import rispy

    try:
        entries: list[dict[str, Any]] = rispy.loads(text.lstrip("\ufeff"))
    except (OSError, ValueError, IndexError) as error:
        raise SourceMalformed(NAME, file_name, f"it is not RIS: {error}") from error
    for entry in entries:
        fields = {name: " ".join(_texts(value)) for name, value in entry.items()}
        title = fields.get("title") or fields.get("primary_title", "")
        yield _entry_from_fields(fields, title)


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in a value of an entry: a text, a list, or a table of lists."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, Iterable):
        for inner in value:
            yield from _texts(inner)


def _parse_zotero_csv(text: str, file_name: str) -> Iterator[LibraryEntry]:
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline=""))
    try:
        missing = [name for name in _ZOTERO_COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise SourceMalformed(NAME, file_name, f"there is no column {missing[0]!r}")
        for row in rows:
            fields = {str(name): str(value) for name, value in row.items() if name and value}
            yield _entry_from_fields(fields, fields.get("Title", ""))
    except csv.Error as error:
        raise SourceMalformed(NAME, file_name, f"it is not CSV: {error}") from error


def _parse_ids(text: str, file_name: str) -> Iterator[LibraryEntry]:
    for line in text.lstrip("\ufeff").splitlines():
        for word in re.split(r"[\s,;]+", line.partition("#")[0].strip()):
            if word:
                yield LibraryEntry((_parse_id(word, file_name),))


def _parse_id(word: str, file_name: str) -> str:
    try:
        return PaperId.parse(word).key
    except ValueError as error:
        raise SourceMalformed(NAME, file_name, str(error)) from None


def _parse_obsidian(text: str, _: str) -> Iterator[LibraryEntry]:
    """Yield one entry for each id in a note: a note may list several papers."""
    return (LibraryEntry((key,)) for key in _ids_in_text(text))


def _entry_from_fields(fields: Mapping[str, str], title: str) -> LibraryEntry:
    bare = [fields[name] for name in _ID_FIELDS if name in fields]
    ids = [key for value in bare for key in _bare_id(value)]
    # Not those of abstracts and notes, which mention other papers.
    named = (value for name, value in fields.items() if "abstract" not in name.lower())
    ids += _ids_in_text("\n".join(named))
    plain = to_plain_text(title.replace("{", "").replace("}", ""))
    return LibraryEntry(tuple(dict.fromkeys(ids))[:1], " ".join(plain.split()))


def _bare_id(value: str) -> Iterator[str]:
    try:
        yield PaperId.parse(value).key
    except ValueError:
        return


def _ids_in_text(text: str) -> list[str]:
    found = (key for match in _LABELLED.finditer(text) for key in _bare_id(match[1]))
    return list(dict.fromkeys(found))


_PARSERS: Mapping[str, Callable[[str, str], Iterator[LibraryEntry]]] = {
    "bibtex": _parse_bibtex,
    "ris": _parse_ris,
    "zotero-csv": _parse_zotero_csv,
    "ids": _parse_ids,
    "obsidian": _parse_obsidian,
}
LIBRARY_KINDS = tuple(_PARSERS)
