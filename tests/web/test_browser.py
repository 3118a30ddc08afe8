"""The site in a real browser, without JavaScript and with the keyboard.

Skipped where playwright or a Chromium is not installed.
"""

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.faults.smtp_server import Mailbox, served
from tests.web.browsing import Site, published, serving
from tracker.config import load
from tracker.delivery.mail import links, tokens
from tracker.store import interests, subscribers
from tracker.store.database import open_database

PUBLIC = "https://digest.example.org"
PAPER = "2602.92029"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    with api.sync_playwright() as running:
        try:
            chromium = running.chromium.launch(
                executable_path=path, args=["--no-sandbox", "--disable-gpu"]
            )
        except api.Error as error:
            pytest.skip(f"no Chromium can be started: {str(error).splitlines()[0]}")
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def box() -> Mailbox:
    return Mailbox()


@pytest.fixture(scope="module")
def signup(
    box: Mailbox, demo_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    home = published(demo_home, tmp_path_factory.mktemp("browser") / "home")
    settings = (
        f"web.public_url={PUBLIC}", "web.subscribe=true", "smtp.host=127.0.0.1",
        "smtp.security=none", "smtp.sender=weekly@x.example",
    )  # fmt: skip
    with served(box) as port, serving(home, *settings, f"smtp.port={port}") as site:
        yield site


@pytest.fixture
def page(browser: Any, signup: Site) -> Iterator[Any]:
    """A page of a narrow screen without JavaScript; what the browser complains about fails."""
    context = browser.new_context(
        base_url=f"http://{signup.host}:{signup.port}", java_script_enabled=False,
        viewport={"width": 320, "height": 640}, locale="en",
    )  # fmt: skip
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    yield opened
    context.close()
    assert complaints == []


def press_until(page: Any, selector: str) -> None:
    """Press the tab key until the element has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.locator(f"{selector}:focus-visible").count():
            return
    pytest.fail(f"the keyboard does not reach {selector}")


def test_a_paper_is_found_and_opened_with_the_keyboard(page: Any) -> None:
    page.goto("/")
    press_until(page, "input[type=search]")
    page.keyboard.type("mixture of experts")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    press_until(page, "ol.hits a.title")
    title = page.locator("ol.hits a.title:focus").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/paper/*")
    assert page.locator("h1").inner_text() == title
    press_until(page, "a.sourced")
    page.keyboard.press("Enter")
    assert page.locator(".quoted:target").count() == 1


@pytest.mark.parametrize(
    "path", ["/", f"/paper/{PAPER}", "/leaderboards", "/topic/moe", "/weekly-2026-W11.html"]
)
def test_no_page_is_wider_than_a_narrow_screen(path: str, page: Any) -> None:
    page.goto(path)
    boxes = [one.bounding_box() for one in page.locator("h1, table, .cover, svg, form").all()]
    assert boxes
    assert max(box["x"] + box["width"] for box in boxes if box) <= 320


def test_a_visitor_subscribes_and_confirms(page: Any, signup: Site, box: Mailbox) -> None:
    page.goto("/subscribe")
    page.get_by_label("Email address").fill("ann@x.example")
    page.locator("main").get_by_role("button", name="Subscribe").click()
    assert "on its way" in page.get_by_role("status").inner_text()
    end = time.monotonic() + 20
    while not box.delivered and time.monotonic() < end:
        time.sleep(0.02)
    text = box.mails()["ann@x.example"].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    found = re.search(rf"{PUBLIC}(/s/\S+)", text)
    assert found
    page.goto(urlsplit(found[1]).path)
    with open_database(signup.home / "tracker.db") as db:
        assert subscribers.find_by_email(db, "ann@x.example") is None
    page.locator("main").get_by_role("button", name="Subscribe").click()
    page.get_by_role("heading", name="Subscribed", exact=True).wait_for()
    assert signup.state("ann@x.example") == "active"


def test_one_click_of_feedback_is_confirmed_and_revoked(page: Any, signup: Site) -> None:
    preferences = signup.subscribe("bea@x.example").preferences
    config = load(signup.home, environ={})
    with open_database(config.database) as db:
        reader = subscribers.get_by_email(db, "bea@x.example")
    token = links.sign_feedback(tokens.load_or_create_signing_key(config), reader, "more", PAPER)
    page.goto(f"/f/more/{token}/{PAPER}")

    def opinions() -> list[bool]:
        with open_database(config.database) as db:
            return [one.liked for one in interests.list_opinions(db, reader.number)]

    assert opinions() == [], "opening the link changes nothing"
    page.get_by_role("button", name="More like this").click()
    assert "Saved." in page.get_by_role("status").inner_text()
    assert opinions() == [True]
    page.goto(preferences)
    page.get_by_role("button", name=f"Remove: {PAPER}").click()
    assert "Saved." in page.get_by_role("status").inner_text()
    assert opinions() == []


def test_a_reader_changes_the_language_and_pauses(page: Any, signup: Site) -> None:
    page.goto(signup.subscribe("cleo@x.example").preferences)
    page.get_by_role("button", name="Subscribe: Daily edition").click()
    page.get_by_role("button", name="Stop: Daily edition").wait_for()
    page.get_by_role("button", name="Pause").click()
    assert "Emails are paused." in page.locator("main").inner_text()
    page.locator("main select[name=language]").select_option("zh-TW")
    page.locator("form:has(select[name=language]) button").click()
    assert page.locator("html").get_attribute("lang") == "zh-TW"
    assert signup.state("cleo@x.example") == "paused"
