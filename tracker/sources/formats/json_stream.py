"""A long JSON list read from a stream: only one entry is in memory at a time.

An entry that is not JSON is reported, and the next one that begins with an id is read.

Public: `is_json_list`, `iter_stream_items`, `ListDamage`, `LIST_HEAD`.
"""

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

LIST_HEAD = 4096  # the bytes at the start of a file that show whether it is a list
_PIECE = 2**16
_LIST = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[\s*(?:[{\]]|\Z)")
_BETWEEN = re.compile(r"[\s,]*")
_NEXT_RECORD = re.compile(r'\{\s*"id"\s*:')


def is_json_list(head: bytes) -> bool:
    """Whether a file that begins with `head` is a list of objects instead of one per line."""
    return bool(_LIST.match(head))


@dataclass(frozen=True, slots=True)
class ListDamage:
    """A place where the list cannot be read; at its end nothing follows."""

    reason: str
    is_end: bool = False


def iter_stream_items(stream: IO[bytes], longest: int) -> Iterator[Any]:
    """Yield each entry of the list, or a `ListDamage`; none is longer than `longest` characters."""
    text = _Window(stream)
    text.fill()
    text.place = text.content.index("[") + 1
    while True:
        text.skip_between()
        if text.starts_with("]"):
            return
        if text.is_at_end():
            yield ListDamage("the list is cut off: it has no end", is_end=True)
            return
        yield _next_item(text, longest)


def _next_item(text: "_Window", longest: int) -> Any:
    """Return the entry at the current place, and move behind it."""
    while True:
        try:
            item, end = text.decoder.raw_decode(text.content, text.place)
        except RecursionError:
            return _skip_damage(text, "its JSON is nested too deeply")
        except ValueError as error:
            if len(text.content) - text.place > longest:
                return _skip_damage(text, f"it is not JSON within {longest:,} characters")
            if not text.fill():
                return _skip_damage(text, f"it is not JSON ({str(error).partition(':')[0]})")
        else:
            text.place = end
            return item


def _skip_damage(text: "_Window", reason: str) -> ListDamage:
    """Move to the next entry that begins with an id, or to the end."""
    text.place += 1
    while True:
        if match := _NEXT_RECORD.search(text.content, text.place):
            text.place = match.start()
            return ListDamage(reason)
        text.place = len(text.content)
        if not text.fill():
            return ListDamage(reason, is_end=True)


@dataclass(slots=True)
class _Window:
    """The part of the text that is in memory, and the current place in it."""

    stream: IO[bytes]
    content: str = ""
    place: int = 0
    decoder: json.JSONDecoder = field(default_factory=json.JSONDecoder)
    # A byte that is no text makes a lone surrogate, for which its record is rejected.
    _text: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("surrogateescape")
    )

    def fill(self) -> bool:
        """Read on, forgetting what is behind the current place; False at the end."""
        piece = self.stream.read(_PIECE)
        self.content = self.content[self.place :] + self._text.decode(piece, final=not piece)
        self.place = 0
        return bool(piece)

    def skip_between(self) -> None:
        """Move behind white space and commas, reading on as needed."""
        while True:
            match = _BETWEEN.match(self.content, self.place)
            self.place = match.end() if match else self.place
            if self.place < len(self.content) or not self.fill():
                return

    def starts_with(self, text: str) -> bool:
        """Whether the text goes on with `text`."""
        return self.content.startswith(text, self.place)

    def is_at_end(self) -> bool:
        """Whether nothing follows."""
        return self.place >= len(self.content)
