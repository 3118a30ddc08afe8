"""The command that answers a question from the papers: ask."""

import time
from datetime import date

import click

from tracker.cli.session import DAY, Session, check_span, print_json, utc_now


@click.command("ask")
@click.argument("question")
@click.option(
    "-n", "number", default=5, show_default=True, type=click.IntRange(1, 20),
    help="Most sentences of the answer.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--since", type=DAY, help="Papers announced on or after this day (2026-03-01, 30d).")
@click.option("--until", type=DAY, help="Papers announced on or before this day.")
@click.pass_obj
def ask_command(
    session: Session, /, question: str, *, number: int, as_json: bool, since: date | None,
    until: date | None,
) -> None:  # fmt: skip
    """Answer a question with sentences of papers, each with its source."""
    from tracker.cli.output.answers import answer_json, print_answer
    from tracker.pipeline.retrieval.hybrid_search import build_filter
    from tracker.pipeline.retrieval.question_answering import AskOptions, answer_question

    started = time.perf_counter()
    check_span(since, until)
    with session.read() as (config, db):
        options = AskOptions(number, build_filter(since=since, until=until))
        answer = answer_question(db, config, question, options, today=utc_now().date())
    for note in answer.notes:
        session.print_message(note)
    if as_json:
        print_json(answer_json(answer, seconds=time.perf_counter() - started))
    else:
        print_answer(answer)
