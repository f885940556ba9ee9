"""The right number by the wrong noun."""

import pytest

from novum.manuscript.checks import Vocabulary, check
from novum.manuscript.memory import InMemoryLookup, KnownClaim, KnownStatistic

WORDS = Vocabulary(
    metrics={
        "updates": ("updates", "updates to generalise"),
        "lag": ("lag", "lag of generalising behind updates"),
    },
    factors={
        "decay": ("decay", "weight decay"),
        "optimiser": ("optimiser",),
        "ema": ("ema", "decay of the running mean"),
    },
    levels={"optimiser": ("adamw", "sgd")},
)


def _of(id: str, value: float = 1.5, kind: str = "mean", metric: str = "updates", phase: str = "confirm",
        n: int = 24, **more) -> KnownStatistic:  # fmt: skip
    return KnownStatistic(id=id, kind=kind, metric=metric, phase=phase, n=n, value=value, label=id, **more)


LOOKUP = InMemoryLookup(
    statistics=(
        _of("low", config={"decay": 0.0, "optimiser": "adamw"}),
        _of("high", config={"decay": 1.0, "optimiser": "adamw"}),
        _of("sgd", config={"decay": 1.0, "optimiser": "sgd"}),
        _of("explored", phase="explore", n=2),
        _of("middle", kind="median"),
        _of("lag", metric="lag"),
        _of("difference", kind="estimate", claim="c1", n=48),
        _of("other", kind="estimate", claim="c2"),
        _of("margin", kind="margin", claim="c1", n=0),
        KnownStatistic(id="n24", kind="n", value=24.0),
        KnownStatistic(id="n12", kind="planned_n", value=12.0),
        KnownStatistic(id="level0", kind="config", name="decay", value=0.0, config={"decay": 0.0}),
    ),
    claims=(KnownClaim(id="c1", verdict="supported"), KnownClaim(id="c2", verdict="refuted")),
    settings={"decay": 1.0, "arm.a.decay": 0.0, "arm.b.decay": 1.0},
)
SOUND = [
    "In the confirmation phase it was {{m:low}}.",
    "In exploration it was {{m:explored}}, in confirmation {{m:low}}.",
    "The median was {{m:middle}}.",
    "The mean was {{m:low}} and the median {{m:middle}}.",
    "The lag was {{m:lag}}.",
    "The lag was {{m:lag}} where the updates to generalise were {{m:low}}.",
    "The lag of generalising behind updates was {{m:lag}}.",
    "At decay {{cfg:arm.a.decay}} it was {{m:low}}.",
    "It was {{m:low}} at {{cfg:arm.a.decay}} and {{m:high}} at {{cfg:arm.b.decay}}.",
    "At {{cfg:arm.a.decay}} and {{cfg:arm.b.decay}} it was {{m:low}} and {{m:high}}.",
    "At decay {{m:level0}} it was {{m:low}}.",
    "With the optimiser sgd it was {{m:sgd}}.",
    "We add sgd noise to reach {{m:low}}.",
    "The estimate is {{m:difference}}, and the claim is {{c:c1}}.",
    "With {{m:n24|int}} seeds it was {{m:low}}.",
    "With {{m:n24|int}} seeds per arm the difference was {{m:difference}}.",
    "Beside the exploration stands the margin {{m:margin}}.",
    "With another decay of the running mean the median was {{m:middle}}.",
    "| Decay of the running mean | {{m:middle}} |",
]
WRONG = [
    ("In the exploration phase it was {{m:low}}.", "wrong-phase"),
    ("The confirmed mean is {{m:explored}}.", "wrong-phase"),
    ("In exploration it was {{m:low}}, in confirmation {{m:explored}}.", "wrong-phase"),
    ("The median was {{m:low}}.", "wrong-kind"),
    ("The standard deviation was {{m:low}}.", "wrong-kind"),
    ("With another decay of the running mean the mean was {{m:middle}}.", "wrong-kind"),
    ("With decay of the running the mean was {{m:middle}}.", "wrong-kind"),
    ("The median was {{m:low}} and the mean {{m:middle}}.", "wrong-kind"),
    ("The lag was {{m:low}}.", "wrong-metric"),
    ("The updates to generalise were {{m:lag}}.", "wrong-metric"),
    ("At decay {{cfg:arm.b.decay}} it was {{m:low}}.", "wrong-arm"),
    ("It was {{m:high}} at {{cfg:arm.a.decay}} and {{m:low}} at {{cfg:arm.b.decay}}.", "wrong-arm"),
    ("At {{cfg:arm.a.decay}} and {{cfg:arm.b.decay}} it was {{m:high}} and {{m:low}}.", "wrong-arm"),
    ("At decay {{m:level0}} it was {{m:high}}.", "wrong-arm"),
    ("With the optimiser sgd it was {{m:low}}.", "wrong-arm"),
    ("The estimate is {{m:other}}, and the claim is {{c:c1}}.", "wrong-claim"),
    ("With {{m:n12|int}} seeds it was {{m:low}}.", "wrong-n"),
    ("It was {{m:explored}} ($n = {{m:n24|int}}$).", "wrong-n"),
    ("With {{m:n24|int}} seeds the difference was {{m:difference}}.", "wrong-n"),
]


@pytest.mark.parametrize("sentence", SOUND)
def test_a_number_by_its_noun_passes(sentence):
    assert check(sentence, LOOKUP, WORDS) == []


@pytest.mark.parametrize(("sentence", "rule"), WRONG)
def test_a_number_by_the_wrong_noun_is_a_fault(sentence, rule):
    assert {f.rule for f in check(sentence, LOOKUP, WORDS)} == {rule}


@pytest.mark.parametrize(("sentence", "rule"), WRONG[:3])
def test_a_table_row_is_a_sentence(sentence, rule):
    table = f"| a |\n|---|\n| {sentence} |\n"
    assert {f.rule for f in check(table, LOOKUP, WORDS)} == {rule}


def test_a_domain_gives_the_vocabulary():
    from novum.manuscript.checks import vocabulary
    from novum.records import Budget, Domain, Factor, Metric, Program

    domain = Domain(id="d", title="d", question="q", evaluator=("x",),
                    programs={"p": Program(command=("x",))},
                    metrics=(Metric(name="final_accuracy", title="held-out accuracy"),),
                    factors=(Factor(name="optimiser", levels=("adamw", "sgd"), baseline="sgd"),),
                    budgets={"smoke": Budget(explore_trials=1, confirm_seeds=2, seconds=1.0)})  # fmt: skip
    words = vocabulary(domain)
    assert words.metrics == {"final_accuracy": ("final_accuracy", "final accuracy", "held-out accuracy")}
    assert words.levels == {"optimiser": ("adamw", "sgd")}


def test_digits_within_the_terms_of_a_study_are_no_results():
    words = Vocabulary(metrics={"t99": ("t99", "time to 99 % accuracy")})
    assert check("The time to 99 % accuracy is what we measure.", LOOKUP, words) == []
    assert [f.rule for f in check("The time to 98 % accuracy is what we measure.", LOOKUP, words)] == [
        "bare-number"
    ]
