"""Drawings within the page: SVG read, reduced to what draws, and written so that a page's colours apply.

A strict content policy allows no `style` attribute, so styles become attributes; colours named there can be
changed by the page's own sheet, which is how one drawing fits light and dark. Ids get the drawing's own
prefix, and coordinates lose digits that no screen shows.
"""

import re
from base64 import b64encode
from xml.etree import ElementTree

from novum.manuscript.render.html.tree import Element, words

SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
DRAWN = words(
    "svg g path use rect circle ellipse line polyline polygon defs clipPath text tspan "
    "linearGradient radialGradient stop"
)
PRESENTED = words(
    "fill stroke opacity fill-opacity stroke-opacity stroke-width stroke-linejoin stroke-linecap "
    "stroke-miterlimit stroke-dasharray stroke-dashoffset fill-rule clip-rule stop-color stop-opacity "
    "font-size font-family font-weight font-style text-anchor visibility"
)
PLACED = words(
    "d x y x1 y1 x2 y2 cx cy r rx ry dx dy width height points transform offset gradientUnits "
    "gradientTransform clipPathUnits viewBox"
)
SAFE = re.compile(
    r"[^<>&;{}()\\\"']*|url\(#[\w.-]+\)|(?:(?:matrix|translate|scale|rotate|skew[XY])\([^()]*\)\s*)+"
)
HERE = re.compile(r"#[\w.-]+")
DIGITS = re.compile(r"(-?\d+\.\d{2})\d+")
STRAIGHT, LINE_TO = re.compile(r"[MLz\d\s.e-]+"), re.compile(r"(?<=\d) L (?=-?\d)")
INHERITED = {"stroke-linejoin": "round", "stroke-linecap": "butt"}
PICTURES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}


def drawing(data: bytes, prefix: str, labelled_by: str) -> Element | None:
    """An inline drawing without fixed size; None if the data are no SVG.

    `labelled_by` is the id of the caption that says what the drawing shows.
    """
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError:
        return None
    if root.tag != f"{SVG}svg":
        return None
    element = _drawn(root, prefix)
    box = element.attributes.get("viewBox") or _box(root)
    shown = {"viewBox": box, "role": "img", "aria-labelledby": labelled_by, **INHERITED}
    element.attributes = {k: v for k, v in shown.items() if v}
    return element


def picture(data: bytes, suffix: str, description: str) -> Element | None:
    """An image that is part of the page; None for a kind that browsers do not show."""
    if suffix not in PICTURES:
        return None
    source = f"data:{PICTURES[suffix]};base64,{b64encode(data).decode()}"
    return Element("img", {"class": "picture", "src": source, "alt": description})


def width_of(data: bytes) -> float:
    """Width of a drawing in points; 0 where it says none."""
    found = re.search(rb"<svg[^>]*?\swidth=\"([\d.]+)(?:pt|px)?\"", data)
    return float(found[1]) if found else 0.0


def _box(root: ElementTree.Element) -> str:
    sides = [re.match(r"[\d.]+", root.get(name, "")) for name in ("width", "height")]
    return f"0 0 {sides[0][0]} {sides[1][0]}" if sides[0] and sides[1] else ""


def _drawn(node: ElementTree.Element, prefix: str) -> Element:
    tag = node.tag.removeprefix(SVG)
    children = [_drawn(child, prefix) for child in node if _draws(child)]
    text = [node.text] if tag in ("text", "tspan") and node.text else []
    return Element(tag, _attributes(node, tag, prefix), *text, *children)


def _draws(node: ElementTree.Element) -> bool:
    return isinstance(node.tag, str) and node.tag.startswith(SVG) and node.tag.removeprefix(SVG) in DRAWN


def _attributes(node: ElementTree.Element, tag: str, prefix: str) -> dict[str, str]:
    styles = (part.partition(":") for part in node.get("style", "").split(";"))
    found = dict(node.attrib) | {k.strip(): v.strip() for k, _, v in styles}
    kept = {k: v for k, v in found.items() if k in PRESENTED | PLACED and SAFE.fullmatch(v)}
    kept = {k: v.replace("url(#", f"url(#{prefix}") for k, v in kept.items()}
    if (id := found.get("id")) and tag != "g" and re.fullmatch(r"[\w.-]+", id):
        kept["id"] = prefix + id
    if (clip := found.get("clip-path")) and SAFE.fullmatch(clip):
        kept["clip-path"] = clip.replace("url(#", f"url(#{prefix}")
    target = found.get("href", found.get(f"{XLINK}href", ""))
    if tag == "use" and HERE.fullmatch(target):
        kept["href"] = f"#{prefix}{target[1:]}"
    return {k: _short(v) if k in ("d", "x", "y", "points") else v for k, v in kept.items()}


def _short(coordinates: str) -> str:
    """Coordinates in points to a hundredth; along a line of straight pieces the command is said once."""
    short = " ".join(DIGITS.sub(r"\1", coordinates).split())
    return LINE_TO.sub(" ", short) if STRAIGHT.fullmatch(short) else short
