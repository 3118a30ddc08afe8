"""Untrusted JSON as Python lists and dicts, or SourceMalformed for any other bytes.

Public: `parse_json`, `parse_leading_items`.
"""

import json
import re
from typing import Any

from tracker.errors import SourceMalformed
from tracker.files import decode

_BETWEEN = re.compile(r"[\s,]*")


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
