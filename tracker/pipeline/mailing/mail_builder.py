"""Build the messages of an issue: rendered once per language, personalized one by one.

A message is built when it is about to be sent: a thousand of them need not fit in memory, and each
has what its reader follows at that time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from tracker import resources
from tracker.calendar import Period
from tracker.delivery.mail import links as signed
from tracker.delivery.mail import message, tokens
from tracker.delivery.mail.links import SubscriberLinks
from tracker.delivery.protocol import Message
from tracker.digest.document import Document
from tracker.digest.render.pages import MailLinks, MailRenderer
from tracker.learning.reading import Reading
from tracker.pipeline.issue.publish import page_name
from tracker.pipeline.issue.report.chart_files import mail_charts, mail_images
from tracker.pipeline.mailing import personalize, report_pdf
from tracker.pipeline.mailing.personalize import PersonalPart
from tracker.pipeline.mailing.prepare_issue import utc_now
from tracker.pipeline.summarize.summaries import Store, discard
from tracker.settings import Config
from tracker.store.database import Database
from tracker.store.outbox import PendingMail
from tracker.store.subscribers import Subscriber

_LIST_NAMES = {"daily": "LLM Daily", "weekly": "LLM Weekly", "monthly": "LLM Monthly Report"}


class MailBuilder:
    """The messages of one issue to `readers`; `notes` are remarks for the person who sends."""

    def __init__(
        self,
        db: Database,
        config: Config,
        period: Period,
        readers: Sequence[Subscriber],
        *,
        documents: Mapping[str, Document],
        store: Store = discard,
    ) -> None:
        """`documents` are the issues by language; new summaries go to `store`."""
        self._sender = message.parse_sender(config.smtp)
        self._key = tokens.load_or_create_signing_key(config)
        self._url = signed.public_url(config.web)
        self._readers = {reader.number: reader for reader in readers}
        self._headers = {code: _issue_headers(document) for code, document in documents.items()}
        self._config, self._documents = config, documents
        self._images = {code: mail_images(document) for code, document in documents.items()}
        self._pdfs = {
            code: report_pdf.find_or_render_pdf(config, document)
            for code, document in documents.items()
        }
        self._renderers_at_level: dict[tuple[str, Reading | None], MailRenderer] = {}
        self._renderers = {code: self._renderer(document) for code, document in documents.items()}
        personal = personalize.build_personal_parts(
            db, config, personalize.Audience(period, readers, documents), utc_now(), store
        )
        self._personal_parts, self.notes = personal.parts, personal.notes

    @property
    def sender_address(self) -> str:
        """The envelope sender."""
        return self._sender.addr_spec

    def build_message(self, mail: PendingMail) -> Message:
        """The message of a row of the outbox; one that may have arrived is not built again."""
        reader = self._readers[mail.subscriber]
        content = mail.content or self.build_mail(reader)
        address = message.parse_address(reader.email)
        headers = self._headers[reader.language]
        return Message(message.message_id(headers, address, self._sender), address, content)

    def build_mail(self, reader: Subscriber) -> bytes:
        """The complete email of one reader, with what they follow now."""
        head = self._headers[reader.language]
        links = self._links(reader, head.kind)
        unsubscribe = links.unsubscribe or message.unsubscribe_by_mail(self._sender, head.kind)
        personal = self._personal_parts.get(reader.number, PersonalPart())
        renderer = self._renderer_for(reader.language, personal)
        pages = renderer.render_for_reader(
            personal.content,
            unsubscribe,
            links.preferences,
            partial(signed.sign_feedback, self._key, reader),
        )
        pdf = self._pdfs[reader.language]
        pdfs = {pdf.name: pdf.content} if pdf and pdf.content else {}
        body = message.MailBody(pages["txt"], pages["html"], self._images[reader.language], pdfs)
        to = (reader.email, reader.name)
        return message.build_message(head, body, self._sender, to, links.unsubscribe)

    def _links(self, reader: Subscriber, kind: str) -> SubscriberLinks:
        if not self._url:
            return SubscriberLinks("", "")
        return signed.build_links(self._key, self._url, reader, kind)

    def _renderer_for(self, language: str, personal: PersonalPart) -> MailRenderer:
        """The renderer of an issue, without the papers judged, with the hour at another level."""
        document = self._documents[language]
        judged = not document.shown_ids.isdisjoint(personal.liked | personal.disliked)
        if not judged and personal.reading is None:
            return self._renderers[language]
        if personal.reading:
            document = replace(document, reading=personal.reading)
        if judged:
            return self._renderer(document.without_judged(personal.liked, personal.disliked))
        key = (language, personal.reading)
        if key not in self._renderers_at_level:
            self._renderers_at_level[key] = self._renderer(document)
        return self._renderers_at_level[key]

    def _renderer(self, document: Document) -> MailRenderer:
        page = page_name(document.kind, document.period, document.language)
        issue_url = f"{self._url}/{page}" if self._url else ""
        feedback_url = f"{self._url}/{signed.FEEDBACK_FOLDER}/" if self._url else ""
        pdf = self._pdfs[document.language]
        links = MailLinks(issue_url, feedback_url, pdf.url if pdf else "")
        budget = 1000 * self._config.digest.budget_kb
        folder, charts = resources.templates_folder(), mail_charts(document)
        return MailRenderer(document, folder, budget, links, charts)


def _issue_headers(document: Document) -> message.IssueHeaders:
    return message.IssueHeaders(
        key=f"{document.kind}-{document.period}",
        list_name=_LIST_NAMES[document.kind],
        subject=document.subject,
        created_at=document.small_print.made,
        language=document.language,
        kind=document.kind,
    )
