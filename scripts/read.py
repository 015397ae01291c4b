"""Read digits and captchas from the command line, with the weights that come with the app.

`python scripts/read.py digit PICTURE_OR_FOLDER... [--json]` reads pictures of one digit, photos,
scans or drawings, dark on light or light on dark.  It prints a line for each: its path, the digit
and how probable the network finds it, parted by tabs.  Where nothing is drawn, it says `blank`
instead of a digit, of a dot or a scribble `unclear`, and the probability is 0.

`python scripts/read.py captcha PICTURE_OR_FOLDER... [--length N] [--alphabet digits|alnum]
[--json]` prints a line for each picture: its path, what it says (nothing if no characters were
found) and how sure the network is, parted by tabs.

Files that are no pictures are named on the error stream; the others are read all the same, and the
exit status is 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # so that it runs from anywhere, without being installed

from core.captcha_error import MAX_CAPTCHA  # noqa: E402
from core.checkpoint import load  # noqa: E402
from core.digit_picture import DigitPictureError, prepare_digit  # noqa: E402
from core.digit_shape import not_a_digit  # noqa: E402
from core.line_reader import ALPHABETS, make_reader  # noqa: E402
from core.training import predict  # noqa: E402
from scripts.digit_scores import load_network  # noqa: E402
from ui.pictures import PictureError, on_white, read_picture  # noqa: E402

ENDINGS = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"}  # of what is looked for in folders


Read = Callable[[np.ndarray], tuple[str, float]]  # from a picture to what it says, and how sure


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python scripts/read.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    digit = kinds.add_parser("digit", help="pictures of one digit")
    captcha = kinds.add_parser("captcha", help="pictures of 1 to 8 characters")
    for kind in (digit, captcha):
        kind.add_argument("paths", nargs="+", type=Path, metavar="PICTURE_OR_FOLDER")
        kind.add_argument("--json", action="store_true", help="one JSON object a line")
    captcha.add_argument("--length", type=int, metavar="N", help="how many characters there are")
    captcha.add_argument("--alphabet", choices=sorted(ALPHABETS), default="digits")
    arguments = parser.parse_args(words)
    sys.stdout.reconfigure(errors="surrogateescape")  # a file's name need not be Unicode
    if arguments.kind == "digit":
        names, read = ("digit", "probability"), digit_reader()
    else:
        if arguments.length is not None and not 1 <= arguments.length <= MAX_CAPTCHA:
            parser.error(f"--length is a whole number from 1 to {MAX_CAPTCHA}")
        names = "text", "confidence"
        read = captcha_reader(arguments.alphabet, arguments.length)
    return read_all(arguments.paths, read, names if arguments.json else None)


def digit_reader() -> Read:
    """Return what reads a picture of one digit, as the app's pages do."""
    learner = load_network("cnn-best")

    def read(picture: np.ndarray) -> tuple[str, float]:
        try:
            prepared = prepare_digit(picture)
        except DigitPictureError as error:
            if error.code in ("blank", "faint"):
                return "blank", 0.0
            raise
        if not_a_digit(prepared):
            return "unclear", 0.0
        outputs = predict(learner.model, prepared.image[None], prepare=learner.prepare)
        [probabilities] = learner.confidences(outputs)
        return str(probabilities.argmax()), float(probabilities.max())

    return read


def captcha_reader(alphabet: str, length: int | None) -> Read:
    """Return what reads a picture of so many characters, or of any number."""
    reader = make_reader(load(ROOT / "assets" / "weights" / "reader.npz")[0])

    def read(picture: np.ndarray) -> tuple[str, float]:
        found = reader.read(on_white(picture), alphabet, length)
        return found.text, found.confidence

    return read


def read_all(paths: list[Path], read: Read, names: tuple[str, str] | None) -> int:
    """Print what all pictures say, as JSON under two names or parted by tabs; return the status."""
    failed = False
    for path in pictures_in(paths):
        try:
            said, sure = read(read_picture(path.name, path.read_bytes()))
        except (OSError, PictureError, DigitPictureError) as error:
            failed = True
            print(f"{path}: {reason(error)}", file=sys.stderr, flush=True)
            continue
        print(line(path, said, sure, names), flush=True)
    return 1 if failed else 0


def pictures_in(paths: list[Path]) -> Iterator[Path]:
    """Yield the files that are named, and the pictures of the folders that are, in order."""
    for path in paths:
        if path.is_dir():
            found = (file for file in path.iterdir() if file.suffix.lower() in ENDINGS)
            yield from sorted(file for file in found if file.is_file())
        else:
            yield path


def reason(error: Exception) -> str:
    """Return why a file was not read, without its name."""
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def line(path: Path, said: str, sure: float, names: tuple[str, str] | None) -> str:
    """Return what is printed for one picture."""
    sure = round(float(np.nan_to_num(sure)), 4)
    if names:
        return json.dumps({"path": str(path), names[0]: said, names[1]: sure}, ensure_ascii=False)
    return f"{path}\t{said}\t{sure:.4f}"


if __name__ == "__main__":
    sys.exit(main())
