"""Terminal output of `tracker llm try`."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tracker.cli.output.reports import wrap_text

if TYPE_CHECKING:
    from tracker.pipeline.summarize.model_trial import ModelTrial, TriedPaper, TriedSentence


def trial_lines(trial: "ModelTrial") -> Iterator[str]:
    """Yield the lines of a trial: each paper, then speed, memory and shares."""
    for paper in trial.papers:
        yield from _paper_lines(paper)
    yield f"{trial.model} ({trial.mode})"
    number = len(trial.papers)
    yield (
        f"{number} papers in {trial.seconds:.1f} s, {trial.seconds / number:.1f} s a paper;"
        f" {trial.characters / max(trial.seconds, 0.01):,.0f} characters a second"
    )
    if trial.peak_memory_bytes:
        yield f"peak memory: {trial.peak_memory_bytes / 1e6:,.0f} MB"
    written = sum(paper.method == "generated" for paper in trial.papers)
    yield f"{written} of {number} summaries are the model's; the others are the extract"
    if trial.levels:
        shares = ", ".join(f"{level} {share:.0%}" for level, share in trial.levels.items())
        yield f"their sentences: {shares}"


def _paper_lines(paper: "TriedPaper") -> Iterator[str]:
    yield f"{paper.id} {paper.title}"
    yield from _sentence_lines("extract", paper.extract)
    if paper.method == "generated":
        yield from _sentence_lines("model", paper.model, levels=True)
    else:
        yield wrap_text("model: no sentence to show", "  ")
    for one in paper.rejected:
        yield wrap_text(f"dropped: {one.text or '(no sentence)'} [{one.reason}]", "  ")
    if paper.note:
        yield wrap_text(f"note: {paper.note}", "  ")
    yield ""


def _sentence_lines(
    label: str, sentences: "Sequence[TriedSentence]", *, levels: bool = False
) -> Iterator[str]:
    for one in sentences:
        level = f" [{one.level}]" if levels else ""
        yield wrap_text(f"{label} {one.role}: {one.text}{level}", "  ")
