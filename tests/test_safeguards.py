"""Each control of the policy is tripped once and left alone once; file, registry and tests agree."""

import ast
import random
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from novum.errors import NeedsPerson, NovumError, PolicyRefused, PolicyStop, UserError
from novum.records import (
    Cost,
    Domain,
    Factor,
    JobResult,
    Limits,
    Metric,
    Node,
    Program,
    Protocol,
    Settings,
    StageResult,
    TrialRequest,
)
from novum.safeguards import (
    REGISTRY,
    SHIPPED_POLICY,
    Case,
    Limit,
    Safeguards,
    adjusted,
    archive_drift,
    drift,
    load_policy,
)
from novum.state import State, Trial

LIMITS = Limits(cpu_seconds=1, wall_seconds=2)
ERRORS = {"refuse": PolicyRefused, "stop": PolicyStop, "ask": NeedsPerson}
DOMAIN = Domain(
    id="toy",
    title="Toy",
    question="?",
    programs={"main": Program(command=("python", "main.py"))},
    evaluator=("python", "score.py"),
    metrics=(Metric(name="loss", primary=True),),
    factors=(Factor(name="rate", baseline=1.0),),
    budgets={},
    files={"main.py": "aa", "util.py": "bb", "score.py": "cc"},
    evaluator_files=("score.py",),
    shipped=True,
)
BASE = {"rate": 1.0}
OWN = Node.make("tune", "main", DOMAIN.workspace(), BASE)
TOUCHED = Node.make("improve", "main", {"main.py": "zz", "util.py": "bb"}, BASE)
NEW = Node.make("draft", "main", {"other.py": "yy"}, BASE)


def request(node: Node = OWN, phase: str = "explore", **changed: object) -> TrialRequest:
    plain = TrialRequest(
        node=node.id,
        program="main",
        workspace_hash="w",
        config=BASE,
        seeds=(1,),
        phase=phase,
        prepare_hash=DOMAIN.prepare_hash,
        evaluator_hash=DOMAIN.evaluator_hash,
        limits=LIMITS,
    )
    return msgspec.structs.replace(plain, **changed)


def protocol(**changed: object) -> Protocol:
    plain = Protocol(
        idea="i",
        question="?",
        primary_metric="loss",
        horizon=None,
        contrasts=(),
        base=BASE,
        arms=(BASE,),
        seeds_per_arm=5,
        alpha=0.05,
        sd_bound=1,
        detectable_effect=1,
        power=0.8,
        smallest_p=0.01,
        program="main",
        workspace_hash="w",
        evaluator_hash=DOMAIN.evaluator_hash,
        prepare_hash=DOMAIN.prepare_hash,
        domain_hash="d",
        resampled=(),
        limits=LIMITS,
        nonce_commitment="n",
    )
    return msgspec.structs.replace(plain, **changed)


def state(**changed: object) -> State:
    plain = {"domain": DOMAIN, "nodes": {n.id: n for n in (OWN, TOUCHED, NEW)}}
    return State(**{**plain, **changed})


def with_trials(*trials: tuple[Node, str], **changed: object) -> State:
    """A state with one exploration trial per (node, status)."""
    made = {
        f"t{i}": Trial(id=f"t{i}", index=i, node=node.id, phase="explore", seeds=(1,), status=status)
        for i, (node, status) in enumerate(trials)
    }
    return state(trials=made, **changed)


def with_refusals(n: int, node: Node) -> State:
    """A state with five finished trials of a node, the first n of which left refused artefacts."""
    found = with_trials(*[(node, "done")] * 5)
    for trial in list(found.trials.values())[:n]:
        bad = StageResult(name="program", status="ok", refused=("out/1/link",))
        trial.result = JobResult(stages=(bad,), sandbox="bwrap")
    return found


def lost(times: int, status: str = "proposed") -> State:
    found = with_trials((OWN, status))
    found.trials["t0"].interrupted = times
    return found


def unconfined() -> Settings:
    return Settings(domain="toy", sandbox="none")


GUARDS = Safeguards()
CONFIRM = request(phase="confirm")
REGISTERED = {"protocol": protocol()}


def trial(
    s: State, r: TrialRequest | None = None, layer: str = "bwrap", reaches: tuple[str, ...] = ()
) -> None:
    GUARDS.before_trial(s, r or request(), layer, reaches)


FAR_TRIALS = [(NEW, "done")] * 6 + [(OWN, "done")] * 5
NEAR_TRIALS = [(NEW, "done")] * 5 + [(OWN, "done")] * 6
CASES: dict[str, tuple[Callable[[], None], list[Callable[[], None]]]] = {
    "confined_edits": (
        lambda: trial(state(), request(TOUCHED), "process"),
        [lambda: trial(state(), request(TOUCHED), "namespaces"), lambda: trial(state(), layer="process")],
    ),
    "confined_shipped": (lambda: trial(state(), layer="chroot"), [lambda: trial(state(), layer="process")]),
    "unconfined_by_person": (
        lambda: trial(state(), layer="none"),
        [lambda: trial(state(settings=unconfined()), request(TOUCHED), "none")],
    ),
    "no_network": (
        lambda: trial(state(), request(TOUCHED), "bwrap", ("network",)),
        [lambda: trial(state(), request(TOUCHED), "bwrap"), lambda: trial(state(), reaches=("network",))],
    ),
    "frozen_ruler": (
        lambda: trial(state(), request(evaluator_hash="other")),
        [lambda: trial(state()), lambda: trial(state(**REGISTERED))],
    ),
    "self_change": (
        lambda: GUARDS.before_self_change(state(), "loop.py"),
        [lambda: GUARDS.before_self_change(state(), "loop.py", person="Ada")],
    ),
    "creativity": (
        lambda: trial(with_trials(*FAR_TRIALS), request(NEW)),
        [
            lambda: trial(with_trials(*NEAR_TRIALS), request(NEW)),
            lambda: trial(with_trials(*FAR_TRIALS), request(OWN)),
            lambda: trial(with_trials(*FAR_TRIALS[:9]), request(NEW)),
        ],
    ),
    "failed_share": (
        lambda: GUARDS.after_trial(with_trials(*[(OWN, "failed")] * 16, *[(OWN, "done")] * 4)),
        [
            lambda: GUARDS.after_trial(with_trials(*[(OWN, "failed")] * 19)),
            lambda: GUARDS.after_trial(with_trials(*[(OWN, "failed")] * 15, *[(OWN, "done")] * 5)),
        ],
    ),
    "repeated_loss": (
        lambda: GUARDS.after_trial(lost(20)),
        [lambda: GUARDS.after_trial(lost(19)), lambda: GUARDS.after_trial(lost(20, "done"))],
    ),
    "escape_attempts": (
        lambda: GUARDS.after_trial(with_refusals(3, TOUCHED)),
        [
            lambda: GUARDS.after_trial(with_refusals(2, TOUCHED)),
            lambda: GUARDS.after_trial(with_refusals(3, OWN)),
        ],
    ),
    "rejected_in_a_row": (
        lambda: GUARDS.after_rejection(state(), 50),
        [lambda: GUARDS.after_rejection(state(), 49)],
    ),
    "registered_only": (lambda: trial(state(), CONFIRM), [lambda: trial(state(**REGISTERED), CONFIRM)]),
    "amendment_after_start": (
        lambda: GUARDS.before_amendment(state(nonce="n", **REGISTERED)),
        [lambda: GUARDS.before_amendment(state(**REGISTERED))],
    ),
    "amendments": (
        lambda: GUARDS.before_amendment(state(amendments=(("h", "why"),) * 3)),
        [
            lambda: GUARDS.before_amendment(state(amendments=(("h", "why"),) * 2)),
            lambda: GUARDS.before_amendment(state(amendments=(("h", "why"),) * 3), person="Ada"),
        ],
    ),
    "trials": (
        lambda: trial(with_trials(*[(OWN, "done")] * 5001)),
        [lambda: trial(with_trials(*[(OWN, "done")] * 5000))],
    ),
    "nodes": (
        lambda: trial(state(nodes={str(i): OWN for i in range(2000)} | {OWN.id: OWN})),
        [lambda: trial(state(nodes={str(i): OWN for i in range(1999)} | {OWN.id: OWN}))],
    ),
    "wall_minutes": (
        lambda: GUARDS.after_trial(state(active_seconds=172_000), session_seconds=1000),
        [lambda: GUARDS.after_trial(state(active_seconds=172_000), session_seconds=100)],
    ),
    "disk_mb": (
        lambda: GUARDS.after_trial(state(), disk_mb=20_001),
        [lambda: GUARDS.after_trial(state(), disk_mb=20_000)],
    ),
    "unattended_usd": (
        lambda: GUARDS.after_trial(state(spent=Cost(usd=20), reserved={"k": Cost(usd=6)})),
        [
            lambda: GUARDS.after_trial(state(spent=Cost(usd=20))),
            lambda: GUARDS.after_trial(
                state(spent=Cost(usd=99), settings=Settings(domain="toy", budget_usd=200))
            ),
        ],
    ),
    "persons_stop": (lambda: trial(state(stopped_by="Ada")), [lambda: trial(state())]),
    "publishing": (
        lambda: GUARDS.before_publish(state(), "upload"),
        [lambda: GUARDS.before_publish(state(), "upload", person="Ada")],
    ),
}


def test_file_registry_and_tests_hold_the_same_controls():
    assert set(load_policy().rules()) == set(REGISTRY) == set(CASES)


@pytest.mark.parametrize("name", sorted(CASES))
def test_control_trips(name: str):
    with pytest.raises(NovumError) as caught:
        CASES[name][0]()
    rule = load_policy().rules()[name]
    assert type(caught.value) is ERRORS[rule.action]
    assert caught.value.control == name
    assert caught.value.fix


@pytest.mark.parametrize("name", sorted(CASES))
def test_control_lets_pass(name: str):
    for harmless in CASES[name][1]:
        harmless()


@pytest.mark.parametrize(
    "changed",
    [{"workspace_hash": "x"}, {"program": "other"}, {"config": {"rate": 2.0}}],
    ids=["workspace", "program", "arm"],
)
def test_confirmation_runs_nothing_but_what_was_registered(changed: dict):
    with pytest.raises(PolicyRefused, match="registered_only"):
        trial(state(**REGISTERED), request(phase="confirm", **changed))


def test_ruler_is_the_registered_one_after_registration():
    with pytest.raises(PolicyRefused, match="prepare"):
        trial(state(protocol=protocol(prepare_hash="other")))


def test_amendment_is_refused_once_a_confirmation_trial_is_proposed():
    begun = with_trials((OWN, "proposed"))
    begun.trials["t0"].phase = "confirm"
    with pytest.raises(PolicyRefused, match="amendment_after_start"):
        GUARDS.before_amendment(begun)


def test_foreign_domain_is_treated_as_edited():
    foreign = msgspec.structs.replace(DOMAIN, shipped=False)
    with pytest.raises(PolicyRefused, match="confined_edits"):
        trial(state(domain=foreign), layer="process")


def test_every_section_has_a_control_and_every_source_is_in_the_ledger():
    policy = load_policy()
    for section in (policy.development, policy.assessment, policy.control):
        assert section
        for rule in section.values():
            assert rule.sources and all(len(s) == 3 and 1 <= int(s[1:]) <= 81 for s in rule.sources)


# --- creativity ---------------------------------------------------------------------------------------


def admitted(limit: float, seed: int) -> State:
    """What a search that proposes anything gets past the creativity control, in 200 proposals."""
    guards = Safeguards(adjusted(load_policy(), {"creativity": limit}))
    rng, found = random.Random(seed), state()
    for i in range(200):
        node = rng.choice([OWN, TOUCHED, NEW])
        try:
            guards.before_trial(found, request(node), "bwrap")
        except PolicyRefused as refused:
            assert refused.control == "creativity"
            continue
        found.trials[f"t{i}"] = Trial(
            id=f"t{i}", index=i, node=node.id, phase="explore", seeds=(1,), status="done"
        )
    return found


@pytest.mark.parametrize("seed", range(3))
def test_tightening_the_creativity_budget_lowers_drift(seed: int):
    tight, wide = archive_drift(admitted(0.1, seed)), archive_drift(admitted(0.9, seed))
    assert tight[-1][3] < wide[-1][3]
    assert max(row[3] for row in tight[20:]) <= 0.25


def test_drift_is_the_share_of_new_files():
    assert [drift(DOMAIN, node) for node in (OWN, TOUCHED, NEW)] == [0.0, 0.5, 1.0]
    log = archive_drift(with_trials((OWN, "done"), (NEW, "done")))
    assert log == [(0, OWN.id, 0.0, 0.0), (1, NEW.id, 1.0, 0.5)]


# --- the file and the user's changes to it -----------------------------------------------------------


def test_user_may_tighten_and_the_tighter_limit_binds():
    guards = Safeguards(adjusted(load_policy(), {"trials": 3, "confined_shipped": ("bwrap",)}))
    with pytest.raises(PolicyStop, match="trials"):
        guards.before_trial(with_trials(*[(OWN, "done")] * 4), request(), "bwrap")
    with pytest.raises(PolicyRefused, match="confined_shipped"):
        guards.before_trial(state(), request(), "namespaces")


def test_user_may_loosen_only_what_is_marked():
    assert adjusted(load_policy(), {"disk_mb": 50_000}).rules()["disk_mb"].limit == 50_000


@pytest.mark.parametrize(
    ("name", "limit", "says"),
    [
        ("trials", 10_000, "only be tightened"),
        ("confined_edits", ("bwrap", "process"), "only be tightened"),
        ("no_network", 1, "cannot be changed"),
        ("publishing", 1, "cannot be changed"),
        ("disk_mb", ("a",), "wrong kind"),
        ("disk_mb", -1, "from 0 up"),
        ("disk_mb", float("nan"), "from 0 up"),
        ("gravity", 1, "no such control"),
    ],
)
def test_other_changes_are_refused_in_one_line(name: str, limit: Limit, says: str):
    with pytest.raises(UserError, match=says) as caught:
        adjusted(load_policy(), {name: limit})
    assert caught.value.exit_code == 2 and "\n" not in str(caught.value)


def test_a_policy_without_one_of_the_controls_is_refused():
    text = SHIPPED_POLICY.read_bytes()
    assert load_policy(text) == load_policy()
    with pytest.raises(UserError, match="controls missing or unknown: publishing, renamed"):
        load_policy(text.replace(b"[control.publishing]", b"[control.renamed]"))
    with pytest.raises(UserError, match=r"schema"):
        load_policy(text.replace(b"schema = 1", b"schema = 2"))


def test_violations_lists_all_without_raising():
    found = GUARDS.violations("trial", state(stopped_by="Ada"), Case(request=CONFIRM, layer="chroot"))
    assert [v.control for v in found] == ["confined_shipped", "registered_only", "persons_stop"]


# --- what makes the gates on publishing and self-change mean something --------------------------------

SENDERS = {
    *("urllib.request", "http.client", "smtplib", "ftplib", "telnetlib", "xmlrpc", "webbrowser"),
    *("requests", "httpx", "httpx2", "aiohttp", "urllib3", "paramiko", "boto3"),
}
MAY_SEND: set[str] = set()  # modules under src/novum; one that is added here must ask `before_publish`


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def sends(path: Path) -> bool:
    return any(name == s or name.startswith(f"{s}.") for name in imported(path) for s in SENDERS)


def test_nothing_in_novum_can_send_unless_it_asks():
    source = SHIPPED_POLICY.parent
    senders = {str(p.relative_to(source)) for p in source.rglob("*.py") if sends(p)}
    assert senders == MAY_SEND
    for name in sorted(MAY_SEND):
        assert "before_publish" in (source / name).read_text()


@pytest.mark.parametrize(
    ("text", "found"),
    [("from urllib import request", True), ("import http.client", True), ("import urllib.parse", False)],
)
def test_a_sender_is_recognised(tmp_path: Path, text: str, found: bool):
    (tmp_path / "module.py").write_text(text)
    assert sends(tmp_path / "module.py") is found


def test_drift_is_counted_in_lines_where_they_are_known():
    state = with_trials(*[(NEW, "done")] * 3)
    assert archive_drift(state)[-1][3] == 1.0
    state.fresh = {NEW.id: 0.01}  # a one-file program with a line that is new
    assert drift(DOMAIN, NEW, state.fresh) == 0.01 and archive_drift(state)[-1][3] == 0.0


def test_a_program_that_is_too_far_is_no_end_of_a_study():
    guards = Safeguards(adjusted(load_policy(), {"creativity": 0.5}))
    state = with_trials(*[(NEW if i % 2 else OWN, "done") for i in range(12)])
    assert guards.too_far(state, 0.4) == "" and "90% of it" in guards.too_far(state, 0.9)
    assert guards.too_far(with_trials((NEW, "done")), 0.9) == ""  # too early to tell
