from novum.manuscript.marks import mark, unmarked
from novum.manuscript.memory import InMemoryLookup, KnownStatistic
from novum.manuscript.provenance import complete, fold, provenance_table
from novum.manuscript.references import resolve
from tests.manuscript import sample

LOOKUP = InMemoryLookup(
    statistics=(
        KnownStatistic(id="b", label="mean of lag", unit="updates", phase="confirm", n=4,
                       config={"y": 2.0, "x": 1.0}, value=3.14159, sources=("m1", "m2", "m3", "m4")),
        KnownStatistic(id="a", label="odd | name", value=2.0),
    )
)  # fmt: skip


def test_each_number_once_in_order_of_appearance_with_every_text_it_became():
    table = provenance_table(resolve("{{m:b|.1f}} {{m:a|.1f}} {{m:b|.2f}} {{m:b|.1f}}", LOOKUP), LOOKUP)
    assert mark("row", "b", "`b`") in table and mark("row", "a", "`a`") in table
    rows = unmarked(table).splitlines()[2:]
    assert len(rows) == 2
    assert rows[0] == (
        "| 3.1; 3.14 | `b` | mean of lag in updates; x = 1.0, y = 2.0; confirm phase | 4 "
        "| 4 measurements: `m1`, `m2`, …; all in claims.json |"
    )
    assert "odd \\| name" in rows[1]


def test_source_lists_fold():
    assert fold(("m1",)) == "`m1`" and fold(("m1", "m2")) == "`m1`, `m2`"
    assert fold(("m1", "m2", "m3"), "here.json") == "3 measurements: `m1`, `m2`, …; all in here.json"
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
    assert len(table.splitlines()) == 2 + len(used)
