"""A hand that has only a keyboard: it goes by the Tab key, and must see where it is."""

import pytest
from playwright.sync_api import Page

# The focus, also inside of components, and whether one can see that it is there.  "a >> b" is in
# both, whatever component's border lies between them.
FOCUS = """selector => {
    let node = document.activeElement;
    while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
    const lies = (one, inside) => one instanceof Element
        && (one.closest(inside) || lies(one.getRootNode().host, inside));
    const outlined = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0
        || style.boxShadow !== "none";
    const shown = [node, ...node.querySelectorAll("*"), node.parentElement]
        .filter(Boolean).some((one) => outlined(getComputedStyle(one)));
    return {
        there: selector.split(" >> ").every((inside) => lies(node, inside)),
        seen: node.matches(":focus-visible") && shown,
        what: node.outerHTML.slice(0, 120),
    };
}"""
MOST_TABS = 150


def is_at(page: Page, selector: str) -> bool:
    """Tell whether the focus is on such an element or in one."""
    return page.evaluate(FOCUS, selector)["there"]


def go_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Press the Tab key until the focus is there, and see it there."""
    for _ in range(MOST_TABS):
        focus = page.evaluate(FOCUS, selector)
        if focus["there"]:
            assert focus["seen"], f"the focus cannot be seen on {focus['what']}"
            return
        page.keyboard.press(key)
    pytest.fail(f"{key} does not lead to {selector}, it has come to {focus['what']}")


def wait_at(page: Page, selector: str) -> None:
    """Wait until the focus is there, by itself."""
    for _ in range(100):
        if is_at(page, selector):
            return
        page.wait_for_timeout(50)
    where = page.evaluate(FOCUS, selector)["what"]
    pytest.fail(f"the focus has not come to {selector}, it is at {where}")
