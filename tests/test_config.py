"""Settings: flag over environment over file over default, and one sentence for every mistake."""

import tomllib
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from tracker.config import describe_settings, home_folder, list_paths, load, settings_template
from tracker.errors import ConfigError
from tracker.settings import Config, Direction

KINDS: list[tuple[str, str, Any, str, Any, str, Any]] = [
    # name, in the file, read, in the environment, read, as a flag, read
    ("http.contact", '"a@file"', "a@file", "a@env", "a@env", "a@flag", "a@flag"),
    ("http.offline", "true", True, "off", False, "YES", True),
    ("http.allow_private", '["a", "b"]', ("a", "b"), "c, d,", ("c", "d"), "", ()),
    ("embedding.device", '"cpu"', "cpu", "cuda", "cuda", "auto", "auto"),
    ("digest.top", "3", 3, "4", 4, "5", 5),
    ("sources.arxiv_api.pace_seconds", "4", 4.0, "5.5", 5.5, "0", 0.0),
    ("sources.arxiv_api.enabled", "false", False, "1", True, "0", False),
    (
        "sources.arxiv_api.url",
        '"http://f"',
        "http://f",
        "http://e",
        "http://e",
        "http://x",
        "http://x",
    ),
]


def value(config: Config, name: str) -> Any:
    return {key: found for key, found, _ in describe_settings(config)}[name]


def written(home: Path, text: str | bytes) -> Path:
    home.mkdir(exist_ok=True)
    file = home / "config.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return home


@pytest.mark.parametrize("case", KINDS, ids=lambda case: case[0])
def test_a_flag_beats_the_environment_beats_the_file_beats_the_default(
    case: tuple[str, str, Any, str, Any, str, Any], tmp_path: Path
) -> None:
    name, in_file, of_file, in_env, of_env, in_flag, of_flag = case
    section, _, key = name.rpartition(".")
    variable = {"TRACKER_" + name.upper().replace(".", "__"): in_env}
    flag = {name: in_flag}
    default = value(Config(tmp_path), name)

    assert value(load(tmp_path, environ={}), name) == default
    written(tmp_path, f"[{section}]\n{key} = {in_file}\n")
    assert value(load(tmp_path, environ={}), name) == of_file
    assert value(load(tmp_path, environ=variable), name) == of_env
    assert value(load(tmp_path, environ=variable, overrides=flag), name) == of_flag
    assert value(load(tmp_path, environ={}, overrides=flag), name) == of_flag
    assert load(tmp_path, environ=variable).unknown == ()


BAD = [
    ("http.offline", "maybe"),
    ("http.offline", ""),
    ("digest.top", "ten"),
    ("digest.top", "1.5"),
    ("digest.top", ""),
    ("digest.language", "fr"),
    ("embedding.device", "gpu"),
    ("sources.arxiv_api.pace_seconds", "fast"),
    ("sources.arxiv_api.pace_seconds", "-1"),
    ("sources.arxiv_api.pace_seconds", "nan"),
    ("sources.arxiv_api.pace_seconds", "inf"),
    ("digest.timezone", "Mars"),
    ("digest.timezone", ""),
    ("digest.timezone", "America"),
    ("digest.timezone", "../../etc/passwd"),
    ("web.port", "99999"),
    ("smtp.port", "65536"),
    ("smtp.port", "0"),
    ("smtp.timeout_seconds", "0"),
    ("web.header_seconds", "0"),
    ("web.public_url", "digest.example.org"),
    ("web.public_url", "ftp://digest.example.org"),
    ("web.public_url", "https://"),
    ("llm.base_url", "Mars"),
    ("llm.base_url", "file:///etc/passwd"),
    ("llm.concurrency", "0"),
    ("llm.timeout_seconds", "0"),
    ("llm.timeout_seconds", "1e308"),
    ("digest.wait_hours", "1000001"),
    ("ranking.interest", "1e300"),
    ("fulltext.html_url", "http://[x"),
    ("sources.arxiv_api.url", "http://x:99999/"),
    ("sources.openreview.years", "51"),
    ("retention.outbox_days", "999999999"),
    ("channels.team.issues", "hourly"),
    ("channels.team.url", "javascript:alert(1)"),
    ("smtp.helo_name", "x\r\nRCPT TO:<a@x.example>"),
    ("smtp.sender", "\u202ea@x.example"),
    ("http.contact", "x\x1b[31m"),
    ("embedding.model", "a\x00b"),
    ("web.api_cors_origins", "https://x.example\u2066"),
]


@pytest.mark.parametrize(("name", "bad"), BAD)
def test_a_bad_value_is_one_sentence_that_names_the_setting_and_what_is_allowed(
    name: str, bad: str, tmp_path: Path
) -> None:
    variable = {"TRACKER_" + name.upper().replace(".", "__"): bad}
    for given in ({"environ": variable}, {"environ": {}, "overrides": {name: bad}}):
        with pytest.raises(ConfigError) as failure:
            load(tmp_path, **given)
        message = str(failure.value)
        assert message.startswith(f"The setting {name} cannot be {bad!r}")
        reasons = ("must be", "one of", "there is no time zone", "Invalid IPv6", "Port out of")
        assert any(words in message for words in reasons)
        assert "\n" not in message
        assert "invalid literal" not in message
        assert failure.value.exit_code == 4


@pytest.mark.parametrize(
    "text",
    [
        "[http]\noffline = 3",
        "[http]\noffline = []",
        "[http]\ncontact = {}",
        "[http]\noffline = {}",
        "[http]\nallow_private = {}",
        "[digest]\nwait_hours = {}",
        "[digest]\ntop = {}",
        '[http]\nallow_private = ["\\u202e"]',
        "[http]\ncontact = 3",
        "[http]\nallow_private = [1]",
        "[http]\nallow_private = 1",
        "[http.contact]\nx = 1",
        "[digest]\ntop = 1.5",
        "[digest]\ntop = true",
        "[digest]\ntop = -1",
        "[digest]\ntop = 2026-03-09",
        "[digest]\ntop = 99999999999999999999999",
        "[sources.arxiv_api]\npace_seconds = true",
        "[sources.arxiv_api]\npace_seconds = [1]",
        "[sources.arxiv_api]\npace_seconds = nan",
        "http = 3",
        'sources = "all"',
        "[sources]\narxiv_api = false",
        "[[http]]\noffline = true",
        "[http",
        "a = 1\na = 2",
        b"\xff\xfe[http]",
        b"x = '\x00'",
    ],
)
def test_an_invalid_file_is_one_sentence(text: str | bytes, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as failure:
        load(written(tmp_path, text), environ={})
    message = str(failure.value)
    assert message.startswith(("The setting ", f"The settings file {tmp_path / 'config.toml'} "))
    assert "\n" not in message


def test_an_empty_section_changes_nothing(tmp_path: Path) -> None:
    sections = "[http]\n[sources.arxiv_api]\n[channels.team]\n[elsewhere]\n"
    config = load(written(tmp_path, sections), environ={})
    assert config == Config(tmp_path)


@pytest.mark.parametrize("name", ["digest.timezone", "llm.mode", "web.public_url", "digest.top"])
def test_a_long_value_is_shown_cut(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as failure:
        load(tmp_path, environ={}, overrides={name: "x" * 100_000})
    assert len(str(failure.value)) < 400


def test_the_environment_cannot_set_a_table(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"sources\.arxiv_api is a table"):
        load(tmp_path, environ={"TRACKER_SOURCES__ARXIV_API": "x"})


def test_a_folder_in_the_place_of_the_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(ConfigError, match="settings file"):
        load(tmp_path, environ={})


def test_a_file_of_a_windows_editor_is_read(tmp_path: Path) -> None:
    written(tmp_path, b"\xef\xbb\xbf[http]\r\noffline = true\r\n")
    assert load(tmp_path, environ={}).http.offline


def test_unknown_names_in_file_and_environment_are_reported_and_ignored(tmp_path: Path) -> None:
    """They may serve another release."""
    written(tmp_path, "x = 1\n[http]\noffl = true\n[future]\na.b = 1\n[sources.moon]\nurl = 'x'\n")
    environ = {
        "TRACKER_HTTP__ONLINE": "1",
        "TRACKER_SOURCES__MOON__URL": "x",
        "TRACKER_HOME": "elsewhere",
        "TRACKER": "1",
        "HTTP__OFFLINE": "true",
    }
    config = load(tmp_path, environ=environ)
    assert set(config.unknown) == {
        "x", "http.offl", "future.a.b", "sources.moon.url", "http.online",
    }  # fmt: skip
    assert replace(config, unknown=()) == Config(tmp_path)


@pytest.mark.parametrize(
    "name", ["", "http", "http.", ".offline", "http.offl", "sources.arxiv_api", "sources.x.url",
             "home", "unknown", "http.offline.x", "HTTP.OFFLINE"],
)  # fmt: skip
def test_a_flag_for_an_unknown_setting_is_rejected(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="There is no setting"):
        load(tmp_path, environ={}, overrides={name: "true"})


def uncommented(text: str) -> str:
    """The template with the # of every setting removed, as its first line says."""
    lines = text.splitlines()[1:]
    return "\n".join(line[2:] if " = " in line else line for line in lines)


def test_the_template_is_a_file_in_which_every_setting_is_the_default(tmp_path: Path) -> None:
    text = settings_template(Config(tmp_path))
    tomllib.loads(text)
    assert load(written(tmp_path, text), environ={}) == Config(tmp_path)
    assert load(written(tmp_path, uncommented(text)), environ={}) == Config(tmp_path)
    for name, _, help_text in describe_settings(Config(tmp_path)):
        assert f"# {name.rpartition('.')[2]} = " in text
        assert f"# {help_text}" in text


def test_a_user_defined_direction_is_a_table(tmp_path: Path) -> None:
    written(tmp_path, '[directions.lemurs]\nname = "Lemurs"\nseeds = ["ring-tailed lemur"]\n')
    config = load(tmp_path, environ={"TRACKER_DIRECTIONS__LEMURS__WITHIN": "application"})
    own = Direction(name="Lemurs", seeds=("ring-tailed lemur",), within=("application",))
    assert config.directions == {"lemurs": own}
    assert load(written(tmp_path, uncommented(settings_template(config))), environ={}) == config


def test_a_template_of_changed_settings_restores_them(tmp_path: Path) -> None:
    odd = 'quote " back \\ né \u200d #'
    flags = {"http.contact": odd, "http.allow_private": "a,b", "digest.top": "7"}
    changed = load(tmp_path, environ={}, overrides=flags)
    again = load(written(tmp_path, uncommented(settings_template(changed))), environ={})
    assert again == changed


def test_every_setting_has_help_and_a_default_of_its_type(tmp_path: Path) -> None:
    for name, default, help_text in describe_settings(Config(tmp_path)):
        assert help_text, name
        assert isinstance(default, bool | str | int | float | tuple), name


def test_the_home_is_the_argument_else_the_environment_else_the_platforms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    environ = {"TRACKER_HOME": "~/from env"}
    assert home_folder(Path("~/given"), environ) == tmp_path / "given"
    assert home_folder(None, environ) == tmp_path / "from env"
    assert home_folder(None, {}).name == "tracker"
    assert home_folder(None, {"TRACKER_HOME": ""}) == home_folder(None, {})
    assert home_folder(Path("relative"), {}).is_absolute()


def test_every_path_is_in_the_home_folder(tmp_path: Path) -> None:
    found = list_paths(Config(tmp_path))
    assert found["database"] == tmp_path / "tracker.db"
    assert found["settings"] == tmp_path / "config.toml"
    assert all(path.is_relative_to(tmp_path) for path in found.values())


def test_settings_are_immutable(tmp_path: Path) -> None:
    for section in fields(Config(tmp_path)):
        with pytest.raises(AttributeError):
            setattr(Config(tmp_path), section.name, None)
