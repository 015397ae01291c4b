"""Pictures that learners bring: photos, scans, drawings of any program.  None is trusted."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from core.digit_picture import DigitPictureError
from ui.i18n import strings, t
from ui.state import plain

#: The largest file, in MB: photos of telephones have 2 to 12.
MOST_PICTURE_MEGABYTES = 20
#: The most pixels, in millions, that are unpacked at a time, 128 MB: thirty share a server.  A JPEG
#: can be unpacked at a fraction of its size, so it may have more.
MOST_MEGAPIXELS, MOST_JPEG_MEGAPIXELS = 32, 80
LONGEST_SIDE = 1024  # pixels: a photo is reduced to that, far more than a digit needs
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")


class PictureError(ValueError):
    """A file that is no picture, or none that can be read.

    Attributes
    ----------
    code : str
        What is wrong: "empty", "bytes", "kind", "pixels" or "damaged".
    file : str
        Its name.
    got : str
        How many megabytes there were, for "bytes".
    expected : str
        How many there may be, or how many millions of "pixels".
    """

    def __init__(self, code: str, file: str = "", got: str = "", expected: str = "") -> None:
        super().__init__(code, file, got, expected)
        self.code, self.file, self.got, self.expected = code, file, got, expected

    def __str__(self) -> str:
        return strings("en")[f"picture.{self.code}"].format_map(vars(self))


def read_picture(name: str, content: bytes, longest: int = LONGEST_SIDE) -> np.ndarray:
    """Read a picture: PNG, JPEG, WebP, BMP, or the first of a GIF's.

    What it is shows in its content, not in its name.  It is turned as the camera says (EXIF), and
    reduced to at most 1024 pixels a side, or as many as ``longest`` says.

    Parameters
    ----------
    name : str
        Only to say which file is wrong.
    content : bytes

    Returns
    -------
    ndarray of uint8, (H, W, 3), or (H, W, 4) where something is transparent

    Raises
    ------
    PictureError
        If it is no picture, damaged or too large.
    """
    if not content:
        raise PictureError("empty", name)
    megabytes = len(content) / 1e6
    if megabytes > MOST_PICTURE_MEGABYTES:
        raise PictureError("bytes", name, f"{megabytes:.1f}", str(MOST_PICTURE_MEGABYTES))
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            _check_size(image, name, longest)
            return _pixels(image, longest)
    except PictureError:
        raise
    except UnidentifiedImageError as error:
        raise PictureError("kind", name) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError("pixels", name, expected=str(MOST_MEGAPIXELS)) from error
    except Exception as error:  # a file made in bad faith finds half a dozen kinds of error
        raise PictureError("damaged", name) from error


def _check_size(image: Image.Image, name: str, longest: int) -> None:
    """Raise if the header promises too much; let a large JPEG be read at a fraction of its size."""
    if image.width * image.height > MOST_JPEG_MEGAPIXELS * 1e6:
        raise PictureError("pixels", name, expected=str(MOST_JPEG_MEGAPIXELS))
    image.draft(None, (longest, longest))
    if image.width * image.height > MOST_MEGAPIXELS * 1e6:
        raise PictureError("pixels", name, expected=str(MOST_MEGAPIXELS))


def _pixels(image: Image.Image, longest: int) -> np.ndarray:
    """Unpack a picture: upright, in colours of 8 bits, and not too large."""
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode.startswith("I"):  # 16 bits of grey: Pillow would cut them off at 255
        image = Image.fromarray((np.asarray(image) >> 8).clip(0, 255).astype(np.uint8))
    image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail((longest, longest))
    pixels = np.array(image)
    return pixels if (pixels[..., 3:] < 255).any() else pixels[..., :3]


def picture_sentence(error: PictureError | DigitPictureError) -> str:
    """Say in the learner's language why a picture cannot be read, or no digit be found on it."""
    sentence = t(f"picture.{error.code}", got=plain(error.got), expected=plain(error.expected))
    file = getattr(error, "file", "")
    return t("picture.in_file", file=plain(file), sentence=sentence) if file else sentence


def on_white(picture: np.ndarray) -> np.ndarray:
    """Return a picture without transparency, (H, W, 3): what can be seen through shows white."""
    if picture.shape[2] == 3:
        return picture
    share = picture[..., 3:] / 255.0
    return np.rint(picture[..., :3] * share + 255.0 * (1.0 - share)).astype(np.uint8)


def write_png(picture: np.ndarray, palette: np.ndarray | None = None) -> bytes:
    """Return a picture of bytes, (H, W) or (H, W, 3 or 4), as a PNG file.

    With a ``palette``, bytes (256, 3), a picture (H, W) says which of its colours stands where.
    """
    image = Image.fromarray(picture)
    if palette is not None:
        image.putpalette(palette.tobytes())
    file = io.BytesIO()
    # Some hundred bytes more than with more effort, but in half the time: thirty share a server.
    image.save(file, "PNG", compress_level=1)
    return file.getvalue()
