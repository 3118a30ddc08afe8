"""`tracker llm try` shows the model's summaries beside the extracts and stores nothing."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.cli.commands import Done
from tests.cli.conftest import Call
from tests.conftest import Started

Serve = Callable[..., Started]


def try_model(call: Call, home: Path, address: str, *options: str, model: str = "toy") -> Done:
    settings = {"backend": "openai", "model": model, "base_url": address, "mode": "write"}
    given = [part for name, value in settings.items() for part in ("--set", f"llm.{name}={value}")]
    return call(*given, "llm", "try", "--papers", "3", *options, home=home)


def test_the_model_is_shown_beside_the_extract_and_nothing_is_stored(
    call: Call, home: Path, serve: Serve
) -> None:
    _, address = serve("--echo")
    before = (home / "tracker.db").read_bytes()
    done = try_model(call, home, address)
    assert done.code == 0, done.out
    for expected in ("extract tldr: ", "model tldr: ", "[copied]", " s a paper;", "toy (write)"):
        assert expected in done.out
    assert (home / "tracker.db").read_bytes() == before

    found = json.loads(try_model(call, home, address, "--json").out)
    assert len(found["papers"]) == 3
    assert found["characters"] > 0
    assert set(found["levels"]) <= {"copied", "shortened", "entailed"}
    assert all(one["reason"] for paper in found["papers"] for one in paper["rejected"])


def test_without_a_model_one_sentence_says_what_to_set(call: Call, home: Path) -> None:
    done = call("llm", "try", home=home)
    assert (done.code, done.out) == (4, "")
    assert "set llm.backend to bundled" in done.err


def test_a_server_that_does_not_answer_is_an_error(call: Call, home: Path) -> None:
    done = try_model(call, home, "http://127.0.0.1:9/v1")
    assert done.code == 1
    assert len(done.err.strip().splitlines()) == 1
