"""Saved searches: validates and stores them, and finds their matches in a period.

A ranked search returns something for any query. Matching a saved search is stricter: a work matches
when it contains every distinctive word of the query, or a synonym from the stored acronyms, and
passes its filters. A query that consists only of topics, or of one author, is followed as such.

Public: `follow`, `unfollow`, `SavedSearches`, `sole_topics`, `sole_author`.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cached_property

from tracker.calendar import Period
from tracker.digest.selection.reader_match import Interests
from tracker.errors import NotFound, UsageError
from tracker.pipeline.retrieval import query_plan
from tracker.search.query.parser import Query
from tracker.settings import Config
from tracker.store import fts_search, interests, papers
from tracker.store.database import Database
from tracker.store.fts_query import QueryTerms
from tracker.store.interests import Owner, SavedSearch
from tracker.store.paper_filters import Facets, Filter

_MAX_NAME_LENGTH = 60
# Every saved search is parsed and run for each issue that is sent, hence the limits.
MAX_QUERY_LENGTH, MAX_SEARCHES = 500, 100


def follow(
    db: Database, config: Config, query: str, name: str, now: datetime, owner: Owner = None
) -> SavedSearch:
    """Save a search under a name, by default its text, replacing one of the same name.

    Raises UsageError if the query is empty or too long, or if there are too many searches.
    """
    if len(query) > MAX_QUERY_LENGTH:
        raise UsageError(f"A saved search has at most {MAX_QUERY_LENGTH} characters.")
    if query_plan.parse_query(db, query, now.date(), config.directions) == Query():
        raise UsageError(
            "There is nothing to look for in the query; in moe or topic:agents there is."
        )
    followed = SavedSearch(" ".join((name or query).split())[:_MAX_NAME_LENGTH], query.strip(), now)
    known = {one.name.casefold() for one in interests.list_saved_searches(db, owner)}
    if len(known | {followed.name.casefold()}) > MAX_SEARCHES:
        raise UsageError(f"No more than {MAX_SEARCHES} searches are saved; remove one first.")
    interests.follow(db, followed, owner)
    return followed


def unfollow(db: Database, name: str, owner: Owner = None) -> None:
    """Delete a saved search. Raises NotFound."""
    if not interests.unfollow(db, name, owner):
        raise NotFound("saved search", name, "`tracker follow --list` shows what there is.")


class SavedSearches:
    """Finds the matches of saved searches in a period, running equal queries only once."""

    def __init__(self, db: Database, config: Config, period: Period) -> None:
        self._db, self._user_directions, self._period = db, config.directions, period
        self._parsed_queries: dict[tuple[str, date], Query | UsageError] = {}
        self._found: dict[Query, frozenset[str]] = {}

    def find_interests(self, followed: Iterable[SavedSearch]) -> Interests:
        """Return one reader's saved searches as interests, and those that are no longer valid."""
        topics, authors = set[str](), set[str]()
        queries, invalid = dict[str, frozenset[str]](), dict[str, str]()
        for saved in followed:
            query = self._parse(saved)
            if isinstance(query, UsageError):
                invalid[saved.name] = str(query)
            elif keys := sole_topics(query):
                topics.update(keys)
            elif author := sole_author(query):
                authors.add(author)
            elif matches := self._find_matches(query):
                queries[saved.name] = matches
        return Interests(frozenset(topics), frozenset(authors), queries, invalid_queries=invalid)

    def _parse(self, followed: SavedSearch) -> Query | UsageError:
        """Return the query as of the day on which it was saved: "7d" are the days before that day.

        The last digest is the one before the period.
        """
        key = followed.query, followed.created.date()
        last = self._period.start - timedelta(days=1)
        if key not in self._parsed_queries:
            try:
                self._parsed_queries[key] = query_plan.parse_query(
                    self._db, *key, self._user_directions, last_digest=last
                )
            except UsageError as error:
                self._parsed_queries[key] = error
        return self._parsed_queries[key]

    def _find_matches(self, query: Query) -> frozenset[str]:
        """Return the ids of the works announced in the period that match."""
        if query not in self._found:
            within = Filter(self._period.start, self._period.end)
            plan = query_plan.plan_query(self._db, within, query, strict=True)
            numbers = fts_search.works_matching_filter(self._db, plan.filters).tolist()
            # A crawl may have added works since the ids were read.
            self._found[query] = frozenset(
                self._ids_by_number[n] for n in numbers if n in self._ids_by_number
            )
        return self._found[query]

    @cached_property
    def _ids_by_number(self) -> dict[int, str]:
        return papers.keys_announced_between(self._db, self._period.start, self._period.end)


def sole_topics(query: Query) -> tuple[str, ...]:
    """Return the topics that a query names, by `topic:` or in Chinese, if it has nothing else."""
    filtered = query.facets.topics
    if filtered and query == Query(facets=Facets(topics=filtered)):
        return filtered
    named = " ".join(topic.name for topic in query.named_topics)
    words = QueryTerms(words=query.wanted.words, aliases=query.wanted.aliases)
    alone = query == Query(text=named, wanted=words, named_topics=query.named_topics)
    return tuple(topic.key for topic in query.named_topics) if alone else ()


def sole_author(query: Query) -> str:
    """Return the author that a query names if it has nothing else, or ""."""
    terms = query.wanted.required
    alone = len(terms) == 1 and query == Query(wanted=QueryTerms(required=terms))
    return terms[0].text if alone and terms[0].field == "author" else ""
