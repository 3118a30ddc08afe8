"""Commands that tell tracker what one cares for: follow, like, dislike."""

from typing import TYPE_CHECKING

import click

from tracker.cli.session import Session, now, print_json
from tracker.errors import UsageError

if TYPE_CHECKING:
    from tracker.store.database import Database

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_LIST = click.option("--list", "listed", is_flag=True, help="Show what there is.")


@click.command("follow")
@click.argument("query", required=False)
@click.option("--name", default="", help="What it is called; else by its text.")
@_LIST
@click.option("--remove", metavar="NAME", help="Follow it no longer.")
@_JSON
@click.pass_obj
def follow_command(
    session: Session, query: str | None, *, name: str, listed: bool, remove: str | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Save a search, whose new matches go into the next digest."""
    from tracker.pipeline import following
    from tracker.store import interests

    if sum((query is not None, listed, remove is not None)) != 1:
        raise UsageError("Give one of QUERY, --list and --remove NAME.")
    with session.open() as (config, db):
        if remove is not None:
            following.unfollow(db, remove)
        elif query is not None:
            followed = following.follow(db, config, query, name, now())
            session.say(f"Following {followed.query!r} as {followed.name!r}.")
        found = interests.followed_queries(db)
    if as_json:
        print_json(found)
    elif listed:
        click.echo("\n".join(f"{one.name}\t{one.query}" for one in found), nl=bool(found))


@click.command("like")
@click.argument("paper", required=False)
@_LIST
@click.option("--forget", is_flag=True, help="Take an opinion back.")
@_JSON
@click.pass_obj
def like_command(
    session: Session, paper: str | None, *, listed: bool, forget: bool, as_json: bool
) -> None:
    """Say that a paper is of the kind that you want to see."""
    _judge(session, paper, liked=True, listed=listed, forget=forget, as_json=as_json)


@click.command("dislike")
@click.argument("paper", required=False)
@_LIST
@click.option("--forget", is_flag=True, help="Take an opinion back.")
@_JSON
@click.pass_obj
def dislike_command(
    session: Session, paper: str | None, *, listed: bool, forget: bool, as_json: bool
) -> None:
    """Say that a paper is of the kind that you do not want to see."""
    _judge(session, paper, liked=False, listed=listed, forget=forget, as_json=as_json)


def _judge(
    session: Session, paper: str | None, *, liked: bool, listed: bool, forget: bool, as_json: bool
) -> None:
    from tracker.store import interests

    if listed == (paper is not None):
        raise UsageError("Give either the id of a paper or --list.")
    with session.open() as (_, db):
        if paper is not None:
            _keep(db, paper, None if forget else liked)
        found = [one for one in interests.opinions(db) if one.liked == liked]
    if as_json:
        print_json([{"id": one.paper.id, "title": one.paper.title, "liked": one.liked,
                     "created": one.created} for one in found])  # fmt: skip
    elif listed:
        click.echo("\n".join(f"{x.paper.id}\t{x.paper.title}" for x in found), nl=bool(found))


def _keep(db: "Database", paper: str, liked: bool | None) -> None:
    """Store an opinion, or take it back where it is None."""
    from tracker.pipeline.finding import find
    from tracker.store import interests

    work, known = find(db, paper)
    if liked is not None:
        interests.judge(db, work, liked=liked, now=now())
    elif not interests.forget(db, work):
        raise UsageError(f"There is no opinion of {known.id} to take back.")
