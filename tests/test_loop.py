"""The loop over a whole study, with trials answered by a function and the paper left out."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from msgspec import structs

from novum import events as ev
from novum.errors import MachineError, OutOfBudget, PolicyStop, StudyError
from novum.journal import FileBlobs, Journal
from novum.literature.bibliography import InMemoryLiterature
from novum.loop import STAGES, Loop
from novum.recording import Recorder
from novum.records import Budget, Node, Proposal, Settings
from novum.safeguards import Safeguards
from novum.scientists.systematic import SystematicScientist
from novum.services import StudyServices
from novum.steps.conclude import compare, conclude
from novum.steps.register import register
from novum.steps.seeds import commitment, confirm_seeds, phase_seed
from tests.fakes import Answer, ScriptedExecutor
from tests.histories import DOMAIN, created, node

NONCE = "n" * 64
BUDGET = DOMAIN.budgets["default"]


class FakeClock:
    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        self.time += 0.001
        return self.time

    monotonic = now


class FakeInbox:
    def __init__(self, *acts: ev.PersonActed) -> None:
        self.acts = list(acts)

    def take(self) -> Sequence[tuple[ev.PersonActed, Callable[[], None]]]:
        return [(act, lambda act=act: self.acts.remove(act)) for act in list(self.acts)]


def noisy(config: dict[str, object], seed: int) -> float:
    """y falls by 5 per unit of x; z does nothing; noise from the seed."""
    noise = int(hashlib.sha256(f"{seed} {config}".encode()).hexdigest()[:8], 16) / 2**32 - 0.5
    return 20.0 - 5.0 * float(config["x"]) + noise  # type: ignore[arg-type]


class Bench:
    """A study in a folder: `run()` carries it on from wherever its journal is."""

    def __init__(
        self,
        folder: Path,
        answer: Answer = noisy,
        *,
        inbox: FakeInbox | None = None,
        archive: dict[str, object] | None = None,
        budget: Budget = BUDGET,
        **settings: object,
    ):
        self.folder = folder
        self.blobs = FileBlobs(folder / "blobs")
        self.answer = answer
        self.inbox = inbox or FakeInbox()
        self.clock = FakeClock()
        self.settings = Settings(domain="toy", executor="inline", sandbox="none", seed=1, **settings)  # type: ignore[arg-type]
        self.scientist = SystematicScientist()
        self.options: dict[str, object] = {}
        self.archive = archive or {}
        domain = structs.replace(DOMAIN, budgets={"default": budget})
        if not (folder / "j.sqlite").exists():
            first = created()
            with self.recording() as recorder:
                recorder.commit(
                    structs.replace(
                        first, body=structs.replace(first.body, settings=self.settings, domain=domain)
                    )
                )

    def recording(self):
        from contextlib import contextmanager

        @contextmanager
        def opened():
            journal = Journal(self.folder / "j.sqlite", self.clock.now)
            try:
                yield Recorder(journal, self.blobs)
            finally:
                journal.close()

        return opened()

    def run(self) -> tuple[str, Recorder]:
        with self.recording() as recorder:
            self.executor = ScriptedExecutor(self.blobs, self.answer, **self.options)  # type: ignore[arg-type]
            services = StudyServices(
                blobs=self.blobs,
                log=recorder.log,
                literature=InMemoryLiterature(),
                renderers=[],
                scientist=self.scientist,
                nonce_commitment=commitment(NONCE),
                seed=1,
                archive=self.archive,
            )
            loop = Loop(
                recorder,
                services,
                self.executor,
                {
                    "ideate": self.scientist.ideate,
                    "judge": self.scientist.judge,
                    "register": register,
                    "conclude": conclude,
                    "compare": compare,
                    **dict.fromkeys(("write", "audit", "review"), lambda view, services: []),
                },
                settings=self.settings,
                safeguards=Safeguards(),
                inbox=self.inbox,
                clock=self.clock,
                nonce=lambda: NONCE,
                host=("here", 1),
                layer="none",
            )
            return asyncio.run(loop.run()), recorder


def history(bench: Bench) -> list[ev.Event]:
    with bench.recording() as recorder:
        return list(recorder.log.read())


def test_a_whole_study_finds_the_effect_that_is_there(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    ended, recorder = bench.run()
    state = recorder.state
    assert ended == "done"
    assert tuple(state.steps_done) == STAGES
    assert state.protocol is not None
    on_x = [c for c in state.protocol.contrasts if c.factors == ("x",) and c.estimand == "mean_diff"]
    assert on_x
    assert all(state.decisions[c.id].verdict == "supported" and c.direction == "less" for c in on_x)
    on_z = [c for c in state.protocol.contrasts if c.factors == ("z",)]
    assert all(state.decisions[c.id].verdict != "supported" for c in on_z)
    assert bench.executor.closed


def test_phases_share_no_seed_and_confirmation_seeds_come_from_protocol_and_nonce(tmp_path: Path) -> None:
    state = Bench(tmp_path).run()[1].state
    pools = {p: {s for t in state.trials_in(p) for s in t.seeds} for p in ("explore", "select", "confirm")}
    assert (
        not pools["explore"] & pools["select"]
        | pools["explore"] & pools["confirm"]
        | pools["select"] & pools["confirm"]
    )
    assert state.protocol is not None
    assert pools["confirm"] == set(confirm_seeds(state.protocol_hash, NONCE, state.protocol.seeds_per_arm))
    assert pools["select"] == {phase_seed(1, "select", i) for i in range(3)}


def test_every_registered_arm_runs_on_every_seed_after_the_protocol(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    state = bench.run()[1].state
    assert state.protocol is not None
    arms = {}
    for trial in state.trials_in("confirm"):
        arms.setdefault(str(state.nodes[trial.node].config), set()).update(trial.seeds)
    assert len(arms) == len(state.protocol.arms)
    assert {len(seeds) for seeds in arms.values()} == {state.protocol.seeds_per_arm}
    order = [e.body.__struct_config__.tag for e in history(bench)]
    assert order.index("protocol.registered") < order.index("protocol.revealed")
    first = next(e.seq for e in history(bench) if getattr(e.body, "phase", "") == "confirm")
    assert first > order.index("protocol.revealed")


def test_the_same_seed_gives_the_same_study(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, two = (Bench(tmp_path / name).run()[1].state for name in "ab")
    assert one.protocol == two.protocol
    assert one.decisions == two.decisions


def test_workers_are_kept_busy_but_never_more_than_allowed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, workers=3)
    bench.options = {"delay": 0.001}
    bench.run()
    assert bench.executor.most_running == 3


@pytest.mark.parametrize("after", [1, 3, 5, 9, 20])
def test_a_study_killed_anywhere_goes_on_without_repeating_a_trial(tmp_path: Path, after: int) -> None:
    class Killed(BaseException):
        pass

    calls = []

    def dying(config: dict[str, object], seed: int) -> float:
        calls.append((str(config), seed))
        if len(calls) == after:
            raise Killed
        return noisy(config, seed)

    bench = Bench(tmp_path / "cut") if (tmp_path / "cut").mkdir() is None else None
    assert bench is not None
    bench.answer = dying
    with pytest.raises(Killed):
        bench.run()
    recorded = {e.body.trial for e in history(bench) if isinstance(e.body, ev.TrialFinished)}
    bench.answer = noisy
    _, recorder = bench.run()
    finished = [e.body.trial for e in history(bench) if isinstance(e.body, ev.TrialFinished)]
    assert len(finished) == len(set(finished))
    assert recorded <= set(finished)
    (tmp_path / "whole").mkdir()
    whole = Bench(tmp_path / "whole").run()[1].state
    assert recorder.state.decisions == whole.decisions
    assert recorder.state.protocol == whole.protocol


def test_a_gate_waits_for_a_person_and_approval_opens_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path, until="protocol")
    ended, recorder = bench.run()
    assert ended == "waiting"
    assert recorder.state.protocol is not None and not recorder.state.trials_in("confirm")
    bench.inbox = FakeInbox(ev.PersonActed(person="ada", action="approve"))
    assert bench.run()[0] == "done"
    assert bench.inbox.acts == []


def test_an_edit_becomes_an_amendment_with_its_consequences(tmp_path: Path) -> None:
    bench = Bench(tmp_path, until="protocol")
    before = bench.run()[1].state
    assert before.protocol is not None
    bench.inbox = FakeInbox(
        ev.PersonActed(person="ada", action="edit", detail={"seeds": "12"}),
        ev.PersonActed(person="ada", action="approve"),
    )
    after = bench.run()[1].state
    assert after.protocol is not None
    assert after.protocol.seeds_per_arm == 12
    assert after.protocol.detectable_effect != before.protocol.detectable_effect
    assert after.amendments == ((before.protocol_hash, "ada set seeds to 12"),)
    assert {len(t.seeds) for t in after.trials_in("confirm")} == {4}


@pytest.mark.parametrize("detail", [{"seeds": "2"}, {"nonce": "1"}, {"margin": "x"}, {}, {"alpha": "0.5"}])
def test_an_edit_that_cannot_stand_is_refused_and_recorded(tmp_path: Path, detail: dict[str, str]) -> None:
    bench = Bench(tmp_path, until="protocol")
    before = bench.run()[1].state
    bench.inbox = FakeInbox(ev.PersonActed(person="ada", action="edit", detail=detail))
    after = bench.run()[1].state
    assert after.protocol_hash == before.protocol_hash
    refused = [e.body.detail for e in history(bench) if isinstance(e.body, ev.PersonActed)]
    assert "refused" in refused[0]


def test_a_person_can_stop_a_study(tmp_path: Path) -> None:
    bench = Bench(tmp_path, inbox=FakeInbox(ev.PersonActed(person="ada", action="stop")))
    with pytest.raises(PolicyStop, match="stopped by ada"):
        bench.run()


def test_a_cap_on_trials_shortens_exploration_and_then_is_an_error(tmp_path: Path) -> None:
    bench = Bench(tmp_path, budget_trials=8)
    with pytest.raises(OutOfBudget, match="confirmation needs"):
        bench.run()
    with bench.recording() as recorder:
        assert len(recorder.state.trials_in("explore")) == 4
        assert not recorder.state.trials_in("confirm")
    bench.settings = structs.replace(bench.settings, budget_trials=500)
    assert bench.run()[0] == "done"


def test_failing_candidates_do_not_end_a_study(tmp_path: Path) -> None:
    def fragile(config: dict[str, object], seed: int) -> float | None:
        return None if config["z"] == "b" and config["x"] == 2.0 else noisy(config, seed)

    ended, recorder = Bench(tmp_path, fragile).run()
    assert ended == "done"
    assert all(d.verdict for d in recorder.state.decisions.values())


def test_a_machine_that_fails_leaves_a_resumable_study(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.options = {"lose": 99}
    with pytest.raises(MachineError):
        bench.run()
    bench.options = {}
    assert bench.run()[0] == "done"


class Nonsense:
    name = "nonsense"

    def propose(self, state, rng):
        wild = node({"x": 77.0, "z": "a"})
        edited = structs.replace(node({"x": 1.0, "z": "a"}), id="edited", workspace={"main.py": "0" * 64})
        peek = Proposal(node=node({"x": 1.0, "z": "a"}), phase="confirm")
        return [
            Proposal(node=wild),
            Proposal(node=edited),
            peek,
            Proposal(node=node({"x": 1.0, "z": "a"}), seeds=0),
        ]


def test_a_policy_that_proposes_nonsense_is_refused_proposal_by_proposal(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.scientist.policy = lambda view, services: Nonsense()  # type: ignore[method-assign]
    with pytest.raises(PolicyStop, match="in a row"):
        bench.run()
    reasons = {e.body.reason for e in history(bench) if isinstance(e.body, ev.NodeRejected)}
    assert reasons == {
        "levels out of bounds for x",
        "protected files were changed: main.py",
        "a policy may not propose trials of the phase confirm",
        "0 seeds were asked for",
    }


class Crossing:
    """Two edited nodes, then one that descends from both."""

    name = "crossing"

    def __init__(self, blobs: FileBlobs):
        first = {**DOMAIN.workspace(), "model.py": blobs.put(b"first = 1\n")}
        second = {**DOMAIN.workspace(), "model.py": blobs.put(b"second = 2\n")}
        both = {**DOMAIN.workspace(), "model.py": blobs.put(b"first = 1\nsecond = 2\n")}
        config = {"x": 1.0, "z": "a"}
        one = Node.make("draft", "main", first, config)
        two = Node.make("improve", "main", second, config, parents=(one.id,))
        self.nodes = [one, two, Node.make("cross", "main", both, config, parents=(one.id, two.id))]

    def propose(self, state, rng):
        return [Proposal(node=n, seeds=2) for n in self.nodes if n.id not in state.nodes]


def test_nodes_may_edit_files_and_descend_from_several(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    policy = Crossing(bench.blobs)
    bench.scientist.policy = lambda view, services: policy  # type: ignore[method-assign]
    with pytest.raises(StudyError, match="fewer than 3"):  # one configuration alone leaves nothing to confirm
        bench.run()
    with bench.recording() as recorder:
        state = recorder.state
    crossed = state.nodes[policy.nodes[2].id]
    assert crossed.parents == (policy.nodes[0].id, policy.nodes[1].id)
    assert all(t.status == "done" for t in state.trials_in("explore"))
    built = {e.body.node: e.body.edited for e in history(bench) if isinstance(e.body, ev.NodeBuilt)}
    assert built == {n.id: ("model.py",) for n in policy.nodes}
    jobs = bench.executor.jobs.values()
    assert {next(s for s in j.stages if s.name == "program").files["model.py"] for j in jobs} == {
        n.workspace["model.py"] for n in policy.nodes
    }
    assert not any(job.shipped for job in jobs)


def test_an_adaptive_exploration_ends_and_is_carried_to_verdicts(tmp_path: Path) -> None:
    bench = Bench(tmp_path, policy="adaptive", budget=structs.replace(BUDGET, explore_trials=8), workers=3)
    ended, recorder = bench.run()
    state = recorder.state
    assert ended == "done" and len(state.trials_in("explore")) == 8
    plans = [state.nodes[t.node].plan for t in state.trials_in("explore")]
    assert plans[0] == "the baseline" and "the most informative point" in plans[4:]
    on_x = [c.id for c in state.protocol.contrasts if "x" in c.factors]
    assert "supported" in {state.decisions[i].verdict for i in on_x}
