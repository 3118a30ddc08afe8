"""Requests and responses of pages: plain values, independent of the web framework.

A page is a function from the database, the settings and a request to a template and its context.
Public: `PageRequest`, `PageResponse`, `View`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlencode

from tracker.language import Language
from tracker.settings import Config
from tracker.store.database import Database


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One request: `path_params` from the route, `query`, and the `form` of a POST.

    `root` is the relative path from this page to the front page ("../"): all links are relative, so
    that the site works below any address. `now` is in UTC, `client` the address of the sender,
    `has_signup` whether visitors can subscribe, and `if_none_match` the header of that name.
    """

    method: str
    root: str
    path_params: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    language: Language
    now: datetime
    client: str = ""
    has_signup: bool = False
    if_none_match: str = ""

    def link(self, page: str = "", **query: str) -> str:
        """Return the relative address of a page, in the language of the query if it names one."""
        language = {"lang": self.query["lang"]} if "lang" in self.query else {}
        return f"{self.root}{quote(page)}{_query_string(language | query)}"

    def link_with_query(self, **query: str) -> str:
        """Return the address of this page with parts of its query replaced."""
        return _query_string({**self.query, **query}) or "?"


def _query_string(query: Mapping[str, str]) -> str:
    return f"?{urlencode(query)}" if query else ""


@dataclass(frozen=True, slots=True)
class PageResponse:
    """A template of `templates/web/` and its context; `language` None is that of the request.

    A page that `is_private` is for the holder of a link only: not cached, not indexed.
    """

    template: str
    context: Mapping[str, object] = field(default_factory=dict)
    status: int = 200
    language: Language | None = None
    is_private: bool = False


View = Callable[[Database, Config, PageRequest], PageResponse]
