"""Parts of a paper that need no writer's state: figures, labels, and what a heading says in words."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from novum.manuscript.marks import unmarked
from novum.manuscript.render.latex.escape import BREAK, WRITTEN, escape, name
from novum.manuscript.render.latex.symbols import AS_IS

Node = Mapping[str, Any]


def bookmarked(written: str, title: Sequence[Node]) -> str:
    """A heading, and where it holds more than words, what stands for it in the PDF's outline."""
    if "\\" not in written and "$" not in written:
        return written
    plain = "".join(c for c in unmarked(words(title)) if c.isascii() or c in AS_IS)
    return f"\\texorpdfstring{{{written}}}{{{escape(plain).replace(WRITTEN[BREAK], '')}}}"


def words(nodes: Sequence[Node]) -> str:
    """The characters of inlines, without footnotes."""
    found = []
    for node in nodes:
        kind, content = node["t"], node.get("c") or []
        if kind == "Str":
            found.append(content)
        elif kind in ("Code", "Math"):
            found.append(content[1])
        elif kind in ("Space", "SoftBreak", "LineBreak"):
            found.append(" ")
        elif kind in ("Quoted", "Link", "Image", "Span", "Cite"):
            found.append(words(content[1]))
        elif kind not in ("Note", "RawInline"):
            found.append(words(content))
    return "".join(found)


def labels_of(blocks: Sequence[Node]) -> frozenset[str]:
    """The labels that writing these blocks will set; within lists and quotations there are none."""
    found: set[str] = set()
    for node in blocks:
        kind, content = node["t"], node.get("c") or []
        if kind == "Header":
            found.add(name(content[1][0]))
        elif kind in ("Figure", "Table") and any(content[1]):  # without a caption it is not counted
            found.add(name(content[0][0]))
        elif kind == "Div":
            found |= labels_of(content[1])
    return frozenset(found - {""})


def graphic(path: str) -> str:
    """A picture's path as LaTeX finds it: without its suffix, for TeX reads no SVG; empty if it cannot be."""
    stem = path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return stem if re.fullmatch(r"[A-Za-z0-9_-]+", stem) else ""


def figure(path: str, caption: str, identifier: str, wide: bool, appendix: bool) -> str:
    across = wide and not appendix
    kind = "figure*" if across else "figure"
    width = "0.62\\linewidth" if appendix and not wide else "\\linewidth"
    label = f"\\label{{{name(identifier)}}}" if identifier else ""
    picture = graphic(path)
    lines = [
        f"\\begin{{{kind}}}[{'!tbp' if across else 'H' if appendix else '!htbp'}]",
        "\\centering",
        f"\\includegraphics[width={width}]{{{picture}}}" if picture else "",
        f"\\caption{{{caption}}}{label}",
        f"\\end{{{kind}}}",
    ]
    return "\n".join(line for line in lines if line)
