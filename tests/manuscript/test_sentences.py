"""The published word lists against labelled sentences."""

import tomllib
from pathlib import Path

import pytest

from novum.manuscript.checks import check
from novum.manuscript.memory import InMemoryLookup, KnownClaim, KnownStatistic

SENTENCES = tomllib.loads((Path(__file__).parent / "sentences.toml").read_text())["sentence"]
INTERVALS = {"S": (0.2, 0.7), "I": (-0.1, 0.3)}
LOOKUP = InMemoryLookup(
    statistics=(
        KnownStatistic(id="M", value=12.5),
        *(KnownStatistic(id=f"{kind}{claim}", kind=kind, claim=claim, metric="loss", value=value)
          for claim, ends in INTERVALS.items() for kind, value in zip(("low", "high"), ends, strict=True)),
    ),
    claims=(
        KnownClaim(id="S", verdict="supported", interval=INTERVALS["S"]),
        KnownClaim(id="I", verdict="inconclusive", interval=INTERVALS["I"]),
        KnownClaim(id="R", verdict="refuted"),
    ),
    entries={"known": {"title": "A known work"}},
)


def test_enough_sentences_of_both_kinds():
    broken = [s for s in SENTENCES if s.get("rules")]
    assert len(SENTENCES) >= 60 and 20 <= len(broken) <= len(SENTENCES) - 20


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda s: s["text"][:50])
def test_sentence_breaks_exactly_the_rules_it_is_labelled_with(sentence):
    found = sorted({f.rule for f in check(sentence["text"], LOOKUP)})
    assert found == sorted(set(sentence.get("rules", [])))


@pytest.mark.parametrize(
    "sentence", [s for s in SENTENCES if not s.get("rules")], ids=lambda s: s["text"][:50]
)
def test_sound_sentences_are_sound_side_by_side(sentence):
    text = f"An opening sentence stands before it. {sentence['text']} Another one follows."
    assert check(text, LOOKUP) == []
