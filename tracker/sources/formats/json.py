"""Untrusted JSON as Python lists and dicts, or SourceMalformed for any other bytes.

Public: `parse_json`, `parse_leading_items`, `iter_items`.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from tracker.errors import SourceMalformed
from tracker.files import decode

_BETWEEN = re.compile(r"[\s,]*")
_SPACE = re.compile(r"[ \t\r\n]*")


def parse_json(body: bytes, source: str, url: str) -> Any:
    """Return the document in `body`. Raises SourceMalformed for anything else, such as HTML."""
    try:
        return json.loads(_text(body, source, url))
    except (ValueError, RecursionError) as error:
        raise SourceMalformed(source, url, _reason(error)) from error


def parse_leading_items(body: bytes, source: str, url: str) -> tuple[list[Any], str]:
    """Return the complete items at the start of a JSON list, and why it ends there, if truncated.

    Raises SourceMalformed when no item can be read, or when it is not a list.
    """
    text = _text(body, source, url)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        items, reason = _items(text), _reason(error)
        if not items:
            raise SourceMalformed(source, url, reason) from error
        return items, f"after {len(items)} entries {reason}"
    if not isinstance(document, list):
        raise SourceMalformed(source, url, f"not a list but {str(document)[:80]!r}")
    return document, ""


def iter_items(body: bytes, source: str, url: str) -> Iterator[Any]:
    """Yield the items of a JSON list one at a time, so that a long list needs little memory.

    Raises SourceMalformed for anything but a complete list, after the items before the damage.
    """
    text = _text(body, source, url)
    place = len(text) - len(text.lstrip())
    if not text.startswith("[", place):
        raise SourceMalformed(source, url, f"it is not a list but {text[place : place + 40]!r}")
    decoder, number, place = json.JSONDecoder(), 0, _skip_space(text, place + 1)
    try:
        while not text.startswith("]", place):
            if number:
                place = _skip_space(text, _expect_comma(text, place))
            item, place = decoder.raw_decode(text, place)
            yield item
            number, place = number + 1, _skip_space(text, place)
    except (ValueError, RecursionError) as error:
        raise SourceMalformed(source, url, f"after {number} entries {_reason(error)}") from error
    if text[place + 1 :].strip():
        raise SourceMalformed(source, url, "it is not JSON: there is more after the list")


def _skip_space(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place


def _expect_comma(text: str, place: int) -> int:
    if not text.startswith(",", place):
        raise ValueError("a comma is missing")
    return place + 1


def _text(body: bytes, source: str, url: str) -> str:
    try:
        return decode(body)
    except ValueError as error:
        head = _head(body)
        if head.lstrip().startswith("["):
            return head
        raise SourceMalformed(source, url, str(error)) from error


def _head(body: bytes) -> str:
    """What can be read before the first byte that is no text."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return body[: error.start].decode("utf-8-sig", "replace")


def _items(text: str) -> list[Any]:
    decoder, items = json.JSONDecoder(), []
    start = len(text) - len(text.lstrip())
    if text[start : start + 1] != "[":
        return []
    place = start + 1
    while match := _BETWEEN.match(text, place):
        try:
            item, place = decoder.raw_decode(text, match.end())
        except (ValueError, RecursionError):
            break
        items.append(item)
    return items


def _reason(error: Exception) -> str:
    """Return the library's message, which is empty for a text that is nested too deeply."""
    return f"it is not JSON: {error}"[:200]
