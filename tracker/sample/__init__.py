"""The bundled sample: invented papers and leaderboards, so that `tracker demo` runs offline.

It owns data only (see README.md beside it): `papers.jsonl` in the form of arXiv's public metadata
snapshot, and dated snapshots of two boards. Public surface: `papers_file()` and `board_files()`.
"""

from importlib.resources import files
from pathlib import Path


def papers_file() -> Path:
    """The invented papers, one JSON object a line."""
    return _folder() / "papers.jsonl"


def board_files() -> list[Path]:
    """The invented leaderboard snapshots, by board and then by date."""
    return sorted((_folder() / "boards").glob("*.json"))


def _folder() -> Path:
    return Path(str(files(__name__)))
