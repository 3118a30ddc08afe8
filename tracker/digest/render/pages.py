"""Render a document as HTML for email and web, as plain text and as Markdown.

Owns Jinja2 and css-inline. Wording and order are in the templates; this module decides how each
format escapes text, how numbers and dates are written, and how the finished page is laid out.
Every string that is not markup is escaped by the environment, in all three formats, so templates
cannot forget to.

Public: `render_pages`, `PageChart` and `fit_to_budget` for pages, `MailRenderer` and `MailLinks`
for emails,
`render_vault_note` and `escape_code_block` for the Obsidian vault, `render_web_page` for
`tracker serve`.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from tracker.calendar import Period
from tracker.digest.byline import byline
from tracker.digest.document import Document, PersonalContent
from tracker.digest.render import png_chart, template_filters, text_layout, trim
from tracker.digest.render.escaping import (
    escape_html,
    escape_markdown,
    escape_text,
    mark_safe,
    to_single_line,
)
from tracker.digest.render.footnotes import document_footnotes
from tracker.errors import ConfigError
from tracker.language import Language
from tracker.language import get_language as language_of

# Mark the places of a reader's own parts and preferences link. Private-use characters, which
# `escaping` removes from all other text.
PLACEHOLDER, _SECOND = "\ue000", "\ue001"
# Around "action/id" in the address of a feedback link, which each reader's mail completes.
_FEEDBACK = "\ue002"
_FEEDBACK_LINK = re.compile(f"{_FEEDBACK}([a-z]+)/([^{_FEEDBACK}]+){_FEEDBACK}")
# Bytes that completing a feedback link adds: a token, and a number of seven digits.
_TOKEN_BYTES = 28
# Bytes of HTML reserved for a reader's own papers, and the approximate size of one paper.
_PERSONAL_BYTES, _ITEM_BYTES = 12_000, 900
# The formats of an email; a page on the web has all parts, an email those worth reading at once.
_MAIL_FORMATS = ("html", "txt")


@dataclass(frozen=True, slots=True)
class PageChart:
    """A chart: its text alternative, and its SVG element, "" in an email that attaches it."""

    text: str
    svg: str = ""


@dataclass(frozen=True, slots=True)
class MailLinks:
    """Addresses in an email; an empty one means that there is no such link.

    `page` is that of the issue's page, which also shows what the email omits, `feedback` that below
    which the links for feedback are, and `pdf` that of a report that is not attached.
    """

    page: str = ""
    feedback: str = ""
    pdf: str = ""


_NO_CHARTS: Mapping[str, PageChart] = {}
_NO_LINKS = MailLinks()
_NOTHING_PERSONAL = PersonalContent()


@dataclass(frozen=True, slots=True)
class _PageFormat:
    """A page format: how it escapes text, and how a whole page or a part is post-processed."""

    escape: Callable[[str], Markup]
    postprocess: Callable[[str], str]
    postprocess_part: Callable[[str, Path], str]
    filters: Mapping[str, Callable[..., object]]


def render_pages(
    document: Document, templates: Path, charts: Mapping[str, PageChart] = _NO_CHARTS
) -> dict[str, str]:
    """Return the pages of `document` as {"html": …, "txt": …, "md": …}.

    HTML and Markdown have all parts; the plain text is that of the email. `charts` are in the HTML,
    and the Markdown links to files with them. The same document always gives the same bytes.
    """
    return {
        "html": _render_page(document, templates, "html", charts=charts),
        "txt": _render_page(document, templates, "txt", _Mail()),
        "md": _render_page(document, templates, "md", charts=charts),
    }


def _chart_data_url(document: Document) -> str:
    """Return the chart of daily counts as a data URL."""
    return (
        f"data:image/png;base64,{b64encode(png_chart.daily_counts_png(document.counts)).decode()}"
    )


def fit_to_budget(
    document: Document, templates: Path, budget: int, *, as_mail: bool = False
) -> Document:
    """Return the document, shortened from its end until its HTML has at most `budget` bytes.

    The HTML is that of the page or of the email. `left_out` counts the removed items. The paper to
    read first is never removed. Raises ConfigError when even the shortest page exceeds the budget.
    """
    return _fit(document, templates, budget, _Mail() if as_mail else None)


def _fit(document: Document, templates: Path, budget: int, mail: "_Mail | None") -> Document:
    """Return the document, shortened for a page or for an email with these links."""
    cut, tail = 0, trim.count_removable_items(document)
    made = document
    while (over := _html_size(made, templates, mail) - budget) > 0 and cut < tail:
        cut = min(tail, cut + max(1, over // _ITEM_BYTES))
        made = trim.trim_document(document, cut)
    if over > 0:
        least = (over + budget) // 1000 + 1
        raise ConfigError(
            f"The setting digest.budget_kb is too small: the shortest page of {document.kind}-"
            f"{document.period} needs {least} kB, and {budget // 1000} kB are available."
        )
    return made


def _html_size(document: Document, templates: Path, mail: "_Mail | None") -> int:
    page = _render_page(document, templates, "html", mail)
    return len(page.encode()) + _TOKEN_BYTES * (page.count(_FEEDBACK) // 2)


class MailRenderer:
    """An issue as an email to many readers: rendered once, then completed for each reader.

    The personal parts of the document itself belong to the local user and are not sent to others.
    """

    def __init__(
        self,
        document: Document,
        templates: Path,
        budget: int,
        links: MailLinks = _NO_LINKS,
        charts: Mapping[str, PageChart] = _NO_CHARTS,
    ) -> None:
        """`charts` are those that are attached to the email."""
        self._templates, self._budget = templates, budget
        self._mail = mail = _Mail(PLACEHOLDER, links)
        self.document = _fit(
            document.without_personal_parts(),
            templates,
            budget - _PERSONAL_BYTES,
            _Mail(links=MailLinks(feedback=links.feedback)),
        )
        self._shared_parts = {
            form: _render_page(self.document, templates, form, mail, charts).split(PLACEHOLDER)
            for form in _MAIL_FORMATS
        }
        self._unsubscribe_footers = {
            (form, second): self._render_part(form, "unsubscribe_footer", preferences=second)
            for form in _MAIL_FORMATS
            for second in ("", _SECOND)
        }

    def render_for_reader(
        self,
        personal: PersonalContent,
        unsubscribe: str,
        preferences: str = "",
        sign_feedback: Callable[[str, str], str] | None = None,
    ) -> dict[str, str]:
        """Return one reader's email as {"html": …, "txt": …}.

        `unsubscribe` is the address of the unsubscribe link, `preferences` that of the preferences
        page, if there is one. The papers of `personal` are shortened to fit the budget.
        `sign_feedback` returns the token of the reader for an action and the id of a paper; it is
        needed if there are links for feedback.
        """
        links = (unsubscribe, preferences)

        def assemble(format_name: str) -> str:
            mail = self._assemble(format_name, personal, links)
            if sign_feedback is None:
                return mail
            return _FEEDBACK_LINK.sub(
                lambda link: f"{link[1]}/{sign_feedback(link[1], link[2])}/{link[2]}", mail
            )

        while True:
            html = assemble("html")
            if not personal.papers or len(html.encode()) <= self._budget:
                return {"html": html, "txt": assemble("txt")}
            personal = replace(personal, papers=personal.papers[:-1])

    def _assemble(self, format_name: str, personal: PersonalContent, links: tuple[str, str]) -> str:
        before, between, after = self._shared_parts[format_name]
        own = self._render_part(format_name, "personal", personal) if personal else ""
        footer = self._unsubscribe_footers[format_name, _SECOND if links[1] else ""]
        footer = footer.replace(PLACEHOLDER, links[0]).replace(_SECOND, links[1])
        mail = f"{before}{own}{between}{footer}{after}"
        return mail if format_name == "html" else text_layout.normalize_blank_lines(mail)

    def _render_part(
        self,
        format_name: str,
        name: str,
        personal: PersonalContent = _NOTHING_PERSONAL,
        preferences: str = "",
    ) -> str:
        environment = _environment(self._templates, format_name, self.document.language)
        made = environment.get_template(f"email/{name}.jinja").render(
            document=replace(
                self.document, personal=personal.papers, remarks=personal.remarks,
                questions=personal.questions,
            ),
            charts={}, notes={}, form=format_name, mail=True,
            mark="", picture="", web=self._mail.links.page, pdf=self._mail.links.pdf,
            feedback=self._mail.links.feedback, feedback_mark=mark_safe(_FEEDBACK),
            unsubscribe=mark_safe(PLACEHOLDER), preferences=mark_safe(preferences),
        )  # fmt: skip
        return _page_formats()[format_name].postprocess_part(made, self._templates)


@dataclass(frozen=True, slots=True)
class _Mail:
    """An issue is rendered as an email: `mark` is inserted where a reader's own parts belong."""

    mark: str = ""
    links: MailLinks = _NO_LINKS


def _render_page(
    document: Document,
    templates: Path,
    format_name: str,
    mail: _Mail | None = None,
    charts: Mapping[str, PageChart] = _NO_CHARTS,
) -> str:
    """Return the issue in one format, as an email or as a page."""
    name = f"{'email' if mail else 'issue'}/{document.kind}.jinja"
    page = _environment(templates, format_name, document.language).get_template(name)
    made = page.render(
        document=document,
        notes={} if mail else document_footnotes(document),
        form=format_name,
        mail=bool(mail),
        picture="" if mail else _chart_data_url(document),
        mark=mark_safe(mail.mark if mail else ""),
        web=mail.links.page if mail else "",
        pdf=mail.links.pdf if mail else "",
        charts=charts,
        feedback=mail.links.feedback if mail else "",
        feedback_mark=mark_safe(_FEEDBACK),
    )
    return _page_formats()[format_name].postprocess(made)


def render_vault_note(name: str, templates: Path, language_code: str, /, **values: object) -> str:
    """Return a Markdown note of the vault, rendered from `vault/{name}.jinja`."""
    page = _environment(templates, "md", language_code).get_template(f"vault/{name}.jinja")
    return text_layout.normalize_blank_lines(page.render(**values))


def render_web_page(name: str, templates: Path, language_code: str, /, **values: object) -> str:
    """Return a page of the web archive, or its style sheet, rendered from `web/{name}`."""
    page = _environment(templates, "html", language_code).get_template(f"web/{name}")
    return str(page.render(**values))


def render_mail_body(
    name: str, form: str, templates: Path, language_code: str, /, **values: object
) -> str:
    """Return a mail that is not an issue as "html" or "txt", from `email/{name}.jinja`."""
    page = _environment(templates, form, language_code).get_template(f"email/{name}.jinja")
    text = str(page.render(form=form, **values))
    return text.strip() + "\n" if form == "html" else text_layout.wrap_text(text)


def escape_code_block(text: str) -> str:
    """Return `text` so that it cannot end the fenced Markdown block it is put into."""
    return mark_safe(text.replace("`", "'"))


def _page_formats() -> dict[str, _PageFormat]:
    return {
        "html": _PageFormat(
            escape_html, _inline_css, _inline_fragment_css, {"link": template_filters.safe_url}
        ),
        "txt": _PageFormat(
            escape_text, text_layout.wrap_text, text_layout.wrap_text_part,
            {"link": _safe_url_markup, "pad": _pad_cell, "rule": _heading_rule},
        ),
        "md": _PageFormat(
            escape_markdown, text_layout.normalize_blank_lines, text_layout.wrap_text_part,
            {"link": _safe_url_markup},
        ),
    }  # fmt: skip


@cache  # compiling the templates takes ten times as long as rendering them
def _environment(templates: Path, format_name: str, language_code: str) -> Any:
    """Return a Jinja2 environment that escapes every string for the given page format.

    Autoescaping is also on for plain text and Markdown: it marks the output of macros as safe, so
    that `finalize` escapes each string exactly once.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    form = _page_formats()[format_name]
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        finalize=lambda value: _escape_value(value, form),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(template_filters.FILTERS, trusted=mark_safe)
    environment.filters.update(form.filters)
    _add_language(environment, language_of(language_code))
    return environment


def _add_language(environment: Any, language: Language) -> None:
    """Add the translations and the formatting of numbers and dates to an environment."""
    environment.filters.update(
        number=language.number, percent=language.percent, signed_percent=language.signed_percent,
        points=language.percentage_points, day=language.day, full_day=language.full_day,
        long_day=language.long_day, moment=language.moment, month_name=language.month,
        month_of=lambda key: language.month(Period.parse_month(key).start),
        byline=lambda authors: byline(authors, language),
    )  # fmt: skip
    environment.globals.update(_=language.gettext, ngettext=language.ngettext, lang=language.code)


def _escape_value(value: object, page_format: _PageFormat) -> object:
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return page_format.escape(value)


# --- formats ---------------------------------------------------------------------------------


def _inline_css(page: str) -> str:
    """Return HTML with styles inlined on the elements, since mail clients drop style sheets.

    The style element marked `data-css-inline="keep"` remains, for dark mode and narrow screens.
    """
    import css_inline

    inliner = css_inline.CSSInliner(load_remote_stylesheets=False, minify_css=True)
    return re.sub(r"\n\s*", "\n", inliner.inline(page)) + "\n"


def _inline_fragment_css(part: str, templates: Path) -> str:
    """Return a fragment of such a page with the same styles inlined."""
    import css_inline

    inliner = css_inline.CSSInliner(load_remote_stylesheets=False, minify_css=True)
    return re.sub(r"\n\s*", "\n", inliner.inline_fragment(part, _stylesheet(templates)))


@cache
def _stylesheet(templates: Path) -> str:
    return str(_environment(templates, "html", "en").get_template("shared/style.css").render())


def _safe_url_markup(url: str) -> Markup:
    # The result contains no characters with a meaning in markup.
    return mark_safe(template_filters.safe_url(url))


def _pad_cell(text: str, width: int) -> Markup:
    """Return a table cell padded on the right, or on the left if `width` is negative."""
    cell = text_layout.truncate(to_single_line(text), abs(width))
    blank = " " * (abs(width) - text_layout.display_width(cell))
    return mark_safe(blank + cell if width < 0 else cell + blank)


def _heading_rule(text: str, sign: str) -> Markup:
    """Return a line of `sign` to put under a heading."""
    return mark_safe(sign * min(text_layout.display_width(text), text_layout.TEXT_COLUMNS))
