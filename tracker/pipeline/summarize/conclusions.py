"""Fetching the conclusions of the best papers of a digest, as input for their summaries.

The text is used for the summary only: it is neither stored nor shown as a whole.

Public: `fetch_conclusions`.
"""

from collections.abc import Sequence

from tracker.errors import SourceError, SourceMalformed
from tracker.models import Paper
from tracker.settings import Config
from tracker.sources.fulltext import fetch_conclusion
from tracker.sources.http.client import Client, RetryPolicy

# A digest without a conclusion is better than a digest that waits for it.
_RETRY_POLICY = RetryPolicy(max_attempts=2, attempt=30.0, total=60.0)


def fetch_conclusions(config: Config, works: Sequence[Paper]) -> dict[str, str]:
    """Return conclusion and stated limits, by paper id, of the first `works` that have any.

    Nothing is requested unless the settings give a number of papers. After a host refuses or does
    not answer, no further request is made; the summaries then use the abstracts alone.
    """
    texts: dict[str, str] = {}
    selected = works[: config.fulltext.papers]
    if not selected or config.http.offline:
        return texts
    with Client(config.http, config.home / "state", retry_policy=_RETRY_POLICY) as client:
        for paper in selected:
            try:
                texts[paper.id] = fetch_conclusion(client, config.fulltext, paper.id, paper.version)
            except SourceMalformed:
                continue
            except SourceError:
                break
    return {key: text for key, text in texts.items() if text}
