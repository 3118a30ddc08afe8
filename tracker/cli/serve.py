"""The command that answers over HTTP: serve."""

import click

from tracker.cli.session import Session


@click.command("serve")
@click.pass_obj
def serve_command(session: Session) -> None:
    """Show issues, search, papers and topics as web pages, and answer the links in mails."""
    from tracker.web.server import serve

    serve(session.config(), session.say)
