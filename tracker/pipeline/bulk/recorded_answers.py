"""A language model's answers, recorded so that they can be checked again elsewhere.

Public: `RecordedAnswers`, `RecordingModel`.
"""

from collections.abc import Iterator, Sequence

from summarizer.exceptions import GenerationError
from summarizer.llm.forms import AnswerForm
from summarizer.llm.generate import LanguageModel
from summarizer.llm.output import Fields, FieldsOrError
from summarizer.llm.prompt import Messages


class RecordedAnswers:
    """The language model `model` as far as it answered before, in the order of the papers.

    An error takes the place of an answer that could not be generated.
    """

    def __init__(self, model: str, answers: Sequence[str | GenerationError]) -> None:
        self.model = model
        self._answers = answers

    def answer(
        self, chats: Sequence[Messages], form: AnswerForm
    ) -> Iterator[tuple[int, FieldsOrError]]:
        """Yield the fields of each answer, or what is wrong with it."""
        for index, answer in enumerate(self._answers[: len(chats)]):
            yield index, _parse_answer(answer, form)

    def probe(self) -> str:
        """Return the name of the model."""
        return self.model


def _parse_answer(answer: str | GenerationError, form: AnswerForm) -> FieldsOrError:
    try:
        return answer if isinstance(answer, GenerationError) else form.parse(answer, True)
    except GenerationError as error:
        return error


class RecordingModel:
    """The language model `model`, whose answers are kept by the number of their chat."""

    def __init__(self, model: LanguageModel) -> None:
        self._model, self.model = model, model.model
        self.answers: dict[int, Fields] = {}

    def answer(
        self, chats: Sequence[Messages], form: AnswerForm
    ) -> Iterator[tuple[int, FieldsOrError]]:
        """Yield the answers of the model."""
        for index, answer in self._model.answer(chats, form):
            if not isinstance(answer, GenerationError):
                self.answers[index] = answer
            yield index, answer

    def probe(self) -> str:
        """Return what the model is and where it runs."""
        return self._model.probe()
