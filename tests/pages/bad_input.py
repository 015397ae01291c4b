"""What learners, links and files should never have said: one table for every entry the app has."""

import importlib
import io
import pickle
import struct
import zipfile
import zlib

import numpy as np
from hypothesis import strategies as st
from PIL import Image

LESSONS = ("quadrants", "mnist", "cnn", "real_cnn", "captcha", "draw")


def settings_class(lesson):
    """Return the class of a lesson's settings."""
    return importlib.import_module(f"pages._{lesson}.settings").Settings


def fields(lesson):
    """Return (name, rule) of everything that a lesson's link can set."""
    found = settings_class(lesson).__dataclass_fields__.values()
    return [(field.name, field.metadata["rule"]) for field in found]


# ------------------------------------------------------------------------------------------- links

# What no number, choice, or list of numbers can be.
NONSENSE = {
    "words": "seven",
    "nothing": " ",
    "not a number": "nan",
    "html": "<img src=x onerror=alert(1)>",
    "markdown": "**[x](http://x)** `$\\frac1 0$`",
    "unicode": "７｀\u202e\U0001f480\0",
    "path": "../../../../etc/passwd",
    "code": "__import__('os').system('true')",
    "long": "9" * 5000,
    "signs": "--1",
    "fraction": "1/2",
    "two": "1;2",
}
OUT_OF_RANGE = {"huge": "1e300", "infinite": "inf", "negative": "-1e300"}
# Texts whose form the lessons check themselves: points, tables, drawings, digits, changes.
TEXTS = {
    "words": "seven",
    "html": "<script>alert(1)</script>",
    "unicode": "\U0001f480\u202e\0",
    "numbers": "nan,inf,-1e999;1,2/3,4",
    "base64": "AAAA____",
    "separators": ",;/|:~\n\t",
    "path": "../../etc/passwd",
}


def wild_links():
    """Yield (lesson, what, params): links in which everything is wrong in one way."""
    for lesson in LESSONS:
        for what, value in {**NONSENSE, **OUT_OF_RANGE}.items():
            taken = {
                name: value
                for name, rule in fields(lesson)
                if rule.kind in ("number", "whole", "wholes", "choice")
                and not (what in OUT_OF_RANGE and rule.kind in ("choice", "wholes"))
                and not (what == "long" and rule.kind in ("number", "whole"))
                and not (what == "nothing" and rule.kind == "wholes")
            }
            yield lesson, what, taken
        for what, value in TEXTS.items():
            yield lesson, f"text: {what}", {n: value for n, rule in fields(lesson) if _free(rule)}
        yield lesson, "text: too long", {n: "7" * 20_000 for n, r in fields(lesson) if _free(r)}
        yield lesson, "unknown", {"nobody": "1", "<b>": "2", "constructor": "3"}
        yield lesson, "others", {"walk": "99", "present": "?", "solved": "nothing", "lang": "tlh"}


def _free(rule):
    return rule.kind == "text"


def links_of(lesson):
    """Return a strategy for links that nobody thought of: any text for any of the fields."""
    texts = st.text(max_size=40) | st.integers().map(str) | st.floats().map(str)
    known = st.sampled_from([name for name, _ in fields(lesson)])
    return st.dictionaries(known, texts, min_size=8, max_size=25)


# ------------------------------------------------------------------------------------------- files


def png(width, height, colour=255, mode="L"):
    file = io.BytesIO()
    Image.new(mode, (width, height), colour).save(file, "PNG")
    return file.getvalue()


def huge_png(width, height):
    """Return a small file whose header promises an enormous picture."""

    def chunk(kind, data):
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(10_000), 9)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", rows), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


class Evil:
    """What would run when it is unpickled."""

    def __reduce__(self):
        return (exec, ("import builtins; builtins.GLASSNET_WAS_FOOLED = True",))


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def zip_bomb():
    """Return a zip whose one array is 1 GB of zeros by its header."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        head = b"{'descr': '<f8', 'fortran_order': False, 'shape': (134217728,), }"
        head = head.ljust(117) + b"\n"
        array = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + bytes(50_000)
        archive.writestr("1.weight.npy", array)
    return file.getvalue()


ANY_FILE = {
    "empty": b"",
    "text": b"I am a text.\n",
    "html": b"<script>alert(1)</script>",
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n",
    "noise": bytes(range(256)) * 20,
    "zeros": bytes(4096),
    "pickle": pickle.dumps(Evil()),
    "program": b"\x7fELF" + bytes(200),
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
    "zip": zip_bomb(),
}
# Files that look like pictures.  What is no digit need not be no captcha, and the other way round.
PICTURES = {
    "cut": png(90, 60, 120)[:60],
    "spoilt": png(90, 60, 120)[:40] + b"\0" * 30 + png(90, 60, 120)[70:],
    "bomb": huge_png(60_000, 60_000),
    "ten thousand": huge_png(10_000, 10_000),
    "promised": huge_png(5000, 5000),
}
LARGE = {"zip", "bomb", "ten thousand", "promised"}  # would be large if they were believed
NO_DIGITS = {"white": png(200, 200), "black": png(200, 200, 0), "one pixel": png(1, 1)}
TABLES = {
    "letters": b"a,b,c\nd,e,f\n",
    "short": b"7,0,0,0\n",
    "label": b",".join([b"11", *[b"0"] * 784]),
    "pixel": b",".join([b"7", *[b"256"] * 784]),
    "gzip": b"\x1f\x8b\x08\0\0\0",
    "images alone": b"\0\0\x08\x03" + struct.pack(">III", 1, 28, 28) + bytes(784),
    "promised": b"\0\0\x08\x03" + struct.pack(">III", 2**31, 28, 28),
}
WEIGHTS = {
    "another": npz(a=np.zeros(3)),
    "objects": npz(**{"1.weight": np.array([Evil()], dtype=object)}),
    "not numbers": npz(**{"1.weight": np.full((3, 3), np.nan)}),
}
