"""What a page is asked for and what it answers: plain values, without a word of HTTP machinery.

A page is a function from the store and what was asked to a template and what it shows.
Public: `Asked`, `Answer`, `Page`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlencode

from tracker.language import Language
from tracker.settings import Config
from tracker.store.database import Database


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `place` are the parts of its path that vary, `form` what was sent by POST.

    `root` is the way from this page back to the first one ("../"): addresses are relative, so that
    the pages work below any address. `now` is in UTC.
    """

    method: str
    root: str
    place: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    language: Language
    now: datetime

    def link(self, page: str = "", **query: str) -> str:
        """The address of a page of ours, in the language that was asked for, if one was."""
        kept = {"lang": self.query["lang"]} if "lang" in self.query else {}
        return f"{self.root}{quote(page)}{_question(kept | query)}"

    def again(self, **query: str) -> str:
        """The address of this page with some of its question changed."""
        return _question({**self.query, **query}) or "?"


def _question(query: Mapping[str, str]) -> str:
    return f"?{urlencode(query)}" if query else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A template of `templates/web/` and what it shows; `language` None is the one asked for.

    What is `private` belongs to the holder of a link: no cache keeps it, no engine lists it.
    """

    template: str
    shown: Mapping[str, object] = field(default_factory=dict)
    status: int = 200
    language: Language | None = None
    private: bool = False


Page = Callable[[Database, Config, Asked], Answer]
