"""The page: a frame with a strict content policy, filled with what was set."""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from msgspec import Struct

from novum.manuscript.document import FrontMatter
from novum.manuscript.render.html.tree import Element, write
from novum.manuscript.render.html.typeset import Heading

LISTED = 2  # levels of headings in the table of contents
SIGNS = {"supported": "✓", "refuted": "✗", "inconclusive": "○"}
SCRIPTS = ("page.js", "trails.js", "panel.js")
GAP = re.compile(r"@([a-z]+)@")


class Section(Struct, frozen=True):
    """A section of the appendix, folded at first if it is long."""

    heading: Element
    held: Element
    folded: bool


class Parts(Struct, frozen=True, kw_only=True):
    """What a page is made of, set and safe. `claims` are (id, claim) of the trails, `trails` their JSON."""

    front: FrontMatter
    title: Element
    abstract: Element
    disclosure: Sequence[tuple[str, Element]]
    body: Element
    works: Element | None
    notes: Element | None
    appendix: Sequence[Section]
    headings: Sequence[Heading]
    claims: Sequence[tuple[str, dict[str, Any]]] = ()
    trails: str = ""


def page(parts: Parts) -> str:
    """The whole file."""
    style, script = _sheet(), "".join(map(_static, SCRIPTS))
    return _filled("page.html", {
        "policy": policy(style, script),
        "style": style,
        "script": script,
        "name": escape(parts.title.text),
        "study": escape(parts.front.study),
        "contents": _contents(parts.headings),
        "title": write(parts.title),
        "byline": _byline(parts.front),
        "abstract": _abstract(parts),
        "hint": _static("hint.html") if parts.trails else "",
        "claims": _claims(parts.claims),
        "disclosure": _disclosure(parts.disclosure),
        "body": write(parts.body),
        "works": _section("References", "references", parts.works),
        "notes": _section("Notes", "notes", parts.notes),
        "appendix": "".join(map(_folding, parts.appendix)),
        "trails": _filled("trails.html", {"json": in_script(parts.trails)}) if parts.trails else "",
    })  # fmt: skip


def policy(style: str, script: str) -> str:
    """A content policy under which nothing but this page's own sheet and script has any effect."""
    return (f"default-src 'none'; img-src data:; style-src '{_digest(style)}'; "
            f"script-src '{_digest(script)}'; base-uri 'none'; form-action 'none'")  # fmt: skip


def in_script(json: str) -> str:
    """JSON that stays JSON within an element `script`: nothing in it ends the element or opens a comment."""
    return json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _filled(name: str, gaps: Mapping[str, str]) -> str:
    """A frame with its gaps filled, in one pass, so that no content is taken for a gap."""
    return GAP.sub(lambda gap: gaps[gap[1]], _static(name))


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _static(name: str) -> str:
    return (files("novum.manuscript.render.html") / "static" / name).read_text("utf-8")


def _sheet() -> str:
    """The sheet. Its dark colours apply where the system asks for them, and where the reader does."""
    sheet, dark = _static("paper.css"), _static("dark.css").strip()
    asked = f"@media screen and (prefers-color-scheme: dark) {{ :root:not([data-theme=light]) {{ {dark} }} }}"
    chosen = f"@media screen {{ :root[data-theme=dark] {{ {dark} }} }}"
    return f"{sheet}{asked}\n{chosen}\n"


def _contents(headings: Iterable[Heading]) -> str:
    items = "".join(
        f'<li class="l{h.level}"><a href="#{escape(h.id)}"><span class="number">{h.number}</span> '
        f"{escape(h.title)}</a></li>\n"
        for h in headings
        if h.level < LISTED
    )
    listed = f'<details open id="novum-contents"><summary>Contents</summary><ol>\n{items}</ol></details>'
    return f'<nav class="contents" aria-label="Contents">{listed}</nav>\n' if items else ""


def _byline(front: FrontMatter) -> str:
    lines = (("subtitle", front.subtitle), ("authors", front.authors), ("date", front.date))
    return "".join(f'<p class="{name}">{escape(text)}</p>' for name, text in lines if text)


def _abstract(parts: Parts) -> str:
    text, words = write(parts.abstract), ", ".join(parts.front.keywords)
    after = f'<p class="keywords"><b>Keywords</b> {escape(words)}</p>' if words else ""
    inner = f"<h2>Abstract</h2>{text}{after}"
    return f'<section class="abstract" aria-label="Abstract">{inner}</section>\n' if text else ""


def _claims(claims: Iterable[tuple[str, dict[str, Any]]]) -> str:
    rows = "".join(_claim(id, claim) for id, claim in claims)
    inner = f"<h2>Registered claims</h2><ul>\n{rows}</ul>"
    return f'<section class="claims" aria-label="Registered claims">{inner}</section>\n' if rows else ""


def _claim(id: str, claim: Mapping[str, Any]) -> str:
    """A verdict with its sign, so that it does not depend on colour, and the claim."""
    verdict = claim["decision"]["verdict"]
    badge = f'<span aria-hidden="true">{SIGNS[verdict]}</span> {verdict}'
    return (f'<li><a class="badge {verdict}" href="#c-{escape(id)}">{badge}</a> '
            f"<span><b>{escape(claim['label'])}</b> {escape(claim['text'])}</span></li>\n")  # fmt: skip


def _disclosure(rows: Iterable[tuple[str, Element]]) -> str:
    held = "".join(f"<div><dt>{escape(label)}</dt><dd>{write(value)}</dd></div>\n" for label, value in rows)
    return f'<dl class="disclosure" aria-label="How this paper came to be">\n{held}</dl>\n' if held else ""


def _section(title: str, id: str, held: Element | None) -> str:
    if held is None:
        return ""
    return f'<section class="{id}"><h2 id="novum-{id}">{title}</h2>{write(held)}</section>\n'


def _folding(section: Section) -> str:
    state = "" if section.folded else " open"
    summary = f"<summary>{write(section.heading)}</summary>"
    return f'<details class="appendix"{state}>{summary}{write(section.held)}</details>\n'
