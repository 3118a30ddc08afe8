"""`tracker`: the root command, and the only place where errors become sentences and exit codes.

Commands are listed by module and imported when they are called, so that `--help` and `search`
start quickly.
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
from tracker.cli.commands.operations.completion import VARIABLE
from tracker.cli.help import FullHelp
from tracker.cli.interrupt import INTERRUPTED, bounded, end, raise_interrupts
from tracker.cli.session import Session
from tracker.errors import TrackerError, UsageError
from tracker.version import __version__

# Command -> module in tracker.cli.commands, in the order of `tracker --help`.
COMMAND_MODULES: Mapping[str, str] = {
    "demo": "digest",
    "init": "operations.admin",
    "profile": "operations.admin",
    "paths": "operations.admin",
    "status": "operations.admin",
    "doctor": "operations.admin",
    "import": "ingest",
    "crawl": "ingest",
    "sources": "ingest",
    "ledger": "ingest",
    "index": "digest",
    "search": "reading.search",
    "ask": "reading.ask",
    "show": "reading.search",
    "similar": "reading.search",
    "follow": "reading.follow",
    "like": "reading.follow",
    "dislike": "reading.follow",
    "path": "reading.learn",
    "next": "reading.learn",
    "read": "reading.learn",
    "save": "reading.learn",
    "unread": "reading.learn",
    "reading": "reading.learn",
    "vault": "reading.learn",
    "review": "reading.review",
    "topics": "reading.topics",
    "trends": "reading.topics",
    "leaderboards": "reading.search",
    "digest": "digest",
    "report": "digest",
    "summarize": "digest",
    "llm": "operations.language_model",
    "replay": "replay",
    "subscribers": "mail",
    "send": "mail",
    "export": "export",
    "serve": "operations.serve",
    "mcp": "operations.mcp",
    "run": "operations.run",
    "backup": "operations.admin",
    "restore": "operations.admin",
    "replica": "operations.replica",
    "completion": "operations.completion",
}


class LazyGroup(FullHelp):
    """A group that imports the module of a command when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return the names of all commands, in the order of the help."""
        return list(COMMAND_MODULES)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002  click's signature
        name: str,
    ) -> click.Command | None:
        """Return the command of that name, or None."""
        if name not in COMMAND_MODULES:
            return None
        module = importlib.import_module(f"tracker.cli.commands.{COMMAND_MODULES[name]}")
        command = getattr(module, f"{name}_command")
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Do as click does; for an unknown command, suggest similar ones."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = get_close_matches(args[0], COMMAND_MODULES)
            if not near:
                raise
            similar = " or ".join(near)
            raise click.UsageError(f"{error.message} Did you mean {similar}?", ctx) from error


# \b prevents click from rewrapping the paragraph.
_HELP = """Keep up with LLM research: crawl, search, weekly digest, monthly report.

\b
tracker demo                    run the whole pipeline on an invented sample
tracker crawl && tracker index  read the last days of arXiv
tracker search "MoE"            find papers by words and meaning
tracker digest                  compose the digest of the last week
"""


@click.group(cls=LazyGroup, help=_HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tracker")
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="Home folder: settings, database, digests.",
)
@click.option("--offline", is_flag=True, help="Allow no network access.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Change a setting.")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress, only results and errors.")
@click.option(
    "-v", "--verbose", count=True, envvar="TRACKER_VERBOSE", show_envvar=True,
    help="Log to stderr; -vv logs details.",
)  # fmt: skip
@click.option(
    "--log-json", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Append the log to FILE as JSON lines.",
)  # fmt: skip
@click.pass_context
def cli(
    ctx: click.Context, home: Path | None, offline: bool, settings: tuple[str, ...], quiet: bool,
    verbose: int, log_json: Path | None,
) -> None:  # fmt: skip
    """Process the options before the command."""
    verbosity = _choose_verbosity(ctx, verbose, quiet=quiet)
    if verbosity or log_json:
        _start_logging(ctx, verbosity, log_json)
    # A progress bar and log lines would overwrite each other.
    quiet = quiet or verbosity > 0
    ctx.obj = Session(home, offline=offline, settings=settings, quiet=quiet)


def _choose_verbosity(ctx: click.Context, verbose: int, *, quiet: bool) -> int:
    """Return how much to log; -q overrides the environment. Raises UsageError for -q with -v."""
    typed = ctx.get_parameter_source("verbose") is click.core.ParameterSource.COMMANDLINE
    if quiet and verbose and typed:
        raise UsageError("--quiet and --verbose contradict each other.")
    return 0 if quiet else verbose


def _start_logging(ctx: click.Context, verbosity: int, file: Path | None) -> None:
    from tracker.cli import logs

    ctx.with_resource(logs.log_to_stderr(verbosity))
    if file:
        ctx.with_resource(logs.log_to_file(file))
    ctx.with_resource(logs.log_command(ctx.invoked_subcommand or "", __version__))


def main() -> None:
    """Run the command line; every error a user can cause becomes a sentence and an exit code."""
    streams.open_missing()
    with bounded():
        _run()


def _run() -> NoReturn:
    try:
        raise_interrupts()
        code = cli.main(standalone_mode=False, complete_var=VARIABLE) or 0
    except SystemExit:
        code = 0  # raised by click only when the reader of a pipe (`| head`) has closed it
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except TrackerError as error:
        _exit_with_error(str(error), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        end(INTERRUPTED)
    except UnicodeError:  # invalid bytes on the command line or standard input
        _exit_with_error("The input is not valid UTF-8 text.", UsageError.exit_code)
    except OSError as error:
        _exit_with_error(_describe_failure(error), 1)
    sys.exit(code)


def _describe_failure(error: OSError) -> str:
    reason = error.strerror or str(error)
    if streams.cannot_print(error):
        streams.mute()
        return f"The output cannot be written: {reason}."
    return f"{reason}: {error.filename}" if error.filename else str(error)


def _exit_with_error(sentence: str, code: int) -> NoReturn:
    with suppress(OSError):  # standard error may be full or closed
        click.echo(f"tracker: {streams.remove_control_characters(sentence)}", err=True)
    sys.exit(code)
