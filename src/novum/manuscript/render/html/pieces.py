"""A manuscript's parts as HTML: one run of pandoc, citations resolved, marks carried through.

Marks (`novum.manuscript.marks`) travel through pandoc as numbers spelt in code points that no text holds, so
that neither a heading's address nor a formula takes in the id of a value.
"""

import re
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from msgspec import Struct

from novum.errors import MachineError
from novum.manuscript.document import parse_document
from novum.manuscript.marks import CLOSE, OPEN, TEXT, replace_marks, unmarked
from novum.manuscript.references import citations
from novum.manuscript.render.pandoc import LIMIT_SECONDS, READER, SEPARATOR, pandoc_path
from novum.manuscript.text import FENCE, MATH, mask

DIGITS = "\ufde0\ufde1\ufde2\ufde3\ufde4\ufde5\ufde6\ufde7\ufde8\ufde9"
SPELT = re.compile(f"{OPEN}(?P<number>[{DIGITS}]+){TEXT}|{CLOSE}")
STRAY = re.compile(f"[{OPEN}{TEXT}{CLOSE}{DIGITS}]")
LINKED = ("m", "c", "cfg")
Mark = tuple[str, str]
"""Kind and id of a reference."""


class Pieces(Struct, frozen=True, kw_only=True):
    """The parts as HTML; `end` holds footnotes and the list of works, `marks` what the numbers stand for."""

    abstract: str
    body: str
    appendix: str
    disclosure: tuple[str, ...]
    end: str
    marks: tuple[Mark, ...]


def spell(marked: str) -> tuple[str, tuple[Mark, ...]]:
    """Marked text with each mark's reference as a number, and the references by that number."""
    marks: dict[Mark, int] = {}

    def written(kind: str, id: str, text: str) -> str:
        if kind not in LINKED:
            return text
        number = marks.setdefault((kind, id), len(marks))
        digits = "".join(DIGITS[int(d)] for d in str(number))
        return f"\x00{digits}\x01{STRAY.sub('', text)}\x02"

    plain = re.sub("[\x00-\x02]", "", re.sub(f"[{DIGITS}]", "", marked))
    formulas = _without_marks_in_formulas(plain)
    spelt = replace_marks(formulas, written)
    return spelt.translate({0: OPEN, 1: TEXT, 2: CLOSE}), tuple(marks)


def _without_marks_in_formulas(marked: str) -> str:
    """Formulas are TeX, which knows no marks; dollars in fenced code are none."""
    hidden, pieces, last = mask(marked, FENCE), [], 0
    for found in MATH.finditer(hidden):
        start, end = found.span()
        pieces += [marked[last:start], unmarked(marked[start:end])]
        last = end
    return "".join([*pieces, marked[last:]])


def split(text: str) -> list[tuple[int | None, str]]:
    """Plain stretches of spelt text, as (None, text), and its marks: (number, "") opens, (-1, "") closes."""
    found: list[tuple[int | None, str]] = []
    last = 0
    for mark in SPELT.finditer(text):
        found += [(None, text[last : mark.start()])]
        digits = mark["number"]
        found += [(int("".join(str(DIGITS.index(d)) for d in digits)) if digits else -1, "")]
        last = mark.end()
    return [(n, STRAY.sub("", t)) for n, t in [*found, (None, text[last:])] if n is not None or t]


def to_html(spelt: str, marks: tuple[Mark, ...], bibliography: str, numbered: bool) -> Pieces:
    """The parts of a manuscript as pandoc writes them; nothing of it is safe yet.

    Raises MissingExtra without pandoc, MachineError where it cannot run or fails.
    """
    document, _ = parse_document(spelt)
    parts = [document.abstract, document.body, document.appendix, *document.front.disclosure.values()]
    works = bibliography if citations(spelt) else ""
    text = "".join(f"{part}\n\n{SEPARATOR}\n\n" for part in parts).replace("\x00", "")
    done = re.split(rf"<p>{SEPARATOR}</p>|{SEPARATOR}", _pandoc(text, works, numbered))
    if len(done) != len(parts) + 1:  # a part left something open and swallowed a separator
        done = [*(_pandoc(part, works, numbered) for part in parts), ""]
    abstract, body, appendix, *values = done[:-1]
    return Pieces(abstract=abstract, body=body, appendix=appendix, disclosure=tuple(values),
                  end=done[-1], marks=marks)  # fmt: skip


def _pandoc(markdown: str, bibliography: str, numbered: bool) -> str:
    command = [pandoc_path(), "--from", READER, "--to", "html5", "--mathml", "--wrap=none",
               "--columns=100000", "--no-highlight", "--sandbox"]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="novum-paper-") as name:
        if bibliography.strip():
            written = {"references.bib": bibliography.encode()}
            command += ["--citeproc", "--bibliography=references.bib", "--metadata=link-citations=true"]
            if numbered:
                style = files("novum.manuscript.render.html") / "static" / "numbered.csl"
                written["numbered.csl"] = style.read_bytes()
                command += ["--csl=numbered.csl"]
            _lay_down(Path(name), written)
        return _run(command, markdown, name)


def _lay_down(folder: Path, written: Mapping[str, bytes]) -> None:
    for name, data in written.items():
        (folder / name).write_bytes(data)


def _run(command: list[str], markdown: str, folder: str) -> str:
    try:
        done = subprocess.run(command, input=markdown.encode(errors="replace"), capture_output=True,
                              timeout=LIMIT_SECONDS, check=False, cwd=folder)  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as failed:
        raise MachineError(
            f"pandoc did not run: {failed}", fix="try again, or reinstall novum[pdf]"
        ) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise MachineError(f"pandoc refused the manuscript: {said[:300]}")
    return done.stdout.decode()
