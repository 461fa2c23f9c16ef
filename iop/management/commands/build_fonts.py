"""Cut the packaged fonts down to what the pages use and write them where the stylesheets look."""

from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core.management.base import BaseCommand
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

# Latin with Spanish, the punctuation of our texts, and the arrows of key caps.
LETTERS = [*range(0x20, 0x7F), *range(0xA0, 0x100), 0x131, 0x152, 0x153, 0x2013, 0x2014]
SIGNS = [
    0x2018,
    0x2019,
    0x201C,
    0x201D,
    0x2022,
    0x2026,
    0x2032,
    0x20AC,
    0x2122,
    0x2190,
    0x2191,
    0x2192,
    0x2193,
    0x2212,
    0x2264,
    0x2265,
]


class Cut(NamedTuple):
    """One face: where it comes from, what is left of it, what the stylesheet calls it."""

    package: str
    source: str
    target: str
    family: str
    weight: str
    axes: dict[str, Any] = {}
    rename: bool = False


CUTS = (
    Cut("fontpkg_figtree", "Figtree[wght].ttf", "figtree.woff2", "Figtree", "400 700", {"wght": (400, 700)}),
    # The license reserves the name "Lora": a changed file must not bear it.
    Cut("fontpkg_lora", "Lora[wght].ttf", "page-serif.woff2", "Page Serif", "600", {"wght": 600}, rename=True),
    Cut(
        "fontpkg_atkinson_hyperlegible",
        "AtkinsonHyperlegible-Regular.ttf",
        "atkinson-400.woff2",
        "Atkinson Hyperlegible",
        "400",
    ),
    Cut(
        "fontpkg_atkinson_hyperlegible",
        "AtkinsonHyperlegible-Bold.ttf",
        "atkinson-700.woff2",
        "Atkinson Hyperlegible",
        "700",
    ),
)

FACE = """@font-face {{ font-family: "{family}"; src: url("{target}") format("woff2"); font-weight: {weight}; font-display: swap; }}
"""


def cut(face: Cut, folder: Path) -> int:
    """Write one face as WOFF2 and return its size in bytes."""
    root = Path(str(import_module(face.package).__file__)).parent
    font = TTFont(root / "files" / face.source)
    if face.axes:
        font = instantiateVariableFont(font, face.axes)
    options = Options()
    options.flavor = "woff2"
    options.layout_features = ["kern", "liga", "mark", "mkmk", "ccmp", "locl", "tnum", "lnum"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]  # 13 and 14 carry the license with the file
    options.hinting = False
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=LETTERS + SIGNS)
    subsetter.subset(font)
    if face.rename:
        _rename(font, face.family)
    font.flavor = "woff2"
    target = folder / face.target
    font.save(target)
    return target.stat().st_size


def _rename(font: TTFont, family: str) -> None:
    names = font["name"]
    for record in list(names.names):
        if record.nameID in {1, 4, 16}:
            names.setName(family, record.nameID, record.platformID, record.platEncID, record.langID)
        elif record.nameID in {3, 6, 25}:
            names.setName(family.replace(" ", ""), record.nameID, record.platformID, record.platEncID, record.langID)


class Command(BaseCommand):
    """`manage.py build_fonts`: writes static/fonts, which is not committed."""

    help = __doc__ or ""
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        folder = Path(settings.BASE_DIR) / "static" / "fonts"
        folder.mkdir(parents=True, exist_ok=True)
        for face in CUTS:
            self.stdout.write(f"{face.target}: {cut(face, folder) / 1000:.1f} kB")
        # Written last: its presence tells the pages that every face is there.
        (folder / "fonts.css").write_text("".join(FACE.format(**face._asdict()) for face in CUTS), encoding="utf-8")
