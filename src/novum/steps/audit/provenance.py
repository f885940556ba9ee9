"""Checks of measurements: each comes from a trial that ran, says what its evaluator said, of this program."""

from collections.abc import Iterator

from msgspec import structs

from novum import events as ev
from novum.canonical import digest, short_id
from novum.events import Event
from novum.records import Measurement, Node, TrialRequest
from novum.state import Trial
from novum.steps import run
from novum.steps.audit.case import AuditCase, Finding, found
from novum.steps.confirm import arm_node
from novum.steps.planned import faults_of


def provenance(case: AuditCase) -> Finding:
    """Every measurement belongs to an ended trial, and carries that trial's node, seed and hashes."""
    faults: list[str] = []
    ended, recorded = _ended(case), set()
    for event in case.of(ev.MeasurementsRecorded):
        trial = case.state.trials.get(event.body.trial)
        if trial is None or trial.request is None or ended.get(event.body.trial, event.seq) >= event.seq:
            faults.append(f"event {event.seq} records measurements of no ended trial")
            continue
        if trial.id in recorded:
            faults.append(f"the measurements of trial {trial.id} were recorded twice")
        recorded.add(trial.id)
        faults += _request(trial.request, trial)
        faults += [f for m in event.body.measurements for f in _of_trial(case, m, trial, trial.request)]
    faults += [f"trial {t} ended and has no measurements" for t in ended if t not in recorded]
    faults += _before_protocol(case)
    return found(faults, f"{len(case.measured())} measurements lead to {len(recorded)} ended trials")


def _ended(case: AuditCase) -> dict[str, int]:
    """Trial -> sequence number of its outcome."""
    return {e.body.trial: e.seq for e in case.of(ev.TrialFinished, ev.TrialFailed)}


def _request(request: TrialRequest, trial: Trial) -> Iterator[str]:
    same = (request.id, request.node, request.seeds, request.phase)
    if same != (trial.id, trial.node, trial.seeds, trial.phase):
        yield f"trial {trial.id} ran something else than was proposed"


def _of_trial(case: AuditCase, m: Measurement, trial: Trial, request: TrialRequest) -> Iterator[str]:
    expected = {
        "id": short_id("measurement", request.key, m.seed, m.metric),
        "trial": trial.id,
        "node": trial.node,
        "phase": trial.phase,
        "configuration": digest(case.state.nodes[trial.node].config),
        "evaluator": request.evaluator_hash,
        "artefact": run.artefact_hashes(trial.seeds, trial.result).get(m.seed, "") if trial.result else "",
    }
    given = {"id": m.id, "trial": m.trial, "node": m.node, "phase": m.phase, "configuration": m.config_hash,
             "evaluator": m.evaluator_hash, "artefact": m.artefact_hash}  # fmt: skip
    wrong = [k for k in expected if expected[k] != given[k]]
    if m.seed not in trial.seeds:
        wrong.append("seed")
    if wrong:
        yield f"measurement {m.id} has another {', '.join(wrong)} than its trial"


def _before_protocol(case: AuditCase) -> Iterator[str]:
    registered = case.first(lambda e: isinstance(e.body, ev.ProtocolRegistered))
    for event in case.of(ev.MeasurementsRecorded):
        if case.confirming(event) and not 0 < registered < event.seq:
            yield f"event {event.seq} measures a confirmation before a protocol was registered"


def values(case: AuditCase) -> Finding:
    """Each recorded value is what the frozen evaluator's own file says, read again."""
    domain, faults, read = case.state.domain, [], 0
    assert domain is not None
    recorded = {e.body.trial: e for e in case.of(ev.MeasurementsRecorded)}
    for trial in sorted(case.state.trials.values(), key=lambda t: t.index):
        if trial.result is None or trial.request is None or trial.id not in recorded:
            continue
        readings, notes = run.read_measurements(domain, trial.request, trial.result, case.blobs)
        artefacts = run.artefact_hashes(trial.seeds, trial.result)
        expected = run.measurements(domain, trial.request, readings, artefacts)
        read += len(expected)
        faults += _differences(trial, expected, recorded[trial.id])
        if notes != trial.notes:
            faults.append(f"what was refused of trial {trial.id} is not what was noted")
        if run.series_of(trial.result) != trial.series:
            faults.append(f"the curves of trial {trial.id} are not those its evaluator wrote")
    return found(faults, f"{read} values read again from what the evaluators wrote")


def _differences(trial: Trial, expected: tuple[Measurement, ...], event: Event) -> Iterator[str]:
    given = {m.id: m for m in event.body.measurements}  # type: ignore[union-attr]
    for m in expected:
        other = given.pop(m.id, None)
        if other is None:
            yield f"{m.metric} of seed {m.seed} of trial {trial.id} was not recorded"
        elif other != m:
            yield (f"{m.metric} of seed {m.seed} of trial {trial.id} is recorded as {_said(other)}, "
                   f"and its evaluator wrote {_said(m)}")  # fmt: skip
    for m in given.values():
        yield f"measurement {m.id} of trial {trial.id} is none that its evaluator wrote"


def _said(m: Measurement) -> str:
    return f"{m.value} ({m.status})"


def program(case: AuditCase) -> Finding:
    """What was confirmed is the registered program, and no trial ran with a protected file changed."""
    state, faults = case.state, []
    assert state.domain is not None
    for trial in sorted(state.trials.values(), key=lambda t: t.index):
        node, request = state.nodes[trial.node], trial.request
        faults += _renamed(node)
        fault = faults_of(node, state.domain)
        faults += [f"trial {trial.id}: {fault}"] if fault else []
        if request is not None:
            faults += _of_node(trial, request, node)
            faults += _of_domain(case, trial, request)
    faults += [f for t in state.trials_in("confirm") for f in _registered(case, t)]
    n = len(state.trials_in("confirm"))
    return found(
        faults, f"{n} confirmation trials ran the registered program" if n else "nothing was confirmed"
    )


def _renamed(node: Node) -> Iterator[str]:
    if Node.make(node.operator, node.program, node.workspace, node.config).id != node.id:
        yield f"node {node.id} does not bear the name of its content"


def _of_node(trial: Trial, request: TrialRequest, node: Node) -> Iterator[str]:
    ran = (request.program, request.workspace_hash, request.config)
    if ran != (node.program, digest(node.workspace), node.config):
        yield f"trial {trial.id} ran another program or configuration than its node's"


def _of_domain(case: AuditCase, trial: Trial, request: TrialRequest) -> Iterator[str]:
    domain = case.state.domain
    assert domain is not None
    if request.evaluator_hash != domain.evaluator_hash:
        yield f"trial {trial.id} was scored by another evaluator than the domain's"
    if request.prepare_hash != domain.prepare_hash:
        yield f"trial {trial.id} was prepared by something else than the domain's"


def _registered(case: AuditCase, trial: Trial) -> Iterator[str]:
    protocol, domain, request = case.state.protocol, case.state.domain, trial.request
    if protocol is None or domain is None or request is None:
        return
    registered = (protocol.program, protocol.workspace_hash_of(request.config))
    if (request.program, request.workspace_hash) != registered:
        yield f"trial {trial.id} confirms another program than the registered one"
    if request.evaluator_hash != protocol.evaluator_hash:
        yield f"trial {trial.id} confirms under another evaluator than the registered one"
    arm = arm_node(domain, protocol, request.config)
    if structs.replace(arm, plan="", parents=()).workspace != case.state.nodes[trial.node].workspace:
        yield f"trial {trial.id} confirms files that are not those registered"
