"""Turns a document into its pages: HTML for mail and web, plain text, and Markdown.

Owns Jinja2 and css-inline. All wording and order live in the templates; here is only what they
cannot say: how each form makes a foreign text safe, how numbers and days are written, and how the
finished page is laid out. Texts that are not markup are escaped wherever they are put out, in all
three forms, by the environment and not by the templates.

Public: `render` for pages, `Mail` for mails, `note` and `verbatim` for the vault, `archive` for
what `tracker serve` shows, `TEXT_COLUMNS`.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from tracker.digest import chart, filters, layout, trimming
from tracker.digest.document import Document, Entry, Personal, Proof, byline
from tracker.digest.escaping import as_html, as_markdown, as_text, done, flat
from tracker.errors import ConfigError
from tracker.language import language as language_of

TEXT_COLUMNS = 78
# Stand where a reader's own parts and second link belong; taken out of every foreign text.
MARK, _SECOND = "\ue000", "\ue001"
PICTURE = "days@tracker"
# Room kept for a reader's own papers, and what one paper takes about, both in bytes of HTML.
_PERSONAL_BYTES, _ITEM_BYTES = 12_000, 900
_PAGES = {"weekly": "email/weekly.jinja", "monthly": "report/monthly.jinja"}


@dataclass(frozen=True, slots=True)
class _Note:
    """A numbered note: the sentence of `entry`'s abstract on which a shown sentence rests."""

    number: int
    entry: Entry
    source: str


@dataclass(frozen=True, slots=True)
class _Form:
    """A form of the page: how a text is made safe in it, what is done to the whole or a part."""

    escape: Callable[[str], Markup]
    finish: Callable[[str], str]
    finish_part: Callable[[str, Path], str]
    filters: Mapping[str, Callable[..., object]]


def render(document: Document, templates: Path) -> dict[str, str]:
    """The pages of `document` as {"html": …, "txt": …, "md": …}, made from the templates' folder.

    The same document gives the same pages, byte by byte.
    """
    picture = _inside(document)
    return {form: _page(document, templates, form, picture) for form in _forms()}


def _inside(document: Document) -> str:
    """The chart as an address that holds it."""
    return f"data:image/png;base64,{b64encode(chart.days(document.counts)).decode()}"


def fitted(document: Document, templates: Path, budget: int) -> Document:
    """The document cut at its tail until its HTML page has at most `budget` bytes.

    What is left out is counted in `left_out`. The paper to read is never cut. Raises ConfigError
    for a budget that not even the shortest page keeps to.
    """
    cut, tail = 0, trimming.length(document)
    made = document
    while (over := _size(made, templates) - budget) > 0 and cut < tail:
        cut = min(tail, cut + max(1, over // _ITEM_BYTES))
        made = trimming.trimmed(document, cut)
    if over > 0:
        least = (over + budget) // 1000 + 1
        raise ConfigError(
            f"The setting digest.budget_kb is too small: the shortest page of {document.kind}-"
            f"{document.period} takes {least} kB, and there are {budget // 1000} for it."
        )
    return made


def _size(document: Document, templates: Path) -> int:
    return len(_page(document, templates, "html", _inside(document)).encode())


class Mail:
    """An issue as a mail to many: made once, and for each reader only what is theirs is added.

    What the document has for the reader of its home alone is nobody else's.
    """

    def __init__(self, document: Document, templates: Path, budget: int, web: str = "") -> None:
        """`web` is the address of the issue's page, which shows what the mail has no room for."""
        self._templates, self._budget, self._web = templates, budget, web
        self.document = fitted(document.for_all(), templates, budget - _PERSONAL_BYTES)
        self.pictures = {PICTURE: chart.days(document.counts)}
        self._first_note = len(_notes(self.document)) + 1
        self._shared = {
            form: _page(self.document, templates, form, f"cid:{PICTURE}", MARK, web).split(MARK)
            for form in ("html", "txt")
        }
        self._leave = {
            (form, second): self._part(form, "leave", preferences=second)
            for form in ("html", "txt")
            for second in ("", _SECOND)
        }

    def pages(
        self,
        personal: Sequence[Personal],
        unsubscribe: str,
        remarks: Sequence[str] = (),
        preferences: str = "",
    ) -> dict[str, str]:
        """The mail of one reader as {"html", "txt"}; `unsubscribe` is the address that ends it.

        `preferences` is where the reader changes what they get, if there is such a page. Of
        `personal` only as many are told as the budget has room for; `remarks` stand below them.
        """
        links = (unsubscribe, preferences)
        while True:
            html = self._with("html", personal, remarks, links)
            if not personal or len(html.encode()) <= self._budget:
                return {"html": html, "txt": self._with("txt", personal, remarks, links)}
            personal = personal[:-1]

    def _with(
        self,
        form: str,
        personal: Sequence[Personal],
        remarks: Sequence[str],
        links: tuple[str, str],
    ) -> str:
        before, between, after = self._shared[form]
        own = self._part(form, "personal", personal, remarks) if personal or remarks else ""
        leave = self._leave[form, _SECOND if links[1] else ""]
        leave = leave.replace(MARK, links[0]).replace(_SECOND, links[1])
        return f"{before}{own}{between}{leave}{after}"

    def _part(
        self,
        form: str,
        name: str,
        personal: Sequence[Personal] = (),
        remarks: Sequence[str] = (),
        preferences: str = "",
    ) -> str:
        environment = _environment(self._templates, form, self.document.language)
        made = environment.get_template(f"email/{name}.jinja").render(
            document=replace(self.document, personal=tuple(personal), remarks=tuple(remarks)),
            notes=_numbered(_sentences_of(personal), self._first_note),
            form=form, mark="", picture="", web=self._web, unsubscribe=done(MARK),
            preferences=done(preferences),
        )  # fmt: skip
        return _forms()[form].finish_part(made, self._templates)


def _page(
    document: Document, templates: Path, form: str, picture: str, mark: str = "", web: str = ""
) -> str:
    """One form of the page. With a `mark` that is put where a reader's own parts belong."""
    page = _environment(templates, form, document.language).get_template(_PAGES[document.kind])
    notes = _notes(document, personal=not mark)
    made = page.render(
        document=document, notes=notes, form=form, picture=picture, mark=done(mark), web=web
    )
    return _forms()[form].finish(made)


def note(name: str, templates: Path, **values: object) -> str:
    """A Markdown note of the vault, made from `vault/{name}.jinja`."""
    page = _environment(templates, "md", "en").get_template(f"vault/{name}.jinja")
    return _spaced(page.render(**values))


def archive(name: str, templates: Path, code: str, /, **values: object) -> str:
    """A page of the web archive, or its style sheet, made from `web/{name}`."""
    page = _environment(templates, "html", code).get_template(f"web/{name}")
    return str(page.render(**values))


def verbatim(text: str) -> str:
    """A text for a fenced block of Markdown, which it cannot end."""
    return done(text.replace("`", "'"))


def _forms() -> dict[str, _Form]:
    return {
        "html": _Form(as_html, _mailable, _mailable_part, {"link": filters.address}),
        "txt": _Form(
            as_text, _folded, _folded_part,
            {"link": _plain_address, "pad": _padded, "rule": _ruled},
        ),
        "md": _Form(as_markdown, _spaced, _folded_part, {"link": _plain_address}),
    }  # fmt: skip


@cache  # compiling the templates takes ten times as long as filling them in
def _environment(templates: Path, name: str, code: str) -> Any:
    """A Jinja2 environment in which every text that is not markup is escaped as its form wants.

    Autoescaping is on for plain text and Markdown too: it is what marks the output of macros as
    done, so that `finalize` meets each foreign text exactly once.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    form = _forms()[name]
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        finalize=lambda value: _escaped(value, form),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(filters.FILTERS, ours=done)
    environment.filters.update(form.filters)
    words = language_of(code)
    environment.filters.update(
        number=words.number, percent=words.percent, day=words.day, full_day=words.full_day,
        long_day=words.long_day,
        moment=words.moment, byline=lambda authors: byline(authors, words),
    )  # fmt: skip
    environment.globals.update(_=words.gettext, ngettext=words.ngettext, lang=code)
    return environment


def _escaped(value: object, form: _Form) -> object:
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return form.escape(value)


def _notes(document: Document, *, personal: bool = True) -> dict[tuple[str, str], _Note]:
    """The notes of a page by paper id and shown sentence, numbered as they come up.

    A sentence that is the abstract's own, word for word, needs none.
    """
    own = _sentences_of(document.personal) if personal else ()
    return _numbered((*_shown(document), *own), 1)


def _numbered(shown: Iterable[tuple[Entry, Proof]], first: int) -> dict[tuple[str, str], _Note]:
    notes: dict[tuple[str, str], _Note] = {}
    for entry, proof in shown:
        if proof.text != proof.source:
            notes.setdefault((entry.id, proof.text), _Note(len(notes) + first, entry, proof.source))
    return notes


def _sentences_of(personal: Iterable[Personal]) -> Iterator[tuple[Entry, Proof]]:
    for one in personal:
        yield from _one_liner(one.entry)


def _shown(document: Document) -> Iterator[tuple[Entry, Proof]]:
    """Each sentence a page shows, in the order of the page: a report puts its themes first."""
    parts = [list(_picks(document)), list(_themed(document))]
    for part in reversed(parts) if document.kind == "monthly" else parts:
        yield from part
    for entry in document.late:
        yield from _one_liner(entry)


def _picks(document: Document) -> Iterator[tuple[Entry, Proof]]:
    if document.read_first:
        yield from ((document.read_first, proof) for proof in document.read_first.proofs)
    for entry in document.top:
        yield from _one_liner(entry)


def _themed(document: Document) -> Iterator[tuple[Entry, Proof]]:
    picked = {entry.id for entry in (document.read_first, *document.top) if entry}
    for theme in document.themes:
        for entry in theme.entries:
            if entry.id not in picked:
                yield from _one_liner(entry)


def _one_liner(entry: Entry) -> Iterator[tuple[Entry, Proof]]:
    return ((entry, proof) for proof in entry.proofs if proof.text == entry.tldr)


# --- forms -----------------------------------------------------------------------------------


def _mailable(page: str) -> str:
    """HTML whose styles stand on the elements, since mail clients drop style sheets.

    The style element marked `data-css-inline="keep"` stays: dark scheme and narrow screens.
    """
    import css_inline

    inliner = css_inline.CSSInliner(load_remote_stylesheets=False, minify_css=True)
    return re.sub(r"\n\s*", "\n", inliner.inline(page)) + "\n"


def _mailable_part(part: str, templates: Path) -> str:
    """A piece of such a page, on whose elements the same styles stand."""
    import css_inline

    inliner = css_inline.CSSInliner(load_remote_stylesheets=False, minify_css=True)
    return re.sub(r"\n\s*", "\n", inliner.inline_fragment(part, _style(templates)))


@cache
def _style(templates: Path) -> str:
    return str(_environment(templates, "html", "en").get_template("shared/style.css").render())


def _plain_address(url: str) -> Markup:
    return done(filters.address(url))  # holds nothing that could be taken for markup


def _padded(text: str, width: int) -> Markup:
    """A cell of a text table: filled up on the right, or on the left when `width` is negative."""
    cell = layout.cut(flat(text), abs(width))
    blank = " " * (abs(width) - layout.width(cell))
    return done(blank + cell if width < 0 else cell + blank)


def _ruled(text: str, sign: str) -> Markup:
    """A line of `sign` under a heading."""
    return done(sign * min(layout.width(text), TEXT_COLUMNS))


def _folded(page: str) -> str:
    """Plain text in lines of at most `TEXT_COLUMNS`; an address is never broken."""
    return _spaced("\n".join(layout.fold(line, TEXT_COLUMNS) for line in page.splitlines()))


def _folded_part(part: str, _: Path) -> str:
    folded = _folded(part).strip("\n")
    return f"\n{folded}\n" if folded else ""


def _spaced(page: str) -> str:
    """At most one empty line in a row, none at the ends, and no blanks at the ends of lines."""
    lines = "\n".join(line.rstrip() for line in page.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"
