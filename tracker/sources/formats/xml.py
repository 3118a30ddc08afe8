"""Untrusted markup as a tree, without entities or network access.

XML must be complete; HTML is read as far as possible. Owns lxml.

Public: `parse_xml`, `parse_html`.
"""

from typing import Any

from tracker.errors import SourceMalformed


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
