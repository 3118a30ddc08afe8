"""`tracker`: the root command, and the one place where an error becomes a sentence and a code.

Commands are listed by module and loaded when they are asked for, so that `--help` and `search`
start at once.
"""

import importlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from tracker.cli.session import Session
from tracker.errors import TrackerError
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
    "index": "make",
    "search": "find",
    "show": "find",
    "similar": "find",
    "topics": "find",
    "leaderboards": "find",
    "digest": "make",
    "report": "make",
    "summarize": "make",
    "run": "run",
    "backup": "keep",
    "restore": "keep",
}

INTERRUPTED = 130


class Commands(click.Group):
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


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tracker")
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Where it all is.")
@click.option("--offline", is_flag=True, help="Refuse every network access.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Change a setting.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, only results and errors.")
@click.pass_context
def cli(
    ctx: click.Context, home: Path | None, offline: bool, settings: tuple[str, ...], quiet: bool
) -> None:
    r"""Keep up with LLM research: crawl, search, weekly digest, monthly report.

    \b
    tracker demo                    see everything work on an invented sample
    tracker crawl && tracker index  read arXiv's last days
    tracker search "MoE"            find papers by words and meaning
    tracker digest                  the digest of the week that has ended
    """
    ctx.obj = Session(home, offline=offline, settings=settings, quiet=quiet)


def main() -> None:
    """Run the command line; every error a user can cause is one sentence and its exit code."""
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except TrackerError as error:
        _fail(str(error), error.exit_code)
    except BrokenPipeError:
        _leave_pipe()
    except (click.Abort, KeyboardInterrupt):
        _fail("Interrupted; what was finished is kept.", INTERRUPTED)
    except OSError as error:
        _fail(f"{error.strerror or error}: {error.filename}" if error.filename else str(error), 1)


def _fail(sentence: str, code: int) -> None:
    click.echo(f"tracker: {sentence}", err=True)
    sys.exit(code)


def _leave_pipe() -> None:
    """The reader (`| head`) has gone: say nothing, also not when Python flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)
