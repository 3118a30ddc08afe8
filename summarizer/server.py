"""A language model behind an OpenAI-compatible server: vLLM, SGLang, llama.cpp, Ollama and others.

Public surface: ``Server``.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import Any

from summarizer import answer
from summarizer.answer import Answered, Fields
from summarizer.errors import GenerationError, Malformed, ModelUnusable, ServerGone, Truncated
from summarizer.prompt import Messages, schema
from summarizer.wire import NoSchemas, Wire

_MOST_TOKENS = 2048
# No text has so many characters to a token: where fewer tokens were counted, the server cut the
# prompt. Ollama does so in silence when its context (4,096 by default) is too small.
_MOST_CHARACTERS_PER_TOKEN = 12


class Server:
    """Writes by asking ``base_url``, which ends in /v1 as a rule, for the model ``model``.

    ``timeout`` is for one answer, in seconds; ``concurrency`` how many are asked for at a time.
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
        self._wire = Wire(base_url, key=key, timeout=timeout, connections=self._concurrency)
        self._schemas = True

    def write(self, asked: Sequence[Messages], language: str) -> Iterator[tuple[int, Answered]]:
        """Yield (index, fields or error) as answers come in.

        Once the server is gone or refuses us, nothing more is asked and the rest gets that error.
        """
        with ThreadPoolExecutor(self._concurrency) as pool:
            waiting = {pool.submit(self._one, one, language): i for i, one in enumerate(asked)}
            try:
                yield from self._collected(waiting)
            finally:
                pool.shutdown(cancel_futures=True)

    def _collected(self, waiting: dict[Future[Fields], int]) -> Iterator[tuple[int, Answered]]:
        for done in as_completed(list(waiting)):
            result = _result(done)
            yield waiting.pop(done), result
            if isinstance(result, ServerGone | ModelUnusable):
                yield from ((i, result) for i in waiting.values())
                return

    def probe(self) -> str:
        """What the server offers, in words. Raises GenerationError when it cannot be used."""
        body = self._wire.get("/models")
        entries = body.get("data") if isinstance(body, dict) else None
        names = [str(e["id"]) for e in entries or () if isinstance(e, dict) and "id" in e]
        if self.model not in names:
            has = ", ".join(names[:5]) or "none"
            raise ModelUnusable(
                f"The server at {self._wire.url} has no model {self.model!r} (llm.model);"
                f" it has {has}."
            )
        return f"{self.model} at {self._wire.url}"

    def _one(self, messages: Messages, language: str) -> Fields:
        said = self._completion(messages, language)
        try:
            choice, counted = said["choices"][0], (said.get("usage") or {}).get("prompt_tokens", 0)
            text, finish = choice["message"]["content"] or "", choice.get("finish_reason")
            _check_read(messages, int(counted or 0))
            return answer.read(text, finished=finish != "length")
        except (TypeError, KeyError, IndexError, AttributeError, ValueError) as error:
            raise Malformed("The server's answer is not that of a chat completion.") from error

    def _completion(self, messages: Messages, language: str) -> Any:
        body: dict[str, Any] = {
            "model": self.model,
            "messages": messages,
            "temperature": 0,
            "max_tokens": _MOST_TOKENS,
        }
        wanted = {"name": "summary", "strict": True, "schema": schema(language)}
        form = {"response_format": {"type": "json_schema", "json_schema": wanted}}
        try:
            return self._wire.post("/chat/completions", body | (form if self._schemas else {}))
        except NoSchemas:
            # The prompt describes the object too, and the answer is checked in the same way.
            self._schemas = False
            return self._wire.post("/chat/completions", body)


def _result(done: Future[Fields]) -> Answered:
    try:
        return done.result()
    except GenerationError as error:
        return error


def _check_read(messages: Messages, counted: int) -> None:
    """Raise Truncated where the server says it read fewer tokens than the prompt can have."""
    characters = sum(len(message["content"]) for message in messages)
    if 0 < counted * _MOST_CHARACTERS_PER_TOKEN < characters:
        raise Truncated(
            f"The server read {counted} tokens of a prompt of {characters} characters: its context"
            " is too small (for Ollama set OLLAMA_CONTEXT_LENGTH)."
        )
