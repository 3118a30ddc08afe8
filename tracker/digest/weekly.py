"""The weekly digest: one paper to read, ten to know of, and the week by themes."""

from tracker.digest.compose import Shape


def shape(top: int) -> Shape:
    """What a weekly digest shows; `top` papers are in its list."""
    return Shape("weekly", top, themes=8)
