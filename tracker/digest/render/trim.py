"""Shorten a document to fit a size limit; the least important parts go first.

Public: `count_removable_items`, `trim_document`.
"""

from collections.abc import Sequence
from dataclasses import replace

from tracker.digest.document import Document, Theme

# The number of items that always remain in the top list, and in other parts.
_LEAST_TOP, _LEAST_OTHERS = 3, 2


def count_removable_items(document: Document) -> int:
    """Return how many items `trim_document` can remove."""
    return sum(len(items) for items in _removable_items(document))


def trim_document(document: Document, number: int) -> Document:
    """Return the document without its last `number` items; `left_out` counts them."""
    left, parts = number, {}
    for name, spare in zip(_PARTS, _removable_items(document), strict=True):
        removed = min(left, len(spare))
        left -= removed
        parts[name] = removed
    shorter = {
        name: getattr(document, name)[: len(getattr(document, name)) - removed]
        for name, removed in parts.items()
        if name != "themes" and removed
    }
    themes = _trim_themes(document.themes, parts["themes"])
    return replace(document, **shorter, themes=themes, left_out=number - left)


_PARTS = (
    "late",
    "media",
    "models",
    "venues",
    "themes",
    "discussed",
    "boards",
    "corrections",
    "top",
)


def _removable_items(document: Document) -> list[Sequence[object]]:
    """Return the removable items of each part, in the order of removal."""
    spare: dict[str, Sequence[object]] = {
        "themes": [entry for theme in document.themes for entry in theme.entries],
        "top": list(document.top[_LEAST_TOP:]),
        "corrections": list(document.corrections[_LEAST_OTHERS:]),
        "boards": list(document.boards[_LEAST_OTHERS:]),
    }
    return [spare.get(name, getattr(document, name)) for name in _PARTS]


def _trim_themes(themes: tuple[Theme, ...], number: int) -> tuple[Theme, ...]:
    """Return themes without `number` papers, always taken from the last of the longest themes."""
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
