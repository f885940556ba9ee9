"""Text as LaTeX: it prints what it was and does nothing else."""

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novum.manuscript.marks import mark, replace_marks
from novum.manuscript.render.latex.escape import OURS, address, escape, escape_code, escape_line, name
from novum.manuscript.render.latex.symbols import ACCENTS, AS_IS

COMMAND = re.compile(r"\\(?:[A-Za-z]+|.)")
NAMED = {
    "backslash": "\\", "asciicircum": "^", "asciitilde": "~", "less": "<", "greater": ">", "bar": "|",
    "quotedbl": '"', "asciigrave": "`", "quotesingle": "'",
}  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=80), st.text(alphabet=st.sampled_from("\\{}$&#%_^~<>|\"'`[]*-,!? ab1/\n"), max_size=60)
)
ASCII = st.text(alphabet=[chr(c) for c in range(32, 127)], max_size=80)


MADE = re.compile(
    r"\\allowbreak\{\}|\\text(?P<name>[a-z]+)\{\}|\\(?P<sign>[{}$&#%_])|\{(?P<kept>[\[\]*])\}|\{\}|(?P<plain>[^\\])"
)


def printed(latex: str) -> str:
    """What escaped ASCII prints."""
    assert MADE.sub("", latex) == ""
    return MADE.sub(
        lambda m: NAMED[m["name"]] if m["name"] else m["sign"] or m["kept"] or m["plain"] or "", latex
    )


def settled(latex: str) -> str:
    """Escaped text without the constructs that escaping makes."""
    return re.sub(r"\\(?:[{}$&#%_]|[A-Za-z]+|.)", "", latex)


@given(ASCII)
def test_ascii_prints_as_it_was(text):
    assert printed(escape(text)) == text
    assert printed(escape_code(text)) == text


@settings(deadline=None)
@given(TEXTS)
def test_no_character_of_a_text_is_read_by_tex(text):
    for written in (escape(text), escape_code(text), escape_line(text)):
        rest = settled(written)
        assert not set(rest) & set("$&#%_^\\") - {"~"}
        assert rest.count("{") == rest.count("}")
        assert "\n" not in written and "\\\\" not in written
        assert not OURS.search(written)


@given(TEXTS)
def test_commands_are_those_of_characters(text):
    known = {"\\" + accent for accent in ACCENTS.values()} | {
        "\\allowbreak",
        "\\ensuremath",
        "\\novumchar",
        "\\-",
        "\\,",
    }
    for command in COMMAND.findall(escape(re.sub(r"[^\x00-\u024f\u4e00-\u4eff]", "", text))):
        assert command in known or re.fullmatch(r"\\(?:[{}$&#%_]|text[a-z]+|i|j)", command), command


@given(st.text(max_size=40), st.text(alphabet="abc_", min_size=1, max_size=8))
def test_marks_pass_through(text, id):
    seen = []
    replace_marks(escape(f"{text}{mark('m', id, 'a_1')}{text}"), lambda *parts: seen.append(parts) or "")
    assert seen == [("m", id, "a\\_1")]


@pytest.mark.parametrize("char", sorted(AS_IS))
def test_what_every_engine_sets_stays(char):
    assert escape(char) == char


def test_the_rest_is_written_in_ascii():
    rest = "".join(chr(c) for c in range(128, 0x3000) if chr(c) not in AS_IS)
    assert set(escape(rest)) - AS_IS <= {chr(c) for c in range(32, 127)}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("−3.5", "\\ensuremath{-}3.5"),
        ("α ≤ β", "\\ensuremath{\\alpha} \\ensuremath{\\leq} \\ensuremath{\\beta}"),
        ("x² and H₂O", "x\\textsuperscript{2} and H\\textsubscript{2}O"),
        ("a\u0308", "ä"),
        ("ẽ", "\\~{e}"),
        ("中", "\\novumchar{4E2D}"),
        ("a\u200bb\u00adc", "ab\\-c"),
        ("50\u00a0%", "50~\\%"),
        ("--x ''", "-{}-x '{}'"),
    ],
)
def test_characters_beyond_ascii(text, written):
    assert escape(text) == written
    assert unicodedata.is_normalized("NFC", escape(text))


def test_hashes_and_long_words_may_break():
    assert escape("ab" * 16).count("\\allowbreak{}") == 7
    assert (
        escape("some_module/with.parts")
        == "some\\_\\allowbreak{}module/\\allowbreak{}with.\\allowbreak{}parts"
    )
    assert "\\allowbreak" in escape("x" * 40) and "\\allowbreak" not in escape("0123456789ab")


def test_spaces_of_code_count():
    assert escape_line("    x  = 1") == "~~~~x~~= 1"


@given(st.text(max_size=60))
def test_addresses_hold_nothing_that_tex_reads(url):
    written = address(url)
    assert written.isascii() and not re.search(r"(?<!\\)[%#&_$]|[{}^|`<>\"\s]", written)


@given(st.text(max_size=20), st.text(max_size=20))
def test_names_are_plain_and_distinct(one, other):
    assert re.fullmatch(r"[A-Za-z0-9.:+-]*", name(one))
    assert (name(one) == name(other)) == (one == other)
