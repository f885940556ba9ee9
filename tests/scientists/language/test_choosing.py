# ruff: noqa: E501 (answers of a model stand on long lines)
"""Whole studies whose versions several models write: who is asked is chosen, recorded, and told."""

from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from novum import api
from novum.cli import tables
from novum.domains import new_domain
from novum.events import ModelAsked, NodeCommissioned
from novum.records import Settings
from novum.report.searched import searched
from novum.state import State, fold
from novum.steps.build import assigned

TRIALS = 24
SCRIPT = '''
import random
import re
from pathlib import Path

from novum.errors import NotAllowed
from novum.records import Prices
from tests.scientists.language.acting import DONE, NOVEL, PROGRAM_IDEA

NAME = "scripted:{name}"
PRICES = Prices(input={price}, output={price})
FIT = Path("{fit}").read_text()


def code(request):
    if {down}:
        raise NotAllowed("the account is closed")
    told = "".join(part.text for part in request.parts)
    offset = float(re.findall("OFFSET = ([0-9.]+)", told)[-1])
    better = random.Random(request.sample).random() < {skill}
    offset *= (0.8 if better else 1.1) - 0.001 * request.sample
    text = re.sub("OFFSET = [0-9.]+", f"OFFSET = {{offset:.6f}}", FIT)
    return f"PLAN: another offset\\nFILE: fit.py\\n<<<<<<< CONTENT\\n{{text}}\\n>>>>>>> END\\n"


def ideate(request):
    if request.output_name == "Plan":
        compared = {{"kind": "main_effect", "factor": "program", "start": "original", "end": "champion", "direction": "less"}}
        return {{"metric": "heldout_error", "comparisons": [compared], "seeds_per_arm": 8, "rationale": "-"}}
    return {{"IdeaProposal": PROGRAM_IDEA, "Reflection": DONE}}[request.output_name]


def judge(request):
    fine = {{"as_planned": True, "broken": False, "finding": "It moves the offset."}}
    return NOVEL if request.output_name == "NoveltyVerdict" else fine
'''  # fmt: skip


def studied(folder: Path, models: dict[str, tuple[float, float, bool]]) -> api.Outcome:
    """A study of an offset that has to go, by models of a skill and a price, some of them out of reach."""
    new_domain(folder / "toy", "toy")
    toml, fit = folder / "toy" / "domain.toml", folder / "toy" / "fit.py"
    toml.write_text(toml.read_text().replace("explore_trials = 4", f"explore_trials = {TRIALS}", 1))
    shifted = fit.read_text().replace("rcond=None)[0]", "rcond=None)[0] + OFFSET")
    fit.write_text(shifted.replace("\n\ndef main", "\nOFFSET = 5.0\n\n\ndef main", 1))
    names = []
    for name, (skill, price, down) in models.items():
        text = SCRIPT.format(name=name, skill=skill, price=price, down=down, fit=fit)
        (folder / f"{name}.py").write_text(text)
        names.append(f"scripted:{folder / name}.py")
    settings = Settings(domain=str(folder / "toy"), budget="smoke", seed=1, executor="inline", sandbox="none",
                        workers=1, scientist="language", model_ideate=names[0], model_judge=names[0],
                        model_code=names[0], model_fallback=",".join(names[1:]), proposals=1,
                        model_choice="bandit")  # fmt: skip
    return api.run(settings, lab=folder / "lab")


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> api.Outcome:
    folder = tmp_path_factory.mktemp("choosing")
    return studied(folder, {"poor": (0.1, 2.0, False), "good": (0.95, 2.0, False), "down": (1.0, 2.0, True)})


@pytest.fixture(scope="module")
def state(outcome: api.Outcome) -> State:
    return api.open_study(outcome.path).state


def first_of(state: State) -> Counter[str]:
    return Counter(Path(choice.models[0]).stem for choice in state.choices.values())


def test_the_study_ends_audited_and_leans_to_the_better_model(outcome: api.Outcome, state: State) -> None:
    assert outcome.exit_code == 0 and state.audit_passed, outcome.message
    first = first_of(state)
    assert set(first) == {"poor", "good", "down"} and first["good"] > sum(first.values()) / 2
    tuned = sum(c.operator == "tune" for c in state.commissions.values())
    assert sum(first.values()) == len(state.commissions) - tuned


def test_each_choice_follows_from_what_was_on_record(outcome: api.Outcome) -> None:
    """So a study that is resumed or replayed chooses the same."""
    events = list(api.open_study(outcome.path).events())
    chosen = [(e.body, e.seq) for e in events if isinstance(e.body, NodeCommissioned) and e.body.choice]
    assert len(chosen) > TRIALS / 2
    for body, seq in chosen:
        assert assigned(fold(e for e in events if e.seq < seq), body.commission) == body.choice


def test_a_model_out_of_reach_falls_to_the_next_and_is_asked_no_more_than_it_earns(state: State) -> None:
    down = [c for c in state.choices if Path(state.choices[c].models[0]).stem == "down"]
    calls = [call for call in state.model_calls.values() if call.node in down]
    assert calls and all(call.answered for call in calls)
    assert all([Path(a.model).stem for a in call.tried.values()] == ["down", "poor"] for call in calls)
    assert all(set(state.made) | set(state.abandoned) >= {call.node} for call in calls)
    assert len(down) < first_of(state)["good"] / 2


def test_it_is_told_in_the_tree_the_json_and_the_paper(state: State) -> None:
    told = searched(state)
    written = [node for node in told["nodes"] if node["choice"]]
    assert written and all(node["cost"]["models"] and node["cost"]["usd"] > 0 for node in written)
    assert all(sum(node["choice"]["odds"].values()) == pytest.approx(1) for node in written)
    out = StringIO()
    Console(file=out, width=140).print(tables.programs_tree(state, told))
    assert "model (odds)" in out.getvalue() and "good.py (" in out.getvalue()
    assert state.paper is not None
    assert "drawn by Thompson sampling with costs" in state.paper.source


def test_journals_name_a_model_by_its_own_name_and_as_the_settings_know_it(outcome: api.Outcome) -> None:
    asked = [e.body for e in api.open_study(outcome.path).events() if isinstance(e.body, ModelAsked)]
    assert {a.model for a in asked} == {"scripted:poor", "scripted:good", "scripted:down"}
    assert {Path(a.known_as).name for a in asked} == {"poor.py", "good.py", "down.py"}


def test_where_every_model_is_out_of_reach_the_study_stops_and_can_be_resumed(tmp_path: Path) -> None:
    outcome = studied(tmp_path, {"one": (1.0, 2.0, True), "two": (1.0, 2.0, True)})
    assert outcome.exit_code == 4
    state = api.open_study(outcome.path).state
    asked = state.open_commissions  # two at a time, for one worker that is not to wait
    assert [state.choices[c.id].models[0][-6:] for c in asked] == ["one.py", "two.py"]
