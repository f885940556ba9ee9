"""Draws docs/images/html-paper.png from a study's HTML paper: python scripts/html_picture.py STUDY_FOLDER

On the left a number's trail in the light theme, on the right the paper on a phone in the dark one. Needs
Chromium and the development environment.
"""

import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.chromium import Browser, executable  # noqa: E402

OUT = ROOT / "docs" / "images" / "html-paper.png"
GROUND, GAP = (233, 236, 239), 18
SIZES = ((1440, 860), (370, 860))


def main(study: Path) -> int:
    program = executable()
    if program is None:
        print("there is no chromium here", file=sys.stderr)
        return 4
    with tempfile.TemporaryDirectory() as scratch:
        shots = [Path(scratch) / name for name in ("desk.png", "phone.png")]
        with Browser(program) as browser:
            _desk(browser, study / "paper" / "paper.html", shots[0])
            _phone(browser, study / "paper" / "paper.html", shots[1])
        whole = _beside([Image.open(shot).convert("RGB") for shot in shots])
    whole.quantize(256, Image.Quantize.FASTOCTREE).save(OUT, optimize=True)
    return 0


def _desk(browser: Browser, page: Path, shot: Path) -> None:
    browser.scheme("light")
    browser.size(*SIZES[0])
    browser.open(page)
    browser.see("[...document.querySelectorAll('.abstract a.n')].find(a => a.innerText.length > 4).click()")
    browser.until("document.querySelector('#novum-panel').open")
    browser.picture(shot)


def _phone(browser: Browser, page: Path, shot: Path) -> None:
    browser.scheme("dark")
    browser.size(*SIZES[1], phone=True)
    browser.open(page)
    browser.see("(document.querySelector('#verdicts') || document.querySelector('main h3')).scrollIntoView()")
    browser.picture(shot)


def _beside(pictures: list[Image.Image]) -> Image.Image:
    width = sum(p.width for p in pictures) + GAP * (len(pictures) + 1)
    whole = Image.new("RGB", (width, max(p.height for p in pictures) + 2 * GAP), GROUND)
    left = GAP
    for picture in pictures:
        whole.paste(picture, (left, GAP))
        left += picture.width + GAP
    return whole


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
