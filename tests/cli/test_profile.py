"""A profile by flags: settings, followed directions, a subscriber; and its deletion."""

import tomllib
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tracker.pipeline.admin.profile import set_value


def test_flags_of_init_make_a_profile_and_ask_nothing(call: Call) -> None:
    done = call(
        "init", "--level", "beginner", "--direction", "moe", "--direction", "agents",
        "--minutes", "20", "--lang", "zh-TW", "--mail", "ann@example.org",
    )  # fmt: skip
    assert done.code == 0
    assert call("profile", "--json").json == {
        "level": "beginner", "minutes": 20, "language": "zh-TW",
        "follows": ["topic:agents", "topic:moe"],
    }  # fmt: skip
    assert "ann@example.org zh-TW" in call("subscribers", "list").out.replace("\t", " ")
    text = Path(done.out.strip()).read_text("utf-8")
    assert text.count("\n# ") > 50
    assert call("init", "--level", "researcher").code == 0
    again = Path(done.out.strip()).read_text("utf-8")
    assert again == text.replace('level = "beginner"', 'level = "researcher"')


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (("--direction", "nonsense"), 2),
        (("--mail", "nobody"), 2),
        (("--lang", "tlh"), 2),
        (("--minutes", "0"), 2),
    ],
)
def test_a_wrong_answer_changes_nothing(flags: tuple[str, ...], code: int, call: Call) -> None:
    done = call("init", *flags)
    assert done.code == code
    assert not (done.home / "config.toml").exists()


def test_a_deleted_profile_leaves_nothing(call: Call, home: Path) -> None:
    call("read", "2603.91911", home=home)
    call("follow", "topic:moe", home=home)
    call("like", "2603.91093", home=home)
    assert call("profile", "--delete", home=home).code == 2
    assert call("profile", "--delete", "--yes", home=home).code == 0
    assert call("reading", home=home).out == ""
    assert call("profile", "--json", home=home).json["follows"] == []
    assert call("review", "--all", "--json", home=home).json == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", '[reading]\nlevel = "x"\n'),
        ("[reading]\n", '[reading]\nlevel = "x"\n'),
        ('[reading]\n# level = "y"\n[web]\n', '[reading]\nlevel = "x"\n[web]\n'),
        ('[reading]\nlevel = "y" # mine\n', '[reading]\nlevel = "x"\n'),
        ("[web]\nlevel = 1\n", '[web]\nlevel = 1\n\n[reading]\nlevel = "x"\n'),
    ],
)
def test_one_setting_changes_in_the_file(text: str, expected: str) -> None:
    assert set_value(text, "reading.level", "x") == expected
    tomllib.loads(expected)
