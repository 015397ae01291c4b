"""What `make audit` asks about, and that no answer is lost; the asking itself needs the network."""

import re
from subprocess import CompletedProcess

import pytest

from scripts import audit


def test_all_that_the_site_carries_is_asked_about_by_its_release():
    carried = audit.in_the_browser()
    assert all(re.fullmatch(r"[\w.-]+==\d[\w.]*", line) for line in carried)
    names = {line.partition("==")[0] for line in carried}
    assert {"numpy", "pillow", "plotly", "starlette", "streamlit-drawable-canvas"} <= names


@pytest.mark.parametrize(("codes", "code"), [((0, 0), 0), ((1, 0), 1), ((0, 1), 1)])
def test_one_bad_answer_is_enough(monkeypatch, codes, code):
    asked = []

    def run(command) -> CompletedProcess:
        asked.append(command)
        return CompletedProcess(command, codes[len(asked) - 1])

    monkeypatch.setattr(audit, "own_python", lambda: "python")
    monkeypatch.setattr(audit.subprocess, "run", run)
    with pytest.raises(SystemExit) as end:
        audit.main()
    assert int(end.value.code) == code
    assert all("--strict" in command for command in asked)  # what cannot be asked about counts
    assert len(asked) == 2
