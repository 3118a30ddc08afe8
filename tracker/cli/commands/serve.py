"""The web server: serve."""

import click

from tracker.cli.session import Session


@click.command("serve")
@click.pass_obj
def serve_command(session: Session) -> None:
    """Serve issues, search, papers and topics as a web site.

    The links in mails lead to it, too. The log is written to log.json in the home.
    """
    from tracker.web.server import serve

    session.log_to_home()
    serve(session.config(), session.print_message)
