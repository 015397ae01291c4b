"""What a browser's test does on the quadrant lesson's page, and what it reads there."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from ui.i18n import strings


def press(page: Page, key: str) -> None:
    """Click the button of a key."""
    page.locator(f".st-key-{re.sub(r'[^a-zA-Z0-9_-]', '-', key)} button").first.click()


def part(page: Page, name: str):
    """Return a part of the plane."""
    return page.locator(f".plane [data-part={name}]")


def step_of(page: Page) -> int:
    """Return the step that the plane shows."""
    number = re.search(r"\d[\d,]*", part(page, "status").inner_text())
    return int(number.group().replace(",", "")) if number else -1


def wait_for_step(page: Page, least: int, most: float = float("inf")) -> int:
    """Wait until the plane shows a step from ``least`` to ``most``; return it."""
    for _ in range(400):
        step = step_of(page)
        if least <= step <= most:
            return step
        page.wait_for_timeout(50)
    pytest.fail(f"still at step {step}, not from {least} to {most}")


def open_lesson(page: Page, settle, query: str = "") -> None:
    page.goto(f"/quadrants?{query}")
    expect(part(page, "status")).to_contain_text(re.compile(r"\d"))
    if "step=" not in query:
        settle(page)


def choose_view(page: Page, settle, name: str, language: str = "en") -> None:
    label = strings(language)[f"view.{name}"]
    page.locator(".st-key-quadrants-view").get_by_text(label, exact=True).click()
    settle(page)


def address(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}
