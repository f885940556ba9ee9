"""The plain Markdown renderer: numbers in place, figures as relative links, readable anywhere."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import count

from novum.manuscript.document import Document, parse_document
from novum.manuscript.marks import unmarked

FIGURE = re.compile(
    r"^!\[(?P<caption>.*)\]\((?P<path>[^()\s]+)\)\{#(?P<id>fig-[^\s{}]+)[^{}]*\}[ \t]*$", re.M
)
ATTRIBUTES = re.compile(r"^(#{1,6} .*?)[ \t]*\{[^{}\n]*\}[ \t]*$", re.M)


class MarkdownRenderer:
    """Resolved Markdown without front matter or attributes, for people and for tools that know neither."""

    suffix = "md"

    def render(self, markdown: str, assets: Mapping[str, bytes], style: str = "novum") -> bytes:
        """UTF-8 Markdown. `assets` and `style` are not needed: figures stay beside the file."""
        document, _ = parse_document(unmarked(markdown))
        return _plain(document).encode()


def _plain(document: Document) -> str:
    front = document.front
    head = [
        f"# {front.title}",
        *([f"*{front.subtitle}*"] if front.subtitle else []),
        front.authors,
        front.date,
    ]
    box = "\n".join(f"- **{label}:** {text}" for label, text in front.disclosure.items())
    abstract = f"## Abstract\n\n{document.abstract}" if document.abstract else ""
    parts = [*head, box, abstract, _lower(document.body), _lower(document.appendix)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _lower(text: str) -> str:
    """Headings one level down (the title is the first), figures as image and numbered caption."""
    text = re.sub(r"^(#{1,5} )", r"#\1", ATTRIBUTES.sub(r"\1", text), flags=re.M)
    return FIGURE.sub(partial(_figure, count(1)), text)


def _figure(numbers: Iterator[int], found: re.Match[str]) -> str:
    name = f"Figure {next(numbers)}"
    return f'<a id="{found["id"]}"></a>\n![{name}]({found["path"]})\n\n*{name}.* {found["caption"]}'
