"""Shortening a document from its tail: what a reader would miss least goes first."""

from collections.abc import Sequence
from dataclasses import replace

from tracker.digest.document import Document, Theme

# What stays of each part however long the others are.
_LEAST_TOP, _LEAST_OTHERS = 3, 2


def length(document: Document) -> int:
    """How many items `trimmed` can take away."""
    return sum(len(items) for items in _tails(document))


def trimmed(document: Document, number: int) -> Document:
    """The document without its last `number` items, which `left_out` counts."""
    left, parts = number, {}
    for name, spare in zip(_PARTS, _tails(document), strict=True):
        taken = min(left, len(spare))
        left -= taken
        parts[name] = taken
    shorter = {
        name: getattr(document, name)[: len(getattr(document, name)) - taken]
        for name, taken in parts.items()
        if name != "themes" and taken
    }
    themes = _without(document.themes, parts["themes"])
    return replace(document, **shorter, themes=themes, left_out=number - left)


_PARTS = ("late", "media", "models", "venues", "themes", "boards", "corrections", "top")


def _tails(document: Document) -> list[Sequence[object]]:
    """Of each part, in the order of cutting, the items that may go."""
    spare: dict[str, Sequence[object]] = {
        "themes": [entry for theme in document.themes for entry in theme.entries],
        "top": list(document.top[_LEAST_TOP:]),
        "corrections": list(document.corrections[_LEAST_OTHERS:]),
        "boards": list(document.boards[_LEAST_OTHERS:]),
    }
    return [spare.get(name, getattr(document, name)) for name in _PARTS]


def _without(themes: tuple[Theme, ...], number: int) -> tuple[Theme, ...]:
    """Themes that lose `number` papers: the third of each from the last on, then the next."""
    kept = [list(theme.entries) for theme in themes]
    while number:
        most = max(len(entries) for entries in kept)
        last = max(place for place, entries in enumerate(kept) if len(entries) == most)
        kept[last].pop()
        number -= 1
    pairs = zip(themes, kept, strict=True)
    return tuple(
        replace(theme, entries=tuple(entries))
        for theme, entries in pairs
        if entries or not theme.entries
    )
