"""Whether two spellings name the same model, by explicit rules and a table of aliases.

Boards respell their models: "claude-3-5-sonnet-20241022" is "Claude 3.5 Sonnet (20241022)", and
"meta-llama/Llama-3.1-8B-Instruct" is "Meta-Llama-3.1-8B-Instruct". The rules change spelling only:
case, separators, the form of a date, "latest" beside a date, the name of the provider. Sizes,
versions, dates and words such as "thinking", "mini" or "preview" distinguish models. What needs
knowledge instead of spelling, such as the date of an undated name, is in `ALIASES`.

Public: `is_same_model`, `find_renames`, `parse_identity`, `ModelIdentity`, `ALIASES`.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

# A spelling, and another one of the same model, as its maker or the boards themselves state.
ALIASES: Mapping[str, str] = {
    "Claude 3 Haiku": "claude-3-haiku-20240307",
    "Claude 3 Opus": "claude-3-opus-20240229",
    "Claude 3 Sonnet": "claude-3-sonnet-20240229",
    "Claude 3.7 Sonnet": "claude-3-7-sonnet-20250219",
    "Claude 3.7 Sonnet (thinking-32k)": "claude-3-7-sonnet-20250219-thinking-32k",
    "GPT-4.5-Preview": "gpt-4.5-preview-2025-02-27",
    "gpt-5-chat-latest": "gpt-5-chat",
    "gpt-5.1-high": "gpt-5.1-2025-11-13-high",
    "gpt-5.2-high": "gpt-5.2-2025-12-11-high",
    "o1-mini": "o1-mini-2024-09-12",
    "o1-preview": "o1-preview-2024-09-12",
    "o3-mini": "o3-mini-2025-01-31",
    "o3-mini-high": "o3-mini-2025-01-31-high",
    "Mistral Medium 3": "mistral-medium-2505",
    "Mistral-7B-Instruct-v0.1": "mistral-7b-instruct",
    "Athene-70B": "athene-70b-0725",
    "Athene-v2-Chat-72B": "athene-v2-chat",
    "PaLM-Chat-Bison-001": "palm-2",
    "OpenAssistant-Pythia-12B": "oasst-pythia-12b",
    "WizardLM-13b-v1.2": "wizardlm-13b",
    "WizardLM-70B-v1.0": "wizardlm-70b",
    "chocolate (Early Grok-3)": "early-grok-3",
    "Command R (04-2024)": "command-r",
    "Command R+ (04-2024)": "command-r-plus",
    "DeepSeek-Coder-V2-Instruct": "deepseek-coder-v2",
    "Gemini Advanced App (2024-05-14)": "gemini-advanced-0514",
    "Phi-3-Mini-4K-Instruct-June-24": "phi-3-mini-4k-instruct-june-2024",
    "Reka-Flash-21B": "reka-flash-21b-20240226",
    "Reka-Flash-21B-online": "reka-flash-21b-20240226-online",
    "Step-2-16K-Exp": "step-2-16k-exp-202412",
    "Amazon Nova Lite 1.0": "amazon-nova-lite-v1.0",
    "Amazon Nova Micro 1.0": "amazon-nova-micro-v1.0",
    "Amazon Nova Pro 1.0": "amazon-nova-pro-v1.0",
}

# Makers and hosts that boards write before a name, with or without a slash.
_PROVIDERS = frozenset({
    "alibaba", "allenai", "amazon", "anthropic", "baidu", "bytedance", "c4ai", "cohere",
    "google", "ibm", "meta", "microsoft", "mistralai", "moonshotai", "nv",
    "nvidia", "openai", "stepfun", "tencent", "xai", "zai", "zhipu",
})  # fmt: skip
_SAME_WORDS = {"exp": "experimental", "nothinking": "no thinking", "non": "no", "+": "plus"}
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()

_YEAR, _MONTH, _DAY = r"20[12]\d", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
# Each form of a date, most specific first: the groups are year, month and day where it has them.
_DATES = tuple(
    re.compile(rf"(?<![\w.]){form}(?!\w)(?!\.\d)", re.ASCII)
    for form in (
        rf"(?P<y>{_YEAR})-?(?P<m>{_MONTH})-?(?P<d>{_DAY})",
        rf"(?P<y>2\d)-(?P<m>{_MONTH})-(?P<d>{_DAY})",
        rf"(?P<m>{_MONTH})-(?P<y>{_YEAR})",
        rf"(?P<y>{_YEAR})-?(?P<m>{_MONTH})",
        rf"(?P<m>{_MONTH})-(?P<d>{_DAY})",
        rf"(?P<m>{_MONTH})(?P<d>{_DAY})",
    )
)
_NAMED_MONTH = re.compile(rf"(?<![a-z])({'|'.join(_MONTHS)})[a-z]*[- ]({_YEAR})(?!\d)", re.ASCII)
# A version in two parts, of which neither is part of a date or a size: "4-5" in "claude-opus-4-5".
_VERSION = re.compile(r"(?<![\w.])(v?[1-9]?\d)-([1-9]?\d)(?![\w.])", re.ASCII)
# Everything that boards write between words, except dots, which may be decimal points.
_BETWEEN = re.compile(r"[\s_:()\[\],\u2010-\u2015\u2212]+|-{2,}")
_PARTS = re.compile(r"(\+)|(?<=[a-z])\.|\.(?=[a-z])", re.ASCII)
_LETTERS_THEN_DIGITS = re.compile(r"(?<=[a-z]{2})(?=\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """What a spelling says: its words with their numbers in any order, and its dates."""

    words: tuple[str, ...]
    dates: tuple[str, ...]


def is_same_model(one: str, other: str) -> bool:
    """Whether two spellings name the same model."""
    first, second = parse_identity(one), parse_identity(other)
    return first.words == second.words and _dates_agree(first.dates, second.dates)


def _dates_agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether the dates are equal; one of them may lack its year or century."""
    return len(one) == len(other) and all(
        first.endswith(second) or second.endswith(first)
        for first, second in zip(one, other, strict=True)
    )


def find_renames(before: Iterable[str], now: Iterable[str]) -> dict[str, str]:
    """Return the models of `now` that `before` spells differently, with that spelling.

    A model with several candidates is not matched.
    """
    earlier, later = _by_words(before), _by_words(now)
    found = {}
    for words in earlier.keys() & later.keys():
        for name in later[words]:
            same = [other for other in earlier[words] if is_same_model(name, other)]
            if len(same) == 1 and sum(is_same_model(same[0], one) for one in later[words]) == 1:
                found[name] = same[0]
    return found


def _by_words(names: Iterable[str]) -> dict[tuple[str, ...], list[str]]:
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in names:
        groups[parse_identity(name).words].append(name)
    return groups


@lru_cache(maxsize=8192)  # every snapshot has mostly the same names
def parse_identity(name: str) -> ModelIdentity:
    """Return the identity of a model from one of its spellings."""
    spelled = _parse(name)
    return _alias_identities().get(spelled, spelled)


@cache
def _alias_identities() -> Mapping[ModelIdentity, ModelIdentity]:
    return {_parse(alias): _parse(name) for alias, name in ALIASES.items()}


def _parse(name: str) -> ModelIdentity:
    text = unicodedata.normalize("NFKC", name).casefold().strip().rstrip("/").rpartition("/")[2]
    text, dates = _take_dates(_BETWEEN.sub("-", text))
    words = _without_provider(_words(text))
    if dates and "latest" in words:
        words.remove("latest")
    return ModelIdentity(tuple(sorted(_attach_numbers(words))), tuple(dates))


def _take_dates(text: str) -> tuple[str, list[str]]:
    """Return the text without its dates, and them as year, month and day without separators."""
    dates = [f"{match[2]}{_MONTHS.index(match[1]) + 1:02}" for match in _NAMED_MONTH.finditer(text)]
    text = _NAMED_MONTH.sub("-", text)
    for form in _DATES:
        dates += [_compact_date(match.groupdict()) for match in form.finditer(text)]
        text = form.sub("-", text)
    return text, dates


def _compact_date(parts: Mapping[str, str]) -> str:
    """Return year, month and day, where known, as digits; "26" is the year 2026."""
    year = parts.get("y", "")
    century = "20" if len(year) == len("26") else ""
    return f"{century}{year}{parts['m']}{parts.get('d', '')}"


def _words(text: str) -> list[str]:
    """Return the words and numbers; "3-5", "3_5" and "3.5" are one number, "qwen3" two words."""
    text = _LETTERS_THEN_DIGITS.sub("-", text)
    text = _VERSION.sub(r"\1.\2", text)
    parts = (part for piece in text.split("-") for part in _PARTS.split(piece) if part)
    return " ".join(_SAME_WORDS.get(part, part) for part in parts).split()


def _without_provider(words: list[str]) -> list[str]:
    while len(words) > 1 and words[0] in _PROVIDERS:
        words = words[1:]
    return words


def _attach_numbers(words: list[str]) -> list[str]:
    """Join each plain number to the word before it, so that their order does not matter.

    In names of Claude the number belongs to the whole: "claude-4-opus" is "claude-opus-4".
    """
    joined: list[str] = []
    for word in words:
        plain = word.replace(".", "").isdigit()
        if plain and joined and joined[-1].isalpha() and words[0] != "claude":
            joined[-1] += f" {word}"
        else:
            joined.append(word)
    return joined
