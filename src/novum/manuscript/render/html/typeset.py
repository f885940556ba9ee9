"""From the tree that pandoc's HTML became to the tree of the page: numbers, figures, tables, links.

Counts headings, figures, tables and displayed equations as the PDF does, so that "Table 3" is the same table
in both. Works on allowed trees only (`novum.manuscript.render.html.tree`).
"""

from collections.abc import Mapping

from msgspec import Struct

from novum.manuscript.render.html.drawings import drawing, picture, width_of
from novum.manuscript.render.html.pieces import Mark, split
from novum.manuscript.render.html.tree import Element, replace

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
PREFIX = {"m": "n-", "c": "c-", "cfg": "cfg:"}
VERDICTS = ("supported", "refuted", "inconclusive")
LONG = 60  # characters from which a declared text is no number to point at
MANY = 5  # columns from which a table is wider than a phone
WIDE = 300.0  # points; drawings from here on may be as wide as the page allows
OURS = "picture"
BLOCKS = frozenset({"p", "ul", "ol", "dl", "table", "figure", "pre", "blockquote", "div", "section", "a"})


class Heading(Struct, frozen=True):
    """An entry of the table of contents."""

    id: str
    number: str
    title: str
    level: int


class Typesetter:
    """Sets the pieces of one paper in turn; holds what is counted over all of them.

    `known` maps an id that may stand in code to the address of its trail.
    """

    def __init__(self, marks: tuple[Mark, ...], assets: Mapping[str, bytes], known: Mapping[str, str]):
        self.marks, self.assets, self.known = marks, assets, known
        self.headings: list[Heading] = []
        self._seen: set[str] = set()
        self._ids: set[str] = set()
        self._counts = {"figure": 0, "table": 0, "equation": 0}
        self._levels = [0, 0, 0, 0, 0, 0]
        self._lettered = False

    def begin_appendix(self) -> None:
        """From here on sections of the first level are lettered."""
        self._lettered, self._levels = True, [0] * 6

    def set(self, root: Element) -> Element:
        """The piece, changed in place."""
        self._link(root, within=False)
        replace(root, lambda e: self._figure(e) if e.tag == "figure" else e)
        replace(root, self._element)
        return root

    # --- numbers --------------------------------------------------------------------------------------

    def words(self, text: str) -> Element:
        """A line of plain text with its marks as links."""
        line = Element("", {}, text)
        self._link(line, within=False)
        return line

    def _link(self, node: Element, within: bool) -> None:
        """Marks in the text of an element become links; those that close elsewhere are dropped."""
        done: list[Element | str] = []
        opened: tuple[int, int] | None = None  # (number, place among `done`)
        for child in node.children:
            if isinstance(child, Element):
                self._link(child, within or child.tag == "a")
                done.append(child)
                continue
            for number, text in split(child):
                if number is None:
                    done.append(text)
                elif number >= 0:
                    opened = (number, len(done))
                elif opened is not None:
                    done[opened[1] :] = self._linked(opened[0], done[opened[1] :], within)
                    opened = None
        node.children = _kept_together(done)

    def _linked(self, number: int, inner: list[Element | str], within: bool) -> list[Element | str]:
        held = Element("", {}, *inner)
        if within or number >= len(self.marks) or any(e.tag in BLOCKS for e in held):
            return inner
        kind, id = self.marks[number]
        return [self._reference(kind, id, held)]

    def _reference(self, kind: str, id: str, held: Element) -> Element:
        address = PREFIX[kind] + id
        classes = "n" if kind == "m" else "v" if kind == "c" else "s"
        if kind == "c" and held.text in VERDICTS:
            classes += f" {held.text}"
        if kind == "cfg" and len(held.text) > LONG:
            classes += " long"
        first = {} if address in self._seen else {"id": address}
        self._seen.add(address)
        return Element("a", {"class": classes, "href": f"#{address}", **first}, *held.children)

    # --- elements -------------------------------------------------------------------------------------

    def _element(self, e: Element) -> Element | str | None:
        if "id" in e.attributes:
            self._unique(e)
        setters = {"table": self._table, "code": self._code, "a": self._anchor, "p": self._paragraph}
        if e.tag in HEADINGS:
            return self._heading(e)
        if e.tag == "pre":
            return Element("pre", {"tabindex": "0"}, *e.children)
        if e.tag == "img" and e.attributes.get("class") != OURS:
            return None  # pictures come with the paper, as figures
        return setters[e.tag](e) if e.tag in setters else e

    def _unique(self, e: Element) -> None:
        if e.attributes["id"] in self._ids:
            del e.attributes["id"]
        else:
            self._ids.add(e.attributes["id"])

    def _heading(self, e: Element) -> Element:
        level = HEADINGS.index(e.tag)
        self._levels = [*self._levels[:level], self._levels[level] + 1, *[0] * (5 - level)]
        first = (
            chr(64 + self._levels[0])
            if self._lettered and 0 < self._levels[0] <= 26
            else str(self._levels[0])
        )
        number = ".".join([first, *map(str, self._levels[1 : level + 1])])
        id = e.attributes.get("id") or f"section-{number}"
        self.headings.append(Heading(id, number, e.text, level))
        tag = HEADINGS[min(level + 1, 5)]
        return Element(tag, {"id": id}, Element("span", {"class": "number"}, number), " ", *e.children)

    def _code(self, e: Element) -> Element:
        address = self.known.get(e.text)
        return Element("a", {"class": "id", "href": f"#{address}"}, e) if address else e

    def _anchor(self, e: Element) -> Element | str | None:
        if not e.children:
            return None
        href = e.attributes.get("href", "")
        if not href:
            return Element("span", {}, *e.children)
        if not href.startswith("#"):
            e.attributes |= {"rel": "noopener noreferrer"}
        return e

    def _paragraph(self, e: Element) -> Element:
        """A displayed formula gets a line and a number of its own, the words around it theirs."""
        displayed = [
            c for c in e.children if isinstance(c, Element) and c.attributes.get("display") == "block"
        ]
        if not displayed:
            return e
        parts: list[Element | str] = []
        for child in e.children:
            if child in displayed:
                self._counts["equation"] += 1
                number = Element("span", {"class": "number"}, f"({self._counts['equation']})")
                parts.append(Element("div", {"class": "equation", "tabindex": "0"}, child, number))
            elif parts and isinstance(parts[-1], Element) and parts[-1].tag == "p":
                parts[-1].children.append(child)
            elif child != "\n":
                parts.append(Element("p", {}, child))
        return Element("", {}, *parts)

    def _table(self, e: Element) -> Element:
        caption = e.first("caption")
        e.children = [c for c in e.children if c is not caption]
        id = e.attributes.pop("id", "")
        wide = " wide" if e.has("wide") else ""
        row = e.first("tr")
        many = row is not None and sum(isinstance(c, Element) for c in row.children) >= MANY
        e.attributes = {"class": "many"} if many else {}
        if caption is None:
            return _scrolling("Table", e)
        self._counts["table"] += 1
        name = f"Table {self._counts['table']}"
        said = Element("figcaption", {}, Element("b", {}, f"{name}."), " ", *caption.children)
        named = {"id": id} if id else {}
        return Element("figure", {"class": f"tab{wide}", **named}, said, _scrolling(name, e))

    def _figure(self, e: Element) -> Element | None:
        image, caption = e.first("img"), e.first("figcaption")
        if image is None:
            return None
        self._counts["figure"] += 1
        name = f"Figure {self._counts['figure']}"
        id = e.attributes.get("id") or f"figure-{self._counts['figure']}"
        said = caption.children if caption else []
        shown, wide = self._drawn(image, id, f"{id}-caption", caption.text if caption else "")
        told = Element("figcaption", {"id": f"{id}-caption"}, Element("b", {}, f"{name}."), " ", *said)
        if wide:
            shown = _scrolling(name, shown)
        return Element("figure", {"class": "fig wide" if wide else "fig", "id": id}, shown, told)

    def _drawn(self, image: Element, id: str, label: str, said: str) -> tuple[Element, bool]:
        path = image.attributes.get("src", "")
        data, suffix = self.assets.get(path), path.rpartition(".")[2]
        found = None
        if data is not None:
            found = drawing(data, f"{id}-", label) if suffix == "svg" else picture(data, suffix, said)
        if data is None or found is None:
            return Element("p", {"class": "absent"}, "This drawing is not part of the page; it lies at ",
                           Element("code", {}, path)), False  # fmt: skip
        return found, image.has("wide") or width_of(data) > WIDE


def _scrolling(name: str, held: Element) -> Element:
    """What may be wider than the page scrolls in a place of its own, by keyboard too."""
    return Element("div", {"class": "scroll", "tabindex": "0", "role": "region", "aria-label": name}, held)


def _kept_together(nodes: list[Element | str]) -> list[Element | str]:
    """No line ends between a number and its percent sign, or between "p" and its relation."""
    for place, node in enumerate(nodes[:-1]):
        after = nodes[place + 1]
        if isinstance(node, Element) and isinstance(after, str) and after.startswith(" %"):
            nodes[place + 1] = "\u00a0" + after[1:]
        elif isinstance(node, str) and node.endswith("p ") and isinstance(after, Element):
            nodes[place] = node[:-1] + "\u00a0"
    return nodes
