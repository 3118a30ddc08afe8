"""Semantic Scholar: the works that stored works cite, 100 of them per request.

Public: `read_pages`, `parse`.
Source: api.semanticscholar.org/api-docs/graph, "Get details for multiple papers at once": a
response has at most 10 MB, and an entry lists the references of a paper, null where the publisher
does not release them.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from tracker.records import CitedWorks, Page
from tracker.settings import KeyedSource
from tracker.sources import semantic_scholar
from tracker.sources.formats.fields import parse_arxiv_id
from tracker.sources.http.client import Client
from tracker.sources.protocol import Task

NAME = "references"
BATCH = 100  # 100 works with some 60 references each are 2 MB
_FIELDS = "externalIds,references.externalIds"


def read_pages(client: Client, task: Task[KeyedSource]) -> Iterator[Page]:
    """Yield the references of the task's works; works unknown to Semantic Scholar have none."""
    batches = semantic_scholar.Batches(NAME, BATCH, _FIELDS)
    for ids, response in semantic_scholar.request_batches(client, task, batches):
        yield parse(response.body, ids, task.now.date(), response.url)


def parse(body: bytes, ids: Sequence[str], day: date, url: str = semantic_scholar.API) -> Page:
    """Return the works cited by each of `ids`; those of an unknown work are none.

    Raises SourceMalformed for anything but a list of the same length, or an error.
    """
    records, skipped = [], []
    entries = semantic_scholar.parse_entries(NAME, body, ids, url)
    for work, entry in zip(ids, entries, strict=True):
        result = _cited_works(work, {} if entry is None else entry, day)
        if isinstance(result, CitedWorks):
            records.append(result)
        else:
            skipped.append(f"{work}: {result}")
    return Page(tuple(records), skipped=tuple(skipped))


def _cited_works(work: str, entry: Any, day: date) -> CitedWorks | str:
    """Return the works that `work` cites, or why the entry cannot be used."""
    if not isinstance(entry, dict):
        return f"not an entry but {str(entry)[:40]!r}"
    if named := semantic_scholar.named_other_work(work, entry):
        return f"the response is about {named}"
    cited = entry.get("references") or []
    if not isinstance(cited, list):
        return f"its references are {str(cited)[:40]!r}"
    found = dict.fromkeys(filter(None, map(_arxiv_id, cited)))
    return CitedWorks(work, day, tuple(key for key in found if key != work), len(cited))


def _arxiv_id(reference: Any) -> str:
    """Return the arXiv id of a reference, empty if it is not on arXiv."""
    names = reference.get("externalIds") if isinstance(reference, dict) else None
    return parse_arxiv_id(names.get("ArXiv")) if isinstance(names, dict) else ""
