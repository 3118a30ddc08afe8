"""A chat completion that arrives in pieces (server-sent events), put together again.

Public surface: ``EventStream``.
"""

import json
from typing import Any

_PREFIX = b"data:"


class EventStream:
    """The events of one streamed completion."""

    def __init__(self) -> None:
        self._rest = b""
        self._text: list[str] = []
        self._finish: str | None = None
        self._usage: dict[str, Any] = {}
        self._error: object = None

    def feed(self, piece: bytes) -> int:
        """Take a piece of the body; return how many events it completes."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        events = [line[len(_PREFIX) :].strip() for line in lines if line.startswith(_PREFIX)]
        for event in events:
            self._take(event)
        return len(events)

    def completion(self) -> bytes:
        """Return the body that the server would have sent without streaming.

        One that failed, or ended early, has an error instead of an answer.
        """
        if self._error or not self._finish:
            return json.dumps({"error": self._error or "The stream ended early."}).encode()
        message = {"role": "assistant", "content": "".join(self._text)}
        choice = {"message": message, "finish_reason": self._finish}
        return json.dumps({"choices": [choice], "usage": self._usage}).encode()

    def _take(self, event: bytes) -> None:
        """Add an event to the completion; one that is malformed adds nothing."""
        try:
            found = json.loads(event)
            self._error = self._error or found.get("error")
            choices, usage = found.get("choices"), found.get("usage")
            self._usage = usage if isinstance(usage, dict) else self._usage
            for choice in choices or ():
                self._text.append(choice.get("delta", {}).get("content") or "")
                self._finish = choice.get("finish_reason") or self._finish
        except (ValueError, AttributeError, TypeError, RecursionError):
            return
