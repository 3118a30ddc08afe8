"""Questions for Anki: a text file that it imports, or a deck, which needs the extra `anki`.

Owns genanki. The headers of the text file are those of docs.ankiweb.net/importing/text-files.

Public: `AnkiNote`, `format_csv`, `write_deck`.
"""

import csv
import importlib.util
import io
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from tracker.errors import ExtraMissing, TrackerError
from tracker.extras import install_command
from tracker.files import replace_bytes

_DECK_NAME = "tracker"
# Fixed, so that importing again updates the deck and its cards.
_DECK_ID = 1_702_300_041
_SUFFIX = ".apkg"


@dataclass(frozen=True, slots=True)
class AnkiNote:
    """A note: its `key`, the sentence before, in and after the gap, and what is below it."""

    key: str
    before: str
    answer: str
    after: str
    extra: str

    @property
    def cloze(self) -> str:
        """The sentence in HTML with the gap in Anki's notation.

        Braces of the paper (formulas) cannot end the gap.
        """
        before, answer, after = (
            escape(part, quote=False).replace("{", "&#123;").replace("}", "&#125;")
            for part in (self.before, self.answer, self.after)
        )
        return f"{before}{{{{c1::{answer}}}}}{after}"


def format_csv(notes: Sequence[AnkiNote]) -> str:
    """Return the notes as a file for Anki's import: the key first, so that it updates them."""
    text = io.StringIO()
    text.write("#separator:Comma\n#html:true\n#notetype:Cloze\n#deck:tracker\n#guid column:1\n")
    writer = csv.writer(text, lineterminator="\n")
    for note in notes:
        writer.writerow((note.key, note.cloze, escape(note.extra, quote=False)))
    return text.getvalue()


def require_anki() -> None:
    """Raise ExtraMissing unless genanki is installed."""
    if importlib.util.find_spec("genanki") is None:
        raise ExtraMissing("A deck for Anki", "anki", install_command("anki"))


def write_deck(notes: Sequence[AnkiNote], path: Path) -> None:
    """Write the notes as a deck. Raises ExtraMissing, or TrackerError if it cannot be written."""
    require_anki()
    import genanki

    deck = genanki.Deck(_DECK_ID, _DECK_NAME)
    for note in notes:
        fields = [note.cloze, escape(note.extra, quote=False)]
        deck.add_note(genanki.Note(genanki.CLOZE_MODEL, fields, guid=genanki.guid_for(note.key)))
    descriptor, name = tempfile.mkstemp(suffix=_SUFFIX)
    os.close(descriptor)
    try:
        genanki.Package(deck).write_to_file(name)
        replace_bytes(path, Path(name).read_bytes())
    except OSError as error:
        raise TrackerError(f"Cannot write {path}: {error.strerror}.") from error
    finally:
        Path(name).unlink()
