"""What can go wrong between us and a language model; each message says what to do.

    GenerationError         the model did not write this summary
    ├── ModelUnusable       it cannot write any: missing, refused, the wrong address or key
    ├── ServerGone          the server does not answer any more
    ├── ServerBusy          it asked us to come back later, and still did after some tries
    ├── Truncated           the paper or the answer did not fit into the model's context
    └── Malformed           the answer is not the JSON that was asked for

The first two end a run of the model; the others cost one paper its summary.
"""


class GenerationError(Exception):
    """The model did not write this summary; the message is one sentence for the user."""


class ModelUnusable(GenerationError):
    """The model cannot write anything as things are."""


class ServerBusy(GenerationError):
    """The server has no room; ``seconds`` is when it said to come back, 0 if it did not."""

    def __init__(self, message: str, seconds: float = 0.0) -> None:
        self.seconds = seconds
        super().__init__(message)


class ServerGone(GenerationError):
    """There is no server at the address, or no more."""

    seconds = 0.0


class Truncated(GenerationError):
    """Something was cut for lack of context, so what came out is not a summary of the paper."""


class Malformed(GenerationError):
    """The answer cannot be read."""
