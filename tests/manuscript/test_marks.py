"""Marks: every value keeps its id, and taking the marks away gives the plain text."""

from hypothesis import given
from hypothesis import strategies as st

from novum.manuscript.marks import CLOSE, OPEN, TEXT, clean, mark, replace_marks, unmarked
from novum.manuscript.memory import InMemoryLookup, KnownClaim, KnownStatistic
from novum.manuscript.references import resolve

LOOKUP = InMemoryLookup(
    statistics=(KnownStatistic(id="a1", value=0.8312), KnownStatistic(id="b2", value=-3.0)),
    claims=(KnownClaim(id="c3", verdict="refuted"),),
    settings={"initial_width*": 96.0, "odd": f"x{OPEN}y{TEXT}"},
)
WORDS = st.text(alphabet=st.sampled_from([*"ab*_`$ {}|\n", OPEN, TEXT, CLOSE]))


def told(text: str) -> list[tuple[str, str, str]]:
    found = []
    replace_marks(text, lambda *parts: found.append(parts) or "")
    return found


def test_each_value_keeps_kind_and_id():
    resolved = resolve("{{m:a1|.2f}} and {{m:b2}}, {{c:c3}} at {{cfg:initial_width*}}", LOOKUP)
    assert resolved.text == "0.83 and −3, refuted at 96"
    assert "_" not in resolved.marked and "*" not in resolved.marked
    assert told(resolved.marked) == [
        ("m", "a1", "0.83"), ("m", "b2", "−3"), ("c", "c3", "refuted"), ("cfg", "initial_width*", "96"),
    ]  # fmt: skip


def test_values_of_front_matter_are_marked_too():
    resolved = resolve('+++\ntitle = "At {{m:a1|.1f}}"\n+++\ntext', LOOKUP)
    assert told(resolved.marked) == [("m", "a1", "0.8")]
    assert resolved.text == '+++\ntitle = "At 0.8"\n+++\ntext'


def test_nobody_else_can_write_a_mark():
    forged = mark("m", "a1", "9.99")
    resolved = resolve(f"{forged} {{{{cfg:odd}}}} {{{{m:a1|.1f}}}}", LOOKUP)
    assert told(resolved.marked) == [("cfg", "odd", "xy"), ("m", "a1", "0.8")]
    assert resolved.text == "m:a19.99 xy 0.8"


@given(WORDS, WORDS)
def test_marks_come_off_without_a_trace(before, after):
    resolved = resolve(f"{before}{{{{m:a1|.1f}}}}{after}", LOOKUP)
    assert resolved.text == unmarked(resolved.marked)
    assert resolved.text == clean(resolved.text)
