import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

PIXELS = np.arange(12, dtype=np.uint8).reshape(3, 4)


def drawn(**how):
    def script(pixels, how):
        from ui.described import show_picture

        show_picture(pixels, 'a "<b>"', **how)

    at = AppTest.from_function(script, kwargs={"pixels": PIXELS, "how": how}).run()
    assert not at.exception
    return at.get("html")[0].proto.body


@pytest.mark.parametrize(
    ("printed", "alt"), [(False, "a &quot;&lt;b&gt;&quot;"), (True, "")], ids=["spoken", "printed"]
)
def test_its_words_are_said_once(printed, alt):
    html = drawn(printed=printed)
    assert re.findall(r'alt="([^"]*)"', html) == [alt]
    assert html.count("a &quot;&lt;b&gt;&quot;") == 1
    assert ("figcaption" in html) is printed


def test_it_shows_its_pixels_as_wide_as_there_is_room():
    html = drawn(width=90)
    data = re.search(r"base64,([^\"]*)", html).group(1)
    assert (np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))) == PIXELS).all()
    assert "width:90px;max-width:100%" in html


def test_no_page_draws_a_picture_without_words():
    root = Path(__file__).resolve().parents[2]
    paths = [path for folder in ("pages", "ui") for path in (root / folder).rglob("*.py")]
    bare = re.compile(r"\bst\.image\(")
    assert paths
    assert [path.name for path in paths if bare.search(path.read_text("utf-8"))] == []
