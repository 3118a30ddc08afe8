"""Reading more of a few papers than their abstracts: the conclusions of a digest's best.

The text is used for the summary and then forgotten: it is neither stored nor shown as a whole.
"""

from collections.abc import Sequence

from tracker.errors import SourceError, SourceMalformed
from tracker.models import Paper
from tracker.settings import Config
from tracker.sources.fulltext import conclusion
from tracker.sources.http import Client, Patience

# A digest that waits for one paper's conclusion is worse than one without it.
_BRIEF = Patience(tries=2, attempt=30.0, total=60.0)


def conclusions(config: Config, works: Sequence[Paper]) -> dict[str, str]:
    """Conclusion and stated limits by paper id, of those of the first `works` that have any.

    Nothing is asked unless the settings say for how many. A host that refuses or is away is asked
    no more; the summaries then rest on the abstracts alone.
    """
    found: dict[str, str] = {}
    wanted = works[: config.fulltext.papers]
    if not wanted or config.http.offline:
        return found
    with Client(config.http, config.home / "state", patience=_BRIEF) as client:
        for paper in wanted:
            try:
                found[paper.id] = conclusion(client, config.fulltext, paper.id, paper.version)
            except SourceMalformed:
                continue
            except SourceError:
                break
    return {key: text for key, text in found.items() if text}
