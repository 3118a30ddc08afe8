"""Answers of the language model that are remembered, so that it is not asked the same thing twice.

Remembered are also answers that were not usable and that proof rejects: a model that decodes
greedily would give them again. Failures of a server are not remembered.

Public: `AnswerCache`, `RememberingModel`, `CHARACTERS_A_TOKEN`.
"""

import hashlib
import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from summarizer.exceptions import ContextExceeded, GenerationError, OutputMalformed
from tracker.store import llm_answers
from tracker.store.database import Database

if TYPE_CHECKING:
    from summarizer.llm.forms import AnswerForm
    from summarizer.llm.generate import LanguageModel
    from summarizer.llm.output import FieldsOrError
    from summarizer.llm.prompt import Messages

# The tags around a paper or facts are random in every request.
_RANDOM_TAG = re.compile(r"(paper|facts)-[0-9a-f]{8}")
_REMEMBERED = (ContextExceeded, OutputMalformed)
CHARACTERS_A_TOKEN = 4  # of English; tokenizers differ by a fifth
_LEAST_TIMED = 1000  # tokens


@dataclass(frozen=True, slots=True)
class AnswerCache:
    """Where answers are stored; only read unless `writes`."""

    db: Database
    writes: bool

    def find_unanswered(
        self, model: str, chats: Sequence["Messages"], form: "AnswerForm"
    ) -> list[int]:
        """Return the places of the chats that `model` has not answered yet."""
        keys = [_key(model, messages, form) for messages in chats]
        known = llm_answers.load_answers(self.db, keys)
        return [place for place, key in enumerate(keys) if key not in known]


class RememberingModel:
    """A model that answers from the cache what it has answered before."""

    def __init__(self, model: "LanguageModel", cache: AnswerCache) -> None:
        self._model, self._cache = model, cache

    @property
    def model(self) -> str:
        """The name of the model."""
        return self._model.model

    def probe(self) -> str:
        """Return what the model is. Raises GenerationError if it is unusable."""
        return self._model.probe()

    def answer(
        self, chats: Sequence["Messages"], form: "AnswerForm"
    ) -> Iterator[tuple[int, "FieldsOrError"]]:
        """Yield (index, fields or error): first those that are remembered."""
        keys = [_key(self.model, messages, form) for messages in chats]
        known = llm_answers.load_answers(self._cache.db, keys)
        yield from ((i, _decode(known[key])) for i, key in enumerate(keys) if key in known)
        unknown = [i for i, key in enumerate(keys) if key not in known]
        if not unknown:
            return
        begun, characters, failed = time.monotonic(), 0, False
        for n, answer in self._model.answer([chats[i] for i in unknown], form):
            place = unknown[n]
            if _is_failure(answer):
                failed = True
            else:
                encoded = _encode(answer)
                characters += len(encoded) + _count_characters(chats[place])
                self._store_answer(keys[place], encoded)
            yield place, answer
        tokens = 0 if failed else characters // CHARACTERS_A_TOKEN
        self._store_speed(tokens, time.monotonic() - begun)

    def _store_answer(self, key: str, encoded: str) -> None:
        if self._cache.writes:
            llm_answers.store_answer(self._cache.db, key, encoded)

    def _store_speed(self, tokens: int, seconds: float) -> None:
        """Remember how fast the model was, unless it did too little to tell."""
        if self._cache.writes and tokens >= _LEAST_TIMED and seconds > 0:
            llm_answers.store_speed(self._cache.db, self.model, tokens, seconds)


def _count_characters(messages: "Messages") -> int:
    return sum(len(message["content"]) for message in messages)


def _key(model: str, messages: "Messages", form: "AnswerForm") -> str:
    """Return a hash of everything that an answer depends on."""
    request = _RANDOM_TAG.sub(r"\1", json.dumps([model, messages, form.schema, form.max_tokens]))
    return hashlib.sha256(request.encode()).hexdigest()


def _is_failure(answer: "FieldsOrError") -> bool:
    return isinstance(answer, GenerationError) and not isinstance(answer, _REMEMBERED)


def _encode(answer: "FieldsOrError") -> str:
    if isinstance(answer, GenerationError):
        return json.dumps({"error": type(answer).__name__, "message": str(answer)})
    return json.dumps({"fields": dict(answer)}, ensure_ascii=False)


def _decode(stored: str) -> "FieldsOrError":
    found = json.loads(stored)
    if "fields" in found:
        return {str(name): str(value) for name, value in found["fields"].items()}
    kinds = {kind.__name__: kind for kind in _REMEMBERED}
    return kinds[found["error"]](found["message"])
