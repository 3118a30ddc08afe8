"""The mail with which an address confirms that it wants the issues (double opt-in).

Nothing is stored about an address that has not confirmed but a hash, for the limits of how many of
these mails are sent.

Public: `send_confirmation`, `confirm_subscription`, `CONFIRMATION_FOLDER`.
"""

import time
from datetime import datetime, timedelta

from tracker import resources
from tracker.delivery.mail import links, message, tokens
from tracker.delivery.mail.channel import MailChannel
from tracker.delivery.mail.smtp import Relay
from tracker.delivery.mail.tokens import Confirmation
from tracker.delivery.protocol import Message, Outcome
from tracker.digest.render.pages import render_mail_body
from tracker.language import get_language
from tracker.pipeline.mailing.preferences import Subscription, subscribe
from tracker.pipeline.mailing.prepare_issue import ISSUE_KINDS
from tracker.settings import Config
from tracker.store import subscribers
from tracker.store.database import Database, open_database
from tracker.store.past_recipients import recipient_hash
from tracker.store.subscribers import Subscriber

# The folder of the confirmation links below the address of the web pages.
CONFIRMATION_FOLDER = "s"
# One mail to an address within an hour, and at most so many to all of them together.
_WAIT, _MOST = timedelta(hours=1), 60


def send_confirmation(config: Config, wanted: Confirmation, now: datetime) -> Outcome | None:
    """Send a confirmation link to an address; None if the limits forbid it.

    The mail is the same whether the address is subscribed or not. Raises RelayError.
    """
    with open_database(config.database) as db:
        recipient = recipient_hash(wanted.email)
        if not subscribers.reserve_confirmation(db, recipient, now, _WAIT, _MOST):
            return None
    sender = message.parse_sender(config.smtp)
    channel = MailChannel(
        Relay(config.smtp, tokens.load_password(config.smtp)), sender.addr_spec, time.sleep
    )
    try:
        return channel.deliver(_build_mail(config, wanted, now), lambda: None)
    finally:
        channel.close()


def _build_mail(config: Config, wanted: Confirmation, now: datetime) -> Message:
    email, language, kinds = wanted
    translation = get_language(language)
    token = tokens.sign_confirmation(tokens.load_or_create_signing_key(config), wanted, now)
    url = f"{links.public_url(config.web)}/{CONFIRMATION_FOLDER}/{token}"
    sender = message.parse_sender(config.smtp)
    subject = translation.gettext("Confirm your subscription")
    head = message.IssueHeaders(
        f"confirm-{int(now.timestamp())}", sender.display_name, subject, now, language
    )
    folder, shown = resources.templates_folder(), {"url": url, "title": subject, "wanted": kinds}
    parts = {
        form: render_mail_body("confirmation", form, folder, language, **shown)
        for form in ("txt", "html")
    }
    body = message.MailBody(parts["txt"], parts["html"], {})
    content = message.build_message(head, body, sender, (email, ""), "")
    return Message(message.message_id(head, email, sender), email, content)


def confirm_subscription(db: Database, wanted: Confirmation, now: datetime) -> Subscriber:
    """Subscribe an address that has confirmed it, also one that had unsubscribed before.

    Who is subscribed keeps the other kinds of issues; who had unsubscribed gets only these.
    """
    email, language, kinds = wanted
    stored = subscribers.find_by_email(db, email)
    is_subscribed = stored is not None and stored.state != subscribers.UNSUBSCRIBED
    dropped = () if is_subscribed else ISSUE_KINDS.values()
    chosen = dict.fromkeys(dropped, False) | dict.fromkeys(kinds or subscribers.DEFAULT_KINDS, True)
    request = Subscription(email, "", language, language, resubscribe=True, kinds=chosen)
    return subscribe(db, request, now)
