"""What the browser is told to refuse."""

from ui.policy import content_policy


def directives(policy: str) -> dict[str, list[str]]:
    """Return a policy's sources by directive; each directive stands there once."""
    parts = [part.split() for part in policy.split("; ")]
    found = {name: sources for name, *sources in parts}
    assert len(found) == len(parts)
    return found


def test_the_scripts_of_the_page_may_run_and_no_other_text():
    # The digest is openssl's: printf 'go()' | openssl dgst -sha256 -binary | base64
    allowed = directives(content_policy("<p>go()</p><script>go()</script><script src=a></script>"))
    digest = "'sha256-5KYv+PUboo5h+0+YAtGRPbwv5d/QxzHslP4YGnUaxRw='"
    assert allowed["script-src"] == ["'self'", "blob:", "'wasm-unsafe-eval'", digest]


def test_what_is_not_named_is_refused():
    allowed = directives(content_policy(""))
    assert allowed["default-src"] == ["'none'"]
    assert not {"frame-src", "object-src", "worker-src"} & allowed.keys()


def test_no_page_may_run_text_or_ask_another_host():
    allowed = directives(content_policy("", {"worker-src": "'self'", "connect-src": "blob:"}))
    assert "'unsafe-inline'" not in allowed["script-src"]
    assert "'unsafe-eval'" not in allowed["script-src"]
    assert allowed["connect-src"] == ["'self'", "blob:"]
    assert allowed["worker-src"] == ["'self'"]
    harmless = {"'self'", "'none'", "'unsafe-inline'", "'wasm-unsafe-eval'", "data:", "blob:"}
    assert {source for sources in allowed.values() for source in sources} <= harmless
