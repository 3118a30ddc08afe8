"""Settings of delivery and operation: mail, site, channels, backups, retention. No I/O."""

from dataclasses import dataclass

from tracker.settings.setting_field import setting


@dataclass(frozen=True, slots=True)
class Smtp:
    """The relay that sends the mails. The password may also be in TRACKER_SMTP_PASSWORD."""

    host: str = setting("", "submission relay, e.g. smtp.example.org")
    port: int = setting(587, "its port: 587 for starttls, 465 for tls", kind="server port")
    security: str = setting(
        "starttls", "how the connection is encrypted", choices=("starttls", "tls", "none")
    )
    user: str = setting("", "name to log in with; empty: no login")
    password_file: str = setting("", "file with the password, readable by its owner only")
    sender: str = setting("", "From of the mails, e.g. LLM Weekly <weekly@example.org>")
    per_minute: int = setting(0, "most mails in a minute; 0: as many as the relay takes")
    helo_name: str = setting(
        "", "host name to greet the relay with; empty: this host's, or its address"
    )
    timeout_seconds: float = setting(
        60.0,
        "longest time for connecting, and for the dialogue about one mail",
        kind="positive",
    )


@dataclass(frozen=True, slots=True)
class Web:
    """The web pages, and the key that signs the links in mails."""

    host: str = setting("127.0.0.1", "address that `tracker serve` listens on")
    port: int = setting(8765, "port that `tracker serve` listens on", kind="port")
    public_url: str = setting("", "public address of the pages, https://…", kind="web address")
    secret_file: str = setting("", "file with the signing key; default: created in the home folder")
    header_seconds: float = setting(
        10.0,
        "how long a client may take to send the head of a request before it is disconnected",
        kind="positive",
    )
    subscribe: bool = setting(
        False, "let visitors subscribe on the site; each confirms by a link in a mail"
    )
    api_token_file: str = setting(
        "", "file with the token for follow, like and dislike in the API; empty: they are refused"
    )
    api_per_minute: int = setting(3000, "most API requests a minute from one address; 0: no limit")
    api_cors_origins: tuple[str, ...] = setting(
        (), "origins whose pages may read the API, e.g. https://example.org"
    )


@dataclass(frozen=True, slots=True)
class Backup:
    """The scheduled backups of the database."""

    folder: str = setting("", "folder of the backups; default: `backups` in the home folder")
    keep: int = setting(3, "how many of the newest are kept; 0: none is made")


@dataclass(frozen=True, slots=True)
class Retention:
    """How long records are kept that are not needed for a correct result. 0: always."""

    failed_attempts_days: int = setting(
        90, "days that failed attempts at scheduled jobs are kept", kind="days"
    )
    past_recipients_days: int = setting(
        400,
        "days that hashes of removed subscribers are kept, so that none gets an old issue twice",
        kind="days",
    )
    outbox_days: int = setting(
        400,
        "days that is kept who received an issue, at least 92; then it is never sent again",
        kind="days",
    )
    crawl_records_days: int = setting(
        400,
        "days that the attempts of each source are kept, besides those that are still needed",
        kind="days",
    )


@dataclass(frozen=True, slots=True)
class Ray:
    """The cluster that `--engine ray` uses."""

    address: str = setting("", "address of a cluster; empty: one on this machine, for the command")
    object_store_mb: int = setting(512, "most megabytes of blocks that wait in Ray's object store")
    gpus_per_worker: float = setting(
        1.0, "GPUs of a worker where the cluster has any; 0.5: two workers share one"
    )


@dataclass(frozen=True, slots=True)
class Mcp:
    """The MCP server."""

    allow_follow: bool = setting(False, "let MCP clients save searches with the tool `follow`")


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """A place other than mail that each issue is posted to, with its table's key."""

    kind: str = setting(
        "webhook",
        "format of the message",
        choices=("webhook", "slack", "discord", "telegram", "feishu"),
    )
    url: str = setting(
        "", "address to post to; of Telegram only another server than its own", kind="web address"
    )
    url_file: str = setting("", "file of mode 0600 with the address, if it is a secret")
    secret_file: str = setting(
        "", "file of mode 0600 with the key that signs a webhook, or the token of a Telegram bot"
    )
    chat: str = setting("", "Telegram chat that receives the issues, e.g. @channel")
    language: str = setting("en", "language of the issues", choices=("en", "zh-TW", "zh-CN"))
    issues: tuple[str, ...] = setting(
        ("weekly", "monthly"), "kinds of issues", choices=("daily", "weekly", "monthly")
    )
