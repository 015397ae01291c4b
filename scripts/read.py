"""Read captchas from the command line, with the weights that come with the app.

`python scripts/read.py captcha PICTURE_OR_FOLDER... [--length N] [--alphabet digits|alnum]
[--json]` prints a line for each picture: its path, what it says (nothing if no characters were
found) and how sure the network is, parted by tabs.  Files that are no pictures are named on the
error stream; the others are read all the same, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # so that it runs from anywhere, without being installed

from core.captcha_error import MAX_CAPTCHA  # noqa: E402
from core.checkpoint import load  # noqa: E402
from core.line_reader import ALPHABETS, make_reader  # noqa: E402
from ui.pictures import PictureError, on_white, read_picture  # noqa: E402

ENDINGS = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp"}  # of what is looked for in folders


def main() -> int:
    parser = argparse.ArgumentParser(prog="python scripts/read.py", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    captcha = kinds.add_parser("captcha", help="pictures of 1 to 8 characters")
    captcha.add_argument("paths", nargs="+", type=Path, metavar="PICTURE_OR_FOLDER")
    captcha.add_argument("--length", type=int, metavar="N", help="how many characters there are")
    captcha.add_argument("--alphabet", choices=sorted(ALPHABETS), default="digits")
    captcha.add_argument("--json", action="store_true", help="one JSON object a line")
    arguments = parser.parse_args()
    if arguments.length is not None and not 1 <= arguments.length <= MAX_CAPTCHA:
        parser.error(f"--length is a whole number from 1 to {MAX_CAPTCHA}")
    reader = make_reader(load(ROOT / "assets" / "weights" / "reader.npz")[0])
    failed = False
    for path in pictures_in(arguments.paths):
        try:
            picture = on_white(read_picture(path.name, path.read_bytes()))
        except (OSError, PictureError) as error:
            failed = True
            print(f"{path}: {reason(error)}", file=sys.stderr, flush=True)
            continue
        found = reader.read(picture, arguments.alphabet, arguments.length)
        print(line(path, found.text, found.confidence, as_json=arguments.json), flush=True)
    return 1 if failed else 0


def pictures_in(paths: list[Path]) -> Iterator[Path]:
    """Yield the files that are named, and the pictures of the folders that are, in order."""
    for path in paths:
        if path.is_dir():
            found = (file for file in path.iterdir() if file.suffix.lower() in ENDINGS)
            yield from sorted(file for file in found if file.is_file())
        else:
            yield path


def reason(error: OSError | PictureError) -> str:
    """Return why a file was not read, without its name."""
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def line(path: Path, text: str, confidence: float, *, as_json: bool) -> str:
    """Return what is printed for one picture."""
    sure = round(float(np.nan_to_num(confidence)), 4)
    if as_json:
        facts: dict[str, Any] = {"path": str(path), "text": text, "confidence": sure}
        return json.dumps(facts, ensure_ascii=False)
    return f"{path}\t{text}\t{sure:.4f}"


if __name__ == "__main__":
    sys.exit(main())
