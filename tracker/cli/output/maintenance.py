"""Terminal output of the commands that maintain a home: status, restore."""

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from tracker.pipeline.admin.job_states import JobState
    from tracker.store.backups import Restored


def print_status(status: Mapping[str, Any]) -> None:
    """Print the state of the store."""
    span, index = status["announced"], status["index"]
    click.echo(f"home      {status['home']}")
    click.echo(
        f"papers    {status['papers']:,}"
        + (f", announced {span['first']} to {span['last']}" if span else "")
    )
    click.echo(f"index     {index.embedded:,} embedded, {index.stale:,} stale")
    for name, last in status["crawls"].items():
        click.echo(
            f"crawl     {name}: "
            + (f"{last[1]} at {last[3]:%Y-%m-%d %H:%M} UTC" if last else "never")
        )
    click.echo(f"issues    {len(status['issues'])}")
    for job in status["jobs"]:
        click.echo(f"job       {_describe_job(job)}")
    click.echo(
        "outbox    " + ", ".join(f"{number} {state}" for state, number in status["outbox"].items())
    )


def _describe_job(job: "JobState") -> str:
    """Return the state of a job in a line: next time, last attempt, and what is late."""
    due = f"{job.name}: {job.next_key} due {job.next_due.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    last = f"last {job.last_key} {job.last_state}" if job.last_at else "never run"
    if not job.overdue:
        return f"{due}; {last}"
    hours = job.lag_seconds / 3600
    return f"{due}; {last}; late by {hours:.1f} h: {', '.join(job.overdue)}"


def restore_notes(restored: "Restored") -> Iterator[str]:
    """Yield what the operator should know about mails after a restoration."""
    if restored.is_unverified:
        yield (
            "Nothing shows what was mailed after the backup was made. Issues of past periods are"
            " held; `tracker send --resend restored` sends one."
        )
    if restored.carried is None:
        return
    if restored.carried.mails:
        yield (
            "Copied from the previous database:"
            f" {restored.carried.mails:,} mails that were sent after the backup was made."
        )
    if restored.carried.stopped:
        names = ", ".join(restored.carried.stopped)
        yield f"Stopped again, as their readers asked after the backup: {names}."
    if restored.carried.paused:
        names = ", ".join(restored.carried.paused)
        yield f"Paused, as the previous database does not have them: {names}."
