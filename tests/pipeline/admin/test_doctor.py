"""`tracker doctor` says by which road the accepted papers of each conference arrive."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tracker.pipeline.admin.doctor import run_checks
from tracker.settings import Config, OpenReviewSource
from tracker.store import database
from tracker.store.runs import RunHistory

NOW = datetime(2026, 3, 12, 9, tzinfo=UTC)


def conferences(config: Config, **openreview: Any) -> tuple[str, str]:
    """Return state and detail of the check, with these settings of OpenReview."""
    source = config.sources["openreview"]
    assert isinstance(source, OpenReviewSource)
    sources = {**config.sources, "openreview": replace(source, **openreview)}
    checks = run_checks(replace(config, sources=sources))
    return next((one.state, one.detail) for one in checks if one.what == "conferences")


def test_without_an_account_most_conferences_use_public_lists(config: Config) -> None:
    state, detail = conferences(config)
    assert state == "note"
    assert detail.startswith("public lists, as OpenReview needs an account: ICLR, NeurIPS, ICML")
    assert "no road without sources.openreview.user and password_file: TMLR" in detail
    assert "ACL Anthology: ACL, EMNLP" in detail
    assert conferences(config, venues=("iclr", "COLM"))[0] == "ok"


def test_with_an_account_openreview_is_the_road(config: Config) -> None:
    state, detail = conferences(config, user="ann@example.org", password_file="p")
    assert (state, detail.partition(";")[0]) == (
        "ok",
        "OpenReview with your account: ICLR, NeurIPS, ICML, COLM, TMLR, AISTATS, CoRL",
    )
    assert conferences(config, token_file="t")[1].startswith("OpenReview with your token: ICLR")


def test_half_an_account_fails_the_check(config: Config) -> None:
    assert conferences(config, user="ann@example.org") == (
        "FAIL",
        "The setting sources.openreview.user and password_file must be set together.",
    )


def test_a_refusal_in_the_last_crawl_is_shown(config: Config) -> None:
    with database.open_database(config.database) as db:
        RunHistory(db).record(
            "crawl:openreview", "2026-03-12", "degraded", detail="refused", at=NOW
        )
    state, detail = conferences(config, user="ann@example.org", password_file="p")
    assert (state, detail.rpartition("; ")[2]) == (
        "note",
        "last crawl of OpenReview degraded: refused",
    )
