"""The language model named in the settings: creating it, probing it, and generating text with it.

Public: `model_name`, `generate_summaries`, `generate_topic_names`, `generate_answer`,
`probe_model`, `build_model`, `load_grounding_models`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tracker.errors import ConfigError, IndexUnusable
from tracker.extras import require_models
from tracker.files import read_key
from tracker.search.encoder.select import shared_query_encoder
from tracker.settings import Config

if TYPE_CHECKING:
    from summarizer import Summary
    from summarizer.llm.cited_answer import GeneratedAnswer
    from summarizer.llm.generate import GroundingModels, LanguageModel
    from summarizer.llm.group_names import GroupDescription
    from summarizer.llm.prompt import Paper

_LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


def model_name(config: Config) -> str:
    """Return the name under which the model's summaries are stored; "" without a model.

    Raises ConfigError when a backend is set and no model.
    """
    if config.llm.backend == "none":
        return ""
    if not config.llm.model:
        raise ConfigError("llm.backend is set, but llm.model is not.")
    folder = Path(config.llm.model).expanduser()
    return folder.name if folder.is_dir() else config.llm.model


def generate_summaries(
    config: Config, papers: Sequence["Paper"], language: str
) -> Iterator[tuple[int, "Summary"]]:
    """Yield (index, summary) as they are generated; where the model fails, an extract with a note.

    Raises ConfigError for invalid settings.
    """
    from summarizer.exceptions import GenerationError
    from summarizer.llm.generate import extractive_fallback, generate_summaries

    try:
        model, grounding = build_model(config), load_grounding_models(config)
    except GenerationError as error:
        yield from ((i, extractive_fallback(paper, str(error))) for i, paper in enumerate(papers))
    else:
        yield from generate_summaries(papers, model, language, grounding_models=grounding)


def generate_topic_names(config: Config, groups: Sequence["GroupDescription"]) -> dict[int, str]:
    """Return the valid names that the model gives to groups of papers, by the group's position."""
    from summarizer.exceptions import GenerationError
    from summarizer.llm.group_names import generate_names

    try:
        return dict(generate_names(groups, build_model(config)))
    except GenerationError:  # the note in the summaries reports it
        return {}


def generate_answer(
    config: Config, question: str, papers: Sequence["Paper"]
) -> tuple["GeneratedAnswer | None", str]:
    """Return the supported sentences of the model's answer; None with the reason if it fails.

    Raises ConfigError for invalid settings.
    """
    from summarizer.exceptions import GenerationError
    from summarizer.llm import cited_answer

    try:
        model, grounding = build_model(config), load_grounding_models(config)
        return cited_answer.generate_answer(question, papers, model, grounding), ""
    except GenerationError as error:
        return None, str(error)


def probe_model(config: Config) -> tuple[str, str]:
    """Return whether the model can generate text, as (state, detail) for `tracker doctor`."""
    from summarizer.exceptions import GenerationError

    if not model_name(config):
        return "ok", "none: summaries are extracted (llm.backend)"
    try:
        return "ok", build_model(config).probe()
    except GenerationError as error:
        return "FAIL", f"{error} Until then, summaries are extracted."


def build_model(config: Config) -> "LanguageModel":
    """Return the language model of the settings. Raises ConfigError and GenerationError."""
    return (
        _build_local_model(config)
        if config.llm.backend == "transformers"
        else _build_server_model(config)
    )


def _build_local_model(config: Config) -> "LanguageModel":
    from summarizer.llm.transformers import TransformersModel

    require_models("llm.backend transformers", "xgrammar")
    name, folder = model_name(config), Path(config.llm.model).expanduser()
    source = str(folder) if folder.is_dir() else config.llm.model
    return TransformersModel(
        source, name=name, batch_size=config.llm.concurrency, offline=config.http.offline
    )


def _build_server_model(config: Config) -> "LanguageModel":
    from summarizer.exceptions import ModelUnusable
    from summarizer.llm.openai_server import OpenAIServerModel

    settings = config.llm
    host = _host_name(settings.base_url)
    if config.http.offline and host not in _LOOPBACK_HOSTS:
        raise ModelUnusable("http.offline is set, and the language model is on another machine.")
    return OpenAIServerModel(
        settings.base_url,
        model_name(config),
        key=read_key("llm.api_key_file", settings.api_key_file) if settings.api_key_file else "",
        concurrency=settings.concurrency,
        timeout=settings.timeout_seconds,
    )


def _host_name(address: str) -> str | None:
    """Return the host of llm.base_url. Raises ConfigError if it is not an address."""
    try:
        parts = urlsplit(address)
    except ValueError as error:  # such as "http://[bad"
        raise ConfigError("llm.base_url is not a valid address.") from error
    if parts.scheme not in {"http", "https"}:
        raise ConfigError("llm.base_url must be an address that begins with http:// or https://.")
    return parts.hostname


def load_grounding_models(config: Config) -> "GroundingModels":
    """Return the embedding model, if it is prepared, and the entailment model, if one is set."""
    from summarizer.llm.generate import GroundingModels

    try:
        encoder = shared_query_encoder(config.embedding, config.models)
    except IndexUnusable:
        encoder = None
    if not config.llm.entailment_model:
        return GroundingModels(encoder)
    from summarizer.llm.transformers import EntailmentModel

    require_models("llm.entailment_model")
    return GroundingModels(
        encoder, EntailmentModel(config.llm.entailment_model, offline=config.http.offline)
    )
