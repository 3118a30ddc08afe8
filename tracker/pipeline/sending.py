"""Issues to their readers: a mail per subscriber in their language, through the outbox.

What all readers share is made once per language; a reader's own papers are put in when their mail
is about to leave. A run may be cut short at any instant and called again.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path

from tracker import resources
from tracker.calendar import Period
from tracker.delivery import email, hosts, keys
from tracker.delivery import links as signed
from tracker.delivery import outbox as delivery
from tracker.delivery.links import Links
from tracker.delivery.outbox import Clock, Letter
from tracker.delivery.smtp import Relay
from tracker.digest.document import Document, read
from tracker.digest.render import Mail
from tracker.errors import IssueIncomplete, UsageError
from tracker.pipeline import Progress, holding, personal, silent
from tracker.pipeline.composing import Composed, compose_period
from tracker.pipeline.personal import Own
from tracker.pipeline.publishing import page_name, publish, write_whole
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
    interests cannot be followed as they stand, `missing` what an issue lacks that now went out.
    """

    issue: str
    counts: Mapping[str, int]
    told: tuple[Told, ...]
    waiting: int
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

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
    incomplete: bool = False,
    at: datetime | None = None,
    progress: Progress = silent,
    clock: Clock = Clock(now, time.sleep),  # noqa: B008  frozen
) -> Sent:
    """Send the issue of a period to every active subscriber who has not got it.

    With `due_only` mails that were put off wait until their time; `resend` names states (unknown,
    failed) whose mails are tried once more. `at` is the time by which the issue is to be complete,
    where it is not the clock's. The caller holds the lock. Raises RelayError when the relay takes
    nothing, ConfigError when there is none, UsageError while the period is not over, IssueHeld for
    an issue without papers, and while it lacks some and is not to be sent `incomplete`.
    """
    at = at or clock.now()
    _refuse_early(period, at)
    hosts.relay_address(config.smtp)
    mark = config.home / "outbox.mark"
    delivery.recover(db, mark, clock.now())
    readers = {reader.number: reader for reader in subscribers.active(db)}
    missing = _prepared(db, config, period, _languages(list(readers.values())), at, incomplete)
    _enqueue(db, config, period, list(readers.values()), clock.now())
    # Of all languages: a mail that waits may be of the language that its reader had before.
    numbers = issues.numbers(db, KINDS[period.kind], period.key)
    if resend:
        outbox.again(db, numbers, resend, clock.now())
    found = outbox.waiting(db, numbers, clock.now() if due_only else None)
    mails = [mail for mail in found if mail.subscriber in readers]
    post = Post(db, config, period, [readers[mail.subscriber] for mail in mails])
    relay = Relay(config.smtp, keys.password(config.smtp))
    try:
        delivery.drain(
            db, relay, mails, post.letter, mark=mark, clock=clock,
            per_minute=config.smtp.per_minute, progress=lambda n, of: progress("send", n, of),
        )  # fmt: skip
    finally:
        relay.close()
    return replace(_standing(db, period, numbers, post.notes), missing=missing)


def _prepared(
    db: Database,
    config: Config,
    period: Period,
    languages: Sequence[str],
    at: datetime,
    incomplete: bool,
) -> tuple[str, ...]:
    """Have the issue in all of these languages, with all papers there are; what it lacks.

    One of which mails have left stays as it is: all readers get the same. Raises IssueHeld.
    """
    if _begun(db, period):
        return ()
    missing: dict[str, None] = {}
    for code in languages:
        found = finished(db, period, code)
        if found is None or holding.lacking(db, config, period, read(found.document).counts, at):
            missing |= dict.fromkeys(_compose(db, config, period, code, at).reasons)
            found = finished(db, period, code)
        document = holding.refuse_empty(period, read(found.document) if found else None)
        if not incomplete:
            missing |= dict.fromkeys(holding.refuse_unfit(db, config, period, document, at))
    return tuple(missing)


def _begun(db: Database, period: Period) -> bool:
    """Whether any mail of the issue has left, or may have."""
    counted = outbox.counts(db, issues.numbers(db, KINDS[period.kind], period.key))
    return any(number for state, number in counted.items() if state != outbox.PENDING)


def _compose(db: Database, config: Config, period: Period, code: str, at: datetime) -> Composed:
    own = code == config.digest.language
    return compose_period(db, config, period, now=at, language=code, own=own)


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


# From of a dry run where none is set; RFC 2606 keeps this domain from being anybody's.
_STAND_IN = "LLM Weekly <tracker@example.invalid>"


def dry_run(
    db: Database,
    config: Config,
    period: Period,
    folder: Path | None,
    *,
    progress: Progress = silent,
) -> Written:
    """Write an .eml file for each active subscriber; the outbox is not touched.

    Neither a relay nor a sender need be set. A folder that holds mails already is left as it is,
    and another one is made beside it or, where one was given, in it. Raises IssueEmpty.
    """
    readers = subscribers.active(db)
    notes = []
    if not config.smtp.sender:
        config = replace(config, smtp=replace(config.smtp, sender=_STAND_IN))
        notes.append("smtp.sender is not set; the mails are written as if from a stand-in.")
    post = Post(db, config, period, readers)
    folder = _unused(config, period, folder)
    files = []
    for done, reader in enumerate(readers):
        progress("write", done, len(readers))
        try:
            mail = post.written(reader)
        except (UsageError, ValueError) as error:  # as a run does, which goes on with the others
            notes.append(str(error))
            continue
        files.append(write_whole(folder / _file(reader.email), mail))
    notes += _would_wait(db, config, period, _languages(readers))
    return Written(tuple(files), (*notes, *post.notes))


def _would_wait(
    db: Database, config: Config, period: Period, languages: Sequence[str]
) -> list[str]:
    """A sentence saying that a run would not send the issue yet, where it would not."""
    try:
        for code in () if _begun(db, period) else languages:
            document = read(_issue(db, config, period, code).document)
            holding.refuse_unfit(db, config, period, document, now())
    except IssueIncomplete as error:
        return [str(error)]
    return []


def _unused(config: Config, period: Period, given: Path | None) -> Path:
    """The folder for the mails of a dry run: the first in question that holds none."""
    first = given or config.digests / "mails" / period.key
    inner = first / f"{KINDS[period.kind]}-{period.key}" if given else first
    numbered = (inner.with_name(f"{inner.name}-{number}") for number in count(2))
    return next(
        folder for folder in chain((first, inner), numbered) if not any(folder.glob("*.eml"))
    )


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
    ) -> None:
        self._sender = email.sender(config.smtp)
        self._key = keys.signing_key(config)
        self._url = signed.public_url(config.web)
        self._readers = {reader.number: reader for reader in readers}
        documents = {
            code: read(_issue(db, config, period, code).document) for code in _languages(readers)
        }
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
        own = personal.owned(db, config, period, readers, documents, now())
        self._own, self.notes = own.parts, own.notes

    def letter(self, mail: Waiting) -> Letter:
        """The mail of a row of the outbox; one in doubt is what it was, whatever changed since."""
        reader = self._readers[mail.subscriber]
        content = mail.content or self.written(reader)
        return Letter(self._sender.addr_spec, email.address(reader.email), content)

    def written(self, reader: Subscriber) -> bytes:
        """The whole mail of one reader as things stand."""
        mail = self._mails[reader.language]
        links = signed.links(self._key, self._url, reader) if self._url else Links("", "")
        leave = links.unsubscribe or email.unsubscribe_by_mail(self._sender)
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


def _languages(readers: Sequence[Subscriber]) -> list[str]:
    return sorted({reader.language for reader in readers})


def _issue(db: Database, config: Config, period: Period, code: str) -> issues.Issue:
    """The issue that tells of all of its period, composed now where there is none."""
    found = finished(db, period, code)
    if found is None:
        _compose(db, config, period, code, now())
        found = issues.find(db, KINDS[period.kind], period.key, code)
    holding.refuse_empty(period, read(found.document) if found else None)
    assert found is not None
    _publish(db, config, found)
    return found


def _publish(db: Database, config: Config, issue: issues.Issue) -> None:
    """Have the page that the mails link to: it may have been lost, or never made."""
    page = config.web_pages / page_name(issue.kind, issue.period, issue.language)
    if not page.is_file():
        publish(db, config, read(issue.document))


def finished(db: Database, period: Period, code: str) -> issues.Issue | None:
    """The issue in a language, unless there is none or it was composed before its period's end."""
    found = issues.find(db, KINDS[period.kind], period.key, code)
    return found if found and period.over(found.created) else None
