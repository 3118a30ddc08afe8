"""The web server: serve."""

import click

from tracker.cli.session import Session


@click.command("serve")
@click.option(
    "--read-only", is_flag=True, help="Refuse changes, write nothing, follow a replica's snapshots."
)
@click.pass_obj
def serve_command(session: Session, *, read_only: bool) -> None:
    """Serve issues, search, papers and topics as a web site.

    The links in mails lead to it, too. The log is written to log.json in the home, except with
    --read-only.
    """
    from tracker.web.server import serve

    if read_only:
        serve(session.server_config(), session.print_message, read_only=True)
        return
    session.log_to_home()
    serve(session.config(), session.print_message)
