"""The command behind the story's figures: one seed, few captchas, sane tables."""

import pytest

from scripts import captcha_story_scores as scores


@pytest.mark.slow
def test_the_tables_tell_the_story(capsys):
    assert scores.main(["--seeds", "1", "--captchas", "60"]) == 0
    repairs, answers = capsys.readouterr().out.split("\n\n")
    rows = [line.strip("| ").split(" | ") for line in repairs.splitlines()[2:]]
    assert [row[0] for row in rows] == list(scores.REPAIRS)
    whole, handwritten = (
        {name: float(cells[place].split()[0]) for name, *cells in rows} for place in (0, 1)
    )
    assert whole["none"] < 60 < 90 < whole["the same, trimmed"]
    assert handwritten["the notes': one captcha of 3s"] < handwritten["none"]
    assert len(answers.splitlines()) == 2 + 8


@pytest.mark.parametrize("words", [["--seeds", "0"], ["--captchas", "0"]])
def test_numbers_that_make_no_sense_are_refused(words):
    with pytest.raises(SystemExit):
        scores.main(words)
