"""The open models of a month: the hub's cards of models made in it, one for each model.

Public: `choose_new_models`, `model_size`.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from tracker.digest.monthly.month_parts import NewModel
from tracker.records import ModelCard

_HUB = "https://huggingface.co/"
# What a model must be able to do to be a language model, in the hub's words.
_TASKS = frozenset(
    "text-generation image-text-to-text any-to-any audio-text-to-text video-text-to-text".split()
)
# Models of at most so many parameters run on a laptop or a phone.
_SMALL = 4e9
_MOST = 8
# "120B", "350M", "E4B" (effective parameters), but not "A12B" (the active ones of a mixture).
_SIZE = re.compile(r"(?<![A-Za-z0-9.])[Ee]?(\d+(?:\.\d+)?)([BbMm])(?![A-Za-z0-9])")
_UNITS = {"b": 1e9, "m": 1e6}
# Words in a name that do not make another model: its training stage, its number format.
_VARIANT = re.compile(
    r"(?i)[-_.](it|instruct|chat|base|hf|bf16|fp8|fp4|nvfp4|mxfp4|mxfp8)(?=[-_.]|$)"
)
# Conversions of a model, and changes that hobbyists make to it.
_CONVERTED = re.compile(
    r"(?i)(?<![a-z])(gguf|mlx|awq|gptq|int4|int8|exl[23]|lora|imatrix|uncensored|heretic|abliterated)"
)


def choose_new_models(
    cards: Iterable[ModelCard], in_month: Callable[[str], bool]
) -> tuple[NewModel, ...]:
    """Return the most downloaded models of some cards; `in_month` is whether a paper is of it.

    The small ones and the others are chosen separately.
    """
    models = [_new_model(card, in_month) for card in _one_for_each_model(cards)]
    small = [model for model in models if model.small]
    others = [model for model in models if not model.small]
    return tuple(others[:_MOST] + small[:_MOST])


def model_size(name: str) -> float | None:
    """Return the number of parameters that a model's name states, or None."""
    found = _SIZE.search(name)
    return float(found[1]) * _UNITS[found[2].lower()] if found else None


def _one_for_each_model(cards: Iterable[ModelCard]) -> Iterator[ModelCard]:
    """Yield the most downloaded card of each model, most downloaded first."""
    found = [card for card in cards if _is_original(card)]
    found.sort(key=lambda card: (-(card.downloads or 0), -(card.likes or 0), card.name))
    seen = set[str]()
    for card in found:
        model = _VARIANT.sub("", card.name).casefold()
        if model not in seen:
            seen.add(model)
            yield card


def _is_original(card: ModelCard) -> bool:
    """Return whether a card is of a language model that is not made from somebody else's."""
    return card.task in _TASKS and not card.is_derived and not _CONVERTED.search(card.name)


def _new_model(card: ModelCard, in_month: Callable[[str], bool]) -> NewModel:
    size = model_size(card.name.partition("/")[2])
    return NewModel(
        name=card.name,
        url=_HUB + card.name,
        day=card.day,
        parameters=size,
        small=size is not None and size <= _SMALL,
        license=card.license,
        downloads=card.downloads,
        likes=card.likes,
        papers=tuple(filter(in_month, card.arxiv)),
    )
