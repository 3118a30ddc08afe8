"""`tracker import --as opml` adds feeds to the settings file, once each, and leaves the rest."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tracker import resources
from tracker.config import load
from tracker.errors import ConfigError, UsageError
from tracker.pipeline.ingest.feed_subscriptions import subscribe_feeds
from tracker.settings import Config
from tracker.sources.formats.opml import parse_feeds

FEEDS = """<?xml version="1.0"?>
<opml version="1.1"><head><title>Mine</title></head><body>
<outline text="Folder"><outline title="Deeper" text="x">
  <outline type="rss" text="Ada's Log: part 1" xmlUrl="https://ada.example.org/feed?a=1&amp;b=2"/>
  <OUTLINE text="Bo" XMLURL="feed://bo.example.org/atom"/>
</outline></outline>
<outline text="Bo" xmlUrl="http://other.example.org/bo"/>
<outline xmlUrl="https://nameless.example.org/"/>
<outline text="Bo again" xmlUrl="https://bo.example.org/atom"/>
<outline text="arXiv cs.CL" xmlUrl="https://rss.arxiv.org/rss/cs.CL"/>
<outline text="bad" xmlUrl="javascript:alert(1)"/>
<outline text="no feed"/>
</body></opml>"""


def write(tmp_path: Path, text: str = FEEDS) -> Path:
    """Write an OPML file."""
    file = tmp_path / "feeds.opml"
    file.write_text(text, encoding="utf-8")
    return file


def feeds_of(config: Config) -> dict[str, str]:
    """Return the feeds in the settings file, without those of the defaults."""
    known = load(config.home, environ={}).sources
    return {
        name.removeprefix("sources.").removeprefix("feeds."): source.url
        for name, source in known.items()
        if name.startswith("feeds.") and name != "feeds.kilcher"
    }


def test_the_feeds_become_sections_of_the_settings(config: Config, tmp_path: Path) -> None:
    config.home.mkdir()
    config.file.write_text('# Mine\n[http]\ncontact = "ann@example.org"')
    report = subscribe_feeds(config, [write(tmp_path)])
    assert (report.read, report.added, report.skipped, report.rejected) == (6, 4, 1, 1)
    assert (
        report.errors[0].reason == "feeds.opml: 'javascript:alert(1)' is not an address of a feed"
    )
    assert feeds_of(config) == {
        "ada-s-log-part-1": "https://ada.example.org/feed?a=1&b=2",
        "bo": "https://bo.example.org/atom",
        "bo-2": "http://other.example.org/bo",
        "nameless-example-org": "https://nameless.example.org/",
    }
    text = config.file.read_text()
    assert text.startswith('# Mine\n[http]\ncontact = "ann@example.org"\n\n# Ada')
    assert load(config.home, environ={}).http.contact == "ann@example.org"


def test_a_second_import_adds_nothing(config: Config, tmp_path: Path) -> None:
    subscribe_feeds(config, [write(tmp_path)])
    before = config.file.read_bytes()
    report = subscribe_feeds(load(config.home, environ={}), [write(tmp_path)])
    assert (report.added, report.skipped) == (0, 5)
    assert config.file.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<html></html>", "HTML page"),
        ("<opml><body/></opml>", "no outline with an xmlUrl"),
        ("<rss/>", "not OPML"),
        (FEEDS[:200], "not well formed"),
        ('<!DOCTYPE o [<!ENTITY x SYSTEM "file:///etc/passwd">]><opml>&x;</opml>', "DOCTYPE"),
    ],
)
def test_other_files_are_refused_in_words(
    text: str, reason: str, config: Config, tmp_path: Path
) -> None:
    report = subscribe_feeds(config, [write(tmp_path, text)])
    assert (report.added, report.rejected) == (0, 1)
    assert reason in report.errors[0].reason
    assert not config.file.exists()


def test_settings_that_cannot_be_extended_are_not_changed(config: Config, tmp_path: Path) -> None:
    config.home.mkdir()
    config.file.write_text("sources = {}\n")
    with pytest.raises(ConfigError, match="cannot be extended with feeds"):
        subscribe_feeds(config, [write(tmp_path)])
    assert config.file.read_text() == "sources = {}\n"


def test_a_day_is_an_error_of_usage(config: Config, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="opml has none"):
        subscribe_feeds(config, [write(tmp_path)], day=date(2026, 3, 9))


def test_the_starter_list_is_valid_and_can_be_followed(config: Config) -> None:
    file = resources.starter_feeds()
    feeds, refused = parse_feeds(file.read_bytes(), file.name)
    assert refused == []
    assert len(feeds) >= 15
    assert all(feed.url.startswith("https://") and feed.title for feed in feeds)
    report = subscribe_feeds(replace(config), [file])
    assert report.added == len(feeds) - 1  # one is followed by default
