"""Make assets/fonts/ from installed fonts: small ones, of digits and letters, with other names.

`python -m scripts.fonts`, with fontTools (`pip install fonttools`) and, on Debian or Ubuntu,

    apt-get install fonts-liberation2 fonts-dejavu-core fonts-lato fonts-open-sans
        fonts-roboto-unhinted fonts-roboto-slab fonts-sil-charis fonts-noto-mono
        fonts-jetbrains-mono fonts-courier-prime fonts-comfortaa fonts-comic-neue
        fonts-yusei-magic fonts-lobster fonts-cabin fonts-crosextra-caladea fonts-mononoki
        fonts-dosis fonts-kaushanscript fonts-karla fonts-manrope fonts-league-mono
        fonts-quicksand fonts-crosextra-carlito fonts-fantasque-sans fonts-ebgaramond
        fonts-sil-andikanewbasic fonts-averia-sans-gwf fonts-play fonts-oldstandard

It also writes the table of SOURCE_AND_LICENCE.md.  Neither the app nor its tests need fontTools or
these packages.  (Not fonts-liberation: Debian's older version 1 of it is under the GPL.)
"""

from __future__ import annotations

import io
import re
import string
import sys
from pathlib import Path
from typing import NamedTuple

from fontTools import subset
from fontTools.ttLib import TTFont

FOLDER = Path(__file__).parent.parent / "assets" / "fonts"
NOTE = FOLDER / "SOURCE_AND_LICENCE.md"
INSTALLED = Path("/usr/share/fonts")
CHARACTERS = " " + string.digits + string.ascii_letters
EXACT = ("sans.ttf",)  # keeps hinting and kerning, so that it is drawn as the original is

# What stands beside the fonts of a package, but not in them.
_LIBERATION = (
    "Digitized data copyright (c) 2010 Google Corporation with Reserved Font Arimo, Tinos and "
    "Cousine. Copyright (c) 2012 Red Hat, Inc. with Reserved Font Name Liberation."
)
OWNERS = {
    "sans.ttf": _LIBERATION,
    "serif.ttf": _LIBERATION,
    "other-mono.ttf": "Copyright (c) 2013, Matthias Tellen",
    "further/mono-slab.ttf": _LIBERATION,
}

OFL, APACHE, VERA = "OFL.txt", "Apache-2.0.txt", "Bitstream-Vera.txt"


class Source(NamedTuple):
    """Where a font comes from: the small copy's file, the original's below INSTALLED, licence."""

    file: str
    original: str
    licence: str


_ROBOTO = "truetype/roboto/unhinted/RobotoTTF"
_FANTASQUE = "truetype/fantasque-sans/Normal/TTF"
SOURCES = [
    Source("sans.ttf", "truetype/liberation2/LiberationSans-Regular.ttf", OFL),
    Source("sans-bold.ttf", "truetype/dejavu/DejaVuSans-Bold.ttf", VERA),
    Source("sans-black.ttf", "truetype/lato/Lato-Black.ttf", OFL),
    Source("sans-italic.ttf", "truetype/open-sans/OpenSans-SemiboldItalic.ttf", APACHE),
    Source("condensed.ttf", "truetype/roboto/unhinted/RobotoCondensed-Bold.ttf", APACHE),
    Source("serif.ttf", "truetype/liberation2/LiberationSerif-Regular.ttf", OFL),
    Source("serif-bold.ttf", "truetype/dejavu/DejaVuSerif-Bold.ttf", VERA),
    Source("serif-italic.ttf", "truetype/charis/CharisSIL-BoldItalic.ttf", OFL),
    Source("slab.otf", "opentype/roboto/slab/RobotoSlab-Regular.otf", APACHE),
    Source("typewriter.otf", "opentype/courier-prime/Courier Prime Bold.otf", OFL),
    Source("mono.ttf", "truetype/noto/NotoMono-Regular.ttf", OFL),
    Source("mono-bold.ttf", "truetype/jetbrains-mono/JetBrainsMono-Bold.ttf", OFL),
    Source("round.ttf", "truetype/comfortaa/Comfortaa-Bold.ttf", OFL),
    Source("comic.otf", "opentype/comic-neue/ComicNeue-Bold.otf", OFL),
    Source("marker.ttf", "truetype/yusei-magic/YuseiMagic-Regular.ttf", OFL),
    Source("script.otf", "opentype/lobster/lobster.otf", OFL),
    Source("other-sans.otf", "opentype/cabin/Cabin-SemiBold.otf", OFL),
    Source("other-serif.ttf", "truetype/crosextra/Caladea-Bold.ttf", OFL),
    Source("other-mono.ttf", "truetype/mononoki/mononoki-Regular.ttf", OFL),
    Source("other-narrow.otf", "opentype/dosis/Dosis-SemiBold.otf", OFL),
    Source("other-brush.otf", "opentype/kaushanscript/KaushanScript-Regular.otf", OFL),
    Source("further/sans-light.ttf", "truetype/lato/Lato-Light.ttf", OFL),
    Source("further/sans-plain.otf", "truetype/karla/Karla-Regular.otf", OFL),
    Source("further/sans-wide.ttf", "truetype/manrope/Manrope-SemiBold.ttf", OFL),
    Source(
        "further/sans-medium.ttf", "truetype/roboto/unhinted/RobotoTTF/Roboto-Medium.ttf", APACHE
    ),
    Source("further/humanist.ttf", "truetype/crosextra/Carlito-Regular.ttf", OFL),
    Source("further/primer.ttf", "truetype/andikanewbasic/AndikaNewBasic-R.ttf", OFL),
    Source("further/soft.ttf", "truetype/averia-gwf/AveriaSansGWF-Bold.ttf", OFL),
    Source("further/round-light.ttf", "truetype/quicksand/Quicksand-Medium.ttf", OFL),
    Source("further/square.otf", "opentype/play/Play-Bold.otf", OFL),
    Source("further/slab-bold.otf", "opentype/roboto/slab/RobotoSlab-Bold.otf", APACHE),
    Source("further/old-serif.otf", "opentype/ebgaramond/EBGaramond12-Regular.otf", OFL),
    Source("further/didone.ttf", "truetype/fonts-oldstandard/OldStandard-Regular.ttf", OFL),
    Source("further/mono-slab.ttf", "truetype/liberation2/LiberationMono-Bold.ttf", OFL),
    Source("further/mono-narrow.otf", "opentype/league-mono/LeagueMono-NarrowBold.otf", OFL),
    Source("further/console.ttf", "truetype/dejavu/DejaVuSansMono.ttf", VERA),
    Source(
        "further/code.ttf", "truetype/fantasque-sans/Normal/TTF/FantasqueSansMono-Regular.ttf", OFL
    ),
]


def main() -> None:
    missing = [source.original for source in SOURCES if not (INSTALLED / source.original).exists()]
    if missing:
        sys.exit(f"not installed below {INSTALLED}: {', '.join(missing)}")
    rows = ["| file | made from | copyright | licence |", "| --- | --- | --- | --- |"]
    for source in SOURCES:
        font = TTFont(INSTALLED / source.original, recalcTimestamp=False)
        if source.file in OWNERS:
            font["name"].setName(OWNERS[source.file], 0, 3, 1, 0x409)
        rows.append(row_about(source, font))
        content = small_copy(font, source.file)
        (FOLDER / source.file).parent.mkdir(exist_ok=True)
        (FOLDER / source.file).write_bytes(content)
        print(f"{source.file}: {len(content):,} bytes from {Path(source.original).name}")
    before, _, rest = NOTE.read_text(encoding="utf-8").partition("| file |")
    after = rest.rpartition("|\n")[2]
    NOTE.write_text(before + "\n".join(rows) + "\n" + after, encoding="utf-8", newline="\n")


def row_about(source: Source, font: TTFont) -> str:
    """Return a row of the table from what the original says about itself."""
    says = {number: font["name"].getDebugName(number) or "" for number in (0, 5, 13)}
    version = re.search(r"\d+\.\d+", says[5]).group()
    owners = " ".join(says[0].split()).replace("|", "\\|")
    # Some name it beside the licence instead.
    reserved = re.search(r"with Reserved Font Names? [^.\n\r]+", says[13])
    if reserved and "Reserved Font" not in owners:
        owners = f"{owners.rstrip('.')}, {reserved.group().strip()}"
    original = f"`{Path(source.original).name}`, version {version}"
    return (
        f"| `{source.file}` | {original} | {owners} | [{source.licence[:-4]}]({source.licence}) |"
    )


def small_copy(font: TTFont, file: str) -> bytes:
    """Return the font with CHARACTERS alone, under a name made from its new file name."""
    is_exact = file in EXACT
    options = subset.Options(
        hinting=is_exact,
        layout_features=["kern"] if is_exact else [],
        drop_tables=["BASE", "DSIG", "FFTM", "LTSH", "PCLT", "STAT", "VDMX", "hdmx", "meta"],
        legacy_kern=is_exact,
        notdef_outline=True,
        glyph_names=False,
        name_IDs=[0, 13, 14],  # copyright, licence and its address stay as they are
        name_languages=[0x409],
    )
    options.drop_tables += ["Silf", "Silt", "Glat", "Gloc", "Feat", "Sill"]  # for other engines
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=CHARACTERS)
    subsetter.subset(font)
    rename(font, "Glassnet " + Path(file).stem.replace("-", " ").title())
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()


def rename(font: TTFont, name: str) -> None:
    """Give a font another name wherever it says its own: many licences reserve the old one."""
    plain = name.replace(" ", "")
    for number, text in ((1, name), (2, "Regular"), (3, plain), (4, name), (6, plain)):
        font["name"].setName(text, number, 3, 1, 0x409)
    if "CFF " in font:
        table = font["CFF "].cff
        table.fontNames = [plain]
        table[0].FullName, table[0].FamilyName = name, name


if __name__ == "__main__":
    main()
