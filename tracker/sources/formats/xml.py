"""Untrusted markup as a tree, without entities or network access.

XML must be complete; HTML is read as far as possible. Owns lxml.

Public: `parse_xml`, `parse_xml_records`, `RecordDocument`, `parse_html`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tracker.errors import SourceMalformed
from tracker.sources.formats import xml_repair


@dataclass(frozen=True, slots=True)
class RecordDocument:
    """A document's `root`, and what was done so that it could be read.

    `repaired` names each record with characters that XML does not allow, `skipped` each that could
    not be repaired and is not in the tree.
    """

    root: Any
    repaired: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


def parse_xml_records(body: bytes, source: str, url: str, record: str) -> RecordDocument:
    """Return a complete document of elements `record`, the unreadable ones repaired or left out.

    Raises SourceMalformed as `parse_xml` does, and for a document that was cut.
    """
    try:
        return RecordDocument(parse_xml(body, source, url))
    except SourceMalformed:
        document = xml_repair.divide(body, record)
        if document is None:
            raise
    records = [xml_repair.repair(text) for text in document.records]
    try:
        root = parse_xml(document.joined([record.text for record in records]), source, url)
        return RecordDocument(root, _repair_notes(records), document.skipped)
    except SourceMalformed:
        return _parse_separately(document, records, source, url)


def _repair_notes(records: Iterable[xml_repair.Repaired]) -> tuple[str, ...]:
    return tuple(
        f"{xml_repair.record_name(record.text)}: repaired, characters not allowed in XML: "
        f"{record.changes}"
        for record in records
        if record.changes
    )


def _parse_separately(
    document: xml_repair.DividedDocument,
    records: Iterable[xml_repair.Repaired],
    source: str,
    url: str,
) -> RecordDocument:
    """Return the document with those of its records that can be read."""
    parse_xml(document.joined(()), source, url)
    readable: list[xml_repair.Repaired] = []
    skipped = list(document.skipped)
    for record in records:
        try:
            parse_xml(document.joined([record.text]), source, url)
            readable.append(record)
        except SourceMalformed as error:
            skipped.append(f"{xml_repair.record_name(record.text)}: {error.reason}")
    root = parse_xml(document.joined([record.text for record in readable]), source, url)
    return RecordDocument(root, _repair_notes(readable), tuple(skipped))


def parse_xml(body: bytes, source: str, url: str) -> Any:
    """Return the root element of a complete, well-formed document.

    Raises SourceMalformed for an HTML page, a truncated document, and one with a DOCTYPE, which
    none of our sources uses.
    """
    from lxml import etree  # type: ignore[import-untyped]  # ships no types

    if body.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
        raise SourceMalformed(source, url, "an HTML page instead of XML")
    # huge_tree is off and entities stay unresolved: the body is untrusted.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise SourceMalformed(source, url, f"not well formed to its end: {error}") from error
    if root.getroottree().docinfo.doctype:
        raise SourceMalformed(source, url, "it has a DOCTYPE, which is not allowed")
    return root


def parse_html(body: bytes) -> Any:
    """Return the root element of an HTML page in UTF-8, repaired if necessary; None if empty."""
    from lxml import etree, html

    try:
        return html.document_fromstring(body, parser=html.HTMLParser(encoding="utf-8"))
    except (etree.LxmlError, ValueError):
        return None
