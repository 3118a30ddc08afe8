"""The profile of the owner of the home: level, directions, minutes, language and mail address.

Level, minutes and language are settings; a direction is a followed search, and the address a
subscriber.

Public: `Profile`, `store_profile`, `delete_profile`.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tracker.config import settings_template
from tracker.errors import ConfigError
from tracker.files import read_text, replace_text
from tracker.pipeline.learning.reading_paths import check_direction
from tracker.pipeline.mailing.preferences import Subscription, subscribe
from tracker.settings import Config
from tracker.store import interests, reading_progress, subscribers
from tracker.store.database import Database, write_transaction
from tracker.store.interests import SavedSearch

_SETTINGS = {
    "level": "reading.level",
    "minutes": "reading.minutes",
    "language": "digest.language",
}


@dataclass(frozen=True, slots=True)
class Profile:
    """What the owner answered; None and () are questions that were skipped."""

    level: str | None = None
    directions: tuple[str, ...] = ()
    minutes: int | None = None
    language: str | None = None
    email: str | None = None


def store_profile(db: Database, config: Config, profile: Profile, now: datetime) -> None:
    """Write the settings of a profile, follow its directions, and subscribe its address.

    Raises UsageError for an unknown direction, before anything is written, and ConfigError for a
    settings file that cannot be changed.
    """
    directions = [check_direction(key, config) for key in profile.directions]
    values = {
        name: value
        for field, name in _SETTINGS.items()
        if (value := getattr(profile, field)) is not None
    }
    _write_settings(config, values)
    for one in directions:
        interests.follow(db, SavedSearch(one.name, f"topic:{one.key}", now))
    if profile.email:
        language = profile.language or config.digest.language
        reader = subscribe(db, Subscription(profile.email, language=language), now)
        subscribers.set_owner(db, reader.email)


def _write_settings(config: Config, values: Mapping[str, str | int]) -> None:
    """Set values in the settings file, which is created if there is none."""
    exists = config.file.exists()
    before = read_text(config.file) if exists else settings_template(Config(config.home))
    after = before
    for name, value in values.items():
        after = set_value(after, name, value)
    if after != before or not exists:
        _check(after, values, config)
        replace_text(config.file, after)


def set_value(text: str, name: str, value: str | int) -> str:
    """Return a settings file with a setting changed; all other lines stay as they are.

    A setting that is a comment, as in a new file, is set there.
    """
    section, _, key = name.rpartition(".")
    line = f"{key} = {json.dumps(value, ensure_ascii=False)}"
    head = re.search(rf"^[ \t]*\[[ \t]*{re.escape(section)}[ \t]*\][^\n]*$", text, re.M)
    if not head:
        return f"{text.rstrip()}\n\n[{section}]\n{line}\n".lstrip()
    following = re.compile(r"^[ \t]*\[", re.M).search(text, head.end())
    end = following.start() if following else len(text)
    body = text[head.end() : end]
    for pattern in (rf"^[ \t]*{key}[ \t]*=[^\n]*$", rf"^# {key} = [^\n]*$"):
        if re.search(pattern, body, re.M):
            changed = re.sub(pattern, lambda _: line, body, count=1, flags=re.M)
            return text[: head.end()] + changed + text[end:]
    return f"{text[: head.end()]}\n{line}{text[head.end() :]}"


def _check(text: str, values: Mapping[str, str | int], config: Config) -> None:
    """Raise ConfigError unless the text is TOML that has the values."""
    try:
        table = tomllib.loads(text)
        done = all(
            table.get(name.split(".")[0], {}).get(name.split(".")[1]) == value
            for name, value in values.items()
        )
    except (tomllib.TOMLDecodeError, AttributeError):
        done = False
    if not done:
        names = ", ".join(values)
        raise ConfigError(f"The settings file {config.file} cannot be changed: set {names} in it.")


def delete_profile(db: Database) -> None:
    """Delete all that the owner of the home has read, written, answered, followed and liked."""
    with write_transaction(db):
        reading_progress.delete_all(db)
        interests.delete_all(db)
