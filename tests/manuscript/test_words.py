"""The word lists are read, sound, and published as they stand."""

import re
from pathlib import Path

from novum.manuscript.checks.words import whole_words, words

PAGE = Path(__file__).parents[2] / "docs" / "manuscript.md"


def test_the_page_publishes_the_fixed_terms_as_they_stand():
    (block,) = re.findall(r"```\n(.*?)\n```", PAGE.read_text(), re.S)
    assert tuple(block.splitlines()) == words().fixed


def test_entries_are_lower_case_and_once_only():
    lists = words()
    for entries in (lists.numbers, lists.fixed, lists.comparatives, lists.causal, lists.neutral, lists.open):
        assert len(set(entries)) == len(entries)
        assert all(re.sub(r"\\\\.", "", e) == re.sub(r"\\\\.", "", e).lower() for e in entries)


def test_entries_match_whole_words():
    assert whole_words(("two",)).search("the two arms") and not whole_words(("two",)).search("a network")
    assert not whole_words(words().numbers).search("someone attends; lentils, weightless, often, height")


def test_no_number_word_is_also_a_fixed_term():
    fixed = whole_words(words().fixed)
    for word in ("two", "half", "twice", "a third", "five", "doubled", "tenfold"):
        assert whole_words(words().numbers).fullmatch(word) and not fixed.fullmatch(word)
