"""RO-Crates: readable by others, complete, honest about who wrote the study, bounded."""

import json
import zipfile
from pathlib import Path

import pytest

from novum.canonical import sha256
from novum.errors import UserError
from novum.export import actions, export
from novum.export.actions import MOST_ACTIONS
from novum.export.crate import METADATA
from novum.export.source import read_source


def graph_of(study: Path, out: Path) -> dict[str, dict]:
    """The entities of a study's crate by id, written in place."""
    made = export(study, "rocrate", study)
    assert made.files == (str(study.resolve() / METADATA),)
    document = json.loads((study / METADATA).read_text())
    assert document["@context"] == "https://w3id.org/ro/crate/1.1/context"
    ids = [entity["@id"] for entity in document["@graph"]]
    assert len(ids) == len(set(ids))
    return {entity["@id"]: entity for entity in document["@graph"]}


def of_type(graph: dict[str, dict], kind: str) -> list[dict]:
    return [entity for entity in graph.values() if entity["@type"] == kind]


def references(value) -> list[str]:
    """Every `{"@id": …}` within a value."""
    if isinstance(value, dict):
        return [value["@id"]] if set(value) == {"@id"} else [r for v in value.values() for r in references(v)]
    return [r for v in value for r in references(v)] if isinstance(value, list) else []


@pytest.fixture
def graph(toy: Path, tmp_path: Path) -> dict[str, dict]:
    return graph_of(toy, tmp_path)


def test_every_reference_leads_somewhere(graph):
    outside = ("http://schema.org/", "https://w3id.org/ro/crate/1.1")
    missing = {r for e in graph.values() for r in references(list(e.values())) if r not in graph}
    assert {r for r in missing if not r.startswith(outside)} == set()
    root = graph["./"]
    assert {"name", "description", "datePublished", "license", "author", "creditText"} <= set(root)


def test_files_are_those_of_the_folder(graph, toy):
    files = of_type(graph, "File")
    assert {
        "journal.sqlite",
        "protocol.json",
        "measurements.csv",
        "claims.json",
        "paper/paper.md",
        "paper/paper.tex",
    } <= {f["@id"] for f in files}
    for entity in files:
        data = (toy / entity["@id"]).read_bytes()
        assert (entity["sha256"], entity["contentSize"]) == (sha256(data), str(len(data)))


def test_the_author_line_says_which_scientist_wrote_it(graph, toy):
    state = read_source(toy).state
    author = graph[graph["./"]["author"]["@id"]]
    assert author["@type"] == "SoftwareApplication"
    assert (
        graph["./"]["creditText"]
        == author["name"]
        == f"Novum {state.novum_version}, systematic scientist (no language model)"
    )
    assert "no person took part" in author["description"]
    assert not of_type(graph, "Person")


def test_claims_have_their_verdicts(graph, toy):
    state = read_source(toy).state
    verdicts = {
        r["itemReviewed"]["@id"]: graph[r["reviewRating"]["@id"]]["ratingValue"]
        for r in of_type(graph, "ClaimReview")
    }
    assert verdicts == {f"#claim-{id}": d.verdict for id, d in state.decisions.items()} and verdicts
    assert {c["text"] for c in of_type(graph, "Claim")} == {c.text for c in state.protocol.contrasts}


def test_every_trial_is_an_action(graph, toy):
    state = read_source(toy).state
    acts = {a["@id"]: a for a in of_type(graph, "CreateAction")}
    assert {f"#trial-{id}" for id in state.trials} | {"#write"} == set(acts)
    failed = {f"#trial-{t.id}" for t in state.trials.values() if t.status == "failed"}
    assert {id for id, a in acts.items() if "Failed" in a["actionStatus"]} == failed
    assert all(a["startTime"] <= a["endTime"] for a in acts.values())


def test_actions_are_bounded(toy, monkeypatch):
    monkeypatch.setattr(actions, "MOST_ACTIONS", 3)
    graph = graph_of(toy, toy)
    acts = [a["@id"] for a in of_type(graph, "CreateAction")]
    assert len([id for id in acts if id.startswith("#trial-")]) == 3
    state = read_source(toy).state
    assert all(
        state.trials[id.removeprefix("#trial-")].phase == "confirm" for id in acts if id.startswith("#trial-")
    )
    counted = sum(int(graph[id]["name"].split()[0]) for id in acts if id.startswith("#trials-"))
    assert counted == len(state.trials) - 3 and MOST_ACTIONS == 200


def test_the_zip_is_a_crate_that_the_rocrate_package_reads(toy, tmp_path):
    rocrate = pytest.importorskip("rocrate.rocrate")
    made = export(toy, "rocrate", tmp_path / "crate.zip")
    again = export(toy, "rocrate", tmp_path / "again.zip")
    assert made.path.read_bytes() == again.path.read_bytes()
    with zipfile.ZipFile(made.path) as archive:
        names = archive.namelist()
        assert not any(name.startswith(("nodes/", "exports/")) for name in names)
        assert sum(name.startswith("blobs/") for name in names) == len(
            list((toy / "blobs").rglob("??*"))
        ) - len([p for p in (toy / "blobs").rglob("*") if p.is_dir()])
        archive.extractall(tmp_path / "crate")
    crate = rocrate.ROCrate(tmp_path / "crate")
    assert crate.root_dataset["identifier"] == toy.name
    assert {e.id for e in crate.data_entities} >= {"journal.sqlite", "measurements.csv", "blobs/"}
    assert crate.mainEntity is None and crate.root_dataset["author"]["name"].startswith("Novum ")


def test_an_unfinished_study_is_no_crate(made):
    with pytest.raises(UserError, match="is not finished: it is in its stage"):
        export(made, "rocrate")


def test_a_study_being_written_is_no_crate(toy):
    (toy / "journal.sqlite-wal").write_bytes(b"x")
    with pytest.raises(UserError, match=r"is being written|damaged"):
        export(toy, "rocrate")
