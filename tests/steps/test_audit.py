"""Every check of the audit passes on an honest study and fails on its fault, made on a whole journal."""

from collections.abc import Callable, Sequence

import pytest
from msgspec import structs

from novum import events as ev
from novum.canonical import digest, sha256
from novum.events import Draft, Event
from novum.records import Check, Commission, Cost, Measurement, Node, Original, Topic
from novum.steps.audit import CHECKS, audit, build_case, run_checks
from novum.steps.register import amend
from novum.testing.memory import MemoryBlobs, MemoryLog, rechain, reissued
from novum.testing.studies import NONCE, OUTCOMES, MadeStudy, make_study

Forgery = Callable[[list[Event]], list[Event]]


@pytest.fixture(scope="module")
def study() -> MadeStudy:
    return make_study("supported")


def checks_of(study: MadeStudy, log: MemoryLog, **more) -> dict[str, Check]:
    entries = more.pop("entries", study.entries)
    blobs = more.pop("blobs", study.blobs)
    case = build_case(log.events, blobs, rows=log.stored, entries=entries, **more)
    return {c.id: c for c in run_checks(case)}


def failed(checks: dict[str, Check]) -> set[str]:
    return {c.id for c in checks.values() if not c.passed}


# --- forging ------------------------------------------------------------------------------------------


def swap(events: Sequence[Event], index: int, **changes) -> list[Event]:
    """The events with some fields of one body changed."""
    forged = list(events)
    forged[index] = structs.replace(forged[index], body=structs.replace(forged[index].body, **changes))
    return forged


def where(events: Sequence[Event], kind: type, wanted: Callable = lambda body: True) -> int:
    return next(i for i, e in enumerate(events) if isinstance(e.body, kind) and wanted(e.body))


def last(events: Sequence[Event], kind: type) -> int:
    return max(i for i, e in enumerate(events) if isinstance(e.body, kind))


def insert(events: Sequence[Event], index: int, body: ev.EventBody) -> list[Event]:
    made = Event(seq=0, time=events[index].time, actor="novum", body=body)
    return [*events[:index], made, *events[index:]]


ASKED = ev.ModelAsked(key="k" * 64, attempt=0, role="write", model="any", request="", step="write",
                      worst_case=Cost(usd=0.5, tokens=100))  # fmt: skip
ANSWERED = ev.ModelAnswered(key="k" * 64, attempt=0, answer="a" * 64, model="any")


def with_calls(events: Sequence[Event], *bodies: ev.EventBody) -> list[Event]:
    """The events with calls of a model before the end."""
    forged = list(events)
    for body in bodies:
        forged = insert(forged, len(forged) - 1, body)
    return forged


def confirming(body: ev.MeasurementsRecorded) -> bool:
    return body.measurements[0].phase == "confirm"


def with_measurement(events: Sequence[Event], change: Callable[[Measurement], Measurement]) -> list[Event]:
    """The first confirmation trial's first measurement changed."""
    i = where(events, ev.MeasurementsRecorded, confirming)
    measured = events[i].body.measurements
    return swap(events, i, measurements=(change(measured[0]), *measured[1:]))


def as_replication(events: Sequence[Event]) -> list[Event]:
    """It says that it repeats an earlier study, which explored nothing and foresaw its every number."""
    protocol = events[where(events, ev.ProtocolRegistered)].body.protocol
    decisions = tuple(e.body.decision for e in events if isinstance(e.body, ev.ClaimDecided))
    original = Original(study="toy-earlier", protocol=protocol, nonce="n", decisions=decisions, head_seq=9,
                        head="0" * 64)  # fmt: skip
    return swap(events, 0, replicates=original)


def swap_protocol(events: Sequence[Event], *, rehash: bool = False, **changes) -> list[Event]:
    i = where(events, ev.ProtocolRegistered)
    protocol = structs.replace(events[i].body.protocol, **changes)
    return swap(events, i, protocol=protocol, hash=protocol.hash if rehash else events[i].body.hash)


def of_a_topic(
    events: Sequence[Event], place: int = 1, passed: bool | None = True, times: int = 1
) -> list[Event]:
    """It says that a model wrote its domain of a page; `passed`: how the suite went, None if it never ran."""
    domain = structs.replace(events[0].body.domain, authors={"evaluator": "any"})
    works = domain.files.get("references.bib", "")
    page = Topic(id=domain.id, title="A page", page="a" * 64, references=works)
    forged = swap(events, 0, domain=None, topic=page)
    for _ in range(times):
        forged = insert(forged, place, ev.DomainFrozen(domain=domain, hash=digest(domain)))
    if passed is None:
        return forged
    checks = (Check(id="runs", passed=passed, detail="-"),)
    return insert(forged, 1, ev.DomainTried(files=dict(domain.files), checks=checks))


def drop(events: Sequence[Event], *indices: int) -> list[Event]:
    return [e for i, e in enumerate(events) if i not in indices]


def move(events: Sequence[Event], index: int, to: int) -> list[Event]:
    rest = drop(events, index)
    return [*rest[:to], events[index], *rest[to:]]


def without_confirmed_trial(events: list[Event]) -> list[Event]:
    """The last confirmation trial removed with everything that names it."""
    trial = events[last(events, ev.TrialFinished)].body.trial
    return [e for e in events if getattr(e.body, "trial", None) != trial]


def one_more_seed_phase(events: list[Event]) -> list[Event]:
    """A selection trial that was run on a seed of the exploration."""
    explored = next(e.body.seeds[0] for e in events if isinstance(e.body, ev.NodeProposed))
    i = where(events, ev.NodeProposed, lambda b: b.phase == "select")
    return swap(events, i, seeds=(explored, *events[i].body.seeds[1:]))


def other_workspace(events: list[Event]) -> list[Event]:
    """Every confirmation node made from an edited learner."""
    forged = list(events)
    for i, e in enumerate(events):
        if isinstance(e.body, ev.NodeProposed) and e.body.phase == "confirm":
            edited = {**e.body.node.workspace, "learner.py": sha256(b"better")}
            node = Node.make("tune", "main", edited, e.body.node.config)
            forged = swap(forged, i, node=node)
    return forged


def result_with(events: list[Event], change: Callable, phase: str = "confirm") -> list[Event]:
    """Each finished trial's result changed."""
    asked = {e.body.trial: e.body.request for e in events if isinstance(e.body, ev.TrialStarted)}
    forged = list(events)
    for i, e in enumerate(events):
        if isinstance(e.body, ev.TrialFinished) and asked[e.body.trial].phase == phase:
            forged = swap(forged, i, result=change(e.body.result))
    return forged


def prepared_with(events: list[Event], change: Callable[[dict[str, str]], dict[str, str]]) -> list[Event]:
    """What prepare wrote in each confirmation changed."""
    return result_with(events, lambda r: structs.replace(r, stages=tuple(
        structs.replace(s, outputs=change(s.outputs)) if s.name == "prepare" else s
        for s in r.stages)))  # fmt: skip


def same_inputs(outputs: dict[str, str]) -> dict[str, str]:
    first = next(sha for path, sha in outputs.items() if "/in/" in path)
    return {path: first if "/in/" in path else sha for path, sha in outputs.items()}


def told_all(outputs: dict[str, str]) -> dict[str, str]:
    """Each seed's inputs are its held-out file, whatever the two are called."""
    kept = {path.split("/")[1]: sha for path, sha in outputs.items() if "/heldout/" in path}
    return {path: kept[path.split("/")[1]] if "/in/" in path else sha for path, sha in outputs.items()}


def same_artefacts(events: list[Event]) -> list[Event]:
    """What a program that ignores its seed leaves: one artefact for all seeds of an arm."""
    forged = list(events)
    for i, e in enumerate(events):
        if isinstance(e.body, ev.MeasurementsRecorded) and confirming(e.body):
            alike = tuple(structs.replace(m, artefact_hash=m.config_hash) for m in e.body.measurements)
            forged = swap(forged, i, measurements=alike)
    return forged


def alike_arms(events: list[Event]) -> list[Event]:
    """What a program that ignores its configuration leaves: one artefact per seed in all arms."""
    forged = list(events)
    for i, e in enumerate(events):
        if isinstance(e.body, ev.MeasurementsRecorded) and confirming(e.body):
            alike = tuple(structs.replace(m, artefact_hash=digest(m.seed)) for m in e.body.measurements)
            forged = swap(forged, i, measurements=alike)
    return forged


def paper(events: Sequence[Event]) -> int:
    return where(events, ev.PaperRendered)


def printed(events: list[Event], text: str) -> list[Event]:
    """Another text for the first measured value of the paper."""
    i = paper(events)
    key = next(k for k in events[i].body.values if k.startswith("m:"))
    return swap(events, i, values={**events[i].body.values, key: text})


def said(events: list[Event], old: str, new: str) -> list[Event]:
    i = paper(events)
    assert old in events[i].body.source
    return swap(events, i, source=events[i].body.source.replace(old, new))


def better(events: list[Event], **changes) -> list[Event]:
    """The first decision embellished."""
    i = where(events, ev.ClaimDecided)
    return swap(events, i, decision=structs.replace(events[i].body.decision, **changes))


def forget(events: list[Event]) -> list[Event]:
    """A trial's line taken out of the paper."""
    i = paper(events)
    trial = next(e.body.trial for e in events if isinstance(e.body, ev.TrialFailed))
    lines = [line for line in events[i].body.source.splitlines() if trial not in line]
    return swap(events, i, source="\n".join(lines) + "\n")


FORGERIES: list[tuple[str, str, Forgery]] = [
    # a domain that a model wrote
    ("topic", "a domain frozen after the first idea", lambda e: of_a_topic(e, where(e, ev.IdeaProposed) + 1)),
    ("topic", "a domain frozen twice", lambda e: of_a_topic(e, times=2)),
    ("topic", "a domain that was never tried", lambda e: of_a_topic(e, passed=None)),
    ("topic", "a domain that did not pass", lambda e: of_a_topic(e, passed=False)),
    ("topic", "a domain frozen where one was given",
     lambda e: insert(e, 1, ev.DomainFrozen(domain=e[0].body.domain, hash="0" * 64))),
    # order
    ("order", "a verdict given twice", 
     lambda e: insert(e, last(e, ev.ClaimDecided) + 1, e[where(e, ev.ClaimDecided)].body)),
    ("order", "an outcome of a trial that was never proposed",
     lambda e: drop(e, where(e, ev.NodeProposed))),
    ("order", "a trial measured again after the verdicts",
     lambda e: move(e, where(e, ev.MeasurementsRecorded, confirming), last(e, ev.ClaimDecided) + 1)),
    ("order", "a verdict after the paper", lambda e: move(e, where(e, ev.ClaimDecided), len(e) - 1)),
    ("order", "a step that saw the future",
     lambda e: swap(e, where(e, ev.StepStarted), view_seq=9999)),
    # protocol-first
    ("protocol-first", "the margin changed after the hash",
     lambda e: swap_protocol(e, alpha=0.2)),
    ("protocol-first", "registered after confirmation began",
     lambda e: move(e, where(e, ev.ProtocolRegistered), where(e, ev.MeasurementsRecorded, confirming) + 2)),
    ("protocol-first", "registered after the nonce was revealed",
     lambda e: move(e, where(e, ev.ProtocolRegistered), where(e, ev.NonceRevealed) + 1)),
    ("protocol-first", "amended once confirmation had begun",
     lambda e: insert(e, where(e, ev.MeasurementsRecorded, confirming) + 1, ev.ProtocolAmended(
         protocol=e[where(e, ev.ProtocolRegistered)].body.protocol, reason="because",
         hash=e[where(e, ev.ProtocolRegistered)].body.hash,
         replaces=e[where(e, ev.ProtocolRegistered)].body.hash))),
    ("protocol-first", "a second protocol registered beside the first",
     lambda e: insert(e, where(e, ev.ProtocolRegistered), e[where(e, ev.ProtocolRegistered)].body)),
    ("protocol-first", "another evaluator registered than the study's",
     lambda e: swap_protocol(e, rehash=True, evaluator_hash="0" * 64)),
    ("protocol-first", "the domain's stated limits taken out afterwards",
     lambda e: swap(e, 0, domain=structs.replace(e[0].body.domain, limits="none"))),
    ("protocol-first", "confirmed without a protocol", lambda e: drop(e, where(e, ev.ProtocolRegistered))),
    # nonce
    ("nonce", "another nonce than was committed to",
     lambda e: swap(e, where(e, ev.NonceRevealed), nonce="0" * 64)),
    ("nonce", "never revealed", lambda e: drop(e, where(e, ev.NonceRevealed))),
    ("nonce", "revealed after the first confirmation",
     lambda e: move(e, where(e, ev.NonceRevealed), where(e, ev.MeasurementsRecorded, confirming) + 1)),
    ("nonce", "revealed twice",
     lambda e: insert(e, where(e, ev.NonceRevealed), ev.NonceRevealed(nonce=NONCE))),
    ("nonce", "a confirmation seed chosen by hand",
     lambda e: swap(e, i := where(e, ev.NodeProposed, lambda b: b.phase == "confirm"),
                    seeds=(42, *e[i].body.seeds[1:]))),
    # seeds-disjoint
    ("seeds-disjoint", "a seed of the exploration used again in selection", one_more_seed_phase),
    ("seeds-disjoint", "an exploration seed that was picked",
     lambda e: swap(e, i := where(e, ev.NodeProposed), seeds=(1234, *e[i].body.seeds[1:]))),
    ("seeds-disjoint", "one seed twice in a trial",
     lambda e: swap(e, i := where(e, ev.NodeProposed), seeds=(e[i].body.seeds[0],) * 2)),
    # fresh-data
    ("fresh-data", "one set of inputs under all seeds of a trial", lambda e: prepared_with(e, same_inputs)),
    # held-out
    ("held-out", "the held-out file among the inputs", lambda e: prepared_with(e, told_all)),
    # complete
    ("complete", "a registered run left out", without_confirmed_trial),
    ("complete", "a claim left undecided", lambda e: drop(e, where(e, ev.ClaimDecided))),
    ("complete", "a claim decided that was not registered",
     lambda e: insert(e, last(e, ev.ClaimDecided), ev.ClaimDecided(decision=structs.replace(
         e[where(e, ev.ClaimDecided)].body.decision, claim="0" * 12)))),
    ("complete", "an arm confirmed that was not registered",
     lambda e: swap(e, i := where(e, ev.NodeProposed, lambda b: b.phase == "confirm"),
                    node=Node.make("tune", "main", e[i].body.node.workspace,
                                   {"rate": 2.0, "kind": "plain"}))),
    # provenance
    ("provenance", "a measurement of no trial",
     lambda e: drop(e, where(e, ev.TrialFinished), where(e, ev.TrialFinished) + 2)),
    ("provenance", "measurements recorded twice",
     lambda e: insert(e, where(e, ev.MeasurementsRecorded), e[where(e, ev.MeasurementsRecorded)].body)),
    ("provenance", "an ended trial without measurements",
     lambda e: drop(e, where(e, ev.MeasurementsRecorded))),
    ("provenance", "a measurement of another seed",
     lambda e: with_measurement(e, lambda m: structs.replace(m, seed=1))),
    ("provenance", "a measurement of another node",
     lambda e: with_measurement(e, lambda m: structs.replace(m, node="0" * 12))),
    ("provenance", "a measurement under another configuration",
     lambda e: with_measurement(e, lambda m: structs.replace(m, config_hash="0" * 64))),
    ("provenance", "a measurement by another evaluator",
     lambda e: with_measurement(e, lambda m: structs.replace(m, evaluator_hash="0" * 64))),
    ("provenance", "a measurement of an artefact that the trial did not leave",
     lambda e: with_measurement(e, lambda m: structs.replace(m, artefact_hash="0" * 64))),
    ("provenance", "an exploration trial passed off as confirmation",
     lambda e: with_measurement(e, lambda m: structs.replace(m, phase="explore"))),
    ("provenance", "confirmed before registration",
     lambda e: move(e, where(e, ev.ProtocolRegistered), last(e, ev.TrialStarted))),
    # values
    ("values", "a value changed",
     lambda e: with_measurement(e, lambda m: structs.replace(m, value=m.value / 2))),
    ("values", "a censored run called observed",
     lambda e: with_measurement(e, lambda m: structs.replace(m, status="censored", censored_at=m.value))),
    ("values", "a curve exchanged",
     lambda e: swap(e, i := where(e, ev.SeriesRecorded), series={"accuracy": {}} | dict(
         list(e[i].body.series.items())[1:]))),
    ("values", "a measurement left out",
     lambda e: swap(e, i := where(e, ev.MeasurementsRecorded, confirming),
                    measurements=e[i].body.measurements[1:])),
    ("values", "a refusal hushed up",
     lambda e: swap(e, where(e, ev.MeasurementsRecorded), notes=("nothing",))),
    # program
    ("program", "another program at confirmation than registered", other_workspace),
    ("program", "a protocol for another workspace",
     lambda e: swap_protocol(e, rehash=True, workspace_hash="0" * 64)),
    ("program", "a request that names another evaluator",
     lambda e: swap(e, i := where(e, ev.TrialStarted), request=structs.replace(
         e[i].body.request, evaluator_hash="0" * 64))),
    ("program", "a request that names another preparation",
     lambda e: swap(e, i := where(e, ev.TrialStarted), request=structs.replace(
         e[i].body.request, prepare_hash="0" * 64))),
    ("program", "a node under a name that its content does not give",
     lambda e: swap(e, i := where(e, ev.NodeProposed), node=structs.replace(
         e[i].body.node, config={"rate": 9.0, "kind": "plain"}))),
    # verdicts
    ("verdicts", "a refuted claim called supported", lambda e: better(e, verdict="refuted")),
    ("verdicts", "a narrower interval", lambda e: better(e, high=-400.0)),
    ("verdicts", "a smaller p-value", lambda e: better(e, p_adjusted=1e-9, p_value=1e-9)),
    ("verdicts", "an unfavourable value changed",
     lambda e: with_measurement(e, lambda m: structs.replace(m, value=10.0))),
    # numbers
    ("numbers", "a printed value that the journal does not give", lambda e: printed(e, "0.001")),
    ("numbers", "a reference that leads nowhere",
     lambda e: said(e, "# Introduction", "The mean was {{m:000000000000|.1f}}.\n\n# Introduction")),
    ("numbers", "a value that was never printed",
     lambda e: swap(e, paper(e), values=dict(list(e[paper(e)].body.values.items())[1:]))),
    # bare-numbers
    ("bare-numbers", "a number typed into the prose",
     lambda e: said(e, "# Introduction", "The learner needed 42 updates.\n\n# Introduction")),
    ("bare-numbers", "a comparison without a claim",
     lambda e: said(e, "# Introduction", "The fancy kind outperforms the plain one.\n\n# Introduction")),
    # all-trials
    ("all-trials", "a failed trial left out of the paper", forget),
    # self-reported
    ("self-reported", "a verdict on what the program says, in a domain with an evaluator",
     lambda e: with_measurement(e, lambda m: structs.replace(m, self_reported=True))),
    ("self-reported", "a paper that is silent about whose word its values are",
     lambda e: swap(e, 0, domain=structs.replace(e[0].body.domain, metrics=tuple(
         structs.replace(m, self_reported=True) for m in e[0].body.domain.metrics)))),
    ("self-reported", "a model's evaluator that page one does not name",
     lambda e: swap(e, 0, domain=structs.replace(e[0].body.domain, authors={"evaluator": "a model"}))),
    # references
    ("references", "a work cited that does not exist",
     lambda e: said(e, "[@royston2013]", "[@royston2013; @nobody2031]")),
    ("references", "a claim held against a work that does not exist",
     lambda e: insert(e, last(e, ev.ClaimDecided) + 1, ev.LiteratureCompared(
         claim=e[where(e, ev.ClaimDecided)].body.decision.claim, reference="nobody2031", relation="agrees"))),
    # figures
    ("figures", "a figure without a file",
     lambda e: swap(e, i := where(e, ev.FigureMade), figure=structs.replace(e[i].body.figure, files={}))),
    ("figures", "a figure that the journal has no data for",
     lambda e: swap(e, i := where(e, ev.FigureMade), figure=structs.replace(
         e[i].body.figure, title="Another"))),
    ("figures", "a figure drawn before an unfavourable value was changed",
     lambda e: with_measurement(e, lambda m: structs.replace(m, value=10.0))),
    ("figures", "a paper without any figure", lambda e: drop(e, where(e, ev.FigureMade))),
    # blobs
    ("blobs", "an output that is not among the blobs",
     lambda e: result_with(e, lambda r: structs.replace(r, stages=tuple(
         structs.replace(s, outputs={"out/x": "0" * 64}) for s in r.stages)))),
    # replication
    ("replication", "a study of its own passed off as a replication", as_replication),
    # sandbox
    ("sandbox", "a trial that does not say how it was confined",
     lambda e: result_with(e, lambda r: structs.replace(r, sandbox=""))),
    ("sandbox", "a weak layer that the paper is silent about",
     lambda e: result_with(e, lambda r: structs.replace(r, sandbox="process"))),
    ("sandbox", "an edited program that ran unconfined",
     lambda e: result_with(other_workspace(e), lambda r: structs.replace(r, sandbox="none"))),
    # duplicates
    ("duplicates", "a program that ignores its seed", same_artefacts),
    ("duplicates", "a program that ignores its configuration", alike_arms),
    # proposals
    ("proposals", "a node that was asked for and vanished",
     lambda e: insert(e, 2, ev.NodeCommissioned(commission=Commission.make(0, "draft", ()), view_seq=1))),
    ("proposals", "a model named for what the machine's default filled",
     lambda e: said(insert(e, 2, ev.ProposalRefused(slot="idea", reason="it did not fit", final=True)),
                    '"Written by" = "', '"Written by" = "The idea by `a model`. ')),
    # in-doubt
    ("in-doubt", "a trial run again after its outcome",
     lambda e: insert(e, last(e, ev.MeasurementsRecorded) + 1, e[where(e, ev.TrialStarted)].body)),
    ("in-doubt", "two outcomes of a trial",
     lambda e: insert(e, where(e, ev.TrialFinished), e[where(e, ev.TrialFinished)].body)),
    ("in-doubt", "an outcome of an attempt that never began",
     lambda e: swap(e, where(e, ev.TrialFinished), attempt=7)),
    ("in-doubt", "a model asked again after its answer",
     lambda e: with_calls(e, ASKED, ANSWERED, structs.replace(ASKED, attempt=1))),
    ("in-doubt", "a model's answer to nothing",
     lambda e: with_calls(e, ASKED, structs.replace(ANSWERED, attempt=3))),
    ("in-doubt", "two outcomes of one attempt", lambda e: with_calls(e, ASKED, ANSWERED, ANSWERED)),
    # budget
    ("budget", "an attempt in doubt that is not charged",
     lambda e: with_calls(e, ASKED, structs.replace(ANSWERED, answer="", failed="TimedOut", in_doubt=True))),
    ("budget", "more spent than allowed",
     lambda e: insert(swap(e, 0, settings=structs.replace(e[0].body.settings, budget_usd=1.0)), 2,
                      ev.ModelAsked(key="k", attempt=0, role="code", model="any", request="",
                                    worst_case=Cost(usd=5.0)))),
    ("budget", "more trials than allowed",
     lambda e: swap(e, 0, settings=structs.replace(e[0].body.settings, budget_trials=3))),
    ("budget", "a stage let through that passed its limit",
     lambda e: result_with(e, lambda r: structs.replace(r, stages=tuple(
         structs.replace(s, cpu_seconds=1e4) for s in r.stages)))),
    ("budget", "a trial charged less than it used",
     lambda e: [structs.replace(x, cost=None) if isinstance(x.body, ev.TrialFinished) else x for x in e]),
    ("budget", "more explored than the study's size allows",
     lambda e: swap(e, 0, domain=structs.replace(e[0].body.domain, budgets={
         "default": structs.replace(e[0].body.domain.budgets["default"], explore_trials=2)}))),
]  # fmt: skip


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_an_honest_study_passes_whatever_its_outcome(outcome):
    made = make_study(outcome)
    log = rechain(made.events)
    assert log.head == (made.events[-1].seq, made.events[-1].hash)  # the helper forges nothing by itself
    assert failed(checks_of(made, log)) == set()


@pytest.mark.parametrize("until", ["ideate", "explore", "select", "register", "confirm", "conclude"])
def test_a_study_that_ended_early_passes_and_says_where(until):
    made = make_study("supported", until=until)
    checks = checks_of(made, rechain(made.events))
    assert failed(checks) == set()
    assert f"'{until}'" in checks["numbers"].detail and "no paper" in checks["numbers"].detail


@pytest.mark.parametrize(("check", "what", "forge"), FORGERIES, ids=[f"{c}: {w}" for c, w, _ in FORGERIES])
def test_a_forgery_with_its_chain_and_paper_reissued_is_found(study, check, what, forge):
    log = reissued(forge(list(study.events)))
    checks = checks_of(study, log)
    assert checks["chain"].passed, checks["chain"].detail  # the chain alone would not have told
    assert not checks[check].passed
    assert checks[check].detail


def test_every_check_has_a_forgery():
    assert {c.id for c in CHECKS} == {check for check, _, _ in FORGERIES} | {"chain"}


def test_reissuing_an_untouched_journal_leaves_nothing_to_find(study):
    assert failed(checks_of(study, reissued(list(study.events)))) == set()


# --- the chain and its anchors ------------------------------------------------------------------------


def forged_value(study: MadeStudy) -> list[Event]:
    return with_measurement(list(study.events), lambda m: structs.replace(m, value=1.0))


def test_an_edit_with_the_chain_recomputed_disagrees_with_the_printed_head(study):
    checks = checks_of(study, rechain(forged_value(study)))
    assert not checks["chain"].passed
    assert "printed in the paper" in checks["chain"].detail


def test_an_edit_with_paper_reissued_disagrees_with_the_archive(study):
    known = (study.events[-1].seq, study.events[-1].hash)
    log = reissued(forged_value(study))
    assert checks_of(study, log)["chain"].passed
    found = checks_of(study, log, anchors={"the archive": known})["chain"]
    assert not found.passed and "the archive" in found.detail
    assert checks_of(study, rechain(study.events), anchors={"the archive": known})["chain"].passed


def test_the_first_digits_of_a_printed_head_are_enough_and_a_few_are_not(study):
    seq = study.events[-3].seq
    for digits, passes in ((64, True), (12, True), (4, False)):
        anchors = {"the reader": (seq, study.events[-3].hash[:digits])}
        assert checks_of(study, rechain(study.events), anchors=anchors)["chain"].passed is passes


def test_a_row_altered_in_place_is_named(study):
    log = rechain(study.events)
    seq, text, prev, hashed = log.stored[40]
    log.stored[40] = (seq, text.replace('"v":1', '"v": 1'), prev, hashed)
    assert f"event {seq} was altered" in checks_of(study, log)["chain"].detail


@pytest.mark.parametrize("index", [0, 50, -2])
def test_a_row_removed_is_named(study, index):
    log = rechain(study.events)
    del log.stored[index], log.events[index]
    assert not checks_of(study, log)["chain"].passed


def test_rows_of_another_journal_are_found(study):
    log, other = rechain(study.events), rechain(forged_value(study))
    log.stored = other.stored
    assert not checks_of(study, log)["chain"].passed


def test_files_of_the_folder_are_held_against_the_journal(study, tmp_path):
    from novum.folder import materialise

    log = rechain(study.events)
    materialise(tmp_path, study.state, study.blobs, log.head)
    assert failed(checks_of(study, log, folder=tmp_path)) == set()
    faults = {
        "measurements.csv": ("all-trials", b"confirm", b"explore"),
        "paper/paper.md": ("numbers", b"# Limitations", b"# No limitations"),
        "paper/resolved.md": ("numbers", b"Limitations", b"No limitations"),
        "figures/{figure}.svg": ("figures", b"svg", b"SVG"),
    }
    for name, (check, old, new) in faults.items():
        path = tmp_path / name.format(figure=next(iter(study.state.figures)))
        right = path.read_bytes()
        path.write_bytes(right.replace(old, new, 1))
        assert check in failed(checks_of(study, log, folder=tmp_path)), name
        path.write_bytes(right)


def test_a_paper_left_in_the_folder_gives_away_a_rewritten_journal(study, tmp_path):
    from novum.folder import materialise

    materialise(tmp_path, study.state, study.blobs, study.rows[-1][::3])
    checks = checks_of(study, reissued(forged_value(study)), folder=tmp_path)
    assert not checks["chain"].passed and "another chain head" in checks["chain"].detail


# --- bytes --------------------------------------------------------------------------------------------


def test_missing_and_altered_blobs_are_named(study):
    sha = next(iter(study.state.figures.values())).files["svg"]
    for tamper in ("missing", "altered"):
        blobs = MemoryBlobs()
        blobs.files = dict(study.blobs.files)
        if tamper == "missing":
            del blobs.files[sha]
        else:
            blobs.files[sha] = b"<svg>another</svg>"
        checks = checks_of(study, rechain(study.events), blobs=blobs)
        assert tamper in checks["blobs"].detail
        assert {"blobs", "figures"} <= failed(checks)


def test_an_evaluator_file_rewritten_under_its_own_new_hash_disagrees_with_the_values(study):
    """The forger re-stores the evaluator's file with a better number, and the trial names that."""
    blobs = MemoryBlobs()
    blobs.files = dict(study.blobs.files)

    def improved(result):
        stages = []
        for stage in result.stages:
            sha = stage.outputs.get("out/measurements.jsonl")
            if sha:
                lines = blobs.files[sha].replace(b'"value": ', b'"value": 1')
                stage = structs.replace(
                    stage, outputs={**stage.outputs, "out/measurements.jsonl": blobs.put(lines)}
                )
            stages.append(stage)
        return structs.replace(result, stages=tuple(stages))

    checks = checks_of(study, reissued(result_with(list(study.events), improved)), blobs=blobs)
    assert not checks["values"].passed


# --- the audit itself ---------------------------------------------------------------------------------


def test_a_check_that_cannot_be_carried_out_is_a_fault_and_not_a_crash(study):
    checks = checks_of(study, rechain([study.events[5], study.events[-1]]))
    assert "order" in failed(checks)
    assert "cannot be carried out" in checks["values"].detail


def test_a_study_that_calls_itself_done_must_have_a_paper():
    made = make_study("supported", until="conclude")
    log = rechain(made.events)
    log.append([Draft(body=ev.StudyFinished(status="done"))])
    assert {"numbers", "bare-numbers", "all-trials"} <= failed(checks_of(made, log))


def test_a_paper_s_citations_need_a_bibliography(study):
    assert "references" in failed(checks_of(study, rechain(study.events), entries=None))
    silent = said(list(study.events), "[@royston2013]", "")
    silent = said(silent, "@holm1979", "Holm")
    silent = drop(silent, *(i for i, e in enumerate(silent) if isinstance(e.body, ev.LiteratureCompared)))
    assert "cites nothing" in checks_of(study, reissued(silent))["references"].detail
    bare = {k: {"title": v["title"]} for k, v in study.entries.items()}
    assert "has no author" in checks_of(study, rechain(study.events), entries=bare)["references"].detail


def test_in_doubt_attempts_are_listed_without_being_a_fault():
    made = make_study("supported", until="explore")
    started = max(i for i, e in enumerate(made.events) if isinstance(e.body, ev.TrialStarted))
    checks = checks_of(made, rechain(made.events[: started + 1]))
    assert checks["in-doubt"].passed and "in doubt: trial" in checks["in-doubt"].detail


def test_the_step_audits_up_to_where_it_began(study):
    class Services:
        log = rechain(study.events)
        blobs = study.blobs

        class literature:
            entries = staticmethod(lambda: study.entries)

    Services.log.append([Draft(body=ev.StepStarted(step="audit", view_seq=len(study.events)))])
    first = audit(study.state, Services)
    Services.log.append([Draft(body=ev.CoordinatorStarted(host="here", pid=2))])  # it is run again
    assert audit(study.state, Services) == first
    (draft,) = first
    assert draft.body.passed and [c.id for c in draft.body.checks] == [c.id for c in CHECKS]


def test_each_check_says_what_it_finds_and_what_it_misses():
    assert len({c.id for c in CHECKS}) == len(CHECKS) >= 17
    assert all(c.title and c.finds and c.misses for c in CHECKS)


def test_an_amendment_before_confirmation_is_disclosed_and_no_fault():
    made = make_study("supported", until="register")
    log = rechain(made.events)
    log.append([amend(made.state, {"seeds": "14"}, "ada")])
    found = checks_of(made, log)["protocol-first"]
    assert found.passed and "amended 1 times" in found.detail


def test_a_weak_layer_that_the_paper_discloses_is_no_fault(study):
    weak = result_with(list(study.events), lambda r: structs.replace(r, sandbox="process"))
    told = said(weak, '"Confinement" = "bwrap', '"Confinement" = "the process layer alone; not bwrap')
    found = checks_of(study, reissued(told))["sandbox"]
    assert found.passed and "process confines little" in found.detail


def test_figures_of_another_release_are_held_to_their_record_only(study):
    older = swap(list(study.events), where(study.events, ev.StudyCreated), novum_version="0.0.9")
    check = checks_of(study, reissued(older))["figures"]
    assert check.passed
    assert "0.0.9 alone gathers their data" in check.detail
