"""The scheduler: run."""

import signal
from typing import NoReturn

import click

from tracker.cli.interrupt import INTERRUPTED, end
from tracker.cli.session import EXIT_DEGRADED, Session, utc_now


@click.command("run")
@click.option("--once", is_flag=True, help="Run what is due and exit; for cron and timers.")
@click.pass_obj
def run_command(session: Session, *, once: bool) -> int:
    """Run the schedules: crawl, digest, report, send.

    It ends within two seconds of Ctrl-C or SIGTERM; interrupted jobs are repeated by the next run.
    The log is written to log.json in the home.
    """
    from tracker.pipeline.admin.scheduled_jobs import build_tick
    from tracker.scheduling.scheduler import JobOutcome, run_until_signal

    def report(ran: JobOutcome) -> None:
        session.print_message(" ".join(filter(None, (ran.job, ran.key, ran.state, ran.detail))))

    tick = build_tick(session.config())
    session.log_to_home()
    if not once:
        _end(run_until_signal(tick, report, end=_end))
    states = []
    for ran in tick(utc_now()):
        report(ran)
        states.append(ran.state)
    return EXIT_DEGRADED if {"failed", "held", "degraded"} & set(states) else 0


def _end(number: int) -> NoReturn:
    """End the process; service managers ask by SIGTERM, so that is no failure."""
    end(INTERRUPTED if number == signal.SIGINT else 0)
