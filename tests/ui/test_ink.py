import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from ui.ink import ink_numbers, ink_picture

IMAGE = np.array([[0, 255, 3], [140, 60, 0]], np.uint8)


def drawn(**more):
    words = {"label": "a <digit>", "says": "r{row} c{column}: {value}", **more}
    return ink_numbers(IMAGE, dark=False, **words)


def shown(image) -> None:
    from ui.ink import show_ink

    show_ink(image, "a digit", dark=True, size=20)


@pytest.mark.parametrize("dark", [False, True])
def test_a_picture_goes_from_the_pages_ground_to_its_text_in_whole_pixels(dark):
    picture = ink_picture(IMAGE[:, :2], dark=dark, size=21)
    assert (picture.shape, picture.dtype) == ((20, 20, 3), np.uint8)
    paper, ink, middle = picture[0, 0], picture[0, 19], picture[19, 0]
    assert bool(paper.mean() < 60) is dark
    assert bool(ink.mean() < 60) is not dark
    assert min(paper[0], ink[0]) < middle[0] < max(paper[0], ink[0])
    assert (picture[:10, :10] == paper).all()


def test_numbers_beyond_paper_and_ink_are_shown_as_those():
    beyond = ink_picture(np.array([[-40.0, 300.0, 99.6]]), dark=False, size=1)
    assert (beyond == ink_picture(np.array([[0, 255, 100]]), dark=False, size=1)).all()


def test_what_is_shown_has_the_colours_of_what_is_painted_on():
    html = AppTest.from_function(shown, kwargs={"image": IMAGE}).run().get("html")[0].proto.body
    data = re.search(r"base64,([^\"]*)", html).group(1)
    with Image.open(io.BytesIO(base64.b64decode(data))) as file:
        pixels = np.asarray(file.convert("RGB"))
    assert (pixels == ink_picture(IMAGE, dark=True, size=20)).all()


def test_a_picture_is_never_smaller_than_its_image():
    assert ink_picture(np.zeros((28, 28)), dark=False, size=5).shape == (28, 28, 3)


def test_every_number_stands_in_its_cell_and_says_where_it_is():
    html = drawn()
    cells = re.findall(r'<td[^>]*data-at="([^"]*)">(\d+)</td>', html)
    assert [int(value) for _, value in cells] == IMAGE.ravel().tolist()
    assert cells[4][0] == "r1 c1: 60"
    assert 'aria-label="a &lt;digit&gt;"' in html


def test_ink_is_written_on_in_the_colour_of_paper():
    classes = [found.split()[0] for found in re.findall(r'<td[^>]*class="([^"]*)"', drawn())]
    assert classes == ["zero", "full", "some", "some", "some", "zero"]
    assert "--p:100%" in drawn()


def test_one_cell_can_be_marked_and_no_other_is():
    assert " chosen" not in drawn()
    assert re.findall(r'chosen"[^>]*data-at="([^"]*)"', drawn(chosen=(1, 0))) == ["r1 c0: 140"]
