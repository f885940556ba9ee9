"""A tree of allowed markup: what may stand in a paper, read from untrusted HTML and written escaped.

Elements that are not allowed are dropped and what they hold is kept; scripts, styles and the like are dropped
with all they hold. Of attributes only named ones stay, links lead to fragments, to the web or to mail.
"""

import re
from collections.abc import Callable, Iterator
from html import escape
from html.parser import HTMLParser


def words(text: str) -> frozenset[str]:
    """A set of names, written as a line."""
    return frozenset(text.split())


TEXT = words(
    "p h1 h2 h3 h4 h5 h6 em strong del sub sup code pre a span ul ol li dl dt dd blockquote table caption "
    "thead tbody tfoot tr th td figure figcaption img section div hr br"
)
MATH = words(
    "math semantics mrow mi mo mn mtext mspace ms msub msup msubsup munder mover munderover mfrac msqrt "
    "mroot mtable mtr mtd mstyle mpadded mphantom menclose mmultiscripts mprescripts none"
)
HIDDEN = words(
    "script style template iframe object embed svg annotation annotation-xml title noscript textarea"
)
VOID = frozenset({"br", "hr", "img"})
ATTRIBUTES = {
    "a": {"href", "id", "role", "class"},
    "img": {"src", "class"},
    "ol": {"start", "type", "id"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
OF_TEXT = frozenset({"id", "class", "role"})
OF_MATH = words(
    "display mathvariant stretchy form width height depth lspace rspace accent accentunder fence separator "
    "largeop movablelimits symmetric minsize maxsize columnalign rowspacing columnspacing linethickness "
    "notation displaystyle scriptlevel"
)
CLASSES = words("wide csl-entry csl-left-margin csl-right-inline footnotes right center")
DEPTH = 60  # elements within each other; what lies deeper is kept as text alone
ROLES = re.compile(r"doc-[a-z]+|list|listitem")
LINK = re.compile(r"#[^\s]*|https?://[^\s]+|mailto:[^\s]+", re.I)
OURS = re.compile(r"(?:novum-|[ncst]-)")
ALIGNED = re.compile(r"text-align:\s*(right|center)")
VALUE = re.compile(r"[\w .%#+-]*")


class Element:
    """A tag with its attributes and children; text is plain, and escaped when it is written."""

    __slots__ = ("attributes", "children", "tag")

    def __init__(self, tag: str, attributes: dict[str, str] | None = None, *children: "Element | str"):
        self.tag = tag
        self.attributes = attributes or {}
        self.children: list[Element | str] = list(children)

    def __iter__(self) -> Iterator["Element"]:
        """All elements below this one, in the order of the document."""
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child

    @property
    def text(self) -> str:
        return "".join(c if isinstance(c, str) else c.text for c in self.children)

    def first(self, tag: str) -> "Element | None":
        return next((e for e in self if e.tag == tag), None)

    def has(self, name: str) -> bool:
        """Whether the element is of a class."""
        return name in self.attributes.get("class", "").split()


def write(node: Element | str) -> str:
    """The markup of a tree. A tree without a tag is written as its children."""
    if isinstance(node, str):
        return escape(node, quote=False)
    inner = "".join(map(write, node.children))
    if not node.tag:
        return inner
    given = "".join(f' {k}="{escape(v)}"' for k, v in node.attributes.items())
    return f"<{node.tag}{given}>" if node.tag in VOID else f"<{node.tag}{given}>{inner}</{node.tag}>"


def read(html: str) -> Element:
    """The tree of what is allowed in a piece of HTML. Never raises: what closes nothing is passed over."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


def replace(root: Element, by: Callable[[Element], "Element | str | None"]) -> None:
    """Put `by(element)` in the place of every element below, innermost first; None removes it."""
    kept: list[Element | str] = []
    for child in root.children:
        if isinstance(child, Element):
            replace(child, by)
            child = by(child)
        if child is not None:
            kept.append(child)
    root.children = kept


class _Reader(HTMLParser):
    """Builds the tree; `stack` holds open elements, None for open ones that are not kept."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("")
        self._open: list[tuple[str, Element]] = [("", self.root)]
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._hidden or tag in HIDDEN:
            if tag not in VOID:
                self._hidden.append(tag)
            return
        parent = self._open[-1][1]
        if (tag not in TEXT and tag not in MATH) or len(self._open) > DEPTH:
            if tag not in ("input", "col", "colgroup", "link", "meta", "base"):
                self._open.append((tag, parent))
            return
        element = Element(tag, allowed(tag, {k: v or "" for k, v in attrs}))
        parent.children.append(element)
        if tag not in VOID:
            self._open.append((tag, element))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            if tag in self._hidden:
                del self._hidden[len(self._hidden) - 1 - self._hidden[::-1].index(tag) :]
            return
        places = [i for i, (name, _) in enumerate(self._open) if name == tag and i]
        if places:
            del self._open[places[-1] :]

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._open[-1][1].children.append(data)


def allowed(tag: str, given: dict[str, str]) -> dict[str, str]:
    """The attributes of an element that may stay, made safe."""
    if tag in MATH:
        return {k: v for k, v in given.items() if k in OF_MATH and VALUE.fullmatch(v)}
    names = ATTRIBUTES.get(tag, set()) | OF_TEXT
    kept = {k: v for k, v in given.items() if k in names and _fits(k, v)}
    classes = [c for c in given.get("class", "").split() if c in CLASSES]
    aligned = ALIGNED.search(given.get("style", ""))
    if aligned and aligned[1] not in classes:
        classes.append(aligned[1])
    kept.pop("class", None)
    return kept | ({"class": " ".join(classes)} if classes else {})


def _fits(name: str, value: str) -> bool:
    if name == "href":
        return LINK.fullmatch(value) is not None
    if name == "id":
        return bool(value) and OURS.match(value) is None and not re.search(r"\s", value)
    if name == "role":
        return ROLES.fullmatch(value) is not None
    return name in ("class", "src") or VALUE.fullmatch(value) is not None
