"""The small print of an issue: how it was made, and how much of its period was available."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from summarizer import Summary
from tracker.calendar import to_local_time
from tracker.digest.document import SmallPrint
from tracker.digest.period.period_data import PeriodData
from tracker.digest.writing.model_note import public_reason
from tracker.digest.writing.phrasing import completeness_text, degraded_sources_note, fallback_notes
from tracker.language import Language
from tracker.pipeline.issue import sections
from tracker.search.encoder.select import find_encoder_id
from tracker.search.index import faiss_index
from tracker.settings import Config
from tracker.store.database import Database
from tracker.version import __version__


def build_small_print(
    db: Database,
    config: Config,
    data: PeriodData,
    summaries: Mapping[str, Summary],
    now: datetime,
    language: Language,
) -> SmallPrint:
    """Return the small print of an issue that shows `summaries`."""
    ledger = sections.list_ledger_days(db, config, data.period, now)
    methods = Counter(map(_describe_method, summaries.values()))
    known = find_encoder_id(config.embedding, config.models)
    return SmallPrint(
        made=to_local_time(now, config.digest.timezone),
        tracker=__version__,
        encoder=f"{known.model} {known.revision}".strip() if known else "none yet",
        runs_on=faiss_index.describe_device(),
        summaries=tuple(sorted(methods.items())),
        sentences_dropped=sum(summary.dropped for summary in summaries.values()),
        completeness=completeness_text(data.counts, ledger, language),
        notes=(
            *_source_notes(db, config, language),
            *fallback_notes(_for_readers(summaries), language),
        ),
    )


def _for_readers(summaries: Mapping[str, Summary]) -> dict[str, Summary]:
    """Return the summaries without what a server said in the notes on failures."""
    return {key: replace(one, note=public_reason(one.note)) for key, one in summaries.items()}


def _source_notes(db: Database, config: Config, language: Language) -> tuple[str, ...]:
    sources = list(sections.list_failing_sources(db, config))
    return (degraded_sources_note(sources, language),) if sources else ()


def _describe_method(summary: Summary) -> str:
    """Return how a summary was made, by which model and prompt version, and on which day."""
    prompt = f"prompt {summary.prompt_version}" if summary.prompt_version else ""
    day = f"{summary.created:%-d %b %Y}" if summary.created else ""
    details = ", ".join(filter(None, (summary.model, prompt, day)))
    return f"{summary.method} ({details})" if details else summary.method
