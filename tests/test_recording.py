import asyncio
from pathlib import Path

import pytest

from novum import events as ev
from novum.errors import MachineError, ReplayDiverged
from novum.journal import FileBlobs, Journal
from novum.recording import MAX_LOST, Recorder
from novum.steps.run import build_job, outcome_events, trial_request
from tests.fakes import ScriptedExecutor
from tests.histories import DOMAIN, LIMITS, created, node

NODE = node({"x": 1.0, "z": "a"})
REQUEST = trial_request(DOMAIN, NODE, "explore", (5, 6), LIMITS)
JOB = build_job(DOMAIN, NODE, REQUEST, "none")
PROPOSED = ev.NodeProposed(node=NODE, index=0, phase="explore", seeds=(5, 6), trial=REQUEST.id)


@pytest.fixture
def recorder(tmp_path: Path, blobs: FileBlobs):
    made = Recorder(Journal(tmp_path / "j.sqlite", lambda: 1.0), blobs)
    made.commit(created(), PROPOSED)
    yield made
    made.log.close()  # type: ignore[attr-defined]


def run(recorder: Recorder, executor: ScriptedExecutor, times: int = 1) -> None:
    def outcome(request, attempt, result):
        return outcome_events(DOMAIN, request, attempt, result, recorder.blobs)

    async def all_at_once() -> None:
        await asyncio.gather(*(recorder.trial(REQUEST, JOB, executor, outcome) for _ in range(times)))

    asyncio.run(all_at_once())


def tags(recorder: Recorder) -> list[str]:
    return [e.body.__struct_config__.tag for e in recorder.log.read()]


def test_intent_comes_before_and_outcome_after(recorder: Recorder, blobs: FileBlobs) -> None:
    run(recorder, ScriptedExecutor(blobs, lambda config, seed: 2.0))
    assert tags(recorder)[2:] == ["trial.started", "trial.finished", "measurement.recorded"]


def test_a_recorded_trial_never_runs_again(recorder: Recorder, blobs: FileBlobs, tmp_path: Path) -> None:
    run(recorder, ScriptedExecutor(blobs, lambda config, seed: 2.0))
    again = ScriptedExecutor(blobs, lambda config, seed: 3.0)
    reopened = Recorder(recorder.log, blobs)
    run(reopened, again)
    assert again.submitted == []
    assert reopened.state == recorder.state


def test_equal_requests_in_flight_share_one_run(recorder: Recorder, blobs: FileBlobs) -> None:
    executor = ScriptedExecutor(blobs, lambda config, seed: 2.0, delay=0.01)
    run(recorder, executor, times=5)
    assert len(executor.submitted) == 1


def test_a_lost_attempt_is_journaled_and_repeated(recorder: Recorder, blobs: FileBlobs) -> None:
    executor = ScriptedExecutor(blobs, lambda config, seed: 2.0, lose=2)
    run(recorder, executor)
    assert [attempt for _, attempt in executor.submitted] == [0, 1, 2]
    assert tags(recorder).count("trial.interrupted") == 2
    assert recorder.state.trials[REQUEST.id].status == "done"


def test_a_trial_that_the_machine_keeps_losing_is_the_machines_failure(recorder, blobs) -> None:
    with pytest.raises(MachineError, match="the node went away"):
        run(recorder, ScriptedExecutor(blobs, lambda config, seed: 2.0, lose=99))
    assert tags(recorder).count("trial.interrupted") == MAX_LOST


def test_what_was_in_flight_is_in_doubt_and_runs_as_another_attempt(recorder, blobs) -> None:
    recorder.commit(ev.TrialStarted(trial=REQUEST.id, key=REQUEST.key, attempt=0, request=REQUEST))
    reopened = Recorder(recorder.log, blobs)
    assert [t.id for t in reopened.state.in_doubt] == [REQUEST.id]
    reopened.adopt_or_interrupt()
    executor = ScriptedExecutor(blobs, lambda config, seed: 2.0)
    run(reopened, executor)
    assert executor.submitted == [(REQUEST.key, 1)]
    assert reopened.state.trials[REQUEST.id].interrupted == 1


def test_a_replay_that_asks_for_more_than_was_recorded_has_diverged(recorder, blobs) -> None:
    replay = Recorder(recorder.log, blobs, replay=True)
    with pytest.raises(ReplayDiverged, match=REQUEST.id):
        run(replay, ScriptedExecutor(blobs, lambda config, seed: 2.0))


def test_a_step_that_runs_again_sees_what_it_saw_first(recorder: Recorder, blobs: FileBlobs) -> None:
    first = recorder.begin("register")
    run(recorder, ScriptedExecutor(blobs, lambda config, seed: 2.0))
    again = Recorder(recorder.log, blobs)
    assert again.begin("register") == first
    assert again.state != first


def test_watchers_see_events_only_after_they_are_durable(tmp_path: Path, blobs: FileBlobs) -> None:
    seen = []

    class Watcher:
        def saw(self, event, state):
            seen.append((event.seq, journal.head[0], state.study))

    journal = Journal(tmp_path / "w.sqlite", lambda: 1.0)
    Recorder(journal, blobs, [Watcher()]).commit(created(), PROPOSED)
    journal.close()
    assert seen == [(1, 2, "toy-1"), (2, 2, "toy-1")]
