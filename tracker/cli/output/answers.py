"""Answers to questions as text and as the public JSON.

Public: `answer_json`, `print_answer`.
"""

from collections.abc import Iterator
from typing import Any

import click

from tracker.cli.output.reports import wrap_text
from tracker.models import Paper
from tracker.records import Answer, AnswerSentence

_INDENT = "    "
NOT_ANSWERED = "Not answered by the papers here."


def answer_json(answer: Answer, *, seconds: float) -> dict[str, Any]:
    """Return the public JSON of an answer."""
    numbers = _numbers(answer)
    return {
        "question": answer.question,
        "took_ms": round(seconds * 1000, 1),
        "answered": answer.answered,
        "method": answer.method,
        "model": answer.model,
        "notes": answer.notes,
        "sentences": [
            {
                "text": sentence.text,
                "works": sentence.works,
                "cites": [numbers[key] for key in sentence.works],
                "source": sentence.source,
            }
            for sentence in answer.sentences
        ],
        "works": [
            {"number": numbers[work.id], **_paper_json(work), "url": work.url}
            for work in answer.works
        ],
        "nearest": _paper_json(answer.nearest) if answer.nearest else None,
    }


def print_answer(answer: Answer) -> None:
    """Print the answer as a paragraph and the works it cites, or that there is none."""
    click.echo("\n".join(_lines(answer)))


def _lines(answer: Answer) -> Iterator[str]:
    if not answer.answered:
        yield NOT_ANSWERED
        if answer.nearest:
            title = _title(answer.nearest)
            yield wrap_text(f"The nearest paper is {answer.nearest.id}, “{title}”.", "")
        return
    numbers = _numbers(answer)
    yield wrap_text(" ".join(_cited(s, numbers) for s in answer.sentences), "")
    yield ""
    for work in answer.works:
        yield wrap_text(f"[{numbers[work.id]}] {work.id}  {_title(work)}", _INDENT)
        yield f"{_INDENT}{work.url}"


def _cited(sentence: AnswerSentence, numbers: dict[str, int]) -> str:
    """Return a sentence with the numbers of its works before its full stop: "… by half [1]."."""
    marks = "".join(f" [{numbers[key]}]" for key in sentence.works)
    text = sentence.text
    return f"{text[:-1]}{marks}{text[-1]}" if text[-1:] in ".!" else f"{text}{marks}"


def _numbers(answer: Answer) -> dict[str, int]:
    return {work.id: place for place, work in enumerate(answer.works, start=1)}


def _title(work: Paper) -> str:
    from summarizer.text.sentences import to_plain_text

    return to_plain_text(work.title)


def _paper_json(work: Paper) -> dict[str, Any]:
    return {"id": work.id, "title": _title(work), "published": work.published}
