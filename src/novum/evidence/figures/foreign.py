"""Pictures that a program itself wrote: `out/<seed>/figures/<name>.png` or `.jpg`, at most `MOST` of them.

Nobody can redraw such a picture or say what it shows, so that it stands in the appendix alone, under a
caption that says so and is the machine's. It is decoded and painted anew: none of its bytes reach a paper.
"""

import base64
import io
from collections.abc import Mapping
from typing import Any

from novum.evidence.figures.labels import wrapped
from novum.evidence.figures.reported import plain_label
from novum.evidence.figures.style import COLUMN, PAGE, no_data, render

FOLDER = "figures"
SUFFIXES = (".png", ".jpg", ".jpeg")
MOST, ARMS = 2, 3
LARGEST = 300_000  # bytes
PIXELS = 4_000_000  # that are decoded
FORMATS = ("PNG", "JPEG")


def pictures(outputs: Mapping[str, str], seed: int) -> dict[str, str]:
    """Title -> blob of the pictures among a program's outputs for a seed, the first by name."""
    prefix = f"out/{seed}/{FOLDER}/"
    found: dict[str, str] = {}
    for path in sorted(outputs):
        name = path.removeprefix(prefix)
        if path.startswith(prefix) and name.lower().endswith(SUFFIXES) and "/" not in name:
            stem = name.rpartition(".")[0].replace("_", " ")
            found.setdefault(plain_label(stem)[:60].strip() or "untitled", outputs[path])
    return dict(list(found.items())[:MOST])


def readable(data: bytes) -> bool:
    """Whether a file is a picture that may be shown."""
    return len(data) <= LARGEST and _decoded(data) is not None


def _decoded(data: bytes) -> Any:
    """The picture as pixels; None of what is none, or too large."""
    import warnings

    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                if image.width * image.height > PIXELS:
                    return None
                return image.convert("RGB")
    except Exception:  # a decoder at the border to a stranger's file: whatever it raises, there is no picture
        return None


def foreign_data(title: str, by_arm: Mapping[str, bytes]) -> dict[str, Any]:
    """One figure for the first arms whose program wrote a picture of this name."""
    shown = list(by_arm.items())[:ARMS]
    panels = [{"arm": arm, "image": base64.b64encode(data).decode()} for arm, data in shown]
    return {"kind": "foreign", "title": title, "panels": panels}


def draw_foreign(data: dict[str, Any]) -> dict[str, bytes]:
    """The pictures beside each other, each under its arm."""
    return render(_paint, data, PAGE if len(data["panels"]) > 1 else COLUMN, 2.4)


def _paint(figure: Any, data: dict[str, Any]) -> None:
    if not data["panels"]:
        return no_data(figure)
    places = figure.subplots(1, len(data["panels"]), squeeze=False)[0]
    for axes, panel in zip(places, data["panels"], strict=True):
        axes.set_axis_off()
        axes.set_title(wrapped(panel["arm"], 44), fontsize="small")
        image = _decoded(base64.b64decode(panel["image"]))
        if image is None:
            axes.text(0.5, 0.5, "no picture", ha="center", va="center", transform=axes.transAxes)
        else:
            axes.imshow(image, interpolation="antialiased")
