"""Saved searches: taken after a check, and what is new for them in a period.

A ranked search finds something for any query. What is followed is stricter: a work matches when it
holds every telling word of the query, as such or by another name that the acronyms of the store
give, and passes its filters. A search for nothing but topics, or an author, is followed as that.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cached_property

from tracker.calendar import Period
from tracker.digest.reader import Interests
from tracker.errors import NotFound, UsageError
from tracker.pipeline import asking
from tracker.search.query import Query
from tracker.settings import Config
from tracker.store import fulltext, interests, papers
from tracker.store.database import Database
from tracker.store.expressions import Wanted
from tracker.store.filters import Facets, Filter
from tracker.store.interests import Followed, Owner

_NAME = 60
# A query is read, and looked for, at each sending: so long, and so many of one reader.
LONGEST, MOST = 500, 100


def follow(
    db: Database, config: Config, query: str, name: str, now: datetime, owner: Owner = None
) -> Followed:
    """Save a search; without a name it goes by its own text. One of the same name is replaced.

    Raises UsageError if it finds nothing, is too long, or is one too many.
    """
    if len(query) > LONGEST:
        raise UsageError(f"A saved search has at most {LONGEST} characters.")
    asked = asking.read(db, query, now.date(), config.directions)
    if asked == Query():
        raise UsageError(
            "There is nothing to look for in the query; in moe or topic:agents there is."
        )
    followed = Followed(" ".join((name or query).split())[:_NAME], query.strip(), now)
    known = {one.name.casefold() for one in interests.followed_queries(db, owner)}
    if len(known | {followed.name.casefold()}) > MOST:
        raise UsageError(f"No more than {MOST} searches are saved; remove one first.")
    interests.follow(db, followed, owner)
    return followed


def unfollow(db: Database, name: str, owner: Owner = None) -> None:
    """Forget a saved search. Raises NotFound."""
    if not interests.unfollow(db, name, owner):
        raise NotFound("saved search", name, "`tracker follow --list` shows what there is.")


class Searches:
    """What saved searches find in a period; those that mean the same are looked for once."""

    def __init__(self, db: Database, config: Config, period: Period) -> None:
        self._db, self._own, self._period = db, config.directions, period
        self._asked: dict[tuple[str, date], Query | UsageError] = {}
        self._found: dict[Query, frozenset[str]] = {}

    def interests(self, followed: Iterable[Followed]) -> Interests:
        """One reader's saved searches as interests; what can no longer be read is named."""
        topics, authors = set[str](), set[str]()
        queries, unread = dict[str, frozenset[str]](), dict[str, str]()
        for one in followed:
            asked = self._read(one)
            if isinstance(asked, UsageError):
                unread[one.name] = str(asked)
            elif named := topics_of(asked):
                topics.update(named)
            elif name := author_of(asked):
                authors.add(name)
            elif found := self._matches(asked):
                queries[one.name] = found
        return Interests(frozenset(topics), frozenset(authors), queries, unread=unread)

    def _read(self, followed: Followed) -> Query | UsageError:
        """As it was meant when it was written: "7d" are the days before that one.

        The last digest is the one before the period.
        """
        key = followed.query, followed.created.date()
        last = self._period.start - timedelta(days=1)
        if key not in self._asked:
            try:
                self._asked[key] = asking.read(self._db, *key, self._own, last_digest=last)
            except UsageError as error:
                self._asked[key] = error
        return self._asked[key]

    def _matches(self, asked: Query) -> frozenset[str]:
        """The ids of what was first listed in the period and passes."""
        if asked not in self._found:
            within = Filter(self._period.start, self._period.end)
            sought = asking.sought(self._db, within, asked, strict=True)
            passing = fulltext.passing(self._db, sought.only).tolist()
            # A crawl may have added some since the ids were read.
            self._found[asked] = frozenset(self._listed[n] for n in passing if n in self._listed)
        return self._found[asked]

    @cached_property
    def _listed(self) -> dict[int, str]:
        return papers.listed(self._db, self._period.start, self._period.end)


def topics_of(asked: Query) -> tuple[str, ...]:
    """The topics that a query names, by `topic:` or in Chinese, if it asks for nothing else."""
    filtered = asked.only.topics
    if filtered and asked == Query(only=Facets(topics=filtered)):
        return filtered
    named = " ".join(topic.name for topic in asked.named)
    words = Wanted(words=asked.wanted.words, also=asked.wanted.also)
    alone = asked == Query(text=named, wanted=words, named=asked.named)
    return tuple(topic.key for topic in asked.named) if alone else ()


def author_of(asked: Query) -> str:
    """The one author that a query names if it asks for nothing else, or empty."""
    terms = asked.wanted.required
    alone = len(terms) == 1 and asked == Query(wanted=Wanted(required=terms))
    return terms[0].text if alone and terms[0].field == "author" else ""
