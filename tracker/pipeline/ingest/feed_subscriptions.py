"""Subscribing to the feeds of an OPML file: each becomes a section of the settings file.

Public: `subscribe_feeds`, `KIND`.
"""

import json
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from tracker.errors import ConfigError, SourceMalformed, UsageError
from tracker.files import make_private_folder, read_text, replace_text
from tracker.models import ImportReport, RejectedLine
from tracker.settings import FEEDS, Config
from tracker.sources.formats.opml import ListedFeed, parse_feeds

KIND = "opml"
_MAX_BYTES = 8 * 2**20
_ARXIV = "rss.arxiv.org"


def subscribe_feeds(config: Config, files: Sequence[Path], day: date | None = None) -> ImportReport:
    """Add the feeds of OPML files that are not in the settings yet, and report on them.

    A file that cannot be read is reported as an error whose line is its number in `files`. Raises
    UsageError for a `day`, which feeds do not have, and ConfigError, without any change, when the
    settings file cannot be extended.
    """
    if day:
        raise UsageError(f"--date is the day of a table or a daily list; {KIND} has none.")
    report = ImportReport()
    known = {source.url.rstrip("/") for source in config.sources.values()}
    new: list[ListedFeed] = []
    for number, file in enumerate(files, start=1):
        try:
            feeds, refused = parse_feeds(_read_limited(file), file.name)
        except (OSError, SourceMalformed) as error:
            feeds, refused = [], [str(error)]
        added = [
            feed for feed in feeds if feed.url.rstrip("/") not in known and not _is_arxiv(feed)
        ]
        known |= {feed.url.rstrip("/") for feed in added}
        new += added
        report = replace(
            report,
            read=report.read + len(feeds) + len(refused),
            added=report.added + len(added),
            skipped=report.skipped + len(feeds) - len(added),
            rejected=report.rejected + len(refused),
            errors=[*report.errors, *(RejectedLine(number, f"{file.name}: {r}") for r in refused)],
        )
    if new:
        _extend_settings(config, new)
    return report


def _is_arxiv(feed: ListedFeed) -> bool:
    """Whether a feed is one of arXiv's, which have sources of their own."""
    return urlsplit(feed.url).hostname == _ARXIV


def _read_limited(file: Path) -> bytes:
    with file.open("rb") as stream:
        body = stream.read(_MAX_BYTES + 1)
    if len(body) > _MAX_BYTES:
        raise SourceMalformed("opml", file.name, f"it is over {_MAX_BYTES:,} bytes")
    return body


def _extend_settings(config: Config, feeds: Iterable[ListedFeed]) -> None:
    """Append a section for each feed to the settings file, which stays valid."""
    before = read_text(config.file) if config.file.exists() else ""
    used = {name.removeprefix(FEEDS) for name in config.sources if name.startswith(FEEDS)}
    text = f"{before.rstrip()}\n\n".lstrip() + "\n".join(_sections(feeds, used))
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason = f"The settings file {config.file} cannot be extended with feeds: {error}."
        raise ConfigError(reason) from error
    make_private_folder(config.home)
    replace_text(config.file, text)


def _sections(feeds: Iterable[ListedFeed], used: set[str]) -> Iterator[str]:
    for feed in feeds:
        name = _free_name(feed.name, used)
        used.add(name)
        title = f"# {feed.title}\n" if feed.title else ""
        yield f"{title}[sources.{FEEDS}{name}]\nurl = {json.dumps(feed.url)}\n"


def _free_name(name: str, used: set[str]) -> str:
    """Return the name, with a number if another feed has it."""
    number, free = 2, name or "feed"
    while free in used:
        number, free = number + 1, f"{name or 'feed'}-{number}"
    return free
