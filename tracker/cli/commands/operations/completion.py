"""`tracker completion`, and shell completion of ids, topics, weeks, months and sources.

Completion never writes and prints no errors: if the database cannot be read, it offers nothing.
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
# A longer list does not fit on a screen.
_MOST = 50
# The user is waiting at the prompt, so do not wait long for a writer.
_WAIT_SECONDS = 0.2

# Returns the values that complete the typed text, each with a short description.
Find = Callable[[Config, str], Iterable[tuple[str, str]]]
Complete = Callable[[click.Context, click.Parameter, str], list["CompletionItem[str]"]]


# \b keeps click from rewrapping the paragraph.
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
    assert kind is not None, "click supports all three shells"
    root = click.get_current_context().find_root().command
    click.echo(kind(root, {}, "tracker", VARIABLE).source())


def _completer(find: Find) -> Complete:
    """Return a callback for click that completes a parameter with the values `find` returns."""

    def complete(
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG001  click's signature
        typed: str,
    ) -> list["CompletionItem[str]"]:
        from click.shell_completion import CompletionItem

        try:
            config = load(ctx.find_root().params.get("home"))
            values = list(islice(find(config, typed), _MOST))
        except (TrackerError, OSError, sqlite3.Error):
            return []
        return [CompletionItem(value, help=text) for value, text in values]

    return complete


def _papers(config: Config, typed: str) -> Iterator[tuple[str, str]]:
    from tracker.store import papers
    from tracker.store.database import open_read_only

    if config.database.is_file():
        with open_read_only(config.database, wait=_WAIT_SECONDS) as db:
            yield from papers.beginning_with(db, typed, _MOST)


def _topics(config: Config, typed: str) -> Iterator[tuple[str, str]]:
    from tracker.topics import taxonomy

    concepts = taxonomy.concepts_with_custom(config.directions)
    return ((key, one.name) for key, one in concepts.items() if key.startswith(typed))


def _sources(config: Config, typed: str) -> Iterator[tuple[str, str]]:
    return ((name, one.url) for name, one in config.sources.items() if name.startswith(typed))


def _periods(containing: Callable[[date], Period]) -> Find:
    def find(config: Config, typed: str) -> Iterator[tuple[str, str]]:
        from tracker.store import papers
        from tracker.store.database import open_read_only

        if not config.database.is_file():
            return
        with open_read_only(config.database, wait=_WAIT_SECONDS) as db:
            span = papers.announcement_span(db)
        if span is None:
            return
        period = containing(span[1])
        while period.end >= span[0]:
            if period.key.startswith(typed):
                yield period.key, f"{period.start} to {period.end}"
            period = period.previous()

    return find


# Ids of stored papers, newest first; topic keys, including custom topics; days, weeks and months in
# which stored papers were announced, newest first; names of sources.
complete_papers = _completer(_papers)
complete_topics = _completer(_topics)
complete_days = _completer(_periods(Period.day_of))
complete_weeks = _completer(_periods(Period.week_of))
complete_months = _completer(_periods(Period.month_of))
complete_sources = _completer(_sources)
