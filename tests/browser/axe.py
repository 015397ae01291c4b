"""axe-core on a page: what a screen reader, a keyboard or weak eyes would stumble over."""

from collections.abc import Sequence

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Where nobody is kept from anything, as by a missing landmark, it is not grave; nor is that what
# sticks to the lower edge, a walk's card or a sum, lies over half of something: one can scroll.
# And what Streamlit lets scroll sideways, code and tables, browsers let Tab reach by themselves.
RUN = """async ({rules, part}) => {
    const options = {
        resultTypes: ["violations"], preload: false, iframes: false,
        rules: {"target-size": {enabled: true}},
        ...(rules.length ? {runOnly: {type: "rule", values: rules}} : {}),
    };
    const told = [];
    for (const {id, impact, nodes} of (await axe.run(part || document, options)).violations) {
        if (!["serious", "critical"].includes(impact)) continue;
        for (const {html, target, any, all, none} of nodes) {
            const why = [...any, ...all, ...none].map(({message}) => message).join("; ");
            if (why.includes("partially obscured")) continue;
            if (id === "scrollable-region-focusable"
                && document.querySelector(target.at(-1))?.closest(".stCode, .stMarkdown")) continue;
            told.push(`${id} (${impact}): ${target.flat().join(" ")}\\n  ${html}\\n  ${why}`);
        }
    }
    return told;
}"""


def findings(page: Page, *, rules: Sequence[str] = (), part: str = "") -> list[str]:
    """Return what is grave, in our parts and in Streamlit's.

    Parameters
    ----------
    rules : sequence of str
        Only these; all, and the size of what is to be pressed, if none is named.
    part : str
        A CSS selector of what is looked at: all, if it is empty.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    return page.evaluate(RUN, {"rules": list(rules), "part": part})


# In the order of the page, also those inside of components.
HEADINGS = """() => {
    const found = [];
    const walk = (root) => {
        for (const node of root.querySelectorAll("*")) {
            if (/^H[1-6]$/.test(node.tagName) && node.checkVisibility())
                found.push([Number(node.tagName[1]), node.textContent]);
            if (node.shadowRoot) walk(node.shadowRoot);
        }
    };
    walk(document);
    return found;
}"""


def skipped_headings(page: Page) -> list[str]:
    """Return the headings that lie more than one level below the one before."""
    headings = page.evaluate(HEADINGS)
    levels = [0, *(level for level, _ in headings)]
    return [
        f"heading {level} follows {before}: {text}"
        for before, (level, text) in zip(levels, headings, strict=False)
        if level > before + 1
    ]
