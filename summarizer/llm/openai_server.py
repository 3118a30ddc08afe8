"""A language model behind an OpenAI-compatible server: vLLM, SGLang, llama.cpp, Ollama and others.

Public surface: ``OpenAIServerModel``.
"""

import math
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import replace
from typing import Any

from summarizer.exceptions import (
    BudgetSpent,
    ContextExceeded,
    GenerationError,
    ModelUnusable,
    ServerUnreachable,
)
from summarizer.llm.forms import AnswerForm, name_form
from summarizer.llm.http import TIME_USED_UP, FeatureUnsupported, HttpClient
from summarizer.llm.output import Fields, FieldsOrError, weigh_yes
from summarizer.llm.prompt import Messages

# No text has more characters per token: if the server counts fewer tokens than this implies, it
# truncated the prompt. Ollama does so silently when its context (4,096 by default) is too small.
_MAX_CHARACTERS_PER_TOKEN = 12
_PROBE = replace(name_form(), max_tokens=16)
# How the form of an answer is enforced, strictest first; a server may support none of them.
_FORMATS = ("json_schema", "json_object", "none")
# Models that reason before they answer unless the request turns that off.
_THINKING = re.compile(
    r"qwen-?3|smollm3|glm-?4\.[5-9]|deepseek-v3\.[1-9]|hunyuan|exaone-4|nemotron", re.I
)
_ALTERNATIVES = 10  # to the first token of a yes or no, whose probabilities are requested


class OpenAIServerModel:
    """The model ``model`` of the server at ``base_url``, which usually ends in /v1.

    ``timeout`` is for one response, in seconds; ``concurrency`` is the number of requests at a
    time. After ``deadline``, a time of ``time.monotonic``, no request is sent. With ``streams``,
    the timeout is for each token instead, so that a busy machine has as much time as it needs.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        key: str = "",
        concurrency: int = 4,
        timeout: float = 120.0,
        deadline: float = math.inf,
        streams: bool = False,
    ) -> None:
        self.model = model
        self._concurrency, self._deadline = max(1, concurrency), deadline
        self._client = HttpClient(
            base_url, key=key, timeout=timeout, connections=self._concurrency, deadline=deadline
        )
        self._streams = streams
        self._format = 0  # index of _FORMATS
        self._thinks = _THINKING.search(model) is not None
        self._reports_chances = True

    def answer(
        self, chats: Sequence[Messages], form: AnswerForm
    ) -> Iterator[tuple[int, FieldsOrError]]:
        """Yield (index, fields or error) as responses arrive.

        Once the server is unreachable, the model unusable or the server given up because it hangs,
        no more requests are sent and the remaining chats get that error.
        """
        with ThreadPoolExecutor(self._concurrency) as pool:
            pending = {pool.submit(self._answer_one, one, form): i for i, one in enumerate(chats)}
            try:
                yield from self._collect_results(pending)
            finally:
                self._client.cancelled.set()  # so that an interruption waits for no answer
                pool.shutdown(cancel_futures=True)
                self._client.cancelled.clear()

    def _collect_results(
        self, pending: dict[Future[Fields], int]
    ) -> Iterator[tuple[int, FieldsOrError]]:
        for done in as_completed(list(pending)):
            result = _result_or_error(done)
            yield pending.pop(done), result
            if isinstance(result, ServerUnreachable | ModelUnusable | BudgetSpent):
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
        return f"{self.model} at {self._client.url}, {self._probe_format()}"

    def _probe_format(self) -> str:
        """Ask for a very short answer; return how the server holds answers to their form."""
        self._request_completion([{"role": "user", "content": "Say yes."}], _PROBE)
        return {
            "json_schema": "answers held to a schema",
            "json_object": "answers in JSON without a schema",
            "none": "no JSON format; answers are parsed leniently",
        }[_FORMATS[self._format]]

    def _answer_one(self, messages: Messages, form: AnswerForm) -> Fields:
        if time.monotonic() > self._deadline:
            raise BudgetSpent(TIME_USED_UP)
        body = self._request_completion(messages, form)
        try:
            choice, tokens = body["choices"][0], (body.get("usage") or {}).get("prompt_tokens", 0)
            text, finish = choice["message"]["content"] or "", choice.get("finish_reason")
            _check_prompt_tokens(messages, int(tokens or 0))
            if form.weighs_yes and (share := _weigh_choice(choice)) is not None:
                return {"yes": f"{share:.4f}"}
        except (TypeError, KeyError, IndexError, AttributeError, ValueError) as error:
            raise GenerationError(
                "The server's answer is not that of a chat completion."
            ) from error
        return form.parse(text, finish != "length")

    def _request_completion(self, messages: Messages, form: AnswerForm) -> Any:
        """Post a request, again without the parts that the server turns out not to know."""
        for _ in range(len(_FORMATS) + 2):
            kind, thinks = self._format, self._thinks
            try:
                return self._client.post(
                    "/chat/completions", self._request_body(messages, form, kind, thinks=thinks)
                )
            except FeatureUnsupported as error:
                if error.feature == "chat_template_kwargs":
                    self._thinks = False
                elif error.feature == "logprobs":
                    self._reports_chances = False
                else:
                    # Another thread may have found it out for the same request format.
                    self._format = max(self._format, min(kind + 1, len(_FORMATS) - 1))
        raise ModelUnusable(f"The server at {self._client.url} refuses every form of request.")

    def _request_body(
        self, messages: Messages, form: AnswerForm, kind: int, *, thinks: bool
    ) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.model,
            "messages": messages,
            "temperature": 0,
            "max_tokens": form.max_tokens,
        }
        if self._streams:
            # llama.cpp: events also while the prompt is read, and the number of its tokens.
            body |= {
                "stream": True, "return_progress": True, "stream_options": {"include_usage": True},
            }  # fmt: skip
        if thinks:
            body["chat_template_kwargs"] = {"enable_thinking": False}
        if form.weighs_yes and self._reports_chances:
            body |= {"logprobs": True, "top_logprobs": _ALTERNATIVES}
        if form.schema and _FORMATS[kind] == "json_schema":
            schema = {"name": form.name, "strict": True, "schema": form.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif form.schema and _FORMATS[kind] == "json_object":
            body["response_format"] = {"type": "json_object"}
        return body


def _weigh_choice(choice: Mapping[str, Any]) -> float | None:
    """Return the share of "yes" at the first token that may be a yes or no; None without any."""
    for token in (choice.get("logprobs") or {}).get("content") or ():
        chances = {str(one["token"]): float(one["logprob"]) for one in token["top_logprobs"]}
        if (share := weigh_yes(chances)) is not None:
            return share
    return None


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
