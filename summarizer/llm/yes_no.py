"""The language model itself as the judge of whether a source supports a sentence.

It is asked for a yes or no, and the probability that it gives to "yes" counts. A model that fails
to answer supports nothing.

Public surface: ``YesNoJudge``.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from summarizer.exceptions import GenerationError
from summarizer.llm.forms import yes_no_form
from summarizer.llm.prompt import Messages, sanitize

if TYPE_CHECKING:
    from summarizer.llm.generate import LanguageModel

_QUESTION = (Path(__file__).parent / "prompts" / "judge" / "question.txt").read_text("utf-8")


class YesNoJudge:
    """An ``EntailmentScorer`` that asks ``model``."""

    def __init__(self, model: "LanguageModel") -> None:
        self._model = model

    def __call__(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return the probability that the first text of each pair supports the second."""
        chances = [0.0] * len(pairs)
        chats = [_build_chat(source, sentence) for source, sentence in pairs]
        for place, answer in self._model.answer(chats, yes_no_form()):
            if not isinstance(answer, GenerationError):
                chances[place] = float(answer["yes"])
        return chances


def _build_chat(source: str, sentence: str) -> Messages:
    question = _QUESTION.format(source=sanitize(source), sentence=sanitize(sentence))
    return [{"role": "user", "content": question.strip()}]
