"""How wide a page is, and how wide it may be."""

from playwright.sync_api import Page

OVER = """() => Math.max(
    ...[document.documentElement, document.querySelector("[data-testid=stMain]")]
        .map((node) => node.scrollWidth - node.clientWidth))"""


def hangs_over(page: Page) -> int:
    """Return by how many pixels a page is wider than its window."""
    return max(0, page.evaluate(OVER))
