"""Pictures in every form a learner may bring: read as they look, or refused with a sentence."""

import io
import zlib
from unittest.mock import patch

import numpy as np
import pytest
import streamlit as st
from PIL import Image

from core.digit_picture import PICTURE_SENTENCES, DigitPictureError, prepare_digit
from ui.i18n import LANGUAGES, strings
from ui.pictures import LONGEST_SIDE, PictureError, on_white, picture_sentence, read_picture

ORIENTATION = 0x0112  # EXIF's tag


def drawn(height=60, width=90):
    """Return a dark L on light paper, in colour: it looks different however it is turned."""
    picture = np.full((height, width, 3), (230, 225, 210), np.uint8)
    picture[height // 6 : -height // 6, width // 6 : width // 4] = (20, 30, 90)
    picture[-height // 3 : -height // 6, width // 6 : -width // 6] = (20, 30, 90)
    return picture


def saved(image, form, **options):
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def code_of(content):
    with pytest.raises(PictureError) as caught:
        read_picture("a.png", content)
    assert caught.value.file == "a.png"
    assert str(caught.value)
    return caught.value.code


PICTURE = Image.fromarray(drawn())
FORMS = {
    "png": saved(PICTURE, "PNG"),
    "jpeg": saved(PICTURE, "JPEG", quality=95),
    "webp": saved(PICTURE, "WEBP", lossless=True),
    "bmp": saved(PICTURE, "BMP"),
    "gif": saved(PICTURE, "GIF"),
    "palette": saved(PICTURE.quantize(16), "PNG"),
    "grey": saved(PICTURE.convert("L"), "PNG"),
    "one bit": saved(PICTURE.convert("1", dither=Image.Dither.NONE), "PNG"),
    "cmyk": saved(PICTURE.convert("CMYK"), "JPEG", quality=95),
    "16 bits": saved(Image.fromarray(drawn()[..., 0].astype(np.uint16) * 257), "PNG"),
    "animated gif": saved(
        PICTURE, "GIF", save_all=True, append_images=[Image.new("RGB", PICTURE.size)]
    ),
    "animated webp": saved(
        PICTURE, "WEBP", lossless=True, save_all=True, append_images=[PICTURE.rotate(180)]
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_shows_the_same_drawing(form):
    read = read_picture("x", FORMS[form])
    assert (read.dtype, read.shape) == (np.uint8, (60, 90, 3))
    assert read.flags.writeable
    ink, paper = read[42:48, 20:70].astype(float), read[:6].astype(float)
    if form in ("grey", "one bit", "16 bits"):
        assert np.ptp(read.astype(int), axis=2).max() == 0
    else:
        assert np.abs(ink - (20, 30, 90)).max() < 20
    assert ink.mean() < 90 < 200 < paper.mean()
    assert np.array_equal(prepare_digit(read).box, prepare_digit(drawn()).box)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_as_the_camera_says(orientation):
    turns = {2: 0, 3: 1, 4: 2, 5: 3, 6: 4, 7: 5, 8: 6}
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    # What the camera stores is what must be turned back: found by trying all seven movements.
    methods = [
        *(Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_180),
        *(Image.Transpose.FLIP_TOP_BOTTOM, Image.Transpose.TRANSPOSE),
        *(Image.Transpose.ROTATE_90, Image.Transpose.TRANSVERSE, Image.Transpose.ROTATE_270),
    ]
    stored = PICTURE
    if orientation > 1:
        stored = PICTURE.transpose(methods[turns[orientation]])
    assert np.array_equal(read_picture("x", saved(stored, "PNG", exif=exif)), drawn())


def test_what_is_transparent_stays_so():
    clear = np.dstack([drawn(), np.full((60, 90), 255, np.uint8)])
    clear[:, 45:, 3] = 0
    for content in (
        saved(Image.fromarray(clear), "PNG"),
        saved(Image.fromarray(clear), "WEBP", lossless=True),
        saved(Image.fromarray(clear).quantize(16), "PNG"),
    ):
        read = read_picture("x", content)
        assert read.shape == (60, 90, 4)
        assert np.array_equal(read[..., 3], clear[..., 3])
    paper = saved(PICTURE.quantize(4), "PNG", transparency=PICTURE.quantize(4).getpixel((0, 0)))
    assert read_picture("x", paper)[0, 0, 3] == 0
    assert read_picture("x", paper)[45, 20, 3] == 255


@pytest.mark.slow
@pytest.mark.parametrize("size", [(3000, 2000), (500, 4000), (1024, 10), (7000, 5000)])
def test_large_photos_are_reduced_and_nothing_is_lost(size):
    read = read_picture("x", saved(PICTURE.resize(size), "JPEG", quality=90))
    scale = min(1.0, LONGEST_SIDE / max(size))
    assert read.shape[:2] == pytest.approx((size[1] * scale, size[0] * scale), abs=1)
    small = np.asarray(PICTURE.resize(read.shape[1::-1]))
    assert np.abs(read.astype(int) - small).mean() < 4


# --------------------------------------------------------------------------- what cannot be read


def test_what_is_no_picture_is_said():
    assert code_of(b"") == "empty"
    assert code_of(b"\x89PNG and then only words") == "kind"
    assert code_of(b"<svg xmlns='http://www.w3.org/2000/svg'/>") == "kind"
    assert code_of(saved(PICTURE, "TIFF")) == "kind"
    assert code_of(bytes(20_000_001)) == "bytes"


@pytest.mark.parametrize("form", ["png", "jpeg", "webp", "bmp", "gif"])
def test_a_picture_that_is_cut_off_or_damaged_is_read_or_refused_but_never_more(form):
    content = FORMS[form]
    assert code_of(content[: len(content) * 2 // 3]) in ("damaged", "kind")
    rng = np.random.default_rng(5)
    for _ in range(150):
        broken = bytearray(content)
        for place in rng.integers(0, len(broken), 4):
            broken[place] = rng.integers(256)
        try:
            assert read_picture("x", bytes(broken)).dtype == np.uint8
        except PictureError as error:
            assert error.code in ("damaged", "kind", "pixels")


def png_of(width, height):
    """Return a PNG that announces so many pixels and holds none."""

    def chunk(kind, data):
        check = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + check

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 0, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "size", [(20_000, 20_000), (10_000, 9_000), (8_000, 8_000), (6_000, 6_000)]
)
def test_a_picture_that_would_take_too_much_memory_is_refused_before_it_is_unpacked(size):
    with patch("PIL.ImageFile.ImageFile.load") as load:
        assert code_of(png_of(*size)) == "pixels"
    load.assert_not_called()


def test_what_promises_few_pixels_and_has_none_is_damaged():
    assert code_of(png_of(600, 600)) == "damaged"


# ------------------------------------------------------------------------------------- the words

OWN_CODES = ("empty", "bytes", "kind", "pixels", "damaged")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", [*OWN_CODES, *PICTURE_SENTENCES])
def test_every_error_has_its_words(code, language):
    kind = PictureError if code in OWN_CODES else DigitPictureError
    with patch.dict(st.session_state, {"lang": language}):
        sentence = picture_sentence(kind(code, got="a*b", expected="17"))
    template = strings(language)[f"picture.{code}"]
    for name, value in {"got": r"a\*b", "expected": "17"}.items():
        assert (f"{{{name}}}" in template) == (value in sentence)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_words_without_an_error(language):
    words = {key for key in strings(language) if key.startswith("picture.")}
    codes = {f"picture.{code}" for code in (*OWN_CODES, *PICTURE_SENTENCES)}
    assert words == codes | {"picture.in_file"}


def test_a_file_is_named_and_its_name_is_no_markdown():
    with patch.dict(st.session_state, {"lang": "en"}):
        sentence = picture_sentence(PictureError("empty", "my_[photo](http).png"))
    assert sentence == r"“my_\[photo\]\(http\).png”: The file is empty."


def test_what_can_be_seen_through_shows_white():
    picture = np.array([[[10, 20, 30, 255], [10, 20, 30, 0], [0, 0, 0, 51]]], np.uint8)
    assert on_white(picture).tolist() == [[[10, 20, 30], [255, 255, 255], [204, 204, 204]]]
    assert (on_white(picture[..., :3]) == picture[..., :3]).all()
