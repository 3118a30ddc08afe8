"""OpenAlex: metadata of papers that arXiv has listed and does not deliver.

Papers are found by the DOI that arXiv registers for each. The abstract is sent as an index of words
with their positions. Without a key OpenAlex answers about a hundred requests a day.

Public: `read_pages`, `parse`.
Source: developers.openalex.org, "Works" and "Authentication & Pricing".
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from tracker.errors import SourceMalformed
from tracker.models import Paper
from tracker.records import Page, SecondHandPaper
from tracker.settings import SecondHandSource
from tracker.sources.formats.fields import clean_line, parse_arxiv_id
from tracker.sources.formats.json import parse_json
from tracker.sources.formats.second_hand_papers import build_paper
from tracker.sources.http.api_keys import load_api_key
from tracker.sources.http.client import Client, Request
from tracker.sources.protocol import Task

NAME = "openalex_papers"
API = "https://api.openalex.org"
BATCH = 50  # works in one filter; it takes 100, but addresses have a limit
_FIELDS = "doi,title,authorships,publication_date,abstract_inverted_index"
_DOI = "10.48550/arxiv."
_MOST_WORDS = 5000


def read_pages(client: Client, task: Task[SecondHandSource]) -> Iterator[Page]:
    """Yield the task's works as far as OpenAlex knows them."""
    secret = load_api_key(NAME, task.settings.key_file)
    for start in range(0, len(task.works), BATCH):
        ids = task.works[start : start + BATCH]
        response = client.get(_request(task.settings, secret, ids))
        yield parse(response.body, ids, task.now.date(), response.url)


def _request(settings: SecondHandSource, secret: str, ids: Sequence[str]) -> Request:
    wanted = "|".join(f"{_DOI}{work}" for work in ids)
    return Request(
        NAME,
        f"{settings.url}/works",
        {"filter": f"doi:{wanted}", "per_page": str(BATCH), "select": _FIELDS},
        accept="application/json",
        pace=settings.pace_seconds,
        secret_parameter=("api_key", secret) if secret else None,
    )


def parse(body: bytes, ids: Sequence[str], today: date, url: str = API) -> Page:
    """Return those of `ids` that a response has; unusable ones are skipped.

    Raises SourceMalformed for anything but a list of works.
    """
    document = parse_json(body, NAME, url)
    works = document.get("results") if isinstance(document, dict) else None
    if not isinstance(works, list):
        raise SourceMalformed(NAME, url, "it is not a list of works")
    by_id = {_arxiv_id(work): work for work in works if isinstance(work, dict)}
    records, skipped = [], []
    known = [key for key in ids if key in by_id]
    for key in known:
        result = _paper(key, by_id[key], today)
        if isinstance(result, Paper):
            records.append(SecondHandPaper(result))
        else:
            skipped.append(f"{key}: {result}")
    unknown = len(ids) - len(known)
    warnings = (f"it does not know {unknown} of {len(ids)} papers yet",) if unknown else ()
    return Page(tuple(records), skipped=tuple(skipped), warnings=warnings)


def _arxiv_id(work: Mapping[str, Any]) -> str:
    _, registered, key = clean_line(work.get("doi")).casefold().partition(_DOI)
    return parse_arxiv_id(key) if registered else ""


def _paper(key: str, work: Mapping[str, Any], today: date) -> Paper | str:
    """Return the paper `key` in a work of OpenAlex, or why it cannot be used."""
    given = work.get("authorships")
    authorships = given if isinstance(given, list) else []
    people = [one.get("author") for one in authorships if isinstance(one, dict)]
    names = [person.get("display_name") for person in people if isinstance(person, dict)]
    abstract = _abstract(work.get("abstract_inverted_index"))
    return build_paper(key, work.get("title"), abstract, names, work.get("publication_date"), today)


def _abstract(index: Any) -> str:
    """Return the text of an index of words with their positions; empty if it is not one."""
    if not isinstance(index, dict):
        return ""
    words = [
        (place, word)
        for word, places in index.items()
        if isinstance(places, list)
        for place in places
        if isinstance(place, int)
    ]
    return " ".join(word for _, word in sorted(words)[:_MOST_WORDS])
