"""Documents that can be derived are derived, and held to what they are derived from."""

import re
from pathlib import Path

import click
import pytest

from tracker.cli.main import COMMANDS, Commands, cli
from tracker.config import describe
from tracker.settings import Config

ROOT = Path(__file__).parents[1]


def settings_page() -> str:
    """`docs/settings.md` as it must be."""
    rows = [
        f"| `{name}` | `{_shown(value)}` | {text} |"
        for name, value, text in describe(Config(home=Path()))
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            "Flag (`tracker --set NAME=VALUE`) > environment > `config.toml` > default. The",
            "environment name of `sources.arxiv_api.url` is `TRACKER_SOURCES__ARXIV_API__URL`.",
            "",
            "| setting | default | |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )


def _shown(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def test_the_settings_page_lists_every_setting(pytestconfig: pytest.Config) -> None:
    page = ROOT / "docs" / "settings.md"
    if pytestconfig.getoption("--update-golden"):
        page.write_text(settings_page(), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == settings_page(), "run `make golden`"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does(name: str) -> None:
    context = cli.make_context("tracker", ["--help"], resilient_parsing=True)
    command = Commands().get_command(context, name)
    assert command is not None
    assert command.help
    options = [param for param in command.params if isinstance(param, click.Option)]
    assert all(option.help for option in options)


@pytest.mark.parametrize("page", ["README.md", "docs/install.md"])
def test_a_page_names_only_commands_that_exist(page: str) -> None:
    named = re.findall(r"`?tracker ((?!open)[a-z]+)", (ROOT / page).read_text(encoding="utf-8"))
    assert set(named) <= {*COMMANDS, "reads", "finds", "summarises", "writes"}


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


_SHOWN = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.M | re.S)


def test_the_source_that_is_shown_is_the_one_in_the_tree() -> None:
    page = (ROOT / "docs" / "adding-a-source.md").read_text(encoding="utf-8")
    shown = _SHOWN.findall(page)
    assert {"tracker/sources/deadlines.py", "tracker/sources/registry.py"} < {n for n, _ in shown}
    for name, lines in shown:
        written = iter((ROOT / name).read_text(encoding="utf-8").splitlines())
        for line in lines.splitlines():  # in this order, others may stand between
            assert line in written, f"{name} has no line {line!r} there"
