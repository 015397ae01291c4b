"""A phone that looks at all views of a lesson, one after the other."""

from collections.abc import Sequence

from playwright.sync_api import Page, expect

from tests.browser.conftest import settle
from ui.i18n import strings


def too_wide(page: Page, lesson: str, views: Sequence[str]) -> dict[str, int]:
    """Open each view of a lesson that is shown in Chinese; return by how much which hang over."""
    wide = {}
    for view in views:
        label = strings("zh")[f"{lesson}_view.{view}"]
        choice = page.locator(f".st-key-{lesson}-view")
        chosen = choice.get_by_role("radio", name=label, exact=True)
        chosen.tap()
        expect(chosen).to_be_checked()
        settle(page)
        wide[view] = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return {view: found for view, found in wide.items() if found > 0}
