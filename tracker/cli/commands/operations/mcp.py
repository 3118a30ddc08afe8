"""The MCP server: mcp."""

import click

from tracker.cli.session import Session
from tracker.errors import TrackerError, UsageError

_LAST_PORT = 65_535


@click.command("mcp")
@click.option(
    "--http", "address", is_flag=False, flag_value="127.0.0.1:8766", metavar="[HOST:PORT]",
    help="Serve streamable HTTP at /mcp; default address: 127.0.0.1:8766.",
)  # fmt: skip
@click.pass_obj
def mcp_command(session: Session, address: str | None) -> None:
    """Serve papers and issues to language models over MCP.

    By default on standard input and output, for a client that starts this command.
    """
    from tracker.extras import require_mcp

    require_mcp()
    from tracker.mcp_server import tools
    from tracker.store.database import open_database, open_read_only
    from tracker.store.snapshots import is_snapshot

    place = _parse_address(address) if address else None
    config = session.server_config()
    opened = open_read_only if is_snapshot(config.home) else open_database
    with opened(config.database):
        pass  # creates or migrates it before the first call reads it
    if place is None:
        tools.run_stdio(config)
        return
    session.print_message(f"Serving MCP at http://{address}/mcp until it is interrupted.")
    try:
        tools.run_http(config, *place)
    except SystemExit as error:  # how uvicorn reports that it cannot listen
        if error.code:
            raise TrackerError(f"Cannot listen on {address}.") from None


def _parse_address(address: str) -> tuple[str, int]:
    """Return host and port. Raises UsageError."""
    host, _, port = address.rpartition(":")
    valid = port.isascii() and port.isdecimal() and len(port) <= 5 and 0 < int(port) <= _LAST_PORT
    if not host or not valid:
        raise UsageError(f"--http takes HOST:PORT such as 127.0.0.1:8766, not {address!r}.")
    return host.strip("[]"), int(port)
