"""JSON from outside as Python's lists and dicts, or SourceMalformed, whatever the bytes are.

Public: `parsed`, `leading`.
"""

import json
import re
from typing import Any

from tracker.errors import SourceMalformed
from tracker.files import decode

_BETWEEN = re.compile(r"[\s,]*")


def parsed(body: bytes, source: str, url: str) -> Any:
    """The document in `body`. Raises SourceMalformed for anything else, a page for humans too."""
    try:
        return json.loads(_text(body, source, url))
    except (ValueError, RecursionError) as error:
        raise SourceMalformed(source, url, _reason(error)) from error


def leading(body: bytes, source: str, url: str) -> tuple[list[Any], str]:
    """The whole items at the head of a JSON list, and why it ends there; empty when it is whole.

    Raises SourceMalformed when not even one item can be read, or when it is no list.
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
    """The library's words; a text that is nested too deeply has none."""
    return f"it is not JSON: {error}"[:200]
