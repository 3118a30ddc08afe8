"""Secrets and what is signed with them: the relay's password, and the links that unsubscribe.

A secret is read from the environment or from a file that only its owner may read, and never
leaves this module but to the relay and into a hash.
"""

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path

from tracker.errors import ConfigError
from tracker.files import make_private_folder, read_secret
from tracker.settings import Config, Smtp

PASSWORD_VARIABLE = "TRACKER_SMTP_PASSWORD"  # noqa: S105  the name of a variable, not a password
_KEY_BYTES = 32
# Half of SHA-256: forging needs 2^128 trials, and the link stays short.
_MAC_BYTES = 16


def password(smtp: Smtp, environ: Mapping[str, str] = os.environ) -> str:
    """The relay's password; empty when no user is set. Raises ConfigError when there is none."""
    if not smtp.user:
        return ""
    if environ.get(PASSWORD_VARIABLE):
        return environ[PASSWORD_VARIABLE]
    if not smtp.password_file:
        raise ConfigError(
            f"smtp.user is set but there is no password: put it into {PASSWORD_VARIABLE} or into"
            " a file of mode 0600 named by smtp.password_file."
        )
    secret = read_secret("smtp.password_file", smtp.password_file)
    if not secret.strip():
        raise ConfigError("smtp.password_file: the file is empty.")
    return secret


def signing_key(config: Config) -> bytes:
    """The key that signs links, made on first use. Raises ConfigError when others may read it."""
    given = config.web.secret_file
    file = Path(given).expanduser() if given else config.home / "signing.key"
    if not given and not file.exists():
        _make(file)
    return _private(file)


def _make(file: Path) -> None:
    """Write a new key whole or not at all; one that another process has made meanwhile stays."""
    part = file.with_name(f".{file.name}.{os.getpid()}")
    make_private_folder(file.parent)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(secrets.token_bytes(_KEY_BYTES))
    try:
        os.link(part, file)
    except FileExistsError:
        pass
    finally:
        part.unlink()


def _private(file: Path) -> bytes:
    try:
        content, mode = file.read_bytes(), file.stat().st_mode
    except OSError as error:
        raise ConfigError(f"The secret {file} cannot be read: {error.strerror}.") from error
    if mode & 0o077:
        raise ConfigError(f"The secret {file} can be read by others; `chmod 600` it.")
    if not content.strip():
        raise ConfigError(f"The secret {file} is empty.")
    return content


def token(key: bytes, purpose: str, number: int, email: str) -> str:
    """What a link says of its subscriber: a number, and a proof that we wrote it for `purpose`."""
    return f"{number}.{_mac(key, purpose, number, email)}"


def number_in(text: str) -> int | None:
    """The subscriber that a token names, which still has to be proved, or None."""
    number, _, _ = text.partition(".")
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 19 else None


def proves(key: bytes, purpose: str, text: str, number: int, email: str) -> bool:
    """Whether `text` is that subscriber's token; takes the same time for every wrong one."""
    made = token(key, purpose, number, email)
    return hmac.compare_digest(text.encode("utf-8", "replace"), made.encode())


def _mac(key: bytes, purpose: str, number: int, email: str) -> str:
    # Naming the purpose keeps a proof for this from being a proof for anything else.
    said = f"{purpose}\0{number}\0{email.lower()}".encode()
    mac = hmac.new(key, said, hashlib.sha256).digest()[:_MAC_BYTES]
    return urlsafe_b64encode(mac).decode().rstrip("=")


def recipient_mark(email: str) -> str:
    """A short name for an address that does not tell it, the same in every attempt."""
    return hashlib.blake2b(email.lower().encode(), digest_size=10).hexdigest()
