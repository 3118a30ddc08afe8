"""The LLM Monthly Report: the month in numbers, by direction, and its ten papers."""

from tracker.digest.compose import Shape


def shape(top: int) -> Shape:
    """What a monthly report shows; `top` papers are in its list."""
    return Shape("monthly", top, themes=12)
