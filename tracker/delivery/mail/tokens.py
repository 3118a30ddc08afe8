"""Secrets: the password of the relay, and the key that signs the links in emails.

A secret is read from the environment or from a file that only its owner can read. It is only passed
to the relay and into a hash.
"""

import hashlib
import os
import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from itsdangerous.encoding import base64_decode, base64_encode
from itsdangerous.signer import HMACAlgorithm, Signer

from tracker.errors import ConfigError
from tracker.files import decode, fsync_path, make_private_folder, read_secret
from tracker.settings import Config, Smtp

PASSWORD_VARIABLE = "TRACKER_SMTP_PASSWORD"  # noqa: S105  the name of a variable, not a password
_KEY_BYTES = 32
# What a confirmation link is signed for, and for how long it is valid.
_CONFIRMATION, _CONFIRMATION_SECONDS = "confirm", 3 * 86_400


def load_password(smtp: Smtp, environ: Mapping[str, str] = os.environ) -> str:
    """The password of the relay; empty if no user is set. Raises ConfigError if it is missing."""
    if not smtp.user:
        return ""
    if environ.get(PASSWORD_VARIABLE):
        return _decode_variable(environ[PASSWORD_VARIABLE])
    if not smtp.password_file:
        raise ConfigError(
            f"smtp.user is set but there is no password: set {PASSWORD_VARIABLE}, or set"
            " smtp.password_file to a file with mode 0600 that contains it."
        )
    secret = read_secret("smtp.password_file", smtp.password_file)
    if not secret.strip():
        raise ConfigError("smtp.password_file: the file is empty.")
    return secret


def _decode_variable(value: str) -> str:
    try:
        return decode(os.fsencode(value))
    except ValueError:  # its message would contain the password
        raise ConfigError(f"The variable {PASSWORD_VARIABLE} is not UTF-8 text.") from None


def load_or_create_signing_key(config: Config) -> bytes:
    """The key that signs links, created on first use. Raises ConfigError if others can read it."""
    given = config.web.secret_file
    file = Path(given).expanduser() if given else config.home / "signing.key"
    if not given and _is_lacking(file):
        _create_key_file(file)
    return _read_secret_file(file)


def _is_lacking(file: Path) -> bool:
    """Whether there is no key yet, or an empty file after a crash, which never signed anything."""
    try:
        return file.stat().st_size == 0
    except OSError:
        return True


def _create_key_file(file: Path) -> None:
    """Write a new key atomically, unless another process has created one in the meantime."""
    make_private_folder(file.parent)
    if file.is_file() and _is_lacking(file):
        file.unlink()
    # A random name: in containers every process has the same number.
    part = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        _write_key(part)
        os.link(part, file)
        fsync_path(file.parent)
    except FileExistsError:
        pass
    except OSError as error:
        raise ConfigError(f"The secret {file} cannot be created: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)


def _write_key(file: Path) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(secrets.token_bytes(_KEY_BYTES))
        out.flush()
        os.fsync(out.fileno())


def _read_secret_file(file: Path) -> bytes:
    try:
        content, mode = file.read_bytes(), file.stat().st_mode
    except OSError as error:
        raise ConfigError(f"The secret {file} cannot be read: {error.strerror}.") from error
    if mode & 0o077:
        raise ConfigError(f"The secret {file} can be read by others; `chmod 600` it.")
    if not content.strip():
        raise ConfigError(f"The secret {file} is empty.")
    return content


class _TruncatedHmac(HMACAlgorithm):
    """Half of HMAC-SHA-256: forging takes 2^128 attempts, and the link stays short."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return super().get_signature(key, value)[:16]


def sign_token(key: bytes, purpose: str, number: int, email: str) -> str:
    """The token of a link: the number of the subscriber, and a signature for `purpose`."""
    return _sign(key, number, f"{number}\0{email.lower()}", salt=purpose)


def _old_token(key: bytes, purpose: str, number: int, email: str) -> str:
    """The token in emails sent before each purpose had its own derived key; still accepted."""
    return _sign(key, number, f"{purpose}\0{number}\0{email.lower()}")


def _sign(key: bytes, number: int, content: str, *, salt: str = "") -> str:
    return f"{number}.{_signature(key, content, salt)}"


def _signature(key: bytes, content: str, salt: str) -> str:
    signer = Signer(
        key,
        salt,
        key_derivation="hmac" if salt else "none",
        digest_method=hashlib.sha256,
        algorithm=_TruncatedHmac(hashlib.sha256),
    )
    return signer.get_signature(content).decode()


def parse_subscriber_number(text: str) -> int | None:
    """The subscriber number in a token, which is not verified yet, or None."""
    number, _, _ = text.partition(".")
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 19 else None


def is_valid_token(key: bytes, purpose: str, text: str, number: int, email: str) -> bool:
    """Whether `text` is the token of this subscriber, compared in constant time."""
    # Not `Signer.unsign`: it ignores unused bits and characters that are not base64.
    given = text.encode("utf-8", "replace")
    new, old = (
        secrets.compare_digest(given, make(key, purpose, number, email).encode())
        for make in (sign_token, _old_token)
    )
    return new or old


class Confirmation(NamedTuple):
    """What an address asks for: issues of these kinds in a language."""

    email: str
    language: str
    kinds: tuple[str, ...]


def sign_confirmation(key: bytes, wanted: Confirmation, now: datetime) -> str:
    """The token of a link that confirms a subscription."""
    encoded = base64_encode(wanted.email.encode()).decode()
    kinds = "-".join(wanted.kinds)
    content = f"{int(now.timestamp())}.{wanted.language}.{kinds}.{encoded}"
    return f"{content}.{_signature(key, content, _CONFIRMATION)}"


def read_confirmation(key: bytes, text: str, now: datetime) -> Confirmation | None:
    """What a token confirms; None if it is not valid any more.

    Links sent before there was a choice name no kinds.
    """
    content, _, signature = text.rpartition(".")
    expected = _signature(key, content, _CONFIRMATION)
    if not secrets.compare_digest(signature.encode("utf-8", "replace"), expected.encode()):
        return None
    sent, language, *kinds, encoded = content.split(".")
    if not 0 <= now.timestamp() - int(sent) <= _CONFIRMATION_SECONDS:
        return None
    chosen = tuple(kinds[0].split("-")) if kinds else ()
    return Confirmation(base64_decode(encoded).decode(), language, chosen)
