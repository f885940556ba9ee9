"""Ideas judged again as trials arrive: at pinned points, from the trials proposed up to there alone."""

import random
from pathlib import Path

import pytest

from novum import events as ev
from novum.events import Draft
from novum.journal import Journal
from novum.literature.bibliography import InMemoryLiterature
from novum.scientists.systematic import SystematicScientist
from novum.services import StudyServices
from novum.state import State, fold
from novum.steps.judge import due, view_at
from novum.testing.memory import MemoryBlobs, MemoryLog
from tests.test_loop import Bench, history


class Killed(BaseException):
    pass


def judged(events: list[ev.Event]) -> list[ev.IdeaJudged]:
    return [e.body for e in events if isinstance(e.body, ev.IdeaJudged)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[ev.Event]:
    bench = Bench(tmp_path_factory.mktemp("whole"), workers=2)
    assert bench.run()[0] == "done"
    return history(bench)


def test_each_idea_is_judged_after_every_quarter(whole: list[ev.Event]) -> None:
    state = fold(whole)
    explored = len(state.trials_in("explore"))
    assert {i: [j.trials for j in found] for i, found in state.judgements.items()} == {
        idea: [0, *(k for k in points(explored) if k >= 3)] for idea in state.ideas
    }
    for idea in state.ideas.values():  # the scores that the choice rests on are those before data
        assert idea.scores == state.judgements[idea.id][0].scores and "total" in idea.scores
        assert all(j.scores["information"] >= 0 for j in state.judgements[idea.id])


def points(planned: int) -> list[int]:
    return sorted({-(-planned * q // 4) for q in (1, 2, 3, 4)})


def test_what_matters_comes_to_the_front(whole: list[ev.Event]) -> None:
    """y falls steeply with x: asking for that is nearly sure to be answered, and z does nothing."""
    state = fold(whole)
    last = {i.factors: state.judgements[i.id][-1] for i in state.ideas.values() if i.kind == "main_effect"}
    assert last["x",].scores["information"] > last["z",].scores["information"]
    assert "lowers" in last["x",].reason


def test_scores_do_not_depend_on_which_trial_ended_first(whole: list[ev.Event]) -> None:
    """At each point, all trials known or only those it rests on, in any order: the same judgement."""
    full = fold(whole)
    for trials in {b.trials for b in judged(whole) if b.trials}:
        view = view_at(full, trials)
        assert [t.index for t in view.trials.values()] == list(range(trials))
        assert {m.trial for m in view.measurements.values()} <= set(view.trials)
        rows = sorted(full.measurements.items())
        shuffled = dict(random.Random(trials).sample(rows, len(rows)))
        other = view_at(State(**{**fields(full), "measurements": shuffled}), trials)
        assert [d.body for d in again(view)] == [d.body for d in again(other)]
        assert [d.body for d in again(view)] == [b for b in judged(whole) if b.trials == trials]


def fields(state: State) -> dict[str, object]:
    return {name: getattr(state, name) for name in state.__struct_fields__}


def again(view: State) -> list[Draft]:
    scientist = SystematicScientist()
    services = StudyServices(
        blobs=MemoryBlobs(), log=MemoryLog(), literature=InMemoryLiterature(), renderers=[],
        scientist=scientist, nonce_commitment="", seed=1,
    )  # fmt: skip
    return list(scientist.judge(view, services))


@pytest.mark.parametrize("luck", range(3))
def test_killed_and_resumed_it_journals_the_same_judgements_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: list[ev.Event], luck: int
) -> None:
    moments, append, left = random.Random(luck), Journal.append, [0]

    def dying(self: Journal, drafts):  # type: ignore[no-untyped-def]
        left[0] -= 1
        if left[0] <= 0:
            raise Killed
        return append(self, drafts)

    bench = Bench(tmp_path, workers=2)
    monkeypatch.setattr(Journal, "append", dying)
    for _ in range(40):
        left[0] = moments.randint(4, 12)
        try:
            if bench.run()[0] == "done":
                break
        except Killed:
            continue
    monkeypatch.undo()
    assert [b for b in judged(history(bench)) if b.trials] == [b for b in judged(whole) if b.trials]


def test_points_wait_for_the_trials_they_rest_on(whole: list[ev.Event]) -> None:
    begun = fold(whole[: next(i for i, e in enumerate(whole) if isinstance(e.body, ev.TrialStarted))])
    assert due(begun, 20, over=False) == []
    state = fold([e for e in whole if not (isinstance(e.body, ev.IdeaJudged) and e.body.trials)])
    explored = state.trials_in("explore")
    assert due(state, len(explored), over=False) == points(len(explored))
    explored[1].status = "running"  # the second proposed is late: nothing beyond it counts
    assert due(state, len(explored), over=False) == [p for p in points(len(explored)) if p <= 1]
    explored[1].status = "failed"
    assert due(state, 100 * len(explored), over=False) == []
    assert due(state, 100 * len(explored), over=True) == [len(explored)]
