"""What a browser's test reads on the MNIST lesson's page."""

import re

import pytest
from playwright.sync_api import Page


def images_learned(page: Page) -> int:
    """Return how many images, of all epochs so far, the first bar speaks of."""
    bar = page.locator(".st-key-bars").get_by_test_id("stProgress").first
    for _ in range(400):
        numbers = [int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*", bar.inner_text())]
        if len(numbers) == 4:  # epoch, epochs, images, of how many; of a test it says but two
            return (numbers[0] - 1) * numbers[3] + numbers[2]
        page.wait_for_timeout(50)
    pytest.fail(f"the bar speaks of no epoch: {bar.inner_text()}")


def wait_for_images(page: Page, least: int) -> int:
    """Wait until the bar has come at least so far; return how far."""
    for _ in range(800):
        images = images_learned(page)
        if images >= least:
            return images
        page.wait_for_timeout(50)
    pytest.fail(f"still at {images} images, not {least}")


def wait_until_it_learns(page: Page) -> None:
    """Wait until the bar has moved on."""
    wait_for_images(page, images_learned(page) + 1)
