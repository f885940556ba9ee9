"""Pandoc's syntax tree as LaTeX: blocks and inlines, one short method to a kind of node.

Nodes are the plain data of pandoc's JSON: `{"t": kind, "c": content}`. What cannot be set in LaTeX (raw
markup, a picture of an unknown kind) leaves its text; nothing raises.
"""

import re
from collections.abc import Sequence, Set
from typing import Any

from novum.manuscript.render.latex.escape import address, escape, escape_code, escape_line, name
from novum.manuscript.render.latex.mathematics import Refused, formula
from novum.manuscript.render.latex.parts import Node, bookmarked, figure, graphic
from novum.manuscript.render.latex.tables import Grid, table

HEADINGS = ("section", "subsection", "subsubsection", "paragraph", "subparagraph")
DEEPEST_LIST = 4  # LaTeX has no further level
COUNTERS = ("enumi", "enumii", "enumiii", "enumiv")
NUMERALS = {"LowerAlpha": "alph", "UpperAlpha": "Alph", "LowerRoman": "roman", "UpperRoman": "Roman"}
WIDE_FORMULA = 40  # characters from which a formula is set only as large as its column allows
SCHEMES = ("http://", "https://", "mailto:", "doi:")
NUMBERED = re.compile(r"(Figure|Table)\s(\d+)")


class Writer:
    """Writes one part of a paper.

    `appendix` says that it is set in one column; `labels` are what a reference may lead to (`labels_of`).
    """

    def __init__(self, *, appendix: bool = False, labels: Set[str] = frozenset()):
        self.appendix = appendix
        self.labels = labels
        self.notes: list[str] = []
        self._lists = 0
        self._tight = 0
        self._citing = False

    # --- blocks

    def blocks(self, nodes: Sequence[Node]) -> str:
        """Blocks, parted by empty lines."""
        written = (self.block(node) for node in nodes)
        return "\n\n".join(text for text in written if text.strip())

    def block(self, node: Node) -> str:
        handler = getattr(self, f"_{node['t'].lower()}", None)
        return handler(node.get("c")) if handler else ""

    def _para(self, content: Any) -> str:
        if self._tight:
            return self.inlines(content)
        return "".join(self._in_paragraph(node) for node in content).strip("\n")

    def _in_paragraph(self, node: Node) -> str:
        """A node of a paragraph itself, where alone a formula may be displayed."""
        if node["t"] == "Math" and node["c"][0]["t"] == "DisplayMath":
            return f"\n{self._display(node['c'][1])}\n"
        return self.inline(node)

    def _plain(self, content: Any) -> str:
        return self._para(content)

    def _header(self, content: Any) -> str:
        level, (identifier, classes, _), title = content
        if self._tight or self._lists:  # LaTeX has no headings there
            return f"\\textbf{{{self.tight(title)}}}"
        command = HEADINGS[min(level, len(HEADINGS)) - 1]
        star = "*" if "unnumbered" in classes else ""
        label = f"\\label{{{name(identifier)}}}" if identifier else ""
        return f"\\{command}{star}{{{bookmarked(self.tight(title), title)}}}{label}"

    def _codeblock(self, content: Any) -> str:
        lines = content[1].split("\n")
        return "\\begin{novumcode}\n" + "\n".join(f"\\novumline{{{escape_line(line)}}}" for line in lines) + (
            "\n\\end{novumcode}"
        )  # fmt: skip

    def _rawblock(self, content: Any) -> str:
        return self._codeblock([None, content[1]])

    def _blockquote(self, content: Any) -> str:
        return self._environment("quote", self.blocks, content)

    def _bulletlist(self, content: Any) -> str:
        return self._environment("itemize", self._items, content)

    def _orderedlist(self, content: Any) -> str:
        (start, style, _), items = content
        counter = COUNTERS[min(self._lists, DEEPEST_LIST - 1)]
        letters = "Alpha" in style["t"] and start + len(items) > 27  # LaTeX counts no further than z
        numeral = "arabic" if letters else NUMERALS.get(style["t"], "arabic")
        first = f"\\renewcommand{{\\label{counter}}}{{\\{numeral}{{{counter}}}.}}\n"
        first += f"\\setcounter{{{counter}}}{{{start - 1}}}\n" if start != 1 else ""
        return self._environment("enumerate", lambda c: first + self._items(c), items)

    def _items(self, items: Any) -> str:
        return "\n".join(f"\\item {self.blocks(item)}" for item in items)

    def _definitionlist(self, content: Any) -> str:
        return self._environment("description", self._definitions, content)

    def _definitions(self, items: Any) -> str:
        return "\n".join(
            f"\\item[{{{self.tight(term)}}}] " + "\n\n".join(self.blocks(blocks) for blocks in definitions)
            for term, definitions in items
        )

    def _environment(self, kind: str, inside: Any, content: Any) -> str:
        """A list or quotation; one nested too deeply for LaTeX is set without its indentation."""
        if self._tight or self._lists >= DEEPEST_LIST:
            return re.sub(r"^\\item(\[.*?\])? ", "", inside(content), flags=re.M)
        self._lists += 1
        written = inside(content)
        self._lists -= 1
        return f"\\begin{{{kind}}}\n{written}\n\\end{{{kind}}}" if content else ""

    def _horizontalrule(self, content: Any) -> str:
        return "\\medskip\\noindent\\hrulefill\\medskip"

    def _lineblock(self, content: Any) -> str:
        return "\\novumbreak\n".join(self.inlines(line) for line in content)

    def _div(self, content: Any) -> str:
        return self.blocks(content[1])

    def _figure(self, content: Any) -> str:
        (identifier, classes, _), (_, caption), body = content
        picture = next((n for b in body for n in b.get("c", []) if n["t"] == "Image"), None)
        if picture is None:
            return self.blocks(body)
        wide = "wide" in [*classes, *picture["c"][0][1]]
        said = self.tight([n for block in caption for n in block.get("c", [])])
        return figure(picture["c"][2][0], said, identifier, wide, self.appendix)

    def _table(self, content: Any) -> str:
        (identifier, classes, _), (_, caption), columns, head, bodies, _ = content
        grid = Grid(
            head=[self._row(row) for row in head[1]][:1],
            rows=[self._row(row) for body in bodies for row in [*body[2], *body[3]]],
            aligns=[spec[0]["t"] for spec in columns],
            caption=self.tight([n for block in caption for n in block.get("c", [])]),
            label=name(identifier) if identifier else "",
            wide="wide" in classes,
        )
        return table(grid, appendix=self.appendix)

    def _row(self, row: Any) -> list[str]:
        return [self.cell(cell[4]) for cell in row[1]]

    def cell(self, nodes: Sequence[Node]) -> str:
        """The blocks of a table's cell on one line."""
        self._tight += 1
        written = [" ".join(self.block(node).split()) for node in nodes]
        self._tight -= 1
        return "\\newline ".join(text for text in written if text)

    # --- inlines

    def inlines(self, nodes: Sequence[Node]) -> str:
        return "".join(self.inline(node) for node in nodes)

    def tight(self, nodes: Sequence[Node]) -> str:
        """Inlines for a heading or caption, where neither footnotes nor line breaks may stand."""
        self._tight += 1
        written = self.inlines(nodes)
        self._tight -= 1
        return written

    def inline(self, node: Node) -> str:
        handler = getattr(self, f"_{node['t'].lower()}", None)
        return handler(node.get("c")) if handler else ""

    def _str(self, content: Any) -> str:
        return escape(content)

    def _space(self, content: Any) -> str:
        return " "

    def _softbreak(self, content: Any) -> str:
        return " " if self._tight else "\n"

    def _linebreak(self, content: Any) -> str:
        return " " if self._tight else "\\novumbreak\n"

    def _emph(self, content: Any) -> str:
        return f"\\emph{{{self.inlines(content)}}}"

    def _strong(self, content: Any) -> str:
        return f"\\textbf{{{self.inlines(content)}}}"

    def _underline(self, content: Any) -> str:
        return f"\\underline{{{self.inlines(content)}}}"

    def _strikeout(self, content: Any) -> str:
        return f"\\novumstruck{{{self.inlines(content)}}}"

    def _superscript(self, content: Any) -> str:
        return f"\\textsuperscript{{{self.inlines(content)}}}"

    def _subscript(self, content: Any) -> str:
        return f"\\textsubscript{{{self.inlines(content)}}}"

    def _smallcaps(self, content: Any) -> str:
        return f"\\textsc{{{self.inlines(content)}}}"

    def _quoted(self, content: Any) -> str:
        kind, inside = content
        before, after = ("‘", "’") if kind["t"] == "SingleQuote" else ("“", "”")
        return f"{before}{self.inlines(inside)}{after}"

    def _span(self, content: Any) -> str:
        return self.inlines(content[1])

    def _code(self, content: Any) -> str:
        return f"\\texttt{{{escape_code(content[1])}}}"

    def _rawinline(self, content: Any) -> str:
        return self._code(content)

    def _math(self, content: Any) -> str:
        kind, tex = content
        written = self._formula(tex)
        if written is None:
            return f"\\texttt{{{escape_code(tex)}}}"
        style = "\\displaystyle " if kind["t"] == "DisplayMath" else ""
        return f"\\({style}{written}\\)" if written else ""

    def _display(self, tex: str) -> str:
        written = self._formula(tex)
        if written is None:
            return self._codeblock([None, tex])
        if not written:
            return ""
        if len(written) > WIDE_FORMULA:
            written = f"\\novumfit[0.88]{{\\(\\displaystyle {written}\\)}}"
        return f"\\begin{{equation}}\n{written}\n\\end{{equation}}"

    def _formula(self, tex: str) -> str | None:
        try:
            return formula(tex)
        except Refused as why:
            self.notes.append(f"the formula '{' '.join(tex.split())}' is not understood: {why}")
            return None

    def _note(self, content: Any) -> str:
        if self._tight:
            return f" ({self.cell(content)})"
        return f"\\footnote{{{self.blocks(content)}}}"

    def _image(self, content: Any) -> str:
        _, alternative, (path, _) = content
        picture = graphic(path)
        return f"\\includegraphics[height=1.5em]{{{picture}}}" if picture else self.inlines(alternative)

    def _link(self, content: Any) -> str:
        _, inside, (target, _) = content
        if target.startswith("#"):
            return self._reference(self.inlines(inside), name(target[1:]))
        if target.startswith(SCHEMES):
            where = target.replace("doi:", "https://doi.org/", 1) if target.startswith("doi:") else target
            return f"\\href{{{address(where)}}}{{{self.inlines(inside)}}}"
        return self.inlines(inside)

    def _reference(self, text: str, label: str) -> str:
        if label not in self.labels:
            return text
        numbered = NUMBERED.fullmatch(text)
        if numbered:  # counted by LaTeX, so that it stays right when the text is changed
            return f"\\hyperref[{label}]{{{numbered[1]}~\\ref*{{{label}}}}}"
        return f"\\hyperref[{label}]{{{text}}}"

    def _cite(self, content: Any) -> str:
        if self._citing:  # within what is said of another citation
            return self.inlines(content[1])
        self._citing = True
        written = self._citations(content[0])
        self._citing = False
        return written

    def _citations(self, citations: Any) -> str:
        if len(citations) == 1 or not any(c["citationPrefix"] or c["citationSuffix"] for c in citations):
            return self._cited(citations)
        return "; ".join(self._cited([citation]) for citation in citations)

    def _cited(self, citations: Any) -> str:
        first = citations[0]
        command = "citet" if first["citationMode"]["t"] == "AuthorInText" else "citep"
        before, after = self.tight(first["citationPrefix"]), self.tight(first["citationSuffix"])
        after = after.lstrip(", ")
        options = f"[{{{before}}}][{{{after}}}]" if before or after else ""
        return f"\\{command}{options}{{{','.join(name(c['citationId']) for c in citations)}}}"
