"""Generated documentation is up to date, and references in the documentation exist."""

import re
from pathlib import Path

import click
import pytest

from tracker.cli.main import COMMAND_MODULES, LazyGroup, cli
from tracker.config import describe_settings
from tracker.settings import Config
from tracker.version import __version__

ROOT = Path(__file__).parents[1]


def settings_page() -> str:
    """Return the expected text of `docs/settings.md`."""
    rows = [
        f"| `{name}` | `{_shown(value)}` | {text} |"
        for name, value, text in describe_settings(Config(home=Path()))
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


@pytest.mark.parametrize("name", COMMAND_MODULES)
def test_every_command_and_option_has_help(name: str) -> None:
    context = cli.make_context("tracker", ["--help"], resilient_parsing=True)
    command = LazyGroup().get_command(context, name)
    assert command is not None
    assert command.help
    options = [param for param in command.params if isinstance(param, click.Option)]
    assert all(option.help for option in options)


@pytest.mark.parametrize("page", ["README.md", "docs/install.md"])
def test_pages_mention_only_existing_commands(page: str) -> None:
    named = re.findall(r"`?tracker ((?!open)[a-z]+)", (ROOT / page).read_text(encoding="utf-8"))
    assert set(named) <= {*COMMAND_MODULES, "reads", "finds", "summarises", "writes"}


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")))
def test_links_between_pages_resolve(page: Path) -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_changelog_has_the_current_version_with_a_date() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d{2}-\d{2}))?$", text, re.M)
    assert releases[0] == ("Unreleased", "")
    assert releases[1][0] == __version__
    assert all(day for _, day in releases[1:])


ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
# A step of a journey: module and function, or a package of interchangeable modules (NAME, FORMAT).
_STEP = re.compile(r"`((?:[a-z_]+\.)+[A-Za-z_.]+)`")


def _journey_steps() -> set[str]:
    journeys = ARCHITECTURE.partition("## Journeys")[2]
    names = {name for line in journeys.splitlines() for name in _STEP.findall(line)}
    return {name for name in names if not re.search(r"\.(NAME|FORMAT)\.", name)}


@pytest.mark.parametrize("step", sorted(_journey_steps()))
def test_the_steps_of_the_journeys_exist(step: str) -> None:
    parts = step.split(".")
    for length in range(len(parts), 0, -1):
        module = (ROOT / "tracker").joinpath(*parts[:length])
        file = module / "__init__.py" if module.is_dir() else module.with_suffix(".py")
        if file.exists():
            text = file.read_text(encoding="utf-8")
            assert all(
                re.search(rf"^\s*(def|class) {name}\b", text, re.M) for name in parts[length:]
            )
            return
    pytest.fail(f"no module for {step}")


def test_the_architecture_lists_every_package() -> None:
    packages = {
        ".".join(file.parent.relative_to(ROOT).parts)
        for name in ("tracker", "summarizer")
        for file in (ROOT / name).glob("**/__init__.py")
    }
    # The roots, packages whose sub-packages are listed, and the sample.
    parents = {"tracker", "summarizer", "tracker.pipeline", "tracker.cli", "tracker.sample"}
    listed = set(re.findall(r"^\| `([a-z_.]+)` \|", ARCHITECTURE, re.M))
    assert packages - parents == listed


_SHOWN = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.M | re.S)


def test_code_shown_in_the_docs_is_in_the_tree() -> None:
    page = (ROOT / "docs" / "adding-a-source.md").read_text(encoding="utf-8")
    shown = _SHOWN.findall(page)
    assert {"tracker/sources/deadlines.py", "tracker/sources/registry.py"} < {n for n, _ in shown}
    for name, lines in shown:
        source = iter((ROOT / name).read_text(encoding="utf-8").splitlines())
        for line in lines.splitlines():  # in this order, with other lines in between
            assert line in source, f"{name} has no line {line!r} in this order"
