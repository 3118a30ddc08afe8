"""The text of a note in the vault: what tracker wrote in it, and what the user changed. Pure.

A note has front matter, one generated block between two markers, and the notes of the user. The
first marker contains the id of the note, the marks of the paper when it was last exported, and the
hash of the block. The hash ignores ticks, and links to notes that were renamed: those are changed
by the user, or by the editor for them, without an edit of the text.

The marks saved, read and tried of a paper are properties of the front matter, and boxes to tick in
the block. A mark is changed by the user where one of them differs from the last export.

Public: `MARKS`, `NoteText`, `parse_note`, `format_note`, `replace_block`, `with_marks`,
`with_ticks`, `ticked_links`, `front_id`.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MARKS = ("saved", "read", "tried")
HEADING = "My notes"
# The heading in all languages of the vault.
_HEADINGS = re.compile(r"\A\s*## (?:My notes|我的笔记|我的筆記)[ \t]*(?:\n|\Z)")
_WORDS = "the text between these marks is replaced by each export"
_END = "<!-- tracker: end, the rest is yours -->"
# Notes of earlier releases begin with other words, and have neither id nor marks.
_BLOCK = re.compile(
    r"<!-- tracker: (?:the text between|what stands)[^\n]*? · "
    r"(?:(?P<id>[a-z]+/[^\s·]+) · (?P<marks>[a-z,]+|-) · )?(?P<hash>[0-9a-f]{16}) -->\n"
    r"(?P<body>.*?)\n<!-- tracker: end[^\n]*-->",
    re.S,
)
_FRONT = re.compile(r"\A\ufeff?---[ \t]*\n(?P<lines>.*?\n)?---[ \t]*(?:\n|\Z)", re.S)
_PROPERTY = re.compile(
    r"^(?P<name>saved|read|tried)(?P<colon>:[ \t]*)(?P<value>[^#\n]*?)(?P<rest>[ \t]*(?:#.*)?)$",
    re.M,
)
_FALSE = frozenset(("", "false", "no", "off", "null", "~", "0", "[]", '""', "''"))
_BOX = re.compile(r"^(?P<lead>[ \t]*[-*+] \[)(?P<tick>[^\]\n])(?P<rest>\].*)$", re.M)
_BOX_MARK = re.compile(r"\^(saved|read|tried)\b")
_LINK = re.compile(r"\[\[(?P<target>[^\]|#\n]+)")
# The plugin Tasks appends the day when a box is ticked.
_DONE_DAY = re.compile(r" ?✅ ?\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class NoteText:
    """A note as it is in the vault, with line feeds as the ends of lines.

    `exported` are the marks when it was last exported, `marks` those that the user set since or
    left, `changed` those that the user set or removed since. `notes` is what the user wrote below
    the block, or None if there is no block.
    """

    id: str
    exported: frozenset[str]
    marks: frozenset[str]
    notes: str | None
    body: str | None
    hash: str

    @property
    def changed(self) -> frozenset[str]:
        """The marks that the user set or removed since the last export."""
        return self.exported ^ self.marks


def parse_note(text: str) -> NoteText:
    """Return the parts of a note; of one without a block, the marks and the id in front matter."""
    block = _BLOCK.search(text)
    listed = block["marks"] or "" if block else ""
    exported = frozenset(listed.split(",")) & frozenset(MARKS)
    shown = _shown_marks(text)
    changed = {mark for mark, states in shown.items() if (mark not in exported) in states}
    return NoteText(
        (block["id"] if block else None) or front_id(text, with_block=block is not None),
        exported,
        exported ^ changed,
        _user_notes(text[block.end() :]) if block else None,
        block["body"] if block else None,
        block["hash"] if block else "",
    )


def front_id(text: str, *, with_block: bool) -> str:
    """Return the id in the front matter, or "".

    A property `arxiv` alone, as earlier releases wrote it, may be that of any other note.
    """
    front = _FRONT.match(text)
    lines = front["lines"] or "" if front else ""
    found = re.search(r"^tracker:[ \t]*\"?([a-z]+/[^\s\"]+)", lines, re.M)
    if found:
        return found[1]
    old = re.search(r"^arxiv:[ \t]*[\"']?([^\s\"']+)", lines, re.M) if with_block else None
    return f"paper/{old[1]}" if old else ""


def _shown_marks(text: str) -> dict[str, set[bool]]:
    """Return how each mark is shown, in the front matter and by boxes."""
    shown: dict[str, set[bool]] = {mark: set() for mark in MARKS}
    front = _FRONT.match(text)
    for line in _PROPERTY.finditer(front["lines"] or "") if front else ():
        shown[line["name"]].add(line["value"].strip().casefold() not in _FALSE)
    for box in _BOX.finditer(text):
        if mark := _BOX_MARK.search(box["rest"]):
            shown[mark[1]].add(box["tick"] != " ")
    return shown


def _user_notes(tail: str) -> str:
    return _HEADINGS.sub("", tail).strip()


def format_note(front_matter: tuple[str, ...], block: str, notes: str, heading: str) -> str:
    """Return the text of a new note."""
    front = "".join(f"{line}\n" for line in front_matter)
    own = f"{notes}\n" if notes else ""
    return f"---\n{front}---\n{block}\n\n## {heading}\n\n{own}"


def format_block(body: str, note_id: str = "", marks: frozenset[str] = frozenset()) -> str:
    """Return the block with its markers; the boxes in `body` are not ticked."""
    inner = body.strip("\n")
    return f"{_marker(note_id, marks, _hash(inner))}\n{inner}\n{_END}"


def _marker(note_id: str, marks: frozenset[str], digest: str) -> str:
    listed = ",".join(mark for mark in MARKS if mark in marks) or "-"
    middle = f" · {note_id} · {listed}" if note_id else ""
    return f"<!-- tracker: {_WORDS}{middle} · {digest} -->"


def is_edited(body: str, digest: str, renamed: Mapping[str, str]) -> bool:
    """Whether the user edited a block. `renamed` has the first name of each renamed note."""
    return digest not in (_hash(_canonical(body, renamed)), _hash(body))


def _canonical(body: str, renamed: Mapping[str, str]) -> str:
    """Return a block without ticks, and with the links that it was exported with."""
    plain = _DONE_DAY.sub("", _BOX.sub(r"\g<lead> \g<rest>", body))
    return _rename_links(plain, renamed)


def _rename_links(text: str, names: Mapping[str, str]) -> str:
    def rename(link: re.Match[str]) -> str:
        name = link["target"].rsplit("/", 1)[-1]
        return f"[[{names[name]}" if name in names else link[0]

    return _LINK.sub(rename, text) if names else text


def replace_block(
    text: str,
    body: str,
    note_id: str = "",
    marks: frozenset[str] = frozenset(),
    renamed: Mapping[str, str] | None = None,
) -> str | None:
    """Replace the generated block of a note; None if the user edited it.

    `renamed` has the first name of each note that the user has renamed, by the present one. The
    boxes keep their ticks.
    """
    names = renamed or {}
    unix = text.replace("\r\n", "\n")
    found = _BLOCK.search(unix)
    if found is None or is_edited(found["body"], found["hash"], names):
        return None
    block = format_block(body, note_id, marks)
    head, inner, end = block.split("\n", 1)[0], body.strip("\n"), _END
    inner = _rename_links(inner, {first: now for now, first in names.items()})
    inner = _keep_boxes(inner, found["body"], names)
    if (found["body"], found["id"] or "", found["marks"] or "") == (
        inner, note_id, _listed(note_id, marks)
    ):  # fmt: skip
        return text
    after = f"{unix[: found.start()]}{head}\n{inner}\n{end}{unix[found.end() :]}"
    return after.replace("\n", "\r\n") if "\r\n" in text else after


def _listed(note_id: str, marks: frozenset[str]) -> str:
    return (",".join(mark for mark in MARKS if mark in marks) or "-") if note_id else ""


def _keep_boxes(body: str, before: str, renamed: Mapping[str, str]) -> str:
    """Return the new block with the lines of the boxes that it already had, and their ticks."""
    known = {_canonical(box[0], renamed): box[0] for box in _BOX.finditer(before)}
    return _BOX.sub(lambda box: known.get(_canonical(box[0], renamed), box[0]), body)


def with_marks(text: str, marks: frozenset[str], exported: frozenset[str]) -> str:
    """Return the note with its properties and boxes set to `marks`.

    The marker is set to `exported`. A property or box that is not there is not added, and one that
    means the same is not rewritten.
    """
    front = _FRONT.match(text)
    start = front.end() if front else 0
    head = _PROPERTY.sub(lambda line: _set_property(line, marks), text[:start])
    rest = _BOX.sub(lambda box: _set_box(box, _mark_is_set(marks)), text[start:])
    return head + _BLOCK.sub(lambda block: _set_exported(block, exported), rest, count=1)


def _set_property(line: re.Match[str], marks: frozenset[str]) -> str:
    if (line["value"].strip().casefold() not in _FALSE) == (line["name"] in marks):
        return line[0]
    colon = line["colon"] if line["colon"] != ":" else ": "
    return f"{line['name']}{colon}{str(line['name'] in marks).lower()}{line['rest']}"


def _mark_is_set(marks: frozenset[str]) -> Callable[[str], bool | None]:
    def is_set(rest: str) -> bool | None:
        mark = _BOX_MARK.search(rest)
        return mark[1] in marks if mark else None

    return is_set


def _set_box(box: re.Match[str], is_set: Callable[[str], bool | None]) -> str:
    wanted = is_set(box["rest"])
    if wanted is None or wanted == (box["tick"] != " "):
        return box[0]
    rest = box["rest"] if wanted else _DONE_DAY.sub("", box["rest"])
    return f"{box['lead']}{'x' if wanted else ' '}{rest}"


def _set_exported(block: re.Match[str], exported: frozenset[str]) -> str:
    if not block["id"]:
        return block[0]
    marker, rest = block[0].split("\n", 1)
    return f"{_marker(block['id'], exported, block['hash'])}\n{rest}" if marker else block[0]


def with_ticks(text: str, ticks: Mapping[str, bool]) -> str:
    """Return a list of papers with its boxes set; `ticks` has the state of the linked notes."""

    def is_set(rest: str) -> bool | None:
        link = _LINK.search(rest)
        return ticks.get(link["target"].rsplit("/", 1)[-1]) if link else None

    return _BOX.sub(lambda box: _set_box(box, is_set), text)


def ticked_links(text: str) -> set[str]:
    """Return the names of the notes that are linked beside a ticked box."""
    boxes = (box for box in _BOX.finditer(text) if box["tick"] != " ")
    links = (_LINK.search(box["rest"]) for box in boxes)
    return {link["target"].rsplit("/", 1)[-1] for link in links if link}


def _hash(body: str) -> str:
    return hashlib.blake2b(body.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
