"""Summarizing all papers in this process: the path that any engine's results must equal.

Public: `summarize_all_here`.
"""

import time
from collections import Counter
from datetime import date, datetime

from tracker.pipeline import Progress, silent
from tracker.pipeline.bulk.bulk_report import BulkReport
from tracker.pipeline.summarize.summaries import (
    SummaryOptions,
    summarize_works,
    summary_key,
    summary_store,
)
from tracker.settings import Config
from tracker.store import papers, summaries_and_tags
from tracker.store.database import Database

_SLICE = 256


def summarize_all_here(
    db: Database,
    config: Config,
    language: str,
    span: tuple[date | None, date | None],
    now: datetime,
    progress: Progress = silent,
) -> BulkReport:
    """Summarize the works of a span that have no summary; each batch is stored as it is made."""
    key, started = summary_key(config, language), time.monotonic()
    works = summaries_and_tags.works_without_summary(db, key, *span)
    options = SummaryOptions(language, store=summary_store(db, now))
    notes: Counter[str] = Counter()
    for start in range(0, len(works), _SLICE):
        batch = papers.load_by_number(db, works[start : start + _SLICE])
        made = summarize_works(db, config, list(batch.values()), now, options)
        notes.update(summary.note for summary in made.values() if summary.note)
        progress("summarise", start + len(batch), len(works))
    failed = notes.total()
    return BulkReport(
        added=len(works) - failed,
        rows=len(works),
        seconds=time.monotonic() - started,
        rejected=failed,
        reasons=[f"{number:,} refused: {note}" for note, number in notes.most_common()],
    )
