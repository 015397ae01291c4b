"""What a page of Glassnet may load, run and talk to: its own site, and nothing else.

The browser enforces it (a Content Security Policy).  Whatever came in from outside, by a link, a
file or a fault of ours or of a library, could neither run nor send anything away.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping

_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)

# What is not named here falls under default-src, hence is refused.
_SOURCES = {
    "default-src": "'none'",
    # blob: is how Streamlit runs the script of a component, which comes as text with the page; and
    # it brings WebAssembly of its own.
    "script-src": "'self' blob: 'wasm-unsafe-eval'",
    # Styles stand in elements throughout, Streamlit's as well as ours.
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
}


def content_policy(page: str, more: Mapping[str, str] | None = None) -> str:
    """Return the policy for a page.

    Parameters
    ----------
    page : str
        Its HTML; the scripts that stand in it may run, as they are.
    more : mapping of str to str, optional
        Further sources, by directive.
    """
    sources = dict(_SOURCES)
    for directive, further in {"script-src": _digests(page), **(more or {})}.items():
        sources[directive] = f"{sources.get(directive, '')} {further}".strip()
    return "; ".join(f"{directive} {allowed}" for directive, allowed in sources.items())


def _digests(page: str) -> str:
    """Return how a policy names the scripts that stand in a page."""
    digests = (hashlib.sha256(script.encode()).digest() for script in _INLINE.findall(page))
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
