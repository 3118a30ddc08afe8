"""The pages behind the feedback links of a mail, and a reader's copy of an issue with buttons.

GET only shows what a button would do, because mail scanners open every link; POST does it. A link
is signed for one reader, one action and one paper.

Public: `feedback_page`, `reader_issue_page`.
"""

from summarizer.text.sentences import to_plain_text
from tracker.delivery.mail import links, tokens
from tracker.digest.document import Document, Entry, from_json
from tracker.errors import NotFound, UsageError
from tracker.models import PaperId
from tracker.pipeline.mailing import feedback, preferences
from tracker.pipeline.retrieval.hybrid_search import find_work
from tracker.settings import Config
from tracker.store import issues
from tracker.store.database import Database
from tracker.store.subscribers import Subscriber
from tracker.web.http_messages import PageRequest, PageResponse
from tracker.web.pages.subscription_pages import INVALID_LINK, find_reader, reader_page

_UNDO = "undo"
# Issues that a reader can choose from.
_ISSUES = 12


def feedback_page(db: Database, config: Config, request: PageRequest) -> PageResponse:
    """Ask for confirmation of one action on one paper; on POST, do it or undo it."""
    action, key = request.path_params["action"], request.path_params["id"]
    reader = _find_reader(db, config, request, action, key)
    if reader is None:
        return INVALID_LINK
    try:
        _, paper = find_work(db, key)
    except NotFound:  # signed for a paper that has been removed since
        return INVALID_LINK
    done = _apply(db, reader, request, action) if request.method == "POST" else ""
    offered = feedback.ACTIONS if action == links.RATE else (action,)
    shown = {"title": to_plain_text(paper.title), "paper": paper, "offered": offered, "done": done}
    return reader_page("feedback.jinja", reader, **shown)


def _find_reader(
    db: Database, config: Config, request: PageRequest, action: str, key: str
) -> Subscriber | None:
    if action not in links.FEEDBACK or not _is_key(key):
        return None
    purpose = links.feedback_purpose(action, key)
    key_bytes = tokens.load_or_create_signing_key(config)
    return links.find_subscriber(db, key_bytes, purpose, request.path_params["token"])


def _is_key(text: str) -> bool:
    """Whether a text is the id of a paper as links have it."""
    try:
        return PaperId.parse(text).key == text
    except ValueError:
        return False


def _apply(db: Database, reader: Subscriber, request: PageRequest, action: str) -> str:
    """Do what the form says, and return it: an action, or "undo". Raises UsageError."""
    allowed = feedback.ACTIONS if action == links.RATE else (action,)
    key = request.path_params["id"]
    match sorted(request.form.items()):
        case [("feedback", chosen)] if chosen in allowed:
            feedback.give_feedback(db, reader, chosen, key, request.now)
            return chosen
        case [("undo", chosen)] if chosen in allowed:
            feedback.undo_feedback(db, reader, chosen, key)
            return _UNDO
    raise UsageError("The form must name what the link is for.")


def reader_issue_page(db: Database, config: Config, request: PageRequest) -> PageResponse:
    """Show the papers of an issue with the buttons of one reader; on POST, do what one says."""
    reader = find_reader(db, config, links.PREFERENCES, request)
    if reader is None:
        return INVALID_LINK
    changed = _give_feedback(db, reader, request) if request.method == "POST" else ""
    document = _load_issue(db, reader, request.query.get("issue", ""))
    chosen = preferences.load_preferences(db, reader)
    shown = {
        "document": document,
        "entries": _leading_entries(document) if document else (),
        "issues": [one for one in issues.list_headings(db, _ISSUES, language=reader.language)
                   if one.kind in reader.kinds],
        "opinions": {p.id: "more" for p in chosen.liked} | {p.id: "less" for p in chosen.disliked},
        "states": {one.paper.id: one.state for one in chosen.listed},
        "changed": changed,
    }  # fmt: skip
    return reader_page("reader_issue.jinja", reader, **shown)


def _give_feedback(db: Database, reader: Subscriber, request: PageRequest) -> str:
    """Store the feedback in the form and return the id of its paper. Raises UsageError."""
    match sorted(request.form.items()):
        case [("feedback", action), ("paper", key)] if action in feedback.ACTIONS:
            return feedback.give_feedback(db, reader, action, key, request.now).id
        case [("paper", key), ("undo", action)] if action in feedback.ACTIONS:
            return feedback.undo_feedback(db, reader, action, key).id
    raise UsageError("The form requests no change that can be made here.")


def _load_issue(db: Database, reader: Subscriber, wanted: str) -> Document | None:
    """Return the issue of that name, such as "weekly-2026-W11", or the newest one."""
    kind, _, period = wanted.partition("-")
    if wanted:
        found = issues.find(db, kind, period, reader.language)
        return from_json(found.document) if found else None
    newest = (
        one
        for one in issues.list_newest(db, _ISSUES, reader.kinds)
        if one.language == reader.language
    )
    found = next(newest, None)
    return from_json(found.document) if found else None


def _leading_entries(document: Document) -> tuple[Entry, ...]:
    return (*([document.read_first] if document.read_first else []), *document.top)
