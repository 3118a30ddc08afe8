"""The documents of arXiv's daily feed and OAI-PMH interface, from the server's records."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

_RSS = """<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" \
version="2.0">
  <channel>
    <title>{title} updates on arXiv.org</title>
    <link>http://rss.arxiv.org/rss/{title}</link>
    <lastBuildDate>{stamp}</lastBuildDate>
    <pubDate>{stamp}</pubDate>
    <skipDays><day>Sunday</day><day>Saturday</day></skipDays>
{items}  </channel>
</rss>
"""
_OAI = """<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
  <responseDate>{day}T06:00:00Z</responseDate>
  <request verb="ListRecords">http://oaipmh.arxiv.org/oai</request>
{body}</OAI-PMH>
"""


def rss(records: Sequence[Any], today: date, wanted: Sequence[str]) -> bytes:
    """Return the feed of a day: works listed on it, new under their first category and else as
    cross-lists, and works replaced on it.
    """
    midnight = datetime.combine(today, time(), ZoneInfo("America/New_York"))
    items = "".join(
        _item(record, _kind(record, today, wanted), format_datetime(midnight))
        for record in records
        if today in (record.listed, record.datestamp) and set(record.categories) & set(wanted)
    )
    text = _RSS.format(title="+".join(wanted), stamp=format_datetime(midnight), items=items)
    return text.encode()


def _kind(record: Any, today: date, wanted: Sequence[str]) -> str:
    if record.listed == today:
        return "new" if record.categories[0] in wanted else "cross"
    return "replace" if record.categories[0] in wanted else "replace-cross"


def _item(record: Any, kind: str, stamp: str) -> str:
    shown = f"{record.id}v{record.version if kind.startswith('replace') else 1}"
    terms = "".join(f"<category>{escape(name)}</category>" for name in record.categories)
    return (
        f"    <item>\n      <title>{escape(record.title)}</title>\n"
        f"      <link>https://arxiv.org/abs/{record.id}</link>\n"
        f"      <description>arXiv:{shown} Announce Type: {kind} \n"
        f"Abstract: {escape(record.abstract)}</description>\n"
        f'      <guid isPermaLink="false">oai:arXiv.org:{shown}</guid>\n      {terms}\n'
        f"      <pubDate>{stamp}</pubDate>\n"
        f"      <arxiv:announce_type>{kind}</arxiv:announce_type>\n"
        f"      <dc:rights>{escape(record.license)}</dc:rights>\n"
        f"      <dc:creator>{escape(', '.join(record.authors))}</dc:creator>\n    </item>\n"
    )


def oai(records: Sequence[Any], today: date, params: dict[str, str], page: int) -> bytes:
    """Return a response to ListRecords: a page of arXivRaw records, and a token for more."""
    if "resumptionToken" in params:
        name, since, until, offset = params["resumptionToken"].split("|")
    else:
        name, since, until, offset = (
            params["set"], params.get("from", ""), params.get("until", "9999"), "0",
        )  # fmt: skip
    category = name.rpartition(":")[2]
    found = [
        record
        for record in records
        if any(name.rpartition(".")[2] == category for name in record.categories)
        and since <= f"{record.datestamp}" <= until
    ]
    start = int(offset)
    if not found:
        return oai_error("noRecordsMatch", today)
    shown = "".join(map(_record, found[start : start + page]))
    more = start + page < len(found)
    token = f"{name}|{since}|{until}|{start + page}" if more else ""
    body = (
        f"  <ListRecords>\n{shown}  <resumptionToken>{token}</resumptionToken>\n  </ListRecords>\n"
    )
    return _OAI.format(day=today, body=body).encode()


def oai_error(code: str, today: date) -> bytes:
    """An error of the protocol."""
    return _OAI.format(day=today, body=f'  <error code="{code}">No.</error>\n').encode()


def _record(record: Any) -> str:
    versions = "".join(
        f'<version version="v{number}"><date>{format_datetime(created)}</date></version>'
        for number, created in _versions(record)
    )
    fields = {
        "id": record.id, "title": record.title, "authors": ", ".join(record.authors),
        "categories": " ".join(record.categories), "comments": record.comments,
        "license": record.license, "abstract": f"  {record.abstract}",
    }  # fmt: skip
    elements = "".join(f"<{key}>{escape(text)}</{key}>" for key, text in fields.items() if text)
    return (
        f"    <record><header><identifier>oai:arXiv.org:{record.id}</identifier>"
        f"<datestamp>{record.datestamp}</datestamp></header>\n    <metadata>"
        f'<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/">{elements}{versions}</arXivRaw>'
        f"</metadata></record>\n"
    )


def _versions(record: Any) -> list[tuple[int, datetime]]:
    last = record.updated or record.published
    dates = [record.published, *([last] * (record.version - 1))]
    return [(number, created.astimezone(UTC)) for number, created in enumerate(dates, start=1)]
