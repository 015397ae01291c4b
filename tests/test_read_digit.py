"""Digits read from the command line: whatever the picture is like, a line each, none lost."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.digits import load_mnist
from scripts.placed_digits import KINDS, place
from scripts.read import main
from tests.core.drawn_digits import STROKES, on_paper, pen

ROOT = Path(__file__).resolve().parent.parent
TEST = load_mnist(ROOT / "assets" / "mnist")[1]


@pytest.fixture
def read(capsys):
    """Give what reads pictures: the status, a dictionary of lines by file name, complaints."""

    def run(*paths):
        capsys.readouterr()
        status = main(["digit", *map(str, paths)])
        told, complaints = capsys.readouterr()
        lines = [line.split("\t") for line in told.splitlines()]
        found = {Path(path).name: (digit, sure) for path, digit, sure in lines}
        assert len(found) == len(lines)
        return status, found, complaints.splitlines()

    return run


def scribble():
    """Return a canvas that somebody has covered from side to side."""
    canvas = Image.new("RGBA", (280, 280))
    ends = np.random.default_rng(0).integers(0, 280, (80, 2))
    ImageDraw.Draw(canvas).line([tuple(end) for end in ends.tolist()], "black", 14)
    return canvas


def dot():
    canvas = Image.new("RGBA", (280, 280))
    ImageDraw.Draw(canvas).ellipse((130, 120, 146, 136), "black")
    return canvas


def test_canvases_of_every_kind_are_read(tmp_path, read):
    expected = {}
    for number, kind in enumerate(KINDS):
        for index in range(4 * number, 4 * number + 4):
            placed = place(TEST.images[index], np.random.default_rng(index), kind)
            Image.fromarray(placed.canvas).save(tmp_path / f"{index}.png")
            expected[f"{index}.png"] = str(TEST.labels[index])
    status, found, complaints = read(tmp_path)
    assert (status, complaints) == (0, [])
    assert list(found) == sorted(expected)
    wrong = [name for name, (digit, _) in found.items() if digit != expected[name]]
    assert len(wrong) <= 1
    for _, sure in found.values():
        assert 0.2 < float(sure) <= 1
        assert len(sure) == len("0.1234")


def test_what_is_no_digit_is_not_given_one(tmp_path, read):
    Image.new("RGB", (90, 60), "white").save(tmp_path / "white.png")
    Image.new("RGBA", (280, 280)).save(tmp_path / "clear.png")
    Image.fromarray(on_paper(pen(5), 200, 195)).save(tmp_path / "faint.png")
    dot().save(tmp_path / "dot.png")
    scribble().save(tmp_path / "scribble.png")
    status, found, complaints = read(tmp_path)
    assert (status, complaints) == (0, [])
    assert found == {
        **dict.fromkeys(("white.png", "clear.png", "faint.png"), ("blank", "0.0000")),
        **dict.fromkeys(("dot.png", "scribble.png"), ("unclear", "0.0000")),
    }


def test_files_that_are_no_pictures_are_named_and_the_others_read(tmp_path, read):
    Image.fromarray(on_paper(pen(4))).save(tmp_path / "whole.png")
    whole = (tmp_path / "whole.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.png").write_text("a letter")
    (tmp_path / "empty.png").write_bytes(b"")
    Image.new("L", (3, 90)).save(tmp_path / "narrow.png")
    (tmp_path / "notes.txt").write_text("not looked at")
    (tmp_path / "folder.png").mkdir()
    status, found, complaints = read(tmp_path, tmp_path / "nowhere.png")
    assert status == 1
    assert [digit for digit, _ in found.values()] == ["4"]
    named = [complaint.split(": ")[0] for complaint in complaints]
    expected = ("cut.png", "empty.png", "narrow.png", "text.png", "nowhere.png")
    assert named == [str(tmp_path / name) for name in expected]
    assert "3 × 90" in complaints[2]


def test_formats_of_cameras_scanners_and_the_web(tmp_path, read):
    seven, two = (Image.fromarray(on_paper(pen(digit))) for digit in (7, 2))
    seven.convert("CMYK").save(tmp_path / "print.jpg")
    two.save(tmp_path / "two.webp")
    seven.convert("1").save(tmp_path / "fax.bmp")
    Image.fromarray(on_paper(pen(4)).astype(np.uint16) * 257).save(tmp_path / "sixteen.png")
    seven.save(tmp_path / "moving.gif", save_all=True, append_images=[two], duration=100)
    status, found, complaints = read(tmp_path)
    assert (status, complaints) == (0, [])
    digits = {name: digit for name, (digit, _) in found.items()}
    expected = {"print.jpg": "7", "two.webp": "2", "fax.bmp": "7", "sixteen.png": "4"}
    assert digits == {**expected, "moving.gif": "7"}


@pytest.mark.slow
def test_a_photo_of_fifty_megapixels(tmp_path, read):
    large = Image.fromarray(on_paper(pen(5), 190, 60)).resize((8000, 6250))
    large.save(tmp_path / "large.jpg")
    _, found, complaints = read(tmp_path / "large.jpg")
    assert complaints == []
    assert found["large.jpg"][0] == "5"


@pytest.mark.parametrize("digit", STROKES)
def test_json_says_the_same(digit, tmp_path, capsys):
    file = tmp_path / f"{digit} 号.png"
    Image.fromarray(255 - on_paper(pen(digit))).save(file)
    assert main(["digit", str(file)]) == 0
    path, said, sure = capsys.readouterr().out.rstrip("\n").split("\t")
    assert main(["digit", "--json", str(file)]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts == {"path": path, "digit": said, "probability": float(sure)}
    assert (path, said) == (str(file), str(digit))


@pytest.mark.slow
def test_it_runs_from_anywhere_and_says_nothing_else(tmp_path):
    name = b"\xca\xfd.png".decode("utf-8", "surrogateescape")  # as other computers write names
    Image.fromarray(on_paper(pen(2))).save(tmp_path / "2.png")
    try:
        (tmp_path / "2.png").rename(tmp_path / name)
    except OSError:  # this computer's disk takes only Unicode
        name = "2.png"
    command = [sys.executable, str(ROOT / "scripts" / "read.py"), "digit", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=600)
    assert (done.returncode, done.stderr) == (0, b"")
    path, digit, _ = done.stdout.split(b"\t")
    assert (path, digit) == (name.encode("utf-8", "surrogateescape"), b"2")
