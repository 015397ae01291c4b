"""Nothing foreign could run in a page, and whatever a page asks of others fails its test.

So all tests together show that every lesson, at work, talks to its own server only.
"""

import urllib.request

import pytest

from tests.browser.intruder import ELSEWHERE, REFUSED, break_in, note_refusals, refusals


def test_nothing_foreign_runs_or_leaves_and_it_would_not_go_unnoticed(new_page, visitors, settle):
    page = new_page(service_workers="block")  # a visitor of its own: what it notes stays with it
    note_refusals(page.context)
    page.goto("/cnn")
    page.get_by_role("heading", level=1).wait_for()
    settle(page)
    assert refusals(page) == set()
    assert visitors.complaints == []
    assert break_in(page) == []
    assert refusals(page) == REFUSED
    said = [sentence for sentence in visitors.complaints if ELSEWHERE in sentence]
    assert len(said) >= len(REFUSED) / 2
    visitors.complaints.clear()


@pytest.mark.parametrize("path", ["/", "/mnist", "/_stcore/health"])
def test_every_answer_carries_the_headers(server, path):
    with urllib.request.urlopen(server + path) as answer:
        said = answer.headers
    assert said["X-Content-Type-Options"] == "nosniff"
    assert said["Referrer-Policy"] == "same-origin"
    (policy,) = said.get_all("Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "'unsafe-eval'" not in policy
    assert "http" not in policy
    assert "frame-ancestors" not in policy  # a course's page may show a lesson
