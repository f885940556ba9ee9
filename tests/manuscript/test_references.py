import pytest

from novum.manuscript.memory import InMemoryLookup, KnownClaim, KnownStatistic
from novum.manuscript.references import citations, resolve
from tests.manuscript.sample import FIGURES

LOOKUP = InMemoryLookup(
    statistics=(KnownStatistic(id="a1", value=0.12345), KnownStatistic(id="gone", label="lag", value=None)),
    claims=(KnownClaim(id="c1", verdict="refuted"),),
    figures=FIGURES,
    settings={"weight_decay": 1.0, "optimiser": "adamw", "high.weight_decay": 1.0, "low.weight_decay": 0.0},
    entries={"power": {"values": r"99 \% after 1.5 million"}},
)
LOOKUP.statistics["n00000000001"] = KnownStatistic(id="n00000000001", value=24)
F1, F2 = FIGURES[0].id, FIGURES[1].id


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("x {{m:a1|.3f}} y", "x 0.123 y"),
        ("{{ m:a1 | .1% }}", "12.3%"),
        ("it is {{c:c1}}.", "it is refuted."),
        ("{{cfg:weight_decay}} and {{cfg:optimiser}}", "1 and adamw"),
        ("at {{lit:power|99 %}} there", "at 99 % [@power] there"),
        ("| {{m:a1|.2f}} | {{c:c1}} |", "| 0.12 | refuted |"),
        ("`{{m:a1}}` stays", "`{{m:a1}}` stays"),
        ("```\n{{m:a1}}\n```", "```\n{{m:a1}}\n```"),
        ("$p = {{m:a1|.1f}}$", "$p = 0.1$"),
        ("$\\frac{{a}}{b}$", "$\\frac{{a}}{b}$"),
    ],
)
def test_references_become_text(source, text):
    resolved = resolve(source, LOOKUP)
    assert resolved.text == text and resolved.faults == ()


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("{{m:nothing}}", "unknown-id"),
        ("{{c:nothing}}", "unknown-id"),
        ("{{cfg:nothing}}", "unknown-id"),
        ("{{lit:nothing|3}}", "unknown-id"),
        ("see {{fig:nothing}}", "unknown-id"),
        ("{{fig:nothing}}", "unknown-id"),
        ("{{m:gone|.2f}}", "missing-value"),
        ("{{m:a1|int}}", "bad-format"),
        ("{{m:a1|nonsense}}", "bad-format"),
        ("{{c:c1|.2f}}", "bad-format"),
        ("{{lit:power}}", "bad-format"),
        ("{{lit:power|9 %}}", "unstated-value"),
        ("{{lit:power|5 million}}", "unstated-value"),
        (f"see {{{{fig:{F1}}}}}", "figure-not-placed"),
        (f"{{{{fig:{F1}}}}}\n\n{{{{fig:{F1}}}}}", "figure-placed-twice"),
        (f"{{{{fig:{F1}|huge}}}}", "bad-format"),
        ("{{x:a1}}", "malformed-reference"),
        ("{{m:a1", "malformed-reference"),
        ("{{}}", "malformed-reference"),
    ],
)
def test_what_cannot_be_resolved_is_a_fault(source, rule):
    assert [f.rule for f in resolve(source, LOOKUP).faults] == [rule]


def test_a_fault_names_line_and_column():
    (fault,) = resolve("one\n\ntwo {{m:nothing}}", LOOKUP).faults
    assert (fault.line, fault.column) == (3, 5) and "nothing" in str(fault)


def test_what_is_unresolved_stays_visible():
    assert resolve("x {{m:nothing}}", LOOKUP).text == "x ⟦nothing?⟧"


def test_figures_are_numbered_in_order_of_placement():
    source = f"{{{{fig:{F2}}}}} before {{{{fig:{F1}}}}}.\n\n{{{{fig:{F1}|wide}}}}\n\n{{{{fig:{F2}}}}}\n"
    resolved = resolve(source, LOOKUP)
    assert resolved.faults == ()
    assert [(f.id, f.number, f.wide) for f in resolved.figures] == [(F1, 1, True), (F2, 2, False)]
    assert resolved.text.startswith(f"[Figure 2](#fig-{F2}) before [Figure 1](#fig-{F1}).")
    assert f"(figures/{F1}.svg){{#fig-{F1} .wide}}" in resolved.text


def test_captions_are_source_too():
    resolved = resolve(f"{{{{fig:{F1}}}}}", LOOKUP)
    assert "one of 24 seeds" in resolved.text
    assert ("m", "n00000000001", "24") in [(u.kind, u.id, u.text) for u in resolved.used]


def test_used_references_keep_order_and_place():
    used = resolve("{{m:a1|.1f}}\n{{c:c1}} {{m:a1|.2f}}", LOOKUP).used
    assert [(u.kind, u.text, u.line, u.column) for u in used] == [
        ("m", "0.1", 1, 1), ("c", "refuted", 2, 1), ("m", "0.12", 2, 10)]  # fmt: skip


def test_values_in_front_matter_stay_valid_toml():
    lookup = InMemoryLookup(settings={"odd": 'a "quoted" \\ word'})
    text = resolve('+++\ntitle = "{{cfg:odd}}"\n+++\n', lookup).text
    assert 'title = "a \\"quoted\\" \\\\ word"' in text


def test_citations_in_order_once_and_not_in_code_or_addresses():
    text = "[@b; @a, p. 3] and @a. But `@c`, me@example.org and\n\n```\n@d\n```\n"
    assert citations(text) == ("b", "a")
