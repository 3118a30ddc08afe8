"""Posting issues to the channels of the settings, each issue once, through the outbox.

A channel that cannot be reached does not keep the mails from being sent: its post waits in the
outbox.

Public: `load_channels`, `languages_of`, `post_issue`, `count_waiting`, `dry_posts`.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tracker.delivery.chat_formats import FORMATS, PostContent
from tracker.delivery.http_channel import ChannelSecrets, HttpChannel
from tracker.delivery.mail import drain_outbox, links
from tracker.delivery.mail.drain_outbox import Clock, DrainOptions
from tracker.delivery.protocol import Message
from tracker.digest.document import Document, from_json
from tracker.errors import ConfigError
from tracker.files import read_secret
from tracker.pipeline.issue.publish import page_name
from tracker.pipeline.mailing.prepare_issue import ISSUE_KINDS, PreparedIssue
from tracker.settings import ChannelSettings, Config
from tracker.store import issues, outbox
from tracker.store.database import Database
from tracker.store.outbox import PendingMail

_KINDS = tuple(ISSUE_KINDS.values())


@dataclass(frozen=True, slots=True)
class LoadedChannel:
    """A channel with its settings; `name` is that in the outbox."""

    name: str
    settings: ChannelSettings
    channel: HttpChannel


def load_channels(config: Config, kind: str, now: Callable[[], datetime]) -> list[LoadedChannel]:
    """Return the channels that get issues of a kind. Raises ConfigError for an invalid one."""
    return [
        _load_channel(config, f"channels.{key}", settings, now)
        for key, settings in sorted(config.channels.items())
        if kind in _checked_kinds(key, settings)
    ]


def _checked_kinds(key: str, settings: ChannelSettings) -> tuple[str, ...]:
    unknown = [kind for kind in settings.issues if kind not in _KINDS]
    if unknown:
        raise ConfigError(
            f"The setting channels.{key}.issues cannot be {unknown[0]!r}; it is a list of"
            f" {', '.join(_KINDS)}."
        )
    return settings.issues


def _load_channel(
    config: Config, name: str, settings: ChannelSettings, now: Callable[[], datetime]
) -> LoadedChannel:
    url = settings.url
    if settings.url_file:
        url = read_secret(f"{name}.url_file", settings.url_file).strip()
    secret = ""
    if settings.secret_file:
        secret = read_secret(f"{name}.secret_file", settings.secret_file).strip()
    if settings.kind == "telegram" and not (secret and settings.chat):
        raise ConfigError(f"{name}: Telegram needs secret_file, with the bot's token, and chat.")
    if settings.kind != "telegram" and not url:
        raise ConfigError(f"{name}: set url_file, or url if the address is no secret.")
    channel = HttpChannel(
        name, settings.kind, ChannelSecrets(url, secret), config.http.allow_private, now
    )
    return LoadedChannel(name, settings, channel)


def languages_of(channels: Iterable[LoadedChannel]) -> set[str]:
    """Return the languages in which the channels get issues."""
    return {one.settings.language for one in channels}


@dataclass(frozen=True, slots=True)
class PostOptions:
    """With `due_only`, deferred posts wait until their time."""

    marker_path: Path
    clock: Clock
    due_only: bool = False


def post_issue(
    db: Database,
    config: Config,
    prepared: PreparedIssue,
    channels: Sequence[LoadedChannel],
    options: PostOptions,
) -> None:
    """Post an issue to each channel that has not received it. The caller holds the lock."""
    if config.http.offline:
        return
    period = prepared.period
    numbers = issues.issue_numbers(db, ISSUE_KINDS[period.kind], period.key)
    for one in channels:
        now = options.clock.now()
        issue = prepared.issues[one.settings.language]
        outbox.enqueue(db, issue.number, [None], now, one.name)
        due = now if options.due_only else None
        pending = outbox.list_pending(db, numbers, due, one.name)
        document = from_json(issue.document)
        _post(db, config, one, pending, document, options)


def _post(
    db: Database,
    config: Config,
    one: LoadedChannel,
    pending: Sequence[PendingMail],
    document: Document,
    options: PostOptions,
) -> None:
    def build(mail: PendingMail) -> Message:
        content = mail.content or build_post(config, one.settings, document)
        identity = f"{document.kind}-{document.period}-{one.name}"
        return Message(identity, one.name, content)

    drain = DrainOptions(options.marker_path, options.clock)
    drain_outbox.send_pending(db, one.channel, pending, build, drain, lambda *_: None)


def build_post(config: Config, settings: ChannelSettings, document: Document) -> bytes:
    """Return the body of a post, the same in every attempt."""
    base_url = links.public_url(config.web)
    page = page_name(document.kind, document.period, document.language)
    content = PostContent(document, f"{base_url}/{page}" if base_url else "", settings.chat)
    return json.dumps(FORMATS[settings.kind](content), ensure_ascii=False).encode()


def count_waiting(db: Database, numbers: Sequence[int], channels: Iterable[LoadedChannel]) -> int:
    """Return how many posts of these issues a later run will try."""
    return sum(len(outbox.list_pending(db, numbers, None, one.name)) for one in channels)


def dry_posts(
    config: Config, channels: Iterable[LoadedChannel], documents: Mapping[str, Document]
) -> dict[str, bytes]:
    """Return the body for each channel by its name, for a dry run."""
    return {
        one.name: build_post(config, one.settings, documents[one.settings.language])
        for one in channels
    }
