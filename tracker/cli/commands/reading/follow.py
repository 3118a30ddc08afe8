"""Commands for the interests of the user or a subscriber: follow, like, dislike."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from tracker.cli.commands.operations.completion import complete_papers
from tracker.cli.session import Session, print_json, utc_now
from tracker.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.models import Paper
    from tracker.store.database import Database
    from tracker.store.interests import Owner, PaperOpinion

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_LIST = click.option("--list", "listed", is_flag=True, help="List what is saved.")
_FORGET = click.option("--forget", is_flag=True, help="Remove the opinion.")
_FOR = click.option(
    "--for", "email", metavar="EMAIL", help="For this subscriber; default: the reader of this home."
)


@click.command("follow")
@click.argument("query", required=False)
@click.option("--name", default="", help="Name of the search; default: its text.")
@_FOR
@_LIST
@click.option("--remove", metavar="NAME", help="Stop following a search.")
@_JSON
@click.pass_obj
def follow_command(
    session: Session, query: str | None, *, name: str, email: str | None, listed: bool,
    remove: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Save a search; its new matches appear in the next digest."""
    from tracker.pipeline.retrieval import saved_searches
    from tracker.store import interests

    if sum((query is not None, listed, remove is not None)) != 1:
        raise UsageError("Give one of QUERY, --list and --remove NAME.")
    if name and query is None:
        raise UsageError("--name names a QUERY, which is missing.")
    with session.read() if listed else session.open() as (config, db):
        owner = find_owner(db, email)
        if remove is not None:
            saved_searches.unfollow(db, remove, owner)
        elif query is not None:
            followed = saved_searches.follow(db, config, query, name, utc_now(), owner)
            session.print_message(f"Following {followed.query!r} as {followed.name!r}.")
        found = interests.list_saved_searches(db, owner)
    if as_json:
        print_json(found)
    elif listed:
        click.echo("\n".join(f"{one.name}\t{one.query}" for one in found), nl=bool(found))


@click.command("like")
@click.argument("paper", required=False, shell_complete=complete_papers)
@_FOR
@_LIST
@_FORGET
@_JSON
@click.pass_obj
def like_command(
    session: Session, paper: str | None, *, email: str | None, listed: bool, forget: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Mark a paper as one you want to see more of."""
    request = _OpinionRequest(paper, email, listed=listed, forget=forget, as_json=as_json)
    _handle_opinion(session, request, liked=True)


@click.command("dislike")
@click.argument("paper", required=False, shell_complete=complete_papers)
@_FOR
@_LIST
@_FORGET
@_JSON
@click.pass_obj
def dislike_command(
    session: Session, paper: str | None, *, email: str | None, listed: bool, forget: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Mark a paper as one you want to see less of."""
    request = _OpinionRequest(paper, email, listed=listed, forget=forget, as_json=as_json)
    _handle_opinion(session, request, liked=False)


@dataclass(frozen=True, slots=True)
class _OpinionRequest:
    """The arguments of like or dislike."""

    paper: str | None
    email: str | None
    listed: bool
    forget: bool
    as_json: bool


def _handle_opinion(session: Session, request: _OpinionRequest, *, liked: bool) -> None:
    from tracker.pipeline.mailing import preferences
    from tracker.store import interests

    if request.listed == (request.paper is not None):
        raise UsageError("Give either the id of a paper or --list.")
    if request.forget and request.paper is None:
        raise UsageError("--forget removes the opinion of a paper: give its id.")
    with session.read() if request.listed else session.open() as (_, db):
        owner = find_owner(db, request.email)
        if request.paper is not None:
            opinion = None if request.forget else liked
            paper = preferences.set_opinion(
                db, request.paper, liked=opinion, now=utc_now(), owner=owner
            )
            session.print_message(_describe_change(paper, opinion, request.email))
        found = [one for one in interests.list_opinions(db, owner) if one.liked == liked]
    _print_opinions(found, request)


def _print_opinions(found: "Sequence[PaperOpinion]", request: _OpinionRequest) -> None:
    if request.as_json:
        print_json([{"id": one.paper.id, "title": one.paper.title, "liked": one.liked,
                     "created": one.created} for one in found])  # fmt: skip
    elif request.listed:
        click.echo("\n".join(f"{x.paper.id}\t{x.paper.title}" for x in found), nl=bool(found))


def _describe_change(paper: "Paper", opinion: bool | None, email: str | None) -> str:
    """Return a sentence saying which opinion was stored or removed."""
    from summarizer.text.sentences import to_plain_text

    action = {True: "Liked", False: "Disliked", None: "Removed the opinion of"}[opinion]
    reader = f" for {email.strip()}" if email else ""
    return f"{action} {paper.id}{reader}: {to_plain_text(paper.title)}"


def find_owner(db: "Database", email: str | None) -> "Owner":
    """Return the subscriber with that address, or None for the home. Raises NotFound."""
    from tracker.store import subscribers

    return None if email is None else subscribers.get_by_email(db, email.strip()).number
