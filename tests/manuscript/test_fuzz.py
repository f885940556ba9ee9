"""No text may crash the reader of a manuscript: what is wrong is a fault, not an exception."""

from hypothesis import given, settings
from hypothesis import strategies as st

from novum.manuscript.checks import check
from novum.manuscript.document import parse_document
from novum.manuscript.faults import ManuscriptFault
from novum.manuscript.provenance import complete
from novum.manuscript.references import resolve
from novum.manuscript.render.markdown import MarkdownRenderer
from novum.manuscript.text import mask, paragraphs, prose, sentences
from tests.manuscript import sample

LOOKUP = sample.lookup()
IDS = [*LOOKUP.statistics, *LOOKUP.claims, *LOOKUP.figures, *LOOKUP.settings, *LOOKUP.entries, "none"]
PIECES = st.sampled_from([
    "{{", "}}", "{{m:", "|", ".3f", "\n", "\n\n", "+++", "```", "`", "$", "$$", "[@", "]", "@", "#", " ",
    "<!--", "-->", "faster", "two", "half of", "0.5", "̈", "½", "\\", "| a |\n|---|\n| 1 |\n", "[^1]",
    "{.appendix}", ". ",
    "# Abstract\n", "title = 'x'\n", "nan", "\x00", "\r\n", "⟦", "(2022)", "{{provenance}}",
    *[f"{{{{{kind}:{id}}}}}" for kind in ("m", "c", "fig", "cfg", "lit") for id in IDS[::5]],
])  # fmt: skip
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=30).map("".join))


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_no_text_crashes_the_checks(text):
    faults = check(text, LOOKUP)
    assert all(isinstance(f, ManuscriptFault) and f.line >= 1 and f.column >= 1 for f in faults)
    assert faults == check(text, LOOKUP)


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_no_text_crashes_resolving_and_plain_rendering(text):
    resolved = resolve(text, LOOKUP)
    MarkdownRenderer().render(complete(resolved, LOOKUP), {})
    parse_document(text)


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_masking_keeps_every_offset(text):
    assert len(prose(text)) == len(text)
    assert [i for i, c in enumerate(prose(text)) if c == "\n"] == [i for i, c in enumerate(text) if c == "\n"]


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_sentences_are_stretches_of_the_source(text):
    for block in paragraphs(text):
        for sentence in sentences(block):
            assert text[sentence.start : sentence.start + len(sentence.text)] == sentence.text


@given(st.text(alphabet="ab. \n", max_size=60))
def test_text_without_markup_is_untouched(text):
    assert resolve(text, LOOKUP).text == text and mask(text) == text
