"""The learned numbers of the embedded summariser: plain text, read when first needed.

Public surface: ``Weights``, ``shipped``, ``PATH``.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

PATH = Path(__file__).with_name("weights.json")


@dataclass(frozen=True, slots=True)
class Weights:
    """Two linear models; ``word`` and ``candidate`` name their features, ``stems`` single words."""

    word_bias: float
    word: Mapping[str, float]
    stems: Mapping[str, float]
    candidate: Mapping[str, float]

    def write(self, path: Path) -> None:
        """Write the numbers as JSON, five decimals each, one a line, in feature order."""
        rounded = json.loads(json.dumps(asdict(self)), parse_float=lambda s: round(float(s), 5))
        path.write_text(json.dumps(rounded, indent=0) + "\n", encoding="utf-8")


@cache
def shipped() -> Weights:
    """The weights that came with the package."""
    return Weights(**json.loads(PATH.read_text(encoding="utf-8")))
