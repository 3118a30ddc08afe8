"""`tracker completion`, and what the shell offers for ids, topics, weeks, months and sources.

A completion only reads, and says nothing: where the store cannot be read there is nothing to offer.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING

import click

from tracker.calendar import Period
from tracker.cli.session import Session
from tracker.config import load
from tracker.errors import TrackerError
from tracker.settings import Config

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

VARIABLE = "_TRACKER_COMPLETE"
_SHELLS = ("bash", "zsh", "fish")
# More than fits on a screen helps nobody to choose.
_MOST = 50
# Whoever presses a key does not wait for a writer.
_WAIT_SECONDS = 0.2

# Values to offer, each with a word about it, for what was typed.
Find = Callable[[Config, str], Iterable[tuple[str, str]]]
Complete = Callable[[click.Context, click.Parameter, str], list["CompletionItem[str]"]]


# \b keeps click from filling the paragraph.
_HELP = """Print the script that completes commands, ids, topics and weeks in SHELL.

\b
bash, in ~/.bashrc:  eval "$(tracker completion bash)"
zsh, in ~/.zshrc:    eval "$(tracker completion zsh)"
fish:                tracker completion fish > ~/.config/fish/completions/tracker.fish
"""


@click.command("completion", help=_HELP)
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_obj
def completion_command(session: Session, shell: str) -> None:  # noqa: ARG001  click passes it
    """Print click's script for the shell."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None, "click has the three shells"
    root = click.get_current_context().find_root().command
    click.echo(kind(root, {}, "tracker", VARIABLE).source())


def _completer(find: Find) -> Complete:
    """What click calls to complete a parameter, of a function that finds values for it."""

    def complete(
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG001  click's signature
        typed: str,
    ) -> list["CompletionItem[str]"]:
        from click.shell_completion import CompletionItem

        try:
            config = load(ctx.find_root().params.get("home"))
            found = list(islice(find(config, typed), _MOST))
        except (TrackerError, OSError, sqlite3.Error):
            return []
        return [CompletionItem(value, help=text) for value, text in found]

    return complete


def _papers(config: Config, typed: str) -> Iterator[tuple[str, str]]:
    from tracker.store import papers
    from tracker.store.database import reading

    if config.database.is_file():
        with reading(config.database, wait=_WAIT_SECONDS) as db:
            yield from papers.beginning_with(db, typed, _MOST)


def _topics(config: Config, typed: str) -> Iterator[tuple[str, str]]:
    from tracker.topics import taxonomy

    concepts = taxonomy.with_own(config.directions)
    return ((key, one.name) for key, one in concepts.items() if key.startswith(typed))


def _sources(config: Config, typed: str) -> Iterator[tuple[str, str]]:
    return ((name, one.url) for name, one in config.sources.items() if name.startswith(typed))


def _periods(containing: Callable[[date], Period]) -> Find:
    def find(config: Config, typed: str) -> Iterator[tuple[str, str]]:
        from tracker.store import papers
        from tracker.store.database import reading

        if not config.database.is_file():
            return
        with reading(config.database, wait=_WAIT_SECONDS) as db:
            span = papers.span(db)
        if span is None:
            return
        period = containing(span[1])
        while period.end >= span[0]:
            if period.key.startswith(typed):
                yield period.key, f"{period.start} to {period.end}"
            period = period.previous()

    return find


# Ids of stored papers, the newest first; keys of the map, the user's own among them; the weeks and
# months in which stored papers were announced, the last first; names of sources.
complete_papers = _completer(_papers)
complete_topics = _completer(_topics)
complete_weeks = _completer(_periods(Period.week_of))
complete_months = _completer(_periods(Period.month_of))
complete_sources = _completer(_sources)
