"""Take the READMEs' pictures: the quadrant lesson after its training, in each language.

python -m scripts.picture
"""

from __future__ import annotations

import tempfile

from playwright.sync_api import Page, sync_playwright

from scripts.browser import ARGUMENTS, find
from scripts.server import ROOT, running

PICTURES = {"en": "quadrants.png", "zh": "quadrants.zh.png"}
TRAINED = "/quadrants?step=10000&lang="  # a link that trains on its own until it is there


def main() -> None:
    folder, executable = ROOT / "assets" / "readme", find()
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryFile("w+") as log,
        running(log) as (address, _),
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=executable, args=ARGUMENTS)
        for language, name in PICTURES.items():
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            page.goto(f"{address}{TRAINED}{language}")
            wait_until_trained(page)
            page.screenshot(path=folder / name)
            print(folder / name)
        browser.close()


def wait_until_trained(page: Page) -> None:
    """Wait until training has begun, has ended, and everything is drawn."""
    page.wait_for_selector(".st-key-quadrants-pause button")
    page.wait_for_selector(".st-key-quadrants-train button", timeout=120_000)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_timeout(1500)  # for the last picture to be painted


if __name__ == "__main__":
    main()
