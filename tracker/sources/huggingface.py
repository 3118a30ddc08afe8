"""Hugging Face: the daily papers with their upvotes, and the models that are trending.

Both are REST answers; `huggingface_hub` is not used, see docs/why.md.
Public: `read`, `parse_daily`, `parse_models`.
Source: huggingface.co/docs/hub/api, "Paper Pages API" and "Repo listing API".
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from tracker.errors import SourceMalformed
from tracker.records import Attention, ModelCard, Page
from tracker.settings import KeyedSource
from tracker.sources.fields import arxiv_id, count, line, web_address
from tracker.sources.http import Ask, Client
from tracker.sources.json import leading, parsed
from tracker.sources.keys import key
from tracker.sources.reader import Task, fetch

NAME = "huggingface"
HUB = "https://huggingface.co"
DAILY = 100  # the most papers that one answer holds; the longest day of early 2026 had 44
TRENDING = 100
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
# A daily entry is about 4,000 characters.
_LONGEST_LITERAL = 200_000


def read(client: Client, task: Task[KeyedSource]) -> Iterator[Page]:
    """The models that are trending now, then each day's papers, the newest day first."""
    yield _models(client, task)
    last = min(task.until, task.now.date())  # a day that has not begun is HTTP 400
    for n in range((last - task.since).days + 1):
        yield _daily(client, task, last - timedelta(n))


def _ask(task: Task[KeyedSource], path: str, params: Mapping[str, str]) -> Ask:
    token = key(NAME, task.settings.key_file)
    return Ask(
        NAME,
        f"{task.settings.url}{path}",
        params,
        accept="application/json",
        pace=task.settings.pace_seconds,
        cap=8 * 2**20,
        secret=("Authorization", f"Bearer {token}") if token else None,
    )


def _models(client: Client, task: Task[KeyedSource]) -> Page:
    params = {"sort": "trendingScore", "limit": str(TRENDING)}
    answer = client.get(_ask(task, "/api/models", params))
    return parse_models(answer.body, task.now.date(), answer.url)


def _daily(client: Client, task: Task[KeyedSource], day: date) -> Page:
    params = {"date": day.isoformat(), "limit": str(DAILY)}
    answer, copy = fetch(client, task, _ask(task, "/api/daily_papers", params))
    if answer.unchanged:
        return Page(copies=(copy,))
    page = parse_daily(answer.body, day, task.now.date(), answer.url)
    if page.skipped:  # it is asked for in full again
        return page
    full = len(page.records) >= DAILY
    warnings = (f"{day} has {DAILY} papers or more; the rest was not read",) if full else ()
    return replace(page, warnings=warnings, copies=(copy,))


def parse_daily(
    body: bytes, listed: date | None = None, day: date | None = None, url: str = HUB
) -> Page:
    """One answer of the daily papers, live or saved: `listed` is its page's day, `day` when taken.

    Where these are not given, the day in `url` (a file's name) stands for `listed`, else the day on
    which each paper was put up; and that for `day`. A list that is cut is read up to there.
    Raises SourceMalformed when not one entry can be read, or for an answer that is no list.
    """
    entries, cut = leading(body, NAME, url)
    listed = listed or _stated(url)
    results = [_attention(entry, listed, day) for entry in entries]
    records = tuple(result for result in results if isinstance(result, Attention))
    skipped = [f"entry {n}: {r}" for n, r in enumerate(results, 1) if isinstance(r, str)]
    if entries and not records:
        raise SourceMalformed(NAME, url, f"no entry can be read; {skipped[0]}")
    return Page(records, skipped=(*skipped, cut) if cut else tuple(skipped))


def _attention(entry: Any, listed: date | None, day: date | None) -> Attention | str:
    """What an entry says of a paper, or why it says nothing."""
    entry = _evaluated(entry) if isinstance(entry, str) else entry
    paper = entry.get("paper") if isinstance(entry, dict) else None
    if not isinstance(paper, dict):
        return "it holds no paper"
    work, upvotes = arxiv_id(paper.get("id")), count(paper.get("upvotes"))
    shown = listed or _stated(paper.get("submittedOnDailyAt") or entry.get("publishedAt"))
    if not work or upvotes is None or shown is None:
        return f"no arXiv id, upvotes or day: {line(str(paper.get('id')))[:40]!r}"
    return Attention(
        id=work,
        day=day or shown,
        listed=shown,
        upvotes=upvotes,
        comments=count(entry.get("numComments")) or 0,
        code=web_address(paper.get("githubRepo")),
        stars=count(paper.get("githubStars")),
    )


def _evaluated(text: str) -> Any:
    """An entry that was saved as Python writes it, which JSON would have in other quotes."""
    if len(text) > _LONGEST_LITERAL:
        return None
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def parse_models(body: bytes, day: date | None = None, url: str = HUB) -> Page:
    """A list of models in the order of their trend: the hub's answer, or one saved with its day.

    Raises SourceMalformed for anything else, and when no day is given, written in it or in `url`.
    """
    document = parsed(body, NAME, url)
    saved = document if isinstance(document, dict) else {}
    models = saved.get("models") if saved else document
    day = day or _stated(saved.get("fetchedAt")) or _stated(url)
    if not isinstance(models, list):
        raise SourceMalformed(NAME, url, f"not a list of models but {str(document)[:80]!r}")
    if day is None:
        raise SourceMalformed(NAME, url, "its day is not known; give it with --date 2026-03-09")
    cards = list(_cards(models, day))
    skipped = [f"model {n}: it has no name" for n, card in enumerate(cards, 1) if card is None]
    return Page(tuple(filter(None, cards)), skipped=tuple(skipped))


def _cards(models: Iterable[Any], day: date) -> Iterator[ModelCard | None]:
    for position, model in enumerate(models, 1):
        found = model if isinstance(model, dict) else {}
        name = line(found.get("id") or found.get("modelId"))
        yield _card(found, name, day, count(found.get("rank")) or position) if name else None


def _card(model: Mapping[str, Any], name: str, day: date, position: int) -> ModelCard:
    tags, trend = model.get("tags"), model.get("trendingScore")
    return ModelCard(
        name=name,
        day=day,
        position=position,
        trending=float(trend) if isinstance(trend, int | float) and abs(trend) < 1e15 else None,
        likes=count(model.get("likes")),
        downloads=count(model.get("downloads")),
        task=line(model.get("pipeline_tag") or model.get("pipelineTag")),
        arxiv=_papers(tags if isinstance(tags, list) else ()),
    )


def _papers(tags: Iterable[Any]) -> tuple[str, ...]:
    """The arXiv ids among a model's tags ("arxiv:2401.00001")."""
    named = (arxiv_id(tag) for tag in tags if isinstance(tag, str) and tag.startswith("arxiv:"))
    return tuple(dict.fromkeys(work for work in named if work))


def _stated(text: Any) -> date | None:
    match = _DAY.search(text) if isinstance(text, str) else None
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
