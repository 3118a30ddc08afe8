"""Acronyms in the lines of a paper: written out once, where they first occur, and never twice.

Public surface: ``find_definitions``, ``write_out``, ``drop_definitions``.
"""

import re
from collections.abc import Collection, Iterable, Mapping

from summarizer.text.wordlists import word_set

_KNOWN = word_set(
    "LLM LLMs AI RL NLP ML QA GPU GPUs CPU CPUs RAG VLM VLMs MLLM MLLMs LM LMs API APIs GUI CoT "
    "MoE KV SFT GRPO RLHF RLVR DPO PPO LoRA SOTA OOD IR NLI MCTS PDF SQL HTML JSON UI OCR ASR TTS "
    "BERT GPT MMLU EHR SLM SLMs IDE STEM US UK EU PDE CUDA MCP GNN GNNs CNN CNNs RNN LSTM BM25 "
    "AUC AUROC MSE FLOPs TPU AGI NP DNA RNA CT MRI VQA MT NMT SSM SSMs PEFT BLEU F1 WER SAE"
)
_SHORT = re.compile(r"\(([A-Z][A-Za-z-]*[A-Z]s?)\)")
_MAX_WORDS = 7
_SMALL = word_set("and of for the in to with on a an or by via")  # these have no initial


def find_definitions(sentences: Iterable[str]) -> dict[str, str]:
    """Return acronym -> long form for each "long form (LF)" whose initials are the acronym."""
    found: dict[str, str] = {}
    for sentence in sentences:
        for match in _SHORT.finditer(sentence):
            long = _long_form(sentence[: match.start()].rstrip(), match.group(1))
            if long:
                found.setdefault(match.group(1), long)
    return found


def _long_form(before: str, short: str) -> str:
    """Return the last words of ``before`` whose initials are those of ``short``, "" if none."""
    letters = [c.lower() for c in short.rstrip("s") if c.isalpha()]
    words = before.split()[-_MAX_WORDS:]
    for count in range(1, len(words) + 1):
        tail = words[-count:]
        if tail[0].lower() in _SMALL or any(word[-1] in ",.;:()" for word in tail):
            continue
        if letters in (_initials(tail), _initials(w for w in tail if w.lower() not in _SMALL)):
            return _in_a_sentence(" ".join(tail), starts=count == len(before.split()))
    return ""


def _initials(words: Iterable[str]) -> list[str]:
    return [part[0].lower() for word in words for part in word.split("-") if part]


def _in_a_sentence(long: str, *, starts: bool) -> str:
    """Return a long form that starts a sentence as it is within one: "large models"."""
    rest = long[1:]
    return long[0].lower() + rest if starts and rest.islower() else long


def write_out(text: str, definitions: Mapping[str, str], known: Collection[str]) -> str:
    """Return ``text`` with each acronym that a reader may not know written out at its first use.

    An acronym in ``known`` (those of the title, or of the line before) stays.
    """
    for short, long in definitions.items():
        if short in _KNOWN or short in known or f"({short})" in text or long in text:
            continue
        pattern = re.compile(rf"(?<![\w-]){re.escape(short)}(?![\w-])")
        first = pattern.search(text)
        if first is None or text.count("(", 0, first.start()) > text.count(")", 0, first.start()):
            continue
        written = f"{long if first.start() else long[0].upper() + long[1:]} ({short})"
        text = text[: first.start()] + written + text[first.end() :]
    return text


def drop_definitions(text: str, defined: Collection[str]) -> str:
    """Return ``text`` with "long form (LF)" as "LF" for each acronym already defined."""
    for short, long in find_definitions([text]).items():
        if short in defined:
            text = text.replace(f"{long} ({short})", short)
    return text
