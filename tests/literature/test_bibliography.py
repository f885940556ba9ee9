import pytest

from novum.literature.bibliography import Bibliography, InMemoryLiterature
from novum.literature.states import parse_states
from novum.records import Contrast

TEXT = r"""
@article{first2020, title = {A {Title} of \"odd\" things}, author = {One, A. and Two, B.}, year = 2020,
  states = {decay: up -> steps: down; optimiser: sgd -> adamw -> steps: down; size: up -> steps: same},
  values = {99 \%}}
@misc{broken2021, title = {never closed
@inproceedings{third2022, title = "Third", year = "2022", states = {decay is good}}
@article{first2020, title = {A repeated key}}
"""
BASE = {"decay": 0.5, "optimiser": "sgd", "size": 1.0}


def contrast(a: dict, b: dict, direction: str = "less", **more) -> Contrast:
    return Contrast(id="c", text="", metric=more.pop("metric", "steps"), a=a, b=b, direction=direction,
                    margin=1.0, estimand=more.pop("estimand", "mean_diff"), test="welch", **more)  # fmt: skip


def test_entries_with_their_fields():
    entries = Bibliography(TEXT).entries()
    assert list(entries) == ["first2020", "third2022"]
    assert (
        entries["first2020"]["author"] == "One, A. and Two, B."
        and entries["first2020"]["entrytype"] == "article"
    )


def test_broken_blocks_are_reported_and_not_fatal():
    problems = Bibliography(TEXT).problems
    assert len(problems) == 3
    assert any("broken2021" in p for p in problems) and any("first2020" in p for p in problems)
    assert any("decay is good" in p and "factor: up -> metric: down" in p for p in problems)


@pytest.mark.parametrize(
    "text", ["", "no bibtex at all", "@", "@article{", "@article{a}", "@string{x = {y}}", "%"]
)
def test_no_text_is_fatal(text):
    assert len(Bibliography(text).entries()) <= 1


def test_what_is_rendered_lacks_our_own_fields():
    bibtex = Bibliography(TEXT).bibtex()
    assert "states" not in bibtex and "values" not in bibtex and "entrytype" not in bibtex
    again = Bibliography(bibtex)
    assert again.problems == () and list(again.entries()) == ["first2020", "third2022"]
    assert again.entries()["first2020"]["title"] == r"A {Title} of \"odd\" things"


@pytest.mark.parametrize(
    ("claim", "relation"),
    [
        (contrast({"decay": 0.0}, {"decay": 1.0}), "agrees"),
        (contrast({"decay": 1.0}, {"decay": 0.0}), "contradicts"),
        (contrast({"decay": 1.0}, {"decay": 0.0}, "greater"), "agrees"),
        (contrast({"decay": 0.0}, {"decay": 1.0}, "equivalent"), "contradicts"),
        (contrast({}, {"decay": 1.0}), "agrees"),
        (contrast({"optimiser": "sgd"}, {"optimiser": "adamw"}), "agrees"),
        (contrast({"optimiser": "adamw"}, {"optimiser": "SGD"}, "greater"), "agrees"),
        (contrast({"size": 1.0}, {"size": 2.0}, "equivalent"), "agrees"),
        (contrast({"size": 1.0}, {"size": 2.0}, "greater"), "contradicts"),
        (contrast({"decay": 0.0}, {"decay": 1.0}, estimand="slope"), "agrees"),
        (contrast({"decay": 0.0}, {"decay": 1.0}, metric="loss"), None),
        (contrast({"optimiser": "lion"}, {"optimiser": "adamw"}), None),
        (contrast({"decay": 0.0}, {"decay": 1.0, "size": 2.0}), None),
        (contrast({"decay": 0.0}, {"decay": 1.0}, estimand="interaction"), None),
        (contrast({"decay": 0.5}, {}), None),
    ],
)
def test_statements_on_a_contrast(claim, relation):
    for literature in (Bibliography(TEXT), InMemoryLiterature(Bibliography(TEXT).entries())):
        found = literature.statements(claim, BASE)
        assert [(key, r) for key, r, _ in found] == ([("first2020", relation)] if relation else [])


def test_the_observed_direction_overrides_the_predicted_one():
    claim = contrast({"decay": 0.0}, {"decay": 1.0}, "less")
    ((key, relation, statement),) = Bibliography(TEXT).statements(claim, BASE, "greater")
    assert (key, relation, statement) == ("first2020", "contradicts", "decay: up -> steps: down")


@pytest.mark.parametrize(
    ("field", "count", "broken"),
    [
        ("", 0, 0),
        ("a: up -> m: down", 1, 0),
        ("a: up → m: down;", 1, 0),
        ("a: 0.5 -> 1 -> m: up ; b: down -> m: same", 2, 0),
        ("a: sideways -> m: down", 0, 1),
        ("a: up -> m: better", 0, 1),
        ("a: x -> x -> m: up", 0, 1),
        ("a: up m: down", 0, 1),
        ("-> : ->", 0, 1),
        ("a: x -> y -> z -> m: up", 0, 1),
    ],
)
def test_the_grammar_of_states(field, count, broken):
    statements, pieces = parse_states(field)
    assert (len(statements), len(pieces)) == (count, broken)


def test_numeric_levels_compare_as_numbers():
    literature = InMemoryLiterature({"k": {"states": "batch: 8 -> 16 -> steps: up"}})
    claim = contrast({"batch": 8.0}, {"batch": 16.0}, "greater")
    assert [r for _, r, _ in literature.statements(claim, {})] == ["agrees"]


def test_the_shipped_domain_has_a_sound_bibliography():
    from importlib.resources import files

    text = (files("novum.domains") / "grokking" / "references.bib").read_text()
    assert Bibliography(text).problems == () and len(Bibliography(text).entries()) >= 5
