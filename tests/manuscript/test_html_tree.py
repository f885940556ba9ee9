"""What may stand in a page: nothing that acts, whatever the manuscript says."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novum.manuscript.render.html.tree import HIDDEN, MATH, TEXT, Element, read, write

HOSTILE = [
    "<script>alert(1)</script>", "<script src='https://x.test/a.js'>", "</script>", "<svg onload=alert(1)>",
    "<img src=x onerror=alert(1)>", "<a href='javascript:alert(1)'>a</a>", "<a href=' javascript:alert(1)'>",
    "<a href='data:text/html,<script>alert(1)</script>'>", "<p style='position:fixed' onclick='alert(1)'>",
    "<iframe srcdoc='<script>alert(1)</script>'>", "<math><annotation-xml><script>alert(1)</script>",
    "<base href='https://x.test/'>", "<meta http-equiv=refresh content='0;url=https://x.test'>",
    "<form action='https://x.test'><input autofocus onfocus=alert(1)>", "<object data='x'>", "<p id='n-abc'>",
    "<p id='novum-trails'>", "<!-- <script> -->", "<![CDATA[<script>]]>", "<style>*{}</style>", "<template>",
    "&lt;script&gt;", "&#60;script>", "<h1 id='a b'>", "<td colspan='1' onclick='x'>", "text", "</p>", "<p>",
    "<em>", "</em>", "<table><tr><td style='text-align: right;'>1</td></tr></table>",
    "<", ">", "&", '"', "\x00",
]  # fmt: skip
PAGES = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=12)), max_size=14).map("".join)


class Seen(HTMLParser):
    """What a reader of the written markup meets."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}


def seen(html: str) -> Seen:
    reader = Seen()
    reader.feed(html)
    reader.close()
    return reader


@settings(max_examples=150, deadline=None)
@given(PAGES)
def test_nothing_that_acts_gets_through(html: str):
    written = write(read(html))
    found = seen(written)
    assert found.tags <= TEXT | MATH and not found.tags & HIDDEN
    names = {name for name, _ in found.attributes}
    assert not {n for n in names if n.startswith("on")} and not names & {
        "style",
        "srcdoc",
        "action",
        "formaction",
    }
    links = {value for name, value in found.attributes if name == "href"}
    assert all(v.startswith(("#", "http://", "https://", "mailto:")) for v in links)
    ids = {value for name, value in found.attributes if name == "id"}
    assert not any(v.startswith(("novum-", "n-", "t-", "c-", "cfg:")) for v in ids)


@settings(max_examples=150, deadline=None)
@given(PAGES)
def test_reading_what_was_written_changes_nothing(html: str):
    once = write(read(html))
    assert write(read(once)) == once


def test_text_is_kept_where_an_element_is_not():
    assert read("<center>a <blink>b</blink></center> c").text == "a b c"
    assert read("a <script>b</script> c").text == "a  c"


def test_markup_of_any_depth_is_read_and_written():
    html = "<blockquote>" * 5000 + "deep" + "</blockquote>" * 5000 + "<p>after</p>"
    tree = read(html)
    assert tree.text == "deepafter" and write(tree).count("<blockquote>") < 100
    assert [child.tag for child in tree.children if isinstance(child, Element)] == ["blockquote", "p"]


def test_alignment_is_a_class_and_no_style():
    assert write(read("<table><tr><td style='text-align: right;'>1</td></tr></table>")) == (
        '<table><tr><td class="right">1</td></tr></table>'
    )


@pytest.mark.parametrize("text", ["<b>", '"', "&amp;", "</script>", "'"])
def test_text_and_attributes_are_escaped(text: str):
    element = Element("p", {"title": text}, text)
    (again,) = read(write(element)).children
    assert again.text == text and seen(write(element)).attributes == {("title", text)}
