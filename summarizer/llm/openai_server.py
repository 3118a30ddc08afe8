"""A language model behind an OpenAI-compatible server: vLLM, SGLang, llama.cpp, Ollama and others.

Public surface: ``OpenAIServerModel``.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import Any

from summarizer.exceptions import (
    ContextExceeded,
    GenerationError,
    ModelUnusable,
    OutputMalformed,
    ServerTimeout,
    ServerUnreachable,
)
from summarizer.llm import output
from summarizer.llm.http import HttpClient, SchemasUnsupported
from summarizer.llm.output import Fields, FieldsOrError
from summarizer.llm.prompt import Messages, output_schema

_MAX_TOKENS = 2048
# No text has more characters per token: if the server counts fewer tokens than this implies, it
# truncated the prompt. Ollama does so silently when its context (4,096 by default) is too small.
_MAX_CHARACTERS_PER_TOKEN = 12


# A server is given up after this many timeouts in a row, or after the first one if it has answered
# nothing yet. It is then left alone for a while, also by later steps of the same run.
_MOST_TIMEOUTS = 3
_REST_SECONDS = 600.0
_given_up: dict[str, tuple[float, ServerTimeout]] = {}


class OpenAIServerModel:
    """The model ``model`` of the server at ``base_url``, which usually ends in /v1.

    ``timeout`` is for one response, in seconds; ``concurrency`` is the number of requests at a
    time.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        key: str = "",
        concurrency: int = 4,
        timeout: float = 120.0,
    ) -> None:
        self.model = model
        self._concurrency = max(1, concurrency)
        self._client = HttpClient(base_url, key=key, timeout=timeout, connections=self._concurrency)
        self._supports_schemas = True
        self._answered = False
        self._timeouts = 0

    def complete(
        self, chats: Sequence[Messages], language: str
    ) -> Iterator[tuple[int, FieldsOrError]]:
        """Yield (index, fields or error) as responses arrive.

        Once the server is unreachable, the model unusable or the server given up because it hangs,
        no more requests are sent and the remaining chats get that error.
        """
        with ThreadPoolExecutor(self._concurrency) as pool:
            pending = {
                pool.submit(self._complete_one, one, language): i for i, one in enumerate(chats)
            }
            try:
                yield from self._collect_results(pending)
            finally:
                pool.shutdown(cancel_futures=True)

    def _collect_results(
        self, pending: dict[Future[Fields], int]
    ) -> Iterator[tuple[int, FieldsOrError]]:
        for done in as_completed(list(pending)):
            result = _result_or_error(done)
            yield pending.pop(done), result
            if isinstance(result, ServerUnreachable | ModelUnusable):
                yield from ((i, result) for i in pending.values())
                return

    def probe(self) -> str:
        """Return the model and its address. Raises GenerationError if it is unusable."""
        body = self._client.get("/models")
        entries = body.get("data") if isinstance(body, dict) else None
        names = [str(e["id"]) for e in entries or () if isinstance(e, dict) and "id" in e]
        if self.model not in names:
            available = ", ".join(names[:5]) or "none"
            raise ModelUnusable(
                f"The server at {self._client.url} has no model {self.model!r} (llm.model);"
                f" it has {available}."
            )
        return f"{self.model} at {self._client.url}"

    def _complete_one(self, messages: Messages, language: str) -> Fields:
        since, error = _given_up.get(self._client.url, (0.0, None))
        if error and time.monotonic() - since < _REST_SECONDS:
            raise error
        try:
            body = self._request_completion(messages, language)
        except ServerTimeout as timeout:
            self._timeouts += 1
            if not self._answered or self._timeouts >= _MOST_TIMEOUTS:
                _given_up[self._client.url] = (time.monotonic(), timeout)
            raise
        self._answered, self._timeouts = True, 0
        try:
            choice, tokens = body["choices"][0], (body.get("usage") or {}).get("prompt_tokens", 0)
            text, finish = choice["message"]["content"] or "", choice.get("finish_reason")
            _check_prompt_tokens(messages, int(tokens or 0))
            return output.parse_fields(text, finished=finish != "length")
        except (TypeError, KeyError, IndexError, AttributeError, ValueError) as error:
            raise OutputMalformed(
                "The server's answer is not that of a chat completion."
            ) from error

    def _request_completion(self, messages: Messages, language: str) -> Any:
        body: dict[str, Any] = {
            "model": self.model,
            "messages": messages,
            "temperature": 0,
            "max_tokens": _MAX_TOKENS,
        }
        schema = {"name": "summary", "strict": True, "schema": output_schema(language)}
        form = {"response_format": {"type": "json_schema", "json_schema": schema}}
        try:
            return self._client.post(
                "/chat/completions", body | (form if self._supports_schemas else {})
            )
        except SchemasUnsupported:
            # The prompt describes the object too, and the answer is parsed in the same way.
            self._supports_schemas = False
            return self._client.post("/chat/completions", body)


def _result_or_error(done: Future[Fields]) -> FieldsOrError:
    try:
        return done.result()
    except GenerationError as error:
        return error


def _check_prompt_tokens(messages: Messages, prompt_tokens: int) -> None:
    """Raise ContextExceeded if the server read fewer tokens than the prompt must have."""
    characters = sum(len(message["content"]) for message in messages)
    if 0 < prompt_tokens * _MAX_CHARACTERS_PER_TOKEN < characters:
        raise ContextExceeded(
            f"The server read {prompt_tokens} tokens of a prompt of {characters} characters: its"
            " context is too small (for Ollama set OLLAMA_CONTEXT_LENGTH)."
        )
