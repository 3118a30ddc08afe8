"""Commands that tell tracker what one cares for, or a subscriber does: follow, like, dislike."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from tracker.cli.session import Session, now, print_json
from tracker.errors import UsageError

if TYPE_CHECKING:
    from tracker.store.database import Database
    from tracker.store.interests import Owner

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_LIST = click.option("--list", "listed", is_flag=True, help="Show what there is.")
_FORGET = click.option("--forget", is_flag=True, help="Take an opinion back.")
_FOR = click.option(
    "--for", "email", metavar="EMAIL", help="The subscriber it is for; else it is for this home."
)


@click.command("follow")
@click.argument("query", required=False)
@click.option("--name", default="", help="What it is called; else by its text.")
@_FOR
@_LIST
@click.option("--remove", metavar="NAME", help="Follow it no longer.")
@_JSON
@click.pass_obj
def follow_command(
    session: Session, query: str | None, *, name: str, email: str | None, listed: bool,
    remove: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Save a search, whose new matches go into the next digest."""
    from tracker.pipeline import following
    from tracker.store import interests

    if sum((query is not None, listed, remove is not None)) != 1:
        raise UsageError("Give one of QUERY, --list and --remove NAME.")
    if name and query is None:
        raise UsageError("--name is what a QUERY is called.")
    with session.read() if listed else session.open() as (config, db):
        owner = _owner(db, email)
        if remove is not None:
            following.unfollow(db, remove, owner)
        elif query is not None:
            followed = following.follow(db, config, query, name, now(), owner)
            session.say(f"Following {followed.query!r} as {followed.name!r}.")
        found = interests.followed_queries(db, owner)
    if as_json:
        print_json(found)
    elif listed:
        click.echo("\n".join(f"{one.name}\t{one.query}" for one in found), nl=bool(found))


@click.command("like")
@click.argument("paper", required=False)
@_FOR
@_LIST
@_FORGET
@_JSON
@click.pass_obj
def like_command(
    session: Session, paper: str | None, *, email: str | None, listed: bool, forget: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Say that a paper is of the kind that you want to see."""
    asked = _Asked(paper, email, listed=listed, forget=forget, as_json=as_json)
    _judge(session, asked, liked=True)


@click.command("dislike")
@click.argument("paper", required=False)
@_FOR
@_LIST
@_FORGET
@_JSON
@click.pass_obj
def dislike_command(
    session: Session, paper: str | None, *, email: str | None, listed: bool, forget: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Say that a paper is of the kind that you do not want to see."""
    asked = _Asked(paper, email, listed=listed, forget=forget, as_json=as_json)
    _judge(session, asked, liked=False)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was typed behind like or dislike."""

    paper: str | None
    email: str | None
    listed: bool
    forget: bool
    as_json: bool


def _judge(session: Session, asked: _Asked, *, liked: bool) -> None:
    from tracker.pipeline import preferences
    from tracker.store import interests

    if asked.listed == (asked.paper is not None):
        raise UsageError("Give either the id of a paper or --list.")
    if asked.forget and asked.paper is None:
        raise UsageError("--forget takes back the opinion of a paper: give its id.")
    with session.read() if asked.listed else session.open() as (_, db):
        owner = _owner(db, asked.email)
        if asked.paper is not None:
            opinion = None if asked.forget else liked
            preferences.judge(db, asked.paper, liked=opinion, now=now(), owner=owner)
        found = [one for one in interests.opinions(db, owner) if one.liked == liked]
    if asked.as_json:
        print_json([{"id": one.paper.id, "title": one.paper.title, "liked": one.liked,
                     "created": one.created} for one in found])  # fmt: skip
    elif asked.listed:
        click.echo("\n".join(f"{x.paper.id}\t{x.paper.title}" for x in found), nl=bool(found))


def _owner(db: "Database", email: str | None) -> "Owner":
    """The subscriber of that address, or the reader of the home. Raises NotFound."""
    from tracker.store import subscribers

    return None if email is None else subscribers.named(db, email.strip()).number
