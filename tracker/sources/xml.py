"""Markup from outside as a tree, without entities and never from the network.

XML is read whole or not at all, a page for humans as well as it can be. It owns lxml. Public:
`parsed`, `page_of`.
"""

from typing import Any

from tracker.errors import SourceMalformed


def parsed(body: bytes, source: str, url: str) -> Any:
    """The root element of a document that is well formed to its end.

    Raises SourceMalformed for a page for humans, a cut document, and one with a DOCTYPE, which
    none of our sources has a use for.
    """
    from lxml import etree  # type: ignore[import-untyped]  # ships no types

    if body.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
        raise SourceMalformed(source, url, "an HTML page instead of XML")
    # huge_tree is off and entities stay unresolved: the body comes from outside.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise SourceMalformed(source, url, f"not well formed to its end: {error}") from error
    if root.getroottree().docinfo.doctype:
        raise SourceMalformed(source, url, "it has a DOCTYPE, which is not read")
    return root


def page_of(body: bytes) -> Any:
    """The root element of an HTML page in UTF-8, mended where need be; None when there is none."""
    from lxml import etree, html

    try:
        return html.document_fromstring(body, parser=html.HTMLParser(encoding="utf-8"))
    except (etree.LxmlError, ValueError):
        return None
