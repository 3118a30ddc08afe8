"""Weak labels for the tags: what the words of a title say clearly, and what no word says.

The labels by hand are too few for the words of 22 tags, so `benchmarks/tags.py` also fits to
thousands of papers labelled by these rules, at a small weight. A title that matches the pattern of
a key is positive if the text also mentions language models (or neural networks, where the key is
wider); without any such word "agents" play games, and "inference" is statistical. A text without
the pattern and without the key's seed phrases is negative.

On 399 papers labelled by hand (docs/tags.md) 325 of 381 positive labels are right, and 88 to 100 %
of the negative ones of each key.

Public: `weak_labels`.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tracker.topics.seed_phrases import SeedPhraseMatcher
from tracker.topics.taxonomy import load_concepts


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_LANGUAGE_MODELS = _pattern(
    r"language model|\bLLMs?\b|\bGPT|\bVLMs?\b|\bMLLMs?\b|agentic|\bRAG\b|generative AI|\bLMs\b"
)
_WIDER = _pattern(
    r"language model|\bLLMs?\b|\bGPT|ChatGPT|transformer|\bVLMs?\b|\bMLLMs?\b|foundation model"
    r"|agentic|chatbot|prompt|\bRAG\b|generative AI|\bRLHF\b|instruction.tun|\bLMs\b|pre-?train"
)
_NEURAL = _pattern("language model|LLM|transformer|neural net|deep")
_SAFETY = (
    r"jailbreak|safety|backdoor|unlearn|hallucinat|privacy|injection|watermark|adversarial"
    r"|red.team|harmful|toxic|poison|refus|trustworth|guardrail|attack|bias|memori[sz]ation"
)
_TITLES = {
    "representation": (r"tokeni[sz]|embeddings?\b|representation", _LANGUAGE_MODELS),
    "architecture": (
        r"architecture|attention|transformers?\b|mixture.of|\bMoE|state.space|mamba|depth|layers",
        _LANGUAGE_MODELS,
    ),
    "training": (
        r"pre-?train|\btraining\b|fine-?tun|optimi[sz]er|scaling law|\bLoRA|curriculum|continual"
        r"|distributed",
        _LANGUAGE_MODELS,
    ),
    "alignment": (
        r"\balign|RLHF|preference|instruction|reward|GRPO|\bRL\b|reinforcement",
        _LANGUAGE_MODELS,
    ),
    "inference": (
        r"inference|decoding|serving|KV.cache|quanti[sz]|speculative|prompt|test-time|in-context"
        r"|pruning|latency|efficient",
        _pattern("language model|LLM|VLM"),
    ),
    "safety": (_SAFETY, _LANGUAGE_MODELS),
    "application": (
        r"agent|RAG\b|retrieval-aug|medical|clinical|legal|education|financ|health|recommend"
        r"|dialog|code|chatbot|assistant|translation|scientific|annotat",
        _LANGUAGE_MODELS,
    ),
    "moe": (r"mixture.of.\w*.?experts|\b\w*MoE\b|expert (routing|parallel)", _WIDER),
    "agents": (
        r"\bagent(s|ic)?\b|multi-agent|tool.(use|calling)|function.calling|computer.use"
        r"|deep research",
        _LANGUAGE_MODELS,
    ),
    "rag": (
        r"\bRAG\b|retrieval.augmented|GraphRAG|\bretriev(al|er|ers)\b|rerank",
        _LANGUAGE_MODELS,
    ),
    "multimodal": (
        r"vision.language|\bM?VLMs?\b|MLLM|multimodal (large|llm|language|foundation|reason|model)"
        r"|audio.(language|LLM)|speech.(LLM|language model)|spoken|text-to-(image|video|speech)"
        r"|\bVLA|omni|video",
        _LANGUAGE_MODELS,
    ),
    "small-models": (
        r"small(er)? (language|vision|reasoning)?.?(language )?models?|\bSLMs?\b|on-device"
        r"|edge devices?|tiny|sub-billion|\b[0-3](\.\d+)?B\b",
        _LANGUAGE_MODELS,
    ),
    "alignment-methods": (
        r"RLHF|preference (optim|learn|align|data|model)|\b\w*DPO\b|reward model"
        r"|human (feedback|preference)|RLAIF|constitutional",
        _WIDER,
    ),
    "reasoning": (
        r"reasoning|chain.of.thought|\bCoT\b|RLVR|verifiable reward|test-time (scaling|compute)"
        r"|mathemati|GRPO|verifier|theorem prov|overthink",
        _LANGUAGE_MODELS,
    ),
    "long-context": (
        r"long.context|KV.?cache|context (window|length|extension|compression)"
        r"|(linear|sparse|efficient) attention|\bMamba\b|state.space model|long.document",
        _WIDER,
    ),
    "compression": (
        r"quanti[sz]|pruning|distill|speculative (decod|sampl)|compress|low.bit|sparsity",
        _LANGUAGE_MODELS,
    ),
    "fine-tuning": (
        r"\b\w*LoRA\b|\bPEFT\b|parameter.efficient|adapters?\b|low-rank adapt"
        r"|(prompt|prefix) tuning",
        _WIDER,
    ),
    "safety-security": (_SAFETY, _LANGUAGE_MODELS),
    "evaluation": (
        r"benchmark|evaluat|leaderboard|judge|\bBench\b|bench:|contamination|assessing|measuring",
        _LANGUAGE_MODELS,
    ),
    "data": (
        r"synthetic (training |pretraining )?data"
        r"|data (curation|selection|mixture|mixing|filter|synthesis|quality)"
        r"|pre-?training (data|corpus)|scaling laws?|deduplicat|corpora",
        _WIDER,
    ),
    "code": (
        r"\bcod(e|ing)\b|software engineering|program (repair|synthesis)|\bSWE\b|text-to-sql"
        r"|verilog|\bRTL\b|unit test|kernel generation|programming|bug|vulnerabilit",
        _LANGUAGE_MODELS,
    ),
    "interpretability": (
        r"interpretab|mechanistic|sparse autoencoder|\bSAEs?\b|prob(e|es|ing)\b"
        r"|activation steering|steering vector|circuits?\b|attribution|attention heads"
        r"|internal representation",
        _NEURAL,
    ),
}
_RULES = {key: (_pattern(title), context) for key, (title, context) in _TITLES.items()}
# These are also about other networks than language models.
_WIDE_KEYS = ("interpretability", "moe")


def weak_labels(pairs: Sequence[tuple[str, str]]) -> NDArray[np.int8]:
    """Return for (title, abstract) and key (n, keys): 1, 0, or -1 where the rules say nothing."""
    phrases = SeedPhraseMatcher(load_concepts().values())
    labels = np.full((len(pairs), len(load_concepts())), -1, np.int8)
    for row, (title, abstract) in enumerate(pairs):
        found = phrases.find(f"{title}\n{abstract}")
        for column, key in enumerate(load_concepts()):
            labels[row, column] = _label(key, title, abstract, key in found)
    return labels


def _label(key: str, title: str, abstract: str, has_seed: bool) -> int:
    pattern, context = _RULES[key]
    text = f"{title}\n{abstract}"
    is_on_models = key in _WIDE_KEYS or bool(_WIDER.search(text))
    if pattern.search(title):
        return 1 if context.search(text) else -1 if is_on_models else 0
    if not is_on_models:
        return 0
    is_direction = load_concepts()[key].kind == "direction"
    return 0 if is_direction and not has_seed and not pattern.search(abstract) else -1
