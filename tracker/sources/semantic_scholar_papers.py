"""Semantic Scholar: metadata of papers that arXiv has listed and does not deliver.

Public: `read_pages`, `parse`.
Source: api.semanticscholar.org/api-docs/graph, "Get details for multiple papers at once".
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from tracker.models import Paper
from tracker.records import Page, SecondHandPaper
from tracker.settings import SecondHandSource
from tracker.sources import semantic_scholar
from tracker.sources.formats.second_hand_papers import build_paper
from tracker.sources.http.client import Client
from tracker.sources.protocol import Task

NAME = "semantic_scholar_papers"
BATCH = 500  # the most ids of one request
_FIELDS = "externalIds,title,abstract,authors,publicationDate"


def read_pages(client: Client, task: Task[SecondHandSource]) -> Iterator[Page]:
    """Yield the task's works as far as Semantic Scholar knows them."""
    batches = semantic_scholar.Batches(NAME, BATCH, _FIELDS)
    for ids, response in semantic_scholar.request_batches(client, task, batches):
        yield parse(response.body, ids, task.now.date(), response.url)


def parse(body: bytes, ids: Sequence[str], today: date, url: str = semantic_scholar.API) -> Page:
    """Return the papers in a response about `ids`; unusable ones are skipped.

    Raises SourceMalformed for anything but a list of the same length, or an error.
    """
    records, skipped = [], []
    entries = semantic_scholar.parse_entries(NAME, body, ids, url)
    for work, entry in zip(ids, entries, strict=True):
        if entry is None:
            continue
        result = _paper(work, entry, today)
        if isinstance(result, Paper):
            records.append(SecondHandPaper(result))
        else:
            skipped.append(f"{work}: {result}")
    unknown = sum(entry is None for entry in entries)
    warnings = (f"it does not know {unknown} of {len(ids)} papers yet",) if unknown else ()
    return Page(tuple(records), skipped=tuple(skipped), warnings=warnings)


def _paper(work: str, entry: Any, today: date) -> Paper | str:
    """Return the paper `work` in an entry, or why it cannot be used."""
    if not isinstance(entry, dict):
        return f"not an entry but {str(entry)[:40]!r}"
    if named := semantic_scholar.named_other_work(work, entry):
        return f"the response is about {named}"
    authors = entry.get("authors")
    people = authors if isinstance(authors, list) else []
    names = [one.get("name") for one in people if isinstance(one, dict)]
    given = entry.get("title"), entry.get("abstract"), names, entry.get("publicationDate")
    return build_paper(work, *given, today)
