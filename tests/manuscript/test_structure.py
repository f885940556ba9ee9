import pytest

from novum.manuscript.checks import check
from novum.manuscript.memory import InMemoryLookup
from novum.records import Figure
from tests.manuscript import sample

EMPTY = InMemoryLookup(entries={"known": {}})


def rules(source: str, lookup=EMPTY) -> list[str]:
    return [f.rule for f in check(source, lookup)]


def test_the_sample_paper_is_sound():
    assert [str(f) for f in check(sample.SOURCE, sample.lookup())] == []


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("As said [@missing].", "unknown-citation"),
        ("As @missing says.", "unknown-citation"),
        ("# Result\n\nText.\n\n# Result\n\nMore.", "repeated-heading"),
        ("# Result {.a}\n\nText.\n\n## result\n\nMore.", "repeated-heading"),
        ("The value is nan here.", "unfilled"),
        ("It was None.", "unfilled"),
        ("<!-- a comment of 42 is printed -->", "bare-number"),
        ("```\n42 in a fence that nothing closes", "bare-number"),
        ("A stray ` mark.\n\nIt was 42.\n\nAnother ` mark.", "bare-number"),
        ("Two dollars $$ here.\n\nIt was 42.\n\nAnd $$ there.", "bare-number"),
        ("~~~\n42\n~~~", "bare-number"),
        ("It reached [an accuracy of 42, says @known].", "bare-number"),
        ("It was &frac12; of it.", "bare-number"),
        ("It was ⅓ of it.", "bare-number"),
        ("It took {.long 42} updates.", "bare-number"),
        ("It stood at\n42. Then it rose.", "bare-number"),
        ("It ended after 2000.", "bare-number"),
        ("It ended at Step 2000.", "bare-number"),
        ("The score of `0.97` is code.", "number-in-code"),
        ("It was $\\text{about 42}$.", "number-in-mathematics"),
        ("It was None in the end.", "unfilled"),
        ("| a |\n|---|\n| None |\n", "unfilled"),
        ("+++\ntitel = 'x'\n+++\n\nText.", "front-matter"),
        ("+++\ntitle = 'Two things'\n+++\n\nText.", "number-word"),
        ("+++\ntitle = 'A'\nsubtitle = 'Faster by 3'\n+++\n\nText.", "bare-number"),
        ("| a | b |\n|---|---|\n| x | `0.5` |\n", "number-in-code"),
        ("| a | b |\n|---|---|\n| x | 0.5 |\n", "bare-number"),
    ],
)
def test_each_rule_fires(source, rule):
    assert rule in rules(source)


def test_repeated_paragraphs():
    text = "A paragraph that is long enough to be worth comparing with another."
    assert rules(f"{text}\n\nBetween.\n\n{text}") == ["repeated-paragraph"]
    assert rules("Yes.\n\nBetween.\n\nYes.") == []


@pytest.mark.parametrize(
    "source",
    [
        "As said [@known, p. 3] and by @known.",
        "None of the runs failed. None was cut short.",
        "Under the null hypothesis the lag is undefined.",
        "+++\ndate = '20 November 2026'\nauthors = 'N 0.1.0'\n\n[disclosure]\nCost = '3 $'\n+++\n\nText.",
        "1. first\n2. second\n\n# 1.2 A numbered heading\n",
        "A note.[^1]\n\n[^1]: What it says.\n",
    ],
)
def test_what_is_fine_passes(source):
    assert rules(source) == []


def _figure(caption: str) -> InMemoryLookup:
    return InMemoryLookup(
        figures=(Figure(id="f", title="F", caption=caption, kind="k", data="", files={"svg": ""}),)
    )


def test_a_figure_that_no_sentence_mentions():
    assert rules("{{fig:f}}", _figure("Plain.")) == ["figure-not-mentioned"]
    assert rules("See {{fig:f}}.\n\n{{fig:f}}", _figure("Plain.")) == []


@pytest.mark.parametrize(
    ("caption", "rule"),
    [
        ("All 24 seeds.", "bare-number"),
        ("Decay is faster.", "comparison-without-claim"),
        ("By [@x].", "unknown-citation"),
    ],
)
def test_captions_obey_the_rules_of_text(caption, rule):
    (fault,) = check("See {{fig:f}}.\n\n{{fig:f}}", _figure(caption))
    assert fault.rule == rule and fault.line == 3 and "caption" in fault.what
