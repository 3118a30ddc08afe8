"""The trained weights of the extractive summary, stored as JSON and loaded on first use.

Public surface: ``Weights``, ``load_weights``, ``PATH``.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

PATH = Path(__file__).with_name("weights.json")


@dataclass(frozen=True, slots=True)
class Weights:
    """Three linear models: ``word`` with ``stems``, ``candidate``, and ``rubric``, by feature."""

    word_bias: float
    word: Mapping[str, float]
    stems: Mapping[str, float]
    candidate: Mapping[str, float]
    rubric_bias: float = 0.0
    rubric: Mapping[str, float] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Write the weights as JSON: five decimals each, one per line, in feature order."""
        rounded = json.loads(json.dumps(asdict(self)), parse_float=lambda s: round(float(s), 5))
        path.write_text(json.dumps(rounded, indent=0) + "\n", encoding="utf-8")


@cache
def load_weights() -> Weights:
    """Return the weights shipped with the package."""
    return Weights(**json.loads(PATH.read_text(encoding="utf-8")))
