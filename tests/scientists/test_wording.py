from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novum.manuscript.checks import check, vocabulary
from novum.records import Metric
from novum.scientists.systematic.compose import programs, secondary
from novum.scientists.systematic.compose.compared import reached
from novum.scientists.systematic.compose.wording import (
    article,
    capital,
    event,
    listing,
    more,
    paragraph,
    quantity,
    whole,
)
from novum.steps.lookup import StudyLookup
from tests.scientists.studies import Synthetic

TIMED = Metric(name="t", title="updates to generalise", unit="updates", kind="time_to_event", horizon=3000.0)
ENDED = Metric(name="t", title="updates to the end", unit="updates", kind="time_to_event", horizon=10.0)
SHARE = Metric(name="acc", title="final accuracy", kind="proportion")
COUNTED = Metric(name="n_errors", kind="count")


def test_lists_are_joined_as_people_join_them():
    assert [listing(x) for x in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


@given(st.lists(st.text("abc", min_size=1), min_size=1, max_size=6))
def test_a_list_holds_its_parts_in_order(parts):
    assert listing(parts).replace(" and ", ", ").split(", ") == parts


def test_metrics_are_spoken_of_as_singular_things():
    assert quantity(TIMED) == "the number of updates to generalise"
    assert quantity(SHARE) == "the final accuracy"
    assert quantity(COUNTED) == "the n errors"


def test_what_a_time_waits_for():
    assert (event(TIMED), event(ENDED), event(SHARE)) == ("generalise", "reach the end", "reach the event")


def test_differences_are_said_in_plain_words():
    said = more(TIMED, "840", False, "runs with A", "runs with B")
    assert said == "runs with A took 840 fewer updates to generalise than runs with B"
    said = more(SHARE, "0.1", True, "runs with A", "runs with B")
    assert said == "the final accuracy was 0.1 higher for runs with A than for runs with B"


def test_sentences_are_raised_and_closed():
    assert paragraph("one thing", "", "Another.") == "One thing. Another."
    assert capital("{{m:x}} runs") == "{{m:x}} runs"
    assert (article("increase"), article("decrease")) == ("an", "a")


def test_formats_follow_the_metric():
    assert (whole(TIMED), whole(ENDED), whole(SHARE), whole(COUNTED)) == (",.0f", "", ".3f", ",.0f")


def test_values_are_written_as_finely_as_a_small_margin_asks() -> None:
    """Three digits of a value near one show hundredths: a margin below them asks for more."""
    for margin, spec in ((None, ""), (0.05, ""), (0.003, ".4f"), (0.0001, ".5f"), (1e-20, ".12f")):
        assert whole(Metric(name="value", primary=True, margin=margin)) == spec


def test_what_a_search_over_programs_always_says_compares_nothing():
    study = Synthetic("supported", seeds=8)
    lookup, words = StudyLookup(study.state, {}), vocabulary(study.state.domain)
    for sentence in (programs.ROUNDS, programs.TUNED_ALIKE, programs.QUESTION, *programs.WORDS.values()):
        assert not check(f"# A\n\n{sentence}.\n", lookup, words)


@pytest.mark.parametrize(("goal", "kind", "word", "best"), [
    ("maximize", "max", "largest", "two"), ("minimize", "min", "smallest", "one"),
])  # fmt: skip
def test_the_run_that_went_farthest_stands_beside_what_a_work_gives(goal, kind, word, best) -> None:
    metric = Metric(name="area", title="certified area", goal=goal, primary=True)
    works = {"new2025": {"values": "area: 0.0365298"}, "old1990": {"values": "42 %"}, "other": {}}
    values = {("one", "max"): 0.03, ("two", "max"): 0.035, ("one", "min"): 0.02, ("two", "min"): 0.025}
    paper = SimpleNamespace(
        metric=metric, literature=SimpleNamespace(entries=lambda: works), brief=lambda arm: f"arm {arm}",
        protocol=SimpleNamespace(arms=("one", "two", "none")),
        arm_value=lambda arm, kind, metric: values.get((arm, kind)),
        arm=lambda arm, kind, metric, spec: f"{{{{{arm}-{kind}|{spec}}}}}",
    )  # fmt: skip
    told = reached(paper)
    assert f"the {word} value of the certified area is {{{{{best}-{kind}|.7f}}}}" in told
    assert "on record in the references is {{lit:new2025|0.0365298}}" in told and "supports no claim" in told
    assert reached(SimpleNamespace(**vars(paper) | {"literature": SimpleNamespace(entries=dict)})) == ""


def test_a_program_s_own_figure_has_the_digits_of_the_one_that_it_reports() -> None:
    certified = Metric(name="overlap", margin=0.0001, primary=True)
    own = Metric(name="claimed", self_reported=True, reports="overlap")
    other = Metric(name="pace")
    paper = SimpleNamespace(
        domain=SimpleNamespace(metrics=(certified, own, other), metric=lambda name: certified),
        protocol=SimpleNamespace(arms=("arm",)), brief=str, view=None,
        arm=lambda arm, kind, metric, spec: f"{metric.name}|{spec}",
    )  # fmt: skip
    assert [secondary.centre(paper, "arm", m) for m in (own, other)] == ["claimed|.5f", "pace|None"]
