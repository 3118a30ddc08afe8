"""A trial of the configured language model: its summaries of recent papers beside the extracts.

Nothing is stored, and answers that are remembered are not used, so that the speed is the model's.

Public: `try_model`, `ModelTrial`, `TriedPaper`, `TriedSentence`, `Rejection`.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from summarizer import Summary
from summarizer.exceptions import GenerationError
from summarizer.extractive.extract import extract_summary
from summarizer.grounding.proof import support_level
from summarizer.llm.prompt import Paper as Text
from tracker.errors import ConfigError, TrackerError
from tracker.models import Paper
from tracker.pipeline import Progress, silent
from tracker.pipeline.summarize import llm
from tracker.settings import Config
from tracker.store import papers
from tracker.store.database import Database

if TYPE_CHECKING:
    from summarizer.llm.forms import AnswerForm
    from summarizer.llm.generate import GroundingModels, LanguageModel
    from summarizer.llm.output import FieldsOrError
    from summarizer.llm.prompt import Messages

_NO_MODEL = "No language model is set: set llm.backend to bundled, transformers or openai."


@dataclass(frozen=True, slots=True)
class TriedSentence:
    """A sentence of a summary, and how the abstract supports it: copied, shortened, entailed."""

    role: str
    text: str
    level: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """A sentence that the model wrote and that is not shown ("" if it wrote none)."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class TriedPaper:
    """The two summaries of one paper; `method` is how the model's was made in the end."""

    id: str
    title: str
    extract: tuple[TriedSentence, ...]
    model: tuple[TriedSentence, ...]
    method: str
    rejected: tuple[Rejection, ...]
    note: str


@dataclass(frozen=True, slots=True)
class ModelTrial:
    """What a model wrote, how fast, and in how much memory (0: unknown)."""

    model: str
    mode: str
    papers: tuple[TriedPaper, ...]
    seconds: float
    characters: int
    peak_memory_bytes: int
    levels: Mapping[str, float]

    @property
    def failed(self) -> bool:
        """Whether the model gave no answer for a paper; a rejected answer is no failure."""
        return any(paper.note and not paper.rejected for paper in self.papers)


class _CountingModel:
    """A model whose written characters are counted."""

    def __init__(self, model: "LanguageModel") -> None:
        self._model, self.characters = model, 0

    @property
    def model(self) -> str:
        return self._model.model

    def probe(self) -> str:
        return self._model.probe()

    def answer(
        self, chats: Sequence["Messages"], form: "AnswerForm"
    ) -> Iterator[tuple[int, "FieldsOrError"]]:
        for index, answer in self._model.answer(chats, form):
            if not isinstance(answer, GenerationError):
                self.characters += sum(map(len, answer.values()))
            yield index, answer


def try_model(db: Database, config: Config, number: int, progress: Progress = silent) -> ModelTrial:
    """Return the model's summaries of the newest papers. Raises ConfigError without a model."""
    name = llm.model_name(config)
    if not name:
        raise ConfigError(_NO_MODEL)
    works = papers.newest_with_abstract(db, number)
    if not works:
        raise TrackerError("No stored paper has an abstract; run `tracker crawl` first.")
    try:
        model = _CountingModel(llm.build_model(config))
        model.probe()  # loads the model, which is not part of its speed
        models = model, llm.load_grounding_models(config, model)
    except GenerationError as error:
        raise TrackerError(str(error)) from error
    begun = time.monotonic()
    tried = _summarize(config, models, works, progress)
    seconds = time.monotonic() - begun
    return ModelTrial(
        name, llm.generation_mode(config), tried, round(seconds, 2), model.characters,
        llm.peak_memory(config), _shares(tried),
    )  # fmt: skip


def _summarize(
    config: Config,
    models: "tuple[LanguageModel, GroundingModels]",
    works: Sequence[Paper],
    progress: Progress,
) -> tuple[TriedPaper, ...]:
    texts = [Text(paper.title, paper.abstract) for paper in works]
    rejected: list[list[Rejection]] = [[] for _ in works]
    made: dict[int, Summary] = {}

    def note_rejection(index: int, text: str, reason: str) -> None:
        rejected[index].append(Rejection(text, reason))

    with llm.time_budget(config):
        for index, summary in llm.generate_with(config, models, texts, "en", note_rejection):
            made[index] = summary
            progress("summarise", len(made), len(works))
    return tuple(_tried(paper, made[index], rejected[index]) for index, paper in enumerate(works))


def _tried(paper: Paper, made: Summary, rejected: Sequence[Rejection]) -> TriedPaper:
    extract = extract_summary(paper.title, paper.abstract)
    return TriedPaper(
        paper.id, paper.title, _sentences(extract), _sentences(made), made.method,
        tuple(rejected), made.note,
    )  # fmt: skip


def _sentences(summary: Summary) -> tuple[TriedSentence, ...]:
    return tuple(
        TriedSentence(s.role, s.text, support_level(s.text, s.source)) for s in summary.sentences
    )


def _shares(tried: Sequence[TriedPaper]) -> dict[str, float]:
    """Return the share of each level among the sentences of summaries that the model wrote."""
    levels = Counter(s.level for p in tried if p.method == "generated" for s in p.model)
    return {level: round(count / levels.total(), 3) for level, count in sorted(levels.items())}
