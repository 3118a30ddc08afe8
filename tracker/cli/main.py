"""`tracker`: the root command, and the one place where an error becomes a sentence and a code.

Commands are listed by module and loaded when they are asked for, so that `--help` and `search`
start at once.
"""

import importlib
import sys
from collections.abc import Mapping
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

import click

from tracker.cli import streams
from tracker.cli.help import FullHelp
from tracker.cli.interrupt import INTERRUPTED, bounded, end
from tracker.cli.session import Session
from tracker.errors import TrackerError, UsageError
from tracker.version import __version__

# Command -> module that has it. The order is the order of `tracker --help`.
COMMANDS: Mapping[str, str] = {
    "demo": "make",
    "init": "keep",
    "paths": "keep",
    "status": "keep",
    "doctor": "keep",
    "import": "collect",
    "crawl": "collect",
    "sources": "collect",
    "ledger": "collect",
    "index": "make",
    "search": "find",
    "show": "find",
    "similar": "find",
    "follow": "interest",
    "like": "interest",
    "dislike": "interest",
    "topics": "shape",
    "trends": "shape",
    "leaderboards": "find",
    "digest": "make",
    "report": "make",
    "summarize": "make",
    "replay": "weigh",
    "subscribers": "post",
    "send": "post",
    "export": "export",
    "serve": "serve",
    "run": "run",
    "backup": "keep",
    "restore": "keep",
}


class Commands(FullHelp):
    """A group that imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """All commands, in the order in which they are used."""
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002  click's signature
        name: str,
    ) -> click.Command | None:
        """The command of that name, or None."""
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"tracker.cli.{COMMANDS[name]}")
        command = getattr(module, f"{name}_command")
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does; an unknown command is answered with those that were perhaps meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = get_close_matches(args[0], COMMANDS)
            if not near:
                raise
            meant = " or ".join(near)
            raise click.UsageError(f"{error.message} Did you mean {meant}?", ctx) from error


# \b keeps click from filling the paragraph.
_HELP = """Keep up with LLM research: crawl, search, weekly digest, monthly report.

\b
tracker demo                    see everything work on an invented sample
tracker crawl && tracker index  read arXiv's last days
tracker search "MoE"            find papers by words and meaning
tracker digest                  the digest of the week that has ended
"""


@click.group(cls=Commands, help=_HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tracker")
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Where it all is.")
@click.option("--offline", is_flag=True, help="Refuse every network access.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Change a setting.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, only results and errors.")
@click.pass_context
def cli(
    ctx: click.Context, home: Path | None, offline: bool, settings: tuple[str, ...], quiet: bool
) -> None:
    """Take the options that stand before the command."""
    ctx.obj = Session(home, offline=offline, settings=settings, quiet=quiet)


def main() -> None:
    """Run the command line; every error a user can cause is one sentence and its exit code."""
    streams.open_missing()
    with bounded():
        _run()


def _run() -> NoReturn:
    try:
        code = cli.main(standalone_mode=False) or 0
    except SystemExit:
        code = 0  # click itself ends only when the reader of a pipe (`| head`) has gone
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except TrackerError as error:
        _fail(str(error), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        end(INTERRUPTED)
    except UnicodeError:  # bytes on the command line or standard input that are no text
        _fail("What was given is not valid UTF-8 text.", UsageError.exit_code)
    except OSError as error:
        reason = error.strerror or str(error)
        if streams.cannot_print(error):
            streams.mute()
            _fail(f"What was to be printed cannot be written: {reason}.", 1)
        _fail(f"{reason}: {error.filename}" if error.filename else str(error), 1)
    sys.exit(code)


def _fail(sentence: str, code: int) -> NoReturn:
    with suppress(OSError):  # nobody can be told where standard error is full or gone
        click.echo(f"tracker: {sentence}", err=True)
    sys.exit(code)
