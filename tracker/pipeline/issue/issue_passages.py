"""The passages of an issue that a language model writes from its facts, and what the model did.

Public: `PassageOptions`, `add_passages`, `Passages`.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from summarizer.grounding.proof import support_level
from summarizer.llm.passages.passage_requests import PassageRequest
from summarizer.llm.passages.written_passages import Passage
from summarizer.llm.prompt import Paper as Text
from tracker.digest.document import Document, Entry
from tracker.digest.writing.model_note import ModelUse, model_notes, passage_failure
from tracker.digest.writing.passage_facts import (
    PassageTask,
    build_written_sentence,
    is_long_enough,
    list_tasks,
    says_enough,
    with_passages,
)
from tracker.language import get_language
from tracker.models import Paper
from tracker.pipeline import Progress, silent
from tracker.pipeline.summarize import llm, model_cost
from tracker.pipeline.summarize.answer_cache import AnswerCache
from tracker.pipeline.summarize.summaries import Announce, announce_nothing
from tracker.settings import Config


@dataclass(frozen=True, slots=True)
class PassageOptions:
    """How passages are written: the cache of answers, the papers shown, and who hears of it."""

    cache: AnswerCache
    papers: Sequence[Paper] = ()
    progress: Progress = silent
    announce: Announce = announce_nothing


@dataclass(frozen=True, slots=True)
class Passages:
    """Documents with what the model wrote, and sentences on why it failed, for the operator."""

    documents: tuple[Document, ...]
    failures: tuple[str, ...] = ()


Written = Mapping[PassageTask, Passage]


def add_passages(
    config: Config, documents: Sequence[Document], options: PassageOptions
) -> Passages:
    """Return the editions of one issue with the passages that the model wrote from their facts.

    A model that only shortens, an edition in another language than English, and a passage of which
    too few sentences are proven leave what was composed by rules. The small print says what the
    model did.
    """
    if not llm.model_name(config):
        return Passages(tuple(documents))
    written: Written = {}
    if llm.writes_passages(config):
        english = (document for document in documents if document.language == "en")
        tasks = list(dict.fromkeys(task for found in english for task in list_tasks(found)))
        written = _write(config, tasks, options)
    failures = Counter(passage.failure for passage in written.values() if passage.failure)
    return Passages(
        tuple(_finish(config, document, written, options.papers) for document in documents),
        tuple(passage_failure(n, reason) for reason, n in failures.most_common()),
    )


def _write(config: Config, tasks: Sequence[PassageTask], options: PassageOptions) -> Written:
    if not tasks:
        return {}
    requests = list(map(_request, tasks))
    begun, passages = time.monotonic(), dict[PassageTask, Passage]()
    cost = model_cost.describe_passage_cost(config, options.cache, requests)
    if cost:
        options.announce(cost)
    found = llm.write_passages(config, requests, options.cache)
    for done, (index, passage) in enumerate(found, 1):
        passages[tasks[index]] = _without_echoes(tasks[index], passage)
        options.progress("passages", done, len(tasks))
    if cost:
        seconds = time.monotonic() - begun
        options.announce(model_cost.describe_passages(passages.values(), seconds))
    return passages


def _without_echoes(task: PassageTask, passage: Passage) -> Passage:
    """Return a passage without sentences that repeat what is shown beside it."""
    useful = tuple(s for s in passage.sentences if says_enough(task, s))
    dropped = passage.dropped + len(passage.sentences) - len(useful)
    return replace(passage, sentences=useful, dropped=dropped)


def _request(task: PassageTask) -> PassageRequest:
    return PassageRequest(task.kind, tuple(fact.text for fact in task.facts))


def _finish(
    config: Config, document: Document, written: Written, papers: Sequence[Paper]
) -> Document:
    """Return a document with its passages, and with notes on what the model did."""
    tasks = [task for task in list_tasks(document) if task in written]
    shown = [task for task in tasks if is_long_enough(task, written[task].sentences)]
    finished = with_passages(
        document,
        {t: [build_written_sentence(t, s) for s in written[t].sentences] for t in shown},
    )
    use = _describe_use(config, document, papers, tasks)
    levels = use.levels + Counter(s.level for task in shown for s in written[task].sentences)
    use = replace(use, shown=len(shown), levels=levels)
    notes = model_notes(use, get_language(document.language))
    small_print = replace(document.small_print, notes=(*document.small_print.notes, *notes))
    return replace(finished, small_print=small_print)


def _describe_use(
    config: Config, document: Document, papers: Sequence[Paper], tasks: Sequence[PassageTask]
) -> ModelUse:
    """Return what the model did for the summaries of a document, and all that it was asked."""
    entries = {entry.id: entry for entry in _entries(document)}
    generated = [entry for entry in entries.values() if entry.method == "generated"]
    ids = {entry.id for entry in generated}
    texts = {p.id: Text(p.title, p.abstract) for p in papers if p.id in ids}
    tokens = model_cost.estimate_summaries(config, list(texts.values()), document.language)
    return ModelUse(
        llm.model_name(config),
        len(generated),
        len(entries),
        passages=len(tasks),
        tokens=model_cost.round_tokens(
            tokens + model_cost.estimate_passages(list(map(_request, tasks)))
        ),
        levels=Counter(support_level(p.text, p.source) for e in generated for p in e.proofs),
    )


def _entries(document: Document) -> Iterator[Entry]:
    if document.read_first:
        yield document.read_first
    yield from (*document.top, *document.discussed, *document.corrections, *document.late)
    yield from (entry for theme in document.themes for entry in theme.entries)
    yield from (one.entry for one in document.personal)
