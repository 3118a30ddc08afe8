"""What the user ticks, writes, moves and renames in a vault survives every export."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracker.delivery.notes.vault import VaultNote, export_notes, marks_of, read_edits, state_of

FRONT = ("read: false", "saved: false", "tried: false", "tags: [tracker, paper]")
BOXES = "- [ ] Saved ^saved\n- [ ] Read ^read\n- [ ] Tried ^tried"
IDS = ("2603.00001", "2603.00002", "cs_0101001")


def note(key: str, state: str = "", text: str = "", notes: str = "") -> VaultNote:
    body = f"# {key}\n\n{text}\n\n{BOXES}\n\n- [[moe|Mixture of Experts]]"
    return VaultNote(f"Papers/{key}.md", FRONT, body, f"paper/{key}", marks_of(state), notes)


def week(*keys: str) -> VaultNote:
    body = "# 2026-W11\n\n" + "\n".join(f"- [ ] [[{key}]] Title" for key in keys)
    return VaultNote("Weeks/2026-W11.md", (), body, "week/2026-W11")


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [
        ("read: false", "read: true", "read"),
        ("read: false", "read: 2026-03-12 # on the train", "read"),
        ("- [ ] Tried ^tried", "- [x] Tried ^tried ✅ 2026-03-12", "tried"),
        ("- [ ] Saved", "- [X] Saved", "saved"),
    ],
)
def test_a_mark_is_read_back_and_stays(before: str, after: str, state: str, tmp_path: Path) -> None:
    export_notes([note(IDS[0])], tmp_path)
    path = tmp_path / "Papers" / f"{IDS[0]}.md"
    edit(path, before, after)
    assert export_notes([note(IDS[0], text="New.")], tmp_path).user_edited == ()
    assert after in path.read_text("utf-8")
    (found,) = read_edits(tmp_path)
    assert state_of(found.added) == state
    assert not found.removed
    export_notes([note(IDS[0], state)], tmp_path)
    assert after in path.read_text("utf-8")
    (found,) = read_edits(tmp_path)
    assert not found.added


def test_a_mark_of_the_database_is_shown_and_can_be_removed(tmp_path: Path) -> None:
    export_notes([note(IDS[0])], tmp_path)
    export_notes([note(IDS[0], "read")], tmp_path)
    path = tmp_path / "Papers" / f"{IDS[0]}.md"
    text = path.read_text("utf-8")
    assert "read: true" in text
    assert "- [x] Read ^read" in text
    edit(path, "- [x] Read", "- [ ] Read")
    (found,) = read_edits(tmp_path)
    assert found.removed == {"read"}
    export_notes([note(IDS[0], "read")], tmp_path)
    assert "- [ ] Read" in path.read_text("utf-8")


def test_a_box_ticked_in_a_week_marks_the_paper(tmp_path: Path) -> None:
    notes = [note(IDS[0]), note(IDS[1]), week(*IDS[:2])]
    export_notes(notes, tmp_path)
    edit(tmp_path / "Weeks" / "2026-W11.md", f"- [ ] [[{IDS[1]}]]", f"- [x] [[{IDS[1]}]]")
    assert [one.added for one in read_edits(tmp_path)] == [frozenset(), {"read"}]
    export_notes([note(IDS[0]), note(IDS[1], "read"), week(*IDS[:2])], tmp_path)
    assert "- [x] Read" in (tmp_path / "Papers" / f"{IDS[1]}.md").read_text("utf-8")
    assert not any(one.added or one.removed for one in read_edits(tmp_path))
    export_notes([note(IDS[0]), note(IDS[1]), week(*IDS[:2])], tmp_path)
    assert "- [x]" not in (tmp_path / "Weeks" / "2026-W11.md").read_text("utf-8")


def test_a_renamed_note_is_found_and_links_to_it_are_no_edit(tmp_path: Path) -> None:
    export_notes([note(IDS[0]), week(IDS[0])], tmp_path)
    moved = tmp_path / "Reading" / "Routing.md"
    moved.parent.mkdir()
    (tmp_path / "Papers" / f"{IDS[0]}.md").rename(moved)
    list_path = tmp_path / "Weeks" / "2026-W11.md"
    edit(list_path, f"[[{IDS[0]}]]", "[[Reading/Routing]]")
    done = export_notes([note(IDS[0], text="New."), week(IDS[0], IDS[1])], tmp_path)
    assert (done.made, done.user_edited) == (0, ())
    assert "New." in moved.read_text("utf-8")
    assert not (tmp_path / "Papers" / f"{IDS[0]}.md").exists()
    assert "[[Reading/Routing]] Title" in list_path.read_text("utf-8")


def test_a_note_that_took_the_name_of_another_is_not_overwritten(tmp_path: Path) -> None:
    export_notes([note(IDS[0])], tmp_path)
    first = tmp_path / "Papers" / f"{IDS[0]}.md"
    first.rename(first.with_name(f"{IDS[1]}.md"))
    assert export_notes([note(IDS[0]), note(IDS[1])], tmp_path).made == 1
    assert (tmp_path / "Papers" / f"{IDS[1]}-2.md").exists()
    assert export_notes([note(IDS[0]), note(IDS[1])], tmp_path).made == 0


def test_an_edited_block_still_shows_marks(tmp_path: Path) -> None:
    export_notes([note(IDS[0])], tmp_path)
    path = tmp_path / "Papers" / f"{IDS[0]}.md"
    edit(path, "Mixture of Experts", "MoE, my favourite")
    assert export_notes([note(IDS[0], "read")], tmp_path).user_edited == (path,)
    text = path.read_text("utf-8")
    assert "MoE, my favourite" in text
    assert "- [x] Read" in text
    assert not any(one.added or one.removed for one in read_edits(tmp_path))


def test_notes_are_restored_to_a_new_vault(tmp_path: Path) -> None:
    export_notes([note(IDS[0], notes="==Key sentence==\n\nMine.")], tmp_path)
    (found,) = read_edits(tmp_path)
    assert found.notes == "==Key sentence==\n\nMine."


def test_notes_of_other_programs_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "zotero.md").write_text("---\narxiv: 2603.00001\nread: true\n---\n", "utf-8")
    (tmp_path / ".trash").mkdir()
    (tmp_path / ".trash" / "old.md").write_text("---\ntracker: paper/x\nread: true\n---\n")
    assert read_edits(tmp_path) == []


ACTION = st.sampled_from(("property", "box", "write", "move", "rename", "windows", "front"))


def change(folder: Path, action: str, key: str, chance: random.Random) -> str:
    """Do one random edit to the note of a paper; return the text that was written."""
    path = next(one for one in folder.rglob("*.md") if f"paper/{key} ·" in one.read_text("utf-8"))
    text = path.read_bytes().decode()
    words = ""
    if action == "property":
        text = text.replace("read: false", "read: true")
    elif action == "box":
        text = text.replace("- [ ] Tried", "- [x] Tried")
    elif action == "write":
        words = f"Thought {chance.random()}"
        text += f"\n{words}\n"
    elif action == "windows":
        text = text.replace("\r\n", "\n").replace("\n", "\r\n")
    elif action == "front":
        words = f"rating: {chance.random()}"
        text = text.replace("tags: [tracker, paper]", f"{words}\ntags: [tracker, paper]")
    path.write_bytes(text.encode())
    if action in ("move", "rename"):
        name = f"{chance.random()}.md" if action == "rename" else path.name
        goal = folder / chance.choice(("A", "B/C", "Papers")) / name
        goal.parent.mkdir(parents=True, exist_ok=True)
        path.rename(goal)
    return words


ROUNDS = st.lists(
    st.lists(st.tuples(ACTION, st.sampled_from(IDS)), max_size=4), min_size=10, max_size=10
)


@given(rounds=ROUNDS, seed=st.integers(0, 2**16))
@settings(
    max_examples=5, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
def test_ten_exports_and_imports_lose_no_edit(
    rounds: list[list[tuple[str, str]]], seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, chance = tmp_path_factory.mktemp("vault"), random.Random(seed)
    states, wanted, written = dict.fromkeys(IDS, ""), dict.fromkeys(IDS, ""), set[str]()
    for number, actions in enumerate(rounds):
        notes = [note(key, states[key], f"Text {number}.") for key in IDS]
        assert export_notes([*notes, week(*IDS)], folder).user_edited == ()
        for action, key in actions:
            written.add(change(folder, action, key, chance))
            reached = {"property": "read", "box": "tried"}.get(action, "")
            wanted[key] = max(wanted[key], reached, key=("", "read", "tried").index)
        if number % 2:
            for one in read_edits(folder):
                marks = (marks_of(states[one.id]) | one.added) - one.removed
                states[one.id] = state_of(marks)
    for one in read_edits(folder):
        assert state_of((marks_of(states[one.id]) | one.added) - one.removed) == wanted[one.id]
    everything = "".join(path.read_bytes().decode() for path in folder.rglob("*.md"))
    assert all(words in everything for words in written)
    assert len(list(folder.rglob("*.md"))) == len(IDS) + 1
