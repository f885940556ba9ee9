"""What the checks pass, and what pandoc then prints: no bare number may get through between the two.

Pieces of markup are put together at random around a number; where the checks find no fault, pandoc must not
print the number outside of code.
"""

import importlib.util
import random
import re

import pytest

from novum.manuscript.checks import check
from novum.manuscript.memory import InMemoryLookup

pytestmark = pytest.mark.skipif(not importlib.util.find_spec("pypandoc"), reason="needs novum[pdf]")
NUMBER = "7391"
LOOKUP = InMemoryLookup(entries={"known": {}})
FAULTS = {"bare-number", "number-in-code", "number-in-mathematics", "stray-code-mark"}
PIECES = [
    "`", "``", "```", "```\n", "\n```\n", "~~~\n", "$", "$$", "\n\n", "\n", " ", " ", "word", "word. ",
    "[", "]", "(", ")", "](", "](#x)", "{.a ", "{#b}", "}", "[@known", "@known", "; ", ", p. ", "<!--",
    "-->", "<b>", "\\", "*", "_", "^", "# ", "## ", "- ", "1. ", "| ", "|\n|--|\n|", "> ", "    ",
    "+++\n", "[^1]", "[^1]: ", "https://a.b/", "%", "&", ";", "\\(", "\\[", ":", "<", ">", "!", "![",
    "{{", "}}", "{{m:x}}", "---", "'", '"',
]  # fmt: skip


def _text(seed: int) -> str:
    rng = random.Random(seed)
    pieces = rng.choices(PIECES, k=rng.randint(2, 9))
    pieces.insert(rng.randint(0, len(pieces)), f" {NUMBER} ")  # apart, so that it is no part of a name
    return "".join(pieces)


def _printed(markup: str) -> bool:
    """Whether the number stands in Typst markup other than as code or an address."""
    without_raw = re.sub(r'#raw\("(?:[^"\\]|\\.)*"\)', "", markup).replace("\\`", "")
    without_code = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", without_raw, flags=re.S)
    return NUMBER in re.sub(
        r'#(?:link|image|novum-figure)\("[^"]*"|<[^<>\s]*>|https?://\S+', "", without_code
    )


def smuggled(seeds: range) -> list[str]:
    """Texts that pass the checks with a printed number in them."""
    from novum.manuscript.render.pandoc import to_typst

    passed = [t for t in map(_text, seeds) if not FAULTS & {f.rule for f in check(t, LOOKUP)}]
    return [t for t in passed if _printed(to_typst([t])[0][0])]


def test_no_number_is_smuggled_past_the_checks():
    assert smuggled(range(60)) == []


@pytest.mark.slow
def test_no_number_is_smuggled_past_the_checks_at_length():
    assert smuggled(range(60, 2500)) == []
