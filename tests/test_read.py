"""Captchas read from the command line: a line each, bad files named, nothing lost."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.captcha import TRAINING_FONTS, draw_captcha, load_fonts
from core.captcha_style import difficulty

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Give a folder with three captchas, a blank picture, and two files that are no pictures."""
    path = tmp_path_factory.mktemp("captchas")
    names = TRAINING_FONTS[:2]
    fonts = load_fonts({name: (ROOT / "assets" / "fonts" / name).read_bytes() for name in names})
    for text in ("2718", "90210", "k9x4"):
        picture = draw_captcha(text, difficulty(0.0), fonts, 3)
        Image.fromarray(picture).save(path / f"{text}.png")
    Image.fromarray(np.full((40, 90, 3), 255, np.uint8)).save(path / "blank.png")
    (path / "broken.png").write_bytes(b"%PDF-1.7")
    (path / "notes.txt").write_text("not looked at")
    return path


def run(*arguments):
    command = [sys.executable, "scripts/read.py", "captcha", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)


@pytest.mark.slow
def test_a_folder_is_read_and_the_broken_file_is_named(folder):
    done = run(folder)
    assert done.returncode == 1
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    read = {Path(path).name: (text, float(sure)) for path, text, sure in lines}
    assert read.keys() == {"2718.png", "90210.png", "k9x4.png", "blank.png"}
    assert read["2718.png"][0] == "2718"
    assert read["90210.png"][0] == "90210"
    assert read["blank.png"][0] == ""
    [complaint] = done.stderr.splitlines()
    assert "broken.png" in complaint
    assert "PNG, JPEG" in complaint


@pytest.mark.slow
def test_letters_lengths_and_json(folder):
    done = run(folder / "k9x4.png", "--alphabet", "alnum", "--length", "4", "--json")
    assert done.returncode == 0
    facts = json.loads(done.stdout)
    assert facts["text"] == "k9x4"
    assert 0 < facts["confidence"] <= 1
    assert run(folder / "nowhere.png").returncode == 1
    assert run(folder, "--length", "9").returncode == 2
