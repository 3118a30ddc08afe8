"""Hugging Face: the daily papers with their upvotes, and the trending models.

Both are REST responses; `huggingface_hub` is not used, see docs/why.md.

Public: `read_pages`, `parse_daily`, `parse_models`.
Source: huggingface.co/docs/hub/api, "Paper Pages API" and "Repo listing API".
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from tracker.errors import SourceMalformed
from tracker.records import ModelCard, Page, Popularity
from tracker.settings import KeyedSource
from tracker.sources.formats.fields import clean_line, parse_arxiv_id, parse_count, parse_web_url
from tracker.sources.formats.json import parse_json, parse_leading_items
from tracker.sources.http.api_keys import load_api_key
from tracker.sources.http.client import Client, Request
from tracker.sources.protocol import Task, fetch_if_changed

NAME = "huggingface"
HUB = "https://huggingface.co"
DAILY = 100  # the most papers in one response; the longest day of early 2026 had 44
TRENDING = 100
# How a model is related to its base when it is not a new model.
_CONVERSIONS = ("quantized:", "adapter:", "merge:")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
# A daily entry is about 4,000 characters.
_LONGEST_LITERAL = 200_000
_LONGEST_NAME = 80


def read_pages(client: Client, task: Task[KeyedSource]) -> Iterator[Page]:
    """Yield the trending models, then each day's papers, newest day first."""
    yield _fetch_models(client, task)
    last = min(task.until, task.now.date())  # a future day is HTTP 400
    for n in range((last - task.since).days + 1):
        yield _fetch_daily(client, task, last - timedelta(n))


def _build_request(task: Task[KeyedSource], path: str, params: Mapping[str, str]) -> Request:
    token = load_api_key(NAME, task.settings.key_file)
    return Request(
        NAME,
        f"{task.settings.url}{path}",
        params,
        accept="application/json",
        pace=task.settings.pace_seconds,
        max_bytes=8 * 2**20,
        secret=("Authorization", f"Bearer {token}") if token else None,
    )


def _fetch_models(client: Client, task: Task[KeyedSource]) -> Page:
    params = {"sort": "trendingScore", "limit": str(TRENDING)}
    response = client.get(_build_request(task, "/api/models", params))
    return parse_models(response.body, task.now.date(), response.url)


def _fetch_daily(client: Client, task: Task[KeyedSource], day: date) -> Page:
    params = {"date": day.isoformat(), "limit": str(DAILY)}
    request = _build_request(task, "/api/daily_papers", params)
    response, validators = fetch_if_changed(client, task, request)
    if response.is_unchanged:
        return Page(cache_validators=(validators,))
    page = parse_daily(response.body, day, task.now.date(), response.url)
    if page.skipped:  # without validators, the next crawl requests it again
        return page
    full = len(page.records) >= DAILY
    warnings = (f"{day} has {DAILY} papers or more; the rest was not read",) if full else ()
    return replace(page, warnings=warnings, cache_validators=(validators,))


def parse_daily(
    body: bytes, listed: date | None = None, day: date | None = None, url: str = HUB
) -> Page:
    """Return the daily papers of a response, live or saved.

    `listed` is the day of the page, by default the day in `url` (a file's name), else the day on
    which each paper was listed; `day` is when the response was received, by default the same. A
    truncated list is read as far as possible. Raises SourceMalformed when no entry can be read, or
    for a response that is not a list.
    """
    entries, cut = parse_leading_items(body, NAME, url)
    listed = listed or _find_day(url)
    results = [_parse_daily_entry(entry, listed, day) for entry in entries]
    records = tuple(result for result in results if isinstance(result, Popularity))
    skipped = [f"entry {n}: {r}" for n, r in enumerate(results, 1) if isinstance(r, str)]
    if entries and not records:
        raise SourceMalformed(NAME, url, f"no entry can be read; {skipped[0]}")
    return Page(records, skipped=(*skipped, cut) if cut else tuple(skipped))


def _parse_daily_entry(entry: Any, listed: date | None, day: date | None) -> Popularity | str:
    """Return the popularity of an entry's paper, or why the entry cannot be used."""
    entry = _parse_python_literal(entry) if isinstance(entry, str) else entry
    paper = entry.get("paper") if isinstance(entry, dict) else None
    if not isinstance(paper, dict):
        return "it has no paper"
    return _parse_popularity(entry, paper, listed, day)


def _parse_popularity(
    entry: Mapping[str, Any], paper: Mapping[str, Any], listed: date | None, day: date | None
) -> Popularity | str:
    work, upvotes = parse_arxiv_id(paper.get("id")), parse_count(paper.get("upvotes"))
    shown = listed or _find_day(paper.get("submittedOnDailyAt") or entry.get("publishedAt"))
    if not work or upvotes is None or shown is None:
        return f"no arXiv id, upvotes or day: {clean_line(str(paper.get('id')))[:40]!r}"
    return Popularity(
        id=work,
        day=day or shown,
        listed=shown,
        upvotes=upvotes,
        comments=parse_count(entry.get("numComments")) or 0,
        code=parse_web_url(paper.get("githubRepo")),
        stars=parse_count(paper.get("githubStars")),
        organization=_parse_organization(entry.get("organization") or paper.get("organization")),
    )


def _parse_organization(value: Any) -> str:
    """Return the name of a group on the hub, "" without one."""
    names = value if isinstance(value, dict) else {}
    found = (clean_line(names.get(key)) for key in ("fullname", "name"))
    return next(filter(None, found), "")[:_LONGEST_NAME]


def _parse_python_literal(text: str) -> Any:
    """Return an entry that was saved as a Python literal instead of JSON."""
    if len(text) > _LONGEST_LITERAL:
        return None
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def parse_models(body: bytes, day: date | None = None, url: str = HUB) -> Page:
    """Return models in the order of their trend: from the hub's response, or a saved one.

    Raises SourceMalformed for anything else, and when the day is neither given nor in the document
    or `url`.
    """
    document = parse_json(body, NAME, url)
    saved = document if isinstance(document, dict) else {}
    models = saved.get("models") if saved else document
    day = day or _find_day(saved.get("fetchedAt")) or _find_day(url)
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
        name = clean_line(found.get("id") or found.get("modelId"))
        yield _card(found, name, day, parse_count(found.get("rank")) or position) if name else None


def _card(model: Mapping[str, Any], name: str, day: date, position: int) -> ModelCard:
    tags, trend = model.get("tags"), model.get("trendingScore")
    labels = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    return ModelCard(
        name=name,
        day=day,
        position=position,
        trending=float(trend) if isinstance(trend, int | float) and abs(trend) < 1e15 else None,
        likes=parse_count(model.get("likes")),
        downloads=parse_count(model.get("downloads")),
        task=clean_line(model.get("pipeline_tag") or model.get("pipelineTag")),
        arxiv=_papers(labels),
        created=_find_day(model.get("createdAt")),
        license=_tag_value(labels, "license:"),
        is_derived=_is_derived(name, labels),
    )


def _tag_value(tags: Iterable[str], prefix: str) -> str:
    found = (clean_line(tag.removeprefix(prefix)) for tag in tags if tag.startswith(prefix))
    return next(found, "")


def _is_derived(name: str, tags: Iterable[str]) -> bool:
    """Return whether tags name a base: `base_model:[RELATION:]OWNER/NAME`.

    Training one's own base model further makes a new model; converting it does not.
    """
    owner = name.partition("/")[0]
    bases = [tag.removeprefix("base_model:") for tag in tags if tag.startswith("base_model:")]
    return any(base.startswith(_CONVERSIONS) or _owner(base) != owner for base in bases)


def _owner(base: str) -> str:
    return base.rpartition(":")[2].partition("/")[0]


def _papers(tags: Iterable[str]) -> tuple[str, ...]:
    """Return the arXiv ids among a model's tags ("arxiv:2401.00001")."""
    named = (parse_arxiv_id(tag) for tag in tags if tag.startswith("arxiv:"))
    return tuple(dict.fromkeys(work for work in named if work))


def _find_day(text: Any) -> date | None:
    match = _DAY.search(text) if isinstance(text, str) else None
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
