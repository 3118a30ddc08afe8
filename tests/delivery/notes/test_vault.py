"""A new export updates generated blocks and preserves the text of the user."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.delivery.notes.vault import VaultNote, export_notes, replace_block
from tracker.errors import UsageError

NOTE = VaultNote("Papers/2603.00001.md", ('aliases: ["A title"]',), "# A title\n\nFirst text.")
AGAIN = VaultNote(NOTE.path, ('aliases: ["Another"]',), "# A title\n\nSecond text.")


def _read(folder: Path) -> str:
    return (folder / NOTE.path).read_bytes().decode()


def test_note_is_created_then_unchanged_then_updated(tmp_path: Path) -> None:
    outcomes = [export_notes([note], tmp_path) for note in (NOTE, NOTE, AGAIN)]
    assert [(o.made, o.unchanged, o.updated) for o in outcomes] == [
        (1, 0, 0), (0, 1, 0), (0, 0, 1)
    ]  # fmt: skip
    text = _read(tmp_path)
    assert text.startswith('---\naliases: ["A title"]\n---\n')
    assert "Second text." in text
    assert "First text." not in text
    assert text.endswith("## My notes\n\n")


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text + "My own thought, with ümlaut.\n",
        lambda text: text.replace('aliases: ["A title"]', "aliases: [mine]\nrating: 5"),
        lambda text: text.replace("---\n<!--", "---\nRead on the train.\n\n<!--"),
        lambda text: text.replace("\n", "\r\n") + "from Windows\r\n",
        lambda text: text.replace("## My notes", "## Meine Notizen"),
    ],
    ids=["below", "front matter", "above", "line ends", "heading"],
)
def test_text_outside_the_block_is_preserved(edit: object, tmp_path: Path) -> None:
    export_notes([NOTE], tmp_path)
    path = tmp_path / NOTE.path
    mine = edit(_read(tmp_path))  # type: ignore[operator]
    path.write_bytes(mine.encode())
    assert export_notes([AGAIN], tmp_path).updated == 1
    first = mine.index("<!-- tracker: the text"), mine.index("the rest is yours -->")
    text = _read(tmp_path)
    now = text.index("<!-- tracker: the text"), text.index("the rest is yours -->")
    assert text[: now[0]] == mine[: first[0]]
    assert text[now[1] :] == mine[first[1] :]
    assert "Second text." in text


@pytest.mark.parametrize(
    ("before", "after"),
    [("First text.", "First text. I doubt it."), ("<!-- tracker: end", "<!-- end")],
    ids=["inside the block", "no marks"],
)
def test_edited_block_is_not_changed(before: str, after: str, tmp_path: Path) -> None:
    export_notes([NOTE], tmp_path)
    path = tmp_path / NOTE.path
    mine = _read(tmp_path).replace(before, after)
    path.write_bytes(mine.encode())
    assert export_notes([AGAIN], tmp_path).user_edited == (path,)
    assert _read(tmp_path) == mine


@given(st.text(), st.text())
def test_any_text_around_the_block_is_preserved(above: str, below: str) -> None:
    block = "<!-- tracker: what stands here · 44bc2cf5ad770999 -->\nx\n<!-- tracker: end -->"
    text = above.replace("\r", "") + "\n" + block + "\n" + below.replace("\r", "")
    after = replace_block(text, "new")
    assert after is None or (
        after.startswith(above.replace("\r", "")) and after.endswith(below.replace("\r", ""))
    )


def test_unwritable_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "Papers").write_text("in the way")
    with pytest.raises(UsageError, match="Cannot write"):
        export_notes([NOTE], tmp_path)
