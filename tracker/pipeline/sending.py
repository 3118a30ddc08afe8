"""Issues to their readers: a mail per subscriber in their language, through the outbox.

What all readers share is made once per language; a reader's own papers are put in when their mail
is about to leave. A run may be cut short at any instant and called again.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from pathlib import Path

from tracker import resources
from tracker.calendar import Period
from tracker.delivery import email, keys
from tracker.delivery import links as signed
from tracker.delivery import outbox as delivery
from tracker.delivery.links import Links
from tracker.delivery.outbox import Clock, Letter
from tracker.delivery.smtp import Relay
from tracker.digest.document import Document, read
from tracker.digest.render import Mail
from tracker.errors import ConfigError, UsageError
from tracker.pipeline import Progress, personal, silent
from tracker.pipeline.composing import compose_period, draft
from tracker.pipeline.personal import Own
from tracker.pipeline.publishing import page_name, publish, write_whole
from tracker.pipeline.summarising import Store, discard, summary_store
from tracker.settings import Config
from tracker.store import issues, outbox, subscribers
from tracker.store.database import Database
from tracker.store.outbox import Told, Waiting
from tracker.store.subscribers import Subscriber

# What an issue of a week or a month is called.
KINDS = {"week": "weekly", "month": "monthly"}
_LIST_NAMES = {"weekly": "LLM Weekly", "monthly": "LLM Monthly Report"}


@dataclass(frozen=True, slots=True)
class Sent:
    """What a run did: how many mails of the issue are in each state now, and those in doubt.

    `waiting` are those of active readers that a later run will try, `notes` about readers whose
    interests cannot be followed as they stand.
    """

    issue: str
    counts: Mapping[str, int]
    told: tuple[Told, ...]
    waiting: int
    notes: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nobody who wants the mail is without it, or may be."""
        return not (self.waiting or self.counts[outbox.FAILED] or self.counts[outbox.UNKNOWN])


def now() -> datetime:
    """The time, which a run asks for at every mail."""
    return datetime.now(UTC)


def send(
    db: Database,
    config: Config,
    period: Period,
    *,
    due_only: bool = False,
    resend: Sequence[str] = (),
    progress: Progress = silent,
    clock: Clock = Clock(now, time.sleep),  # noqa: B008  frozen
) -> Sent:
    """Send the issue of a period to every active subscriber who has not got it.

    With `due_only` mails that were put off wait until their time; `resend` names states (unknown,
    failed) whose mails are tried once more. The caller holds the lock. Raises RelayError when the
    relay takes nothing, ConfigError when there is none, UsageError while the period is not over.
    """
    _refuse_early(period, clock.now())
    if not config.smtp.host:
        raise ConfigError("smtp.host is not set: tracker has no relay to send mails through.")
    mark = config.home / "outbox.mark"
    delivery.recover(db, mark, clock.now())
    readers = {reader.number: reader for reader in subscribers.active(db)}
    _enqueue(db, config, period, list(readers.values()), clock.now())
    # Of all languages: a mail that waits may be of the language that its reader had before.
    numbers = issues.numbers(db, KINDS[period.kind], period.key)
    if resend:
        outbox.again(db, numbers, resend, clock.now())
    found = outbox.waiting(db, numbers, clock.now() if due_only else None)
    mails = [mail for mail in found if mail.subscriber in readers]
    mine = [readers[mail.subscriber] for mail in mails]
    documents = {code: read(_issue(db, config, period, code).document) for code in _languages(mine)}
    post = Post(db, config, period, mine, documents=documents, store=summary_store(db, clock.now()))
    relay = Relay(config.smtp, keys.password(config.smtp))
    try:
        delivery.drain(
            db, relay, mails, post.letter, mark=mark, clock=clock,
            per_minute=config.smtp.per_minute, progress=lambda n, of: progress("send", n, of),
        )  # fmt: skip
    finally:
        relay.close()
    return _standing(db, period, numbers, post.notes)


def _refuse_early(period: Period, now: datetime) -> None:
    """Who got the issue of a part of a period would never get the whole one."""
    if not period.over(now):
        raise UsageError(
            f"{period.key} is not over before {period.end}, and each reader gets its issue once;"
            " `tracker send --dry-run` shows it as it is now."
        )


def _standing(db: Database, period: Period, numbers: Sequence[int], notes: tuple[str, ...]) -> Sent:
    told = outbox.listed(db, numbers, (outbox.UNKNOWN, outbox.FAILED))
    waiting = len(outbox.waiting(db, numbers, None))
    issue = f"{KINDS[period.kind]}-{period.key}"
    return Sent(issue, outbox.counts(db, numbers), tuple(told), waiting, notes)


@dataclass(frozen=True, slots=True)
class Written:
    """The mails that were written as files, and the `notes` of `Sent`."""

    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()


def dry_run(
    db: Database, config: Config, period: Period, folder: Path, *, progress: Progress = silent
) -> Written:
    """Write an .eml file for each active subscriber; nothing in the database is changed."""
    readers = subscribers.active(db)
    post = Post(db, config, period, readers)
    files = []
    for done, reader in enumerate(readers):
        progress("write", done, len(readers))
        files.append(write_whole(folder / _file(reader.email), post.written(reader)))
    return Written(tuple(files), post.notes)


def _file(email: str) -> str:
    """The file of a mail; an address may hold slashes, and so lead out of the folder."""
    return f"{email.replace('%', '%25').replace('/', '%2F')}.eml"


def _enqueue(
    db: Database, config: Config, period: Period, readers: Sequence[Subscriber], now: datetime
) -> None:
    """A row in the outbox for each reader who has none, of the issue in their language."""
    for code in _languages(readers):
        number = _issue(db, config, period, code).number
        mine = [reader.number for reader in readers if reader.language == code]
        outbox.enqueue(db, number, mine, now)


class Post:
    """The mails of one period: composed, rendered once per language, addressed one by one.

    Only for `readers`: a run that finds nothing to send works out nobody's own papers.
    """

    def __init__(
        self,
        db: Database,
        config: Config,
        period: Period,
        readers: Sequence[Subscriber],
        *,
        documents: Mapping[str, Document] | None = None,
        store: Store = discard,
    ) -> None:
        """`documents` are the issues by language, else drafts; new summaries go to `store`."""
        if documents is None:
            documents = {code: _draft(db, config, period, code) for code in _languages(readers)}
        self._sender = email.sender(config.smtp)
        self._key = keys.signing_key(config)
        self._url = signed.public_url(config.web)
        self._readers = {reader.number: reader for reader in readers}
        templates, budget = resources.templates(), 1000 * config.digest.budget_kb
        self._mails = {
            code: Mail(made, templates, budget, self._page(made))
            for code, made in documents.items()
        }
        self._heads = {
            code: email.Head(
                f"{made.kind}-{made.period}", _LIST_NAMES[made.kind], made.subject,
                made.small_print.made, code,
            )
            for code, made in documents.items()
        }  # fmt: skip
        own = personal.owned(db, config, period, readers, documents, now(), store)
        self._own, self.notes = own.parts, own.notes

    def letter(self, mail: Waiting) -> Letter:
        """The mail of a row of the outbox; one in doubt is what it was, whatever changed since."""
        reader = self._readers[mail.subscriber]
        content = mail.content or self.written(reader)
        return Letter(self._sender.addr_spec, reader.email, content)

    def written(self, reader: Subscriber) -> bytes:
        """The whole mail of one reader as things stand."""
        mail = self._mails[reader.language]
        links = signed.links(self._key, self._url, reader) if self._url else Links("", "")
        leave = links.unsubscribe or _by_mail(self._sender)
        own = self._own.get(reader.number, Own())
        pages = mail.pages(own.papers, leave, own.remarks, links.preferences)
        body = email.Body(pages["txt"], pages["html"], mail.pictures)
        to = (reader.email, reader.name)
        return email.message(
            self._heads[reader.language], body, self._sender, to, links.unsubscribe
        )

    def _page(self, made: Document) -> str:
        """Where the whole issue is on the web."""
        page = page_name(made.kind, made.period, made.language)
        return f"{self._url}/{page}" if self._url else ""


def _by_mail(sender: Address) -> str:
    return f"mailto:{sender.addr_spec}?subject=unsubscribe"


def _languages(readers: Sequence[Subscriber]) -> list[str]:
    return sorted({reader.language for reader in readers})


def _issue(db: Database, config: Config, period: Period, code: str) -> issues.Issue:
    """The issue that tells of all of its period, composed now where there is none."""
    found = finished(db, period, code)
    if found is None:
        own = code == config.digest.language
        compose_period(db, config, period, now=now(), language=code, own=own)
        found = issues.find(db, KINDS[period.kind], period.key, code)
    assert found is not None
    _publish(db, config, found)
    return found


def _draft(db: Database, config: Config, period: Period, code: str) -> Document:
    """The issue that `_issue` gives, without storing or publishing it where there is none."""
    found = finished(db, period, code)
    if found:
        return read(found.document)
    return draft(db, config, period, now=now(), language=code)


def _publish(db: Database, config: Config, issue: issues.Issue) -> None:
    """Have the page that the mails link to: it may have been lost, or never made."""
    page = config.web_pages / page_name(issue.kind, issue.period, issue.language)
    if not page.is_file():
        publish(db, config, read(issue.document))


def finished(db: Database, period: Period, code: str) -> issues.Issue | None:
    """The issue in a language, unless there is none or it was composed before its period's end."""
    found = issues.find(db, KINDS[period.kind], period.key, code)
    return found if found and period.over(found.created) else None
