"""Text as LaTeX: whatever the characters, what comes out compiles and prints as those characters.

Nothing of a text is ever a command: backslash, braces and the other signs that TeX reads are written as the
characters they are, ligatures of ASCII signs are kept apart, and long words may break.
"""

import re
import unicodedata
from collections.abc import Mapping

from novum.manuscript.marks import CLOSE, HEAD
from novum.manuscript.render.latex.symbols import other_text

SPECIAL = {
    "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#", "%": "\\%",
    "_": "\\_", "^": "\\textasciicircum{}", "~": "\\textasciitilde{}", "<": "\\textless{}",
    ">": "\\textgreater{}", "|": "\\textbar{}", '"': "\\textquotedbl{}", "`": "\\textasciigrave{}",
    "[": "{[}", "]": "{]}", "*": "{*}", "\n": " ", "\t": " ", "\r": " ",
}  # fmt: skip
LIGATURE = re.compile(r"([-',!?])(?=[-',`])")
LONG = re.compile(r"[^\s]{15,}")
HEX = re.compile(r"[0-9a-fA-F]{20,}")
AFTER = "/._:=@,+|-"  # a long word may break after these
MARKS = re.compile(f"({HEAD.pattern}|{CLOSE})")
OURS = re.compile("[\ufdd0-\ufdef]")  # code points that no text may hold; we put these two in:
BREAK, APART = "\ufde0", "\ufde1"
WHOLE = re.compile(f"[^{BREAK}]{{25,}}")  # nothing in it says where it may break
WRITTEN = {**SPECIAL, BREAK: "\\allowbreak{}", APART: "{}"}


def escape(value: str) -> str:
    """Running text as LaTeX; marks (`novum.manuscript.marks`) stay as they are."""
    return _around_marks(value, WRITTEN)


def escape_code(value: str) -> str:
    """Code within a line, to stand in a typewriter face; its quotation marks stay upright."""
    return _around_marks(value, {**WRITTEN, "'": "\\textquotesingle{}"})


def escape_line(value: str) -> str:
    """A line of a block of code: every space counts."""
    return re.sub(r"^ +| {2,}", lambda run: "~" * len(run[0]), escape_code(value.expandtabs(4)))


def _around_marks(value: str, written: Mapping[str, str]) -> str:
    parts = MARKS.split(value)
    return "".join(part if i % 2 else _text(OURS.sub("", part), written) for i, part in enumerate(parts))


def _text(value: str, written: Mapping[str, str]) -> str:
    value = LONG.sub(lambda word: _breakable(word[0]), unicodedata.normalize("NFC", value))
    value = LIGATURE.sub(rf"\1{APART}", value)
    return "".join(written.get(char) or _char(char) for char in value)


def _char(char: str) -> str:
    if " " <= char <= "~":
        return char
    return other_text(char) if char > "~" else ""


def _breakable(word: str) -> str:
    """A long word with places to break: within hashes every four digits, else after signs, else anywhere."""
    word = HEX.sub(lambda digits: BREAK.join(re.findall(".{1,4}", digits[0])), word)
    word = re.sub(f"(?<=[{AFTER}])(?=[^{AFTER}{BREAK}])", BREAK, word)
    return WHOLE.sub(lambda part: BREAK.join(re.findall(".{1,8}", part[0])), word)


def address(url: str) -> str:
    """A URL as the first argument of `\\href`: what TeX would read is percent-encoded or escaped."""
    kept = "".join(c if "!" <= c <= "~" and c not in '"<>\\^`{|}' else _percent(c) for c in url)
    return re.sub(r"([%#&_$])", r"\\\1", kept).replace("~", "\\string~")


def name(value: str) -> str:
    """A label or key as ASCII letters, digits and `.:+-`; distinct names stay distinct."""
    return re.sub(r"[^A-Za-z0-9.:-]", lambda c: _percent(c[0]).replace("%", "+"), value)


def _percent(char: str) -> str:
    return "".join(f"%{b:02X}" for b in char.encode("utf-8", "replace"))
