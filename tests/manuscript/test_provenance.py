from novum.manuscript.marks import mark, unmarked
from novum.manuscript.memory import InMemoryLookup, KnownStatistic
from novum.manuscript.provenance import complete, fold, provenance_table
from novum.manuscript.references import resolve
from tests.manuscript import sample

MANY = ("m1", "m2", "m3", "m4")
ARM = {"unit": "updates", "phase": "confirm", "n": 4, "config": {"some_y": 2.0, "x": "a"}, "sources": MANY}
LOOKUP = InMemoryLookup(
    statistics=(
        KnownStatistic(id="b", label="mean of lag", value=3.14159, **ARM),
        KnownStatistic(id="c", label="median of lag", value=3.0, **ARM),
        KnownStatistic(id="a", label="odd | name", value=2.0),
        KnownStatistic(id="d", label="estimate", value=5.0, claim="C1 (size)", config={}, n=4, sources=MANY),
        KnownStatistic(id="e", label="margin", value=0.5, claim="C1 (size)"),
    )
)  # fmt: skip
SOURCE = "{{m:b|.1f}} {{m:a|.1f}} {{m:b|.2f}} {{m:b|.1f}} {{m:d|.0f}} {{m:c|.0f}} {{m:e|.1f}}"


def test_each_number_once_by_what_it_is_of_with_every_text_it_became():
    table = provenance_table(resolve(SOURCE, LOOKUP), LOOKUP)
    assert all(mark("row", id, f"`{id}`") in table for id in "abcde")
    rows = unmarked(table).splitlines()[2:]
    measured = "4 seeds: 4 measurements, by reference in claims.json"
    assert rows == [
        f"| C1 (size) | estimate **5** `d`; margin **0.5** `e` | {measured} |",
        f"| some y 2, x a (confirm) | mean of lag in updates **3.1 or 3.14** `b`; "
        f"median of lag in updates **3** `c` | {measured} |",
        "| the study | odd \\| name **2.0** `a` | the study's record |",
    ]


def test_source_lists_fold():
    assert fold(("m1",)) == "`m1`" and fold(("m1", "m2")) == "`m1`, `m2`"
    assert fold(("m1", "m2", "m3"), "here.json") == "3 measurements, by reference in here.json"
    assert fold(()) == "the study's record"


def test_the_table_stands_where_the_source_says():
    resolved = resolve("{{m:a|.1f}}\n\n{{provenance}}\n\nafter", LOOKUP)
    assert resolved.faults == ()
    marked = mark("m", "a", "2.0")
    assert complete(resolved, LOOKUP) == f"{marked}\n\n{provenance_table(resolved, LOOKUP)}\n\nafter"


def test_every_number_of_the_sample_has_a_row():
    lookup = sample.lookup()
    resolved = resolve(sample.SOURCE, lookup)
    table = provenance_table(resolved, lookup)
    used = {u.id for u in resolved.used if u.kind == "m"}
    assert len(used) >= 12 and all(f"`{id}`" in table for id in used)
    assert unmarked(table).count(" `") >= len(used) > len(table.splitlines()) - 2
