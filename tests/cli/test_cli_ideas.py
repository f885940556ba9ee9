"""`novum ideas`, with a model and without, and studies of ideas chosen by id or brought in a file."""

import json
from pathlib import Path

import pytest

from novum.domains import new_domain
from novum.errors import UserError
from novum.ideas import read_seed_ideas

SCRIPT = """
from tests.scientists.language.acting import DONE, NOVEL, idea

IDEAS = [idea(), idea(title="Points against noise", kind="interaction", factors=["points", "noise"], interest=9)]

def answer(request):
    if request.output_name == "IdeaProposal":
        earlier = request.parts[-2].text
        return IDEAS[IDEAS[0]["title"] in earlier] | ({"title": "As the person wanted"} if "sharpen" in request.parts[-1].text else {})
    return {"Reflection": DONE, "NoveltyVerdict": NOVEL}.get(request.output_name, "-")
"""  # noqa: E501


@pytest.fixture
def model(tmp_path: Path) -> str:
    new_domain(tmp_path / "toy", "toy")
    (tmp_path / "model.py").write_text(SCRIPT)
    return "scripted:model.py"


def test_without_a_model_the_open_questions_are_listed(novum, model: str) -> None:
    said = novum("ideas", "toy", "-n", "3", "--json")
    told = json.loads(said.out)
    assert said.code == 0 and len(told["ideas"]) == 3 and told["study"] == ""
    scores = [idea["scores"]["total"] for idea in told["ideas"]]
    assert scores == sorted(scores, reverse=True)
    assert json.loads(novum("list", "--json").out)["studies"] == []


def test_with_a_model_its_ideas_wait_in_a_study_and_one_is_chosen_by_id(novum, model: str) -> None:
    said = novum("ideas", "toy", "-n", "2", "--model", model, "--json", "-q")
    assert said.code == 0, said.err
    told = json.loads(said.out)
    assert [idea["kind"] for idea in told["ideas"]] == ["interaction", "main_effect"]
    assert told["study"] and all(idea["novelty"] == "novel" for idea in told["ideas"])
    second = told["ideas"][1]
    said = novum(
        "run", "toy", "--idea", second["id"][:6], "--model", model, "--until", "ideas", "--json", "-q"
    )
    assert said.code == 0, said.err
    shown = json.loads(novum("show", "--json").out)
    assert shown["idea"]["id"] == second["id"]


def test_an_idea_that_is_not_there_is_named(novum, model: str) -> None:
    said = novum("run", "toy", "--idea", "abc", "--model", model)
    assert said.code == 2 and "there is no idea 'abc'" in said.err
    said = novum("run", "toy", "--idea", "zzz")
    assert said.code == 2 and "0 open ideas begin with 'zzz'" in said.err


def test_ideas_of_a_file_are_put_into_form(novum, model: str) -> None:
    Path("seeds.json").write_text(
        json.dumps([{"Name": "sharp", "Title": "sharpen the penalty", "Novelty": 4}])
    )
    said = novum("ideas", "toy", "-n", "1", "--model", model, "--seed-ideas", "seeds.json", "--json", "-q")
    assert json.loads(said.out)["ideas"][0]["title"] == "As the person wanted", said.err
    said = novum("ideas", "toy", "--seed-ideas", "seeds.json")
    assert said.code == 2 and "reads no ideas of others" in said.err


def test_files_of_ideas_are_read_with_care(tmp_path: Path) -> None:
    path = tmp_path / "ideas"
    path.write_text('[{"Title": "A", "Experiments": ["x", "y"], "novel": true}, "B", 3, {}]')
    assert read_seed_ideas(path) == ("Title: A\nExperiments: x; y", "B")
    path.write_text("# One idea\nin plain words")
    assert read_seed_ideas(path) == ("# One idea\nin plain words",)
    for text in ("[]", "   ", "[3]"):
        path.write_text(text)
        with pytest.raises(UserError, match="holds 0 ideas"):
            read_seed_ideas(path)
    with pytest.raises(UserError, match="cannot be read"):
        read_seed_ideas(tmp_path / "none")
