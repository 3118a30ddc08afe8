"""The language model that the settings name: built, probed, and asked for summaries with proof."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tracker.errors import ConfigError, IndexUnusable
from tracker.files import read_key
from tracker.search.embedder import searcher
from tracker.settings import Config

if TYPE_CHECKING:
    from summarizer import Summary
    from summarizer.generate import Proving, Writer
    from summarizer.naming import Unnamed
    from summarizer.prompt import Paper

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


def model(config: Config) -> str:
    """The name under which the model's summaries are kept; "" without a model.

    Raises ConfigError when a backend is set and no model.
    """
    if config.llm.backend == "none":
        return ""
    if not config.llm.model:
        raise ConfigError("llm.backend is set, but llm.model is not.")
    folder = Path(config.llm.model).expanduser()
    return folder.name if folder.is_dir() else config.llm.model


def write(
    config: Config, papers: Sequence["Paper"], language: str
) -> Iterator[tuple[int, "Summary"]]:
    """Yield (index, summary) as they are written; where the model fails, extracted and so noted.

    Raises ConfigError for settings that cannot be meant.
    """
    from summarizer.errors import GenerationError
    from summarizer.generate import fallback, generate

    try:
        writer, proving = _writer(config), _proving(config)
    except GenerationError as error:
        yield from ((i, fallback(paper, str(error))) for i, paper in enumerate(papers))
    else:
        yield from generate(papers, writer, language, proving=proving)


def names(config: Config, groups: Sequence["Unnamed"]) -> dict[int, str]:
    """Names of groups of papers by place, as far as the model gives any that hold."""
    from summarizer.errors import GenerationError
    from summarizer.naming import names as written

    try:
        return dict(written(groups, _writer(config)))
    except GenerationError:  # its summaries will say so
        return {}


def probe(config: Config) -> tuple[str, str]:
    """Whether the model can write, as `tracker doctor` says it: (state, detail)."""
    from summarizer.errors import GenerationError

    if not model(config):
        return "ok", "none: summaries are extracted (llm.backend)"
    try:
        return "ok", _writer(config).probe()
    except GenerationError as error:
        return "FAIL", f"{error} Summaries are extracted meanwhile."


def _writer(config: Config) -> "Writer":
    return _local(config) if config.llm.backend == "transformers" else _server(config)


def _local(config: Config) -> "Writer":
    from summarizer.local import Local

    name, folder = model(config), Path(config.llm.model).expanduser()
    source = str(folder) if folder.is_dir() else config.llm.model
    return Local(source, name=name, batch=config.llm.concurrency, offline=config.http.offline)


def _server(config: Config) -> "Writer":
    from summarizer.errors import ModelUnusable
    from summarizer.server import Server

    settings = config.llm
    if urlsplit(settings.base_url).scheme not in {"http", "https"}:
        raise ConfigError("llm.base_url must be an address that begins with http:// or https://.")
    if config.http.offline and urlsplit(settings.base_url).hostname not in _THIS_MACHINE:
        raise ModelUnusable("http.offline is set, and the language model is on another machine.")
    return Server(
        settings.base_url,
        model(config),
        key=read_key("llm.api_key_file", settings.api_key_file) if settings.api_key_file else "",
        concurrency=settings.concurrency,
        timeout=settings.timeout_seconds,
    )


def _proving(config: Config) -> "Proving":
    """Words, meaning once papers have been embedded, entailment where a model for it is set."""
    from summarizer.generate import Proving

    try:
        encoder = searcher(config.embedding, config.models)
    except IndexUnusable:
        encoder = None
    if not config.llm.entailment_model:
        return Proving(encoder)
    from summarizer.local import Entailment

    return Proving(encoder, Entailment(config.llm.entailment_model, offline=config.http.offline))
