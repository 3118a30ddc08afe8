"""Checking a summary that another machine made: nothing in it is trusted.

What a language model wrote is grounded again, by the code that grounds it here. An extract whose
sentences are in the abstract as they stand is accepted; any other is made again and must be equal.

Public: `check_summary`, `sentences_to_json`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args

from summarizer import Sentence, Summary
from summarizer.extractive.extract import extract_summary
from summarizer.llm.generate import GroundingModels, generate_summaries
from summarizer.llm.prompt import LANGUAGES, VERSION
from summarizer.llm.prompt import Paper as Text
from summarizer.summary import EXTRACTIVE_MODEL, Role
from summarizer.text.sentences import split_sentences, to_plain_text
from tracker.pipeline.bulk.recorded_answers import RecordedAnswers

_WORD = re.compile(r"\w+")
_ROLES = frozenset(get_args(Role))
_LONGEST_NAME = 200


def sentences_to_json(summary: Summary) -> str:
    """Return the sentences of a summary with their sources, as in the files of results."""
    rows = [[sentence.role, sentence.text, sentence.source] for sentence in summary.sentences]
    return json.dumps(rows, ensure_ascii=False)


def check_summary(
    values: Mapping[str, Any], text: Text, models: GroundingModels
) -> tuple[Summary | None, str]:
    """Return the summary in a row of results as far as it is supported, or None and the reason."""
    if reason := _key_fault(values):
        return None, reason
    if values["method"] == "extractive":
        return _check_extract(values, text)
    return _ground_again(values, text, models)


def _key_fault(values: Mapping[str, Any]) -> str:
    """Return what is wrong with the key of a summary, or ""."""
    name, method = values["model"] or "", values["method"]
    if method not in ("extractive", "generated"):
        return f"its method is {method!r}, not extractive or generated"
    version = "" if method == "extractive" else VERSION
    if (values["prompt_version"] or "") != version:
        return f"its prompt_version is {values['prompt_version']!r}, not {version!r}"
    if method == "extractive":
        is_ours = (name, values["language"]) == (EXTRACTIVE_MODEL, "en")
        return "" if is_ours else "it is not the extract of this release"
    if not _is_model_name(name):
        return f"its model is {name[:_LONGEST_NAME]!r}"
    return "" if values["language"] in LANGUAGES else f"its language is {values['language']!r}"


def _is_model_name(name: str) -> bool:
    """Whether a text can be the name of a language model."""
    is_usable = bool(name.strip()) and len(name) <= _LONGEST_NAME and name.isprintable()
    return is_usable and name != EXTRACTIVE_MODEL


def _ground_again(
    values: Mapping[str, Any], text: Text, models: GroundingModels
) -> tuple[Summary | None, str]:
    answer = values["answer"] or _answer_of_sentences(values)
    if not answer:
        return None, "it has neither the model's answer nor English sentences"
    if not to_plain_text(text.abstract):
        return None, "its paper has no abstract"
    model = RecordedAnswers(values["model"], [answer])
    ((_, summary),) = generate_summaries([text], model, values["language"], grounding_models=models)
    return (None, summary.note) if summary.note else (summary, "")


def _answer_of_sentences(values: Mapping[str, Any]) -> str:
    """Return English sentences in the form of a model's answer; "" for another language."""
    sentences = _parse_sentences(values["sentences"])
    if values["language"] != "en" or not sentences:
        return ""
    fields: dict[str, list[str]] = {}
    for sentence in sentences:
        fields.setdefault(sentence.role, []).append(sentence.text)
    return json.dumps({role: " ".join(texts) for role, texts in fields.items()})


def _parse_sentences(content: str | None) -> tuple[Sentence, ...]:
    """Return the sentences of a row; none if one of them is not in the documented form."""
    try:
        rows = json.loads(content or "[]")
        sentences = tuple(Sentence(*row) for row in rows)
    except (ValueError, TypeError, RecursionError):
        return ()
    valid = all(
        s.role in _ROLES and isinstance(s.text, str) and isinstance(s.source, str)
        for s in sentences
    )
    return sentences if valid else ()


def _check_extract(values: Mapping[str, Any], text: Text) -> tuple[Summary | None, str]:
    sentences, plain = _parse_sentences(values["sentences"]), to_plain_text(text.abstract)
    dropped = values["dropped"] or 0
    if sentences and values["tldr"] == sentences[0].text and sentences[0].role == "tldr":
        carried = Summary(
            sentences[0].text, sentences, "extractive", EXTRACTIVE_MODEL, "", "en", max(0, dropped)
        )
        if all(_is_verbatim(sentence, plain) for sentence in sentences):
            return carried, ""
        if replace(extract_summary(text.title, text.abstract), dropped=carried.dropped) == carried:
            return carried, ""
    return None, "its sentences are not those that the abstract has"


def _is_verbatim(sentence: Sentence, plain: str) -> bool:
    """Whether the words of a sentence follow each other in its source, which the abstract has."""
    known = all(part in plain for part in split_sentences(sentence.source))
    return known and bool(sentence.source) and _words(sentence.text) in _words(sentence.source)


def _words(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.casefold()))} "
