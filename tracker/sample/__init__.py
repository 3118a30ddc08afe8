"""The bundled sample: invented papers and leaderboards, so that `tracker demo` runs offline.

It owns data only (see README.md beside it): `papers.jsonl` in the form of arXiv's public metadata
snapshot, and dated snapshots of two boards. Public surface: `papers_file()`, `board_files()` and
`is_invented()`.
"""

from importlib.resources import files
from pathlib import Path

_MARK = "[invented sample]"


def papers_file() -> Path:
    """The invented papers, one JSON object a line."""
    return _folder() / "papers.jsonl"


def board_files() -> list[Path]:
    """The invented leaderboard snapshots, by board and then by date."""
    return sorted((_folder() / "boards").glob("*.json"))


def is_invented(comments: str) -> bool:
    """Whether a paper with these comments is one of the sample, whose ids arXiv does not know."""
    return _MARK in comments


def _folder() -> Path:
    return Path(str(files(__name__)))
