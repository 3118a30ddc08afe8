"""Errors raised while a language model writes a summary; each message says what to do.

    GenerationError         the model did not write this summary
    ├── ModelUnusable       it cannot write any: missing, refused, wrong address or wrong key
    ├── ServerUnreachable   there is no server at the address, or it stopped answering
    ├── BudgetSpent             the time given to the model is over
    ├── ServerBusy          it has no capacity, even after several attempts
    ├── ServerTimeout       it accepted the request and did not answer in time; not tried again
    ├── ContextExceeded     the paper or the answer did not fit into the model's context
    └── OutputMalformed     the answer is not the JSON that was requested

The first three end a run of the model; the others cost one paper its summary.
"""


class GenerationError(Exception):
    """The model did not write this summary; the message is one sentence for the user."""


class ModelUnusable(GenerationError):
    """The model cannot write any summary until its settings change."""


class ServerBusy(GenerationError):
    """The server has no capacity; ``seconds`` is the delay it requested, 0 if none."""

    def __init__(self, message: str, seconds: float = 0.0) -> None:
        self.seconds = seconds
        super().__init__(message)


class ServerTimeout(GenerationError):
    """The server accepted the request and did not answer in time; asking again takes as long."""


class BudgetSpent(GenerationError):
    """The time that a run may spend on the model is over."""


class ServerUnreachable(GenerationError):
    """There is no server at the address, or it stopped answering."""

    seconds = 0.0


class ContextExceeded(GenerationError):
    """The prompt or the answer was cut, so the output is not a summary of the whole paper."""


class OutputMalformed(GenerationError):
    """The answer cannot be parsed."""
