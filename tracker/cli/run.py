"""The command that keeps going: run."""

import signal
from typing import NoReturn

import click

from tracker.cli.interrupt import INTERRUPTED, end
from tracker.cli.session import DEGRADED, Session, now


@click.command("run")
@click.option("--once", is_flag=True, help="Do what is due and end, for cron and timers.")
@click.pass_obj
def run_command(session: Session, *, once: bool) -> int:
    """Do what is due by the schedules: crawl, compose the digest and the report, send them.

    It ends at Ctrl-C or SIGTERM, at the latest after two seconds; what is cut short is done again.
    """
    from tracker.cli.jobs import ticking
    from tracker.service import Ran, serve

    def report(ran: Ran) -> None:
        session.say(" ".join(filter(None, (ran.job, ran.key, ran.state, ran.detail))))

    tick = ticking(session.config())
    if not once:
        _end(serve(tick, report, end=_end))
    states = []
    for ran in tick(now()):
        report(ran)
        states.append(ran.state)
    return DEGRADED if {"failed", "degraded"} & set(states) else 0


def _end(number: int) -> NoReturn:
    """End the process; service managers ask by SIGTERM, so that is no failure."""
    end(INTERRUPTED if number == signal.SIGINT else 0)
