"""Issues to their readers: a mail per subscriber in their language, through the outbox.

What all readers share is made once per language; a reader's own papers are put in when their mail
is about to leave. A run may be cut short at any instant and called again.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from pathlib import Path
from typing import Protocol

from summarizer.text import plain
from tracker import resources
from tracker.calendar import Period
from tracker.delivery import email, keys
from tracker.delivery import links as signed
from tracker.delivery import outbox as delivery
from tracker.delivery.links import Links
from tracker.delivery.outbox import Clock, Letter
from tracker.delivery.smtp import Relay
from tracker.digest.compose import Entries
from tracker.digest.document import Document, Personal, read
from tracker.digest.material import Material
from tracker.digest.reader import Interests, Match, for_reader
from tracker.digest.render import Mail
from tracker.errors import ConfigError
from tracker.language import language as language_of
from tracker.pipeline import Progress, silent
from tracker.pipeline.composing import PERSONAL, compose_period, gathered
from tracker.pipeline.publishing import page_name, write_whole
from tracker.pipeline.summarising import summaries
from tracker.settings import Config
from tracker.store import issues, outbox, papers, subscribers
from tracker.store.database import Database
from tracker.store.outbox import Told, Waiting
from tracker.store.subscribers import Subscriber

_KINDS = {"week": "weekly", "month": "monthly"}
_LIST_NAMES = {"weekly": "LLM Weekly", "monthly": "LLM Monthly Report"}


@dataclass(frozen=True, slots=True)
class Sent:
    """What a run did: how many mails of the issue are in each state now, and those in doubt."""

    issue: str
    counts: Mapping[str, int]
    told: tuple[Told, ...]

    @property
    def complete(self) -> bool:
        """Whether every mail has been sent."""
        return not any(n for state, n in self.counts.items() if state != outbox.SENT)


class ReadersInterests(Protocol):
    """Tells what each of some subscribers cares for, by their number; most may have nothing."""

    def __call__(
        self, db: Database, readers: Sequence[Subscriber], period: Period
    ) -> Mapping[int, Interests]:
        """The interests of those who have any."""
        ...


def nobodys(
    db: Database,  # noqa: ARG001
    readers: Sequence[Subscriber],  # noqa: ARG001
    period: Period,  # noqa: ARG001
) -> Mapping[int, Interests]:
    """No interests: so far only the reader of the home follows and likes anything."""
    return {}


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
    interests: ReadersInterests = nobodys,
    clock: Clock = Clock(now, time.sleep),  # noqa: B008  frozen
) -> Sent:
    """Send the issue of a period to every active subscriber who has not got it.

    With `due_only` mails that were put off wait until their time; `resend` names states (unknown,
    failed) whose mails are tried once more. The caller holds the lock. Raises RelayError when the
    relay takes nothing, ConfigError when there is none.
    """
    if not config.smtp.host:
        raise ConfigError("smtp.host is not set: tracker has no relay to send mails through.")
    mark = config.home / "outbox.mark"
    delivery.recover(db, mark, clock.now())
    post = Post(db, config, period, subscribers.active(db), interests)
    for number, readers in post.by_issue().items():
        outbox.enqueue(db, number, [reader.number for reader in readers], clock.now())
    # Of all languages: a mail that waits may be of the language that its reader had before.
    numbers = issues.numbers(db, _KINDS[period.kind], period.key)
    if resend:
        outbox.again(db, numbers, resend, clock.now())
    mails = outbox.waiting(db, numbers, clock.now() if due_only else None)
    relay = Relay(config.smtp, keys.password(config.smtp))
    try:
        delivery.drain(
            db, relay, mails, post.letter, mark=mark, clock=clock,
            per_minute=config.smtp.per_minute, progress=lambda n, of: progress("send", n, of),
        )  # fmt: skip
    finally:
        relay.close()
    return report(db, period, numbers)


def report(db: Database, period: Period, numbers: Sequence[int]) -> Sent:
    """How the mails of an issue stand."""
    doubtful = (outbox.UNKNOWN, outbox.FAILED)
    told = outbox.listed(db, numbers, doubtful)
    return Sent(f"{_KINDS[period.kind]}-{period.key}", outbox.counts(db, numbers), tuple(told))


def dry_run(
    db: Database,
    config: Config,
    period: Period,
    folder: Path,
    *,
    progress: Progress = silent,
    interests: ReadersInterests = nobodys,
) -> list[Path]:
    """Write an .eml file for each active subscriber; the outbox is not touched."""
    readers = subscribers.active(db)
    post = Post(db, config, period, readers, interests)
    written = []
    for done, reader in enumerate(readers):
        progress("write", done, len(readers))
        written.append(write_whole(folder / f"{reader.email}.eml", post.written(reader)))
    return written


class Post:
    """The mails of one period: composed, rendered once per language, addressed one by one."""

    def __init__(
        self,
        db: Database,
        config: Config,
        period: Period,
        readers: Sequence[Subscriber],
        interests: ReadersInterests = nobodys,
    ) -> None:
        self._sender = email.sender(config.smtp)
        self._key = keys.signing_key(config)
        self._url = signed.public_url(config.web)
        self._readers = {reader.number: reader for reader in readers}
        kept = {code: _issue(db, config, period, code) for code in _languages(readers)}
        self._numbers = {code: issue.number for code, issue in kept.items()}
        documents = {code: read(issue.document) for code, issue in kept.items()}
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
        self._personal = personal_parts(db, config, period, readers, interests, documents)

    def by_issue(self) -> dict[int, list[Subscriber]]:
        """Who gets which issue."""
        found: dict[int, list[Subscriber]] = {number: [] for number in self._numbers.values()}
        for reader in self._readers.values():
            found[self._numbers[reader.language]].append(reader)
        return found

    def letter(self, mail: Waiting) -> Letter:
        """The mail of a row of the outbox."""
        reader = self._readers[mail.subscriber]
        return Letter(self._sender.addr_spec, reader.email, self.written(reader))

    def written(self, reader: Subscriber) -> bytes:
        """The whole mail of one reader, byte for byte the same each time."""
        mail = self._mails[reader.language]
        own = signed.links(self._key, self._url, reader) if self._url else Links("", "")
        leave = own.unsubscribe or _by_mail(self._sender)
        pages = mail.pages(self._personal.get(reader.number, ()), leave, own.preferences)
        body = email.Body(pages["txt"], pages["html"], mail.pictures)
        to = (reader.email, reader.name)
        return email.message(self._heads[reader.language], body, self._sender, to, own.unsubscribe)

    def _page(self, made: Document) -> str:
        """Where the whole issue is on the web."""
        page = page_name(made.kind, made.period, made.language)
        return f"{self._url}/{page}" if self._url else ""


def _by_mail(sender: Address) -> str:
    return f"mailto:{sender.addr_spec}?subject=unsubscribe"


def _languages(readers: Sequence[Subscriber]) -> list[str]:
    return sorted({reader.language for reader in readers})


def _issue(db: Database, config: Config, period: Period, code: str) -> issues.Issue:
    """The issue as it was composed, or composed now where it never was in that language."""
    kind = _KINDS[period.kind]
    found = issues.find(db, kind, period.key, code)
    if found is None:
        compose_period(db, config, period, now=now(), language=code)
        found = issues.find(db, kind, period.key, code)
    assert found is not None
    return found


def personal_parts(
    db: Database,
    config: Config,
    period: Period,
    readers: Sequence[Subscriber],
    interests: ReadersInterests,
    documents: Mapping[str, object],
) -> dict[int, tuple[Personal, ...]]:
    """Each reader's own papers. The period is gathered and a paper summarised once for all."""
    known = {n: one for n, one in interests(db, readers, period).items() if one}
    if not known:
        return {}
    material, _ = gathered(db, config, period)
    matches = _matches(material, known, _shown(db, period))
    wanted = {key for found in matches.values() for key in found}
    picked = [pick.paper for pick in material.ranked.picks if pick.paper.id in wanted]
    said = summaries(db, config, picked, now())
    liked = _titles(db, known.values())
    entries = {code: Entries(material, said, language_of(code)) for code in documents}
    language = {reader.number: reader.language for reader in readers}
    return {n: entries[language[n]].personal(found, liked) for n, found in matches.items()}


def _matches(
    material: Material, known: Mapping[int, Interests], shown: frozenset[str]
) -> dict[int, dict[str, tuple[Match, ...]]]:
    scores = {pick.paper.id: pick.score for pick in material.ranked.picks}
    about = material.ranked.about
    return {n: for_reader(about, one, scores, shown, PERSONAL) for n, one in known.items()}


def _shown(db: Database, period: Period) -> frozenset[str]:
    return frozenset(issues.picks_of(db, _KINDS[period.kind], period.key))


def _titles(db: Database, known: Iterable[Interests]) -> dict[str, str]:
    """Titles of all liked papers, by id."""
    liked = {key for one in known for key in one.liked}
    return {paper.id: plain(paper.title) for paper in papers.by_key(db, liked).values()}
