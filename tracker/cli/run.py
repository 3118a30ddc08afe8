"""The command that keeps going: run."""

import click

from tracker.cli.session import DEGRADED, Session, now


@click.command("run")
@click.option("--once", is_flag=True, help="Do what is due and end, for cron and timers.")
@click.pass_obj
def run_command(session: Session, *, once: bool) -> int:
    """Do what is due by the schedules: crawl, compose the digest and the report, send them."""
    from tracker.cli.jobs import ticking
    from tracker.service import Ran, serve

    def report(ran: Ran) -> None:
        session.say(" ".join(filter(None, (ran.job, ran.key, ran.state, ran.detail))))

    tick = ticking(session.config())
    if not once:
        serve(tick, report)
        return 0
    states = []
    for ran in tick(now()):
        report(ran)
        states.append(ran.state)
    return DEGRADED if {"failed", "held", "degraded"} & set(states) else 0
