"""Drawings in the page: what draws is kept, what acts or leads away is not, and colours are the page's."""

from novum.evidence.figures import draw
from novum.manuscript.render.html.drawings import drawing, picture, width_of
from novum.manuscript.render.html.tree import write
from tests.manuscript import sample

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {}>{}</svg>'


def drawn(inner: str, outer: str = 'viewBox="0 0 10 10"') -> str:
    element = drawing(SVG.format(outer, inner).encode(), "f-", "f-caption")
    assert element is not None
    return write(element)


def test_styles_become_attributes_that_a_sheet_can_override():
    shown = drawn('<path d="M 0 0.123456 L 9 9" style="fill: none; stroke: #222222; stroke-width: 0.8"/>')
    assert 'stroke="#222222"' in shown and 'fill="none"' in shown and "style" not in shown
    assert 'd="M 0 0.12 9 9"' in shown


def test_curves_keep_their_commands():
    shown = drawn('<path d="M 0 0 L 1 1 L 2 2 z L 3 3"/><path d="M 0 0 Q 1 1 2 2 L 3 3"/>')
    assert 'd="M 0 0 1 1 2 2 z L 3 3"' in shown and 'd="M 0 0 Q 1 1 2 2 L 3 3"' in shown


def test_ids_are_those_of_one_drawing():
    shown = drawn(
        '<defs><path id="a" d="M 0 0"/></defs><g clip-path="url(#b)"><use xlink:href="#a" x="1"/></g>'
    )
    assert 'id="f-a"' in shown and 'href="#f-a"' in shown and 'clip-path="url(#f-b)"' in shown


def test_nothing_acts_and_nothing_leads_away():
    shown = drawn(
        '<script>alert(1)</script><style>*{background:url(https://x.test)}</style>'
        '<image href="https://x.test/a.png"/><a href="javascript:alert(1)"><path d="M 0 0"/></a>'
        '<use href="https://x.test/a.svg#a"/><path d="M 1 1" onclick="alert(1)" fill="url(https://x.test/)"/>'
        '<foreignObject><p>x</p></foreignObject><rect style="fill: url(javascript:alert(1))" x="1"/>'
    )  # fmt: skip
    assert not [
        word for word in ("script", "x.test", "onclick", "style", "foreign", "image") if word in shown
    ]
    assert '<path d="M 1 1">' in shown and '<rect x="1">' in shown


def test_what_is_no_drawing_is_none():
    bomb = b'<!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "' + b"&a;" * 9 + b'">]><p>&b;</p>'
    assert [drawing(data, "f-", "c") for data in (b"", b"<svg", b"<p/>", b"\xff", bomb)] == [None] * 5


def test_a_drawing_of_ours_keeps_everything_that_is_seen():
    data = {"kind": "forest", "axis": "x", "ratio": False, "rows": []}
    original = draw(data)["svg"]
    shown = drawing(original, "f-", "f-caption")
    assert shown is not None and shown.attributes["viewBox"] and "width" not in shown.attributes
    assert sum(e.tag == "use" for e in shown) == original.count(b"<use")
    assert sum(e.tag == "path" for e in shown) == original.count(b"<path")
    assert shown.attributes["aria-labelledby"] == "f-caption" and width_of(original) > 100


def test_pictures_are_part_of_the_page():
    shown = picture(sample.assets()["figures/f3a0b2c3d4e5.png"], "png", 'say "x"')
    assert shown is not None and write(shown).startswith('<img class="picture" src="data:image/png;base64,')
    assert "say &quot;x&quot;" in write(shown) and picture(b"%PDF", "pdf", "") is None
