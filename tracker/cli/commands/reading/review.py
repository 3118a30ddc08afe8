"""`tracker review`: questions about the papers that were read."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.commands.reading.learn import find_reader
from tracker.cli.session import Session, print_json
from tracker.errors import UsageError

if TYPE_CHECKING:
    from tracker.delivery.notes.anki import AnkiNote
    from tracker.pipeline.learning.review_questions import DueQuestion


@click.command("review")
@click.option(
    "-n", "number", default=3, show_default=True, type=click.IntRange(1, 100),
    help="Number of questions.",
)  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="All questions, also those not due.")
@click.option("--answers", is_flag=True, help="Print the answers, too.")
@click.option("--right", multiple=True, metavar="KEY", help="Store a right answer to a question.")
@click.option("--wrong", multiple=True, metavar="KEY", help="Store a wrong answer.")
@click.option(
    "--anki", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Write all questions for Anki, as .csv or .apkg.",
)  # fmt: skip
@click.option("--for", "email", metavar="EMAIL", help="Questions for this subscriber.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def review_command(
    session: Session, /, *, number: int, everything: bool, answers: bool,
    right: tuple[str, ...], wrong: tuple[str, ...], anki: Path | None, email: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Ask about papers that you read a month ago or more.

    On a terminal it shows each question, then the answer, and stores whether you knew it. Elsewhere
    it prints the questions.
    """
    if email and any((right, wrong, anki)):
        raise UsageError("--for only shows questions; it has no effect on answers and --anki.")
    if right or wrong:
        _store_answers(session, right, wrong)
    elif anki:
        _write_anki(session, anki)
    else:
        found = _load(session, number, everything=everything, email=email)
        if as_json:
            print_json(found)
        elif _is_terminal() and not any((everything, answers, email)):
            _ask(session, found)
        else:
            _print_questions(found, answers=answers)


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _load(
    session: Session, number: int, *, everything: bool, email: str | None = None
) -> list["DueQuestion"]:
    from tracker.pipeline.learning import review_questions

    with session.read() as (config, db):
        owner, _ = find_reader(db, config, email)
        if everything:
            return review_questions.load_questions(db, owner)
        return review_questions.due_questions(db, session.today(), number, owner)


def _store_answers(session: Session, right: tuple[str, ...], wrong: tuple[str, ...]) -> None:
    from tracker.pipeline.learning.review_questions import store_answer

    answered = [*((key, True) for key in right), *((key, False) for key in wrong)]
    with session.open() as (_, db):
        for key, is_right in answered:
            due = store_answer(db, key, right=is_right, today=session.today())
            session.print_message(f"{key} is asked again on {due}.")


def _ask(session: Session, found: list["DueQuestion"]) -> None:
    if not found:
        session.print_message("No question is due.")
    for one in found:
        click.echo(f"\n{one.title} ({one.question.id})\n{one.question.text}")
        click.pause("Press any key for the answer …")
        click.echo(one.question.answer)
        if one.question.has_gap:
            click.echo(one.question.sentence)
        known = click.confirm("Did you know it?", default=True)
        _store_answers(session, (one.question.key,) * known, (one.question.key,) * (not known))


def _print_questions(found: list["DueQuestion"], *, answers: bool) -> None:
    for one in found:
        click.echo(f"{one.question.key}\t{one.due}\t{one.title}\n  {one.question.text}")
        if answers:
            click.echo(f"  → {one.question.answer}")


def _write_anki(session: Session, path: Path) -> None:
    from tracker.delivery.notes import anki
    from tracker.errors import TrackerError
    from tracker.files import replace_text

    if path.suffix not in (".csv", ".apkg"):
        raise UsageError(f"{str(path)!r} must end with .csv or .apkg.")
    if path.suffix == ".apkg":
        anki.require_anki()
    notes = [_anki_note(one) for one in _load(session, 0, everything=True)]
    if path.suffix == ".apkg":
        anki.write_deck(notes, path)
    else:
        try:
            replace_text(path, anki.format_csv(notes))
        except OSError as error:
            raise TrackerError(f"Cannot write {path}: {error.strerror}.") from error
    click.echo(f"{len(notes):,} questions written to {path}.")


def _anki_note(one: "DueQuestion") -> "AnkiNote":
    from tracker.delivery.notes.anki import AnkiNote
    from tracker.learning.cloze_questions import GAP

    question = one.question
    before, _, after = question.text.partition(GAP)
    lead = before if question.has_gap else f"{question.text} "
    extra = f"{one.title} · arXiv:{question.id}"
    return AnkiNote(question.key, lead, question.answer, after, extra)
