"""An issue as the body of a post: for a webhook, Slack, Discord, Telegram and Feishu.

Pure functions from a document to JSON. Titles and sentences come from papers, so each format
escapes what has a meaning in it, and nobody is mentioned.

Public: `FORMATS`, `PostContent`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from tracker.digest.document import Document, Entry

# The limits of the services, below their documented ones.
_SLACK_HEADER, _SLACK_SECTION = 150, 2_900
_DISCORD_TITLE, _DISCORD_TEXT = 250, 3_900
_TELEGRAM_TEXT, _FEISHU_LINE = 3_900, 500
_TITLE, _SENTENCE = 200, 240


@dataclass(frozen=True, slots=True)
class PostContent:
    """What is posted: the issue, the address of its page or "", and settings of the channel."""

    document: Document
    page: str = ""
    chat: str = ""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The paper to read first, and the list."""
        first = self.document.read_first
        others = (entry for entry in self.document.top if first is None or entry.id != first.id)
        return (*([first] if first else []), *others)


def webhook_body(post: PostContent) -> dict[str, Any]:
    """Return the body for programs."""
    document = post.document
    return {
        "type": "issue.published",
        "timestamp": document.small_print.made.isoformat(),
        "data": {
            "kind": document.kind,
            "period": document.period,
            "language": document.language,
            "subject": document.subject,
            "url": post.page,
            "papers": [
                {"id": one.id, "title": one.title, "url": one.url, "summary": one.tldr}
                for one in post.entries
            ],
        },
    }


def slack_body(post: PostContent) -> dict[str, Any]:
    """Return a message of Slack in blocks (docs.slack.dev/reference/block-kit)."""
    subject = _clip(post.document.subject, _SLACK_HEADER)
    lines = [
        f"*<{one.url}|{_escape_slack(_clip(one.title, _TITLE))}>*\n"
        f"{_escape_slack(_clip(one.tldr, _SENTENCE))}"
        for one in post.entries
    ]
    sections = [_slack_section(text) for text in _join_within(lines, _SLACK_SECTION)]
    link = [_slack_section(f"<{post.page}>")] if post.page else []
    header = {"type": "header", "text": {"type": "plain_text", "text": subject, "emoji": False}}
    return {
        "text": _escape_slack(subject),
        "blocks": [header, *sections, *link],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _slack_section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _escape_slack(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # Formatting characters have no escape; a zero-width space keeps them from pairing.
    return re.sub(r"([*_~`])", "\u200b\\1", escaped)


def discord_body(post: PostContent) -> dict[str, Any]:
    """Return a message of Discord with one embed."""
    lines = [
        f"**[{_escape_discord(_clip(one.title, _TITLE))}]({one.url})**\n"
        f"{_escape_discord(_clip(one.tldr, _SENTENCE))}"
        for one in post.entries
    ]
    embed = {
        "title": _clip(post.document.subject, _DISCORD_TITLE),
        "description": next(_join_within(lines, _DISCORD_TEXT), ""),
        **({"url": post.page} if post.page else {}),
    }
    return {"embeds": [embed], "allowed_mentions": {"parse": []}}


def _escape_discord(text: str) -> str:
    return re.sub(r"([\\*_~`|>\[\]()#<@-])", r"\\\1", text)


def telegram_body(post: PostContent) -> dict[str, Any]:
    """Return the parameters of Telegram's sendMessage, with HTML."""
    lines = [
        f'<b><a href="{escape(one.url)}">{escape(_clip(one.title, _TITLE))}</a></b>\n'
        f"{escape(_clip(one.tldr, _SENTENCE))}"
        for one in post.entries
    ]
    head = f"<b>{escape(_clip(post.document.subject, _TITLE))}</b>"
    link = f"\n\n{escape(post.page)}" if post.page else ""
    most = _TELEGRAM_TEXT - len(head) - len(link)
    text = next(_join_within(lines, most), "")
    return {
        "chat_id": post.chat,
        "text": f"{head}\n\n{text}{link}",
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }


def feishu_body(post: PostContent) -> dict[str, Any]:
    """Return a rich-text message of Feishu or Lark."""
    rows: list[list[dict[str, str]]] = []
    for one in post.entries:
        rows.append([{"tag": "a", "text": _clip(one.title, _TITLE), "href": one.url}])
        if one.tldr:
            rows.append([{"tag": "text", "text": _clip(one.tldr, _FEISHU_LINE)}])
    if post.page:
        rows.append([{"tag": "a", "text": post.page, "href": post.page}])
    language = "zh_cn" if post.document.language.startswith("zh") else "en_us"
    content = {"title": _clip(post.document.subject, _TITLE), "content": rows}
    return {"msg_type": "post", "content": {"post": {language: content}}}


def _clip(text: str, most: int) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= most else f"{plain[: most - 1].rstrip()}…"


def _join_within(lines: list[str], most: int) -> Iterator[str]:
    """Yield the lines, joined by blank lines to texts of at most `most` characters."""
    text = ""
    for line in lines:
        joined = f"{text}\n\n{line}" if text else line
        if text and len(joined) > most:
            yield text
            joined = line
        text = joined
    if text:
        yield text


FORMATS: Mapping[str, Callable[[PostContent], dict[str, Any]]] = {
    "webhook": webhook_body,
    "slack": slack_body,
    "discord": discord_body,
    "telegram": telegram_body,
    "feishu": feishu_body,
}
