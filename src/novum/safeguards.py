"""The policy's controls: what the scientist may do by itself, what needs a person, what stops it.

`policy.toml` holds each control's rule, action and threshold; here is one small check per control. Checks
are pure: they read the state and the facts of the act in question (`Case`) and return what is wrong, or
None. `Safeguards` runs those that belong to a moment of a study and raises the first violation as
`PolicyRefused`, `PolicyStop` or `NeedsPerson`.

Sources: risk management with thresholds and human gates (S35), the sections Development, Assessment and
Control (S51), the creativity budget of open-ended search (S56); see docs/policy.md and docs/seeds.md.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, NoReturn

import msgspec

from novum.errors import NeedsPerson, PolicyRefused, PolicyStop, UserError
from novum.records import Domain, Node, Record, TrialRequest
from novum.state import State, Trial

_NOTHING: Mapping[str, float] = {}
Section = Literal["development", "assessment", "control"]
Action = Literal["refuse", "stop", "ask"]
Moment = Literal["trial", "watch", "rejection", "amendment", "publication", "self_change"]
Limit = float | tuple[str, ...]

SECTIONS: tuple[Section, ...] = ("development", "assessment", "control")
SHIPPED_POLICY = Path(__file__).with_name("policy.toml")


class Rule(Record, kw_only=True):
    """One control's entry in the policy file; its keys are explained at the top of that file."""

    action: Action
    rule: str
    sources: tuple[str, ...]
    limit: Limit | None = None
    after: int = 0
    change: Literal["never", "tighten", "loosen"] = "never"

    @property
    def cap(self) -> float:
        """The limit as a number not to be exceeded."""
        return float(self.limit)  # type: ignore[arg-type]

    @property
    def allowed(self) -> tuple[str, ...]:
        """The limit as the only names allowed."""
        return self.limit if isinstance(self.limit, tuple) else ()


class Policy(Record, kw_only=True):
    """The policy file: a table of rules per section, keyed by the control's id."""

    schema: Literal[1] = 1
    development: dict[str, Rule]
    assessment: dict[str, Rule]
    control: dict[str, Rule]

    def rules(self) -> dict[str, Rule]:
        return {**self.development, **self.assessment, **self.control}

    def section_of(self, control: str) -> Section:
        return next(s for s in SECTIONS if control in getattr(self, s))


class Case(Record, kw_only=True):
    """What is known of an act under judgement, beside the state.

    `layer` is the sandbox layer and `reaches` what that layer's own probe found within reach of a trial
    (such as "network"). `session_seconds` is the running session's time, `disk_mb` the study's folder.
    `person` names who decided, empty when it was the scientist.
    """

    request: TrialRequest | None = None
    layer: str = ""
    reaches: tuple[str, ...] = ()
    disk_mb: float = 0.0
    session_seconds: float = 0.0
    rejected_in_a_row: int = 0
    person: str = ""
    what: str = ""


class Violation(Record, kw_only=True):
    """A control that tripped."""

    control: str
    action: Action
    detail: str
    rule: str


Check = Callable[[State, Case, Rule], str | None]
REGISTRY: dict[str, tuple[Moment, Check]] = {}


def _control(moment: Moment) -> Callable[[Check], Check]:
    def register(check: Check) -> Check:
        REGISTRY[check.__name__.lstrip("_")] = (moment, check)
        return check

    return register


# --- what the checks ask of a study ------------------------------------------------------------------


def unmodified(domain: Domain | None, node: Node | None) -> bool:
    """Whether a node runs exactly the files of a domain that Novum ships, judged by their hashes."""
    return bool(domain and domain.shipped and node and node.workspace == domain.workspace())


def drift(domain: Domain, node: Node, fresh: Mapping[str, float] = _NOTHING) -> float:
    """How far a node is from its domain: 0 unedited, 1 all new.

    The share of its lines that are newly written, where `fresh` has it by node; of its files else.
    """
    if node.id in fresh:
        return fresh[node.id]
    own = domain.workspace()
    new = sum(own.get(path) != blob for path, blob in node.workspace.items())
    return new / max(1, len(node.workspace))


def archive_drift(state: State) -> list[tuple[int, str, float, float]]:
    """The drift log (S56): per exploration trial its index, node, drift, and share of far nodes so far."""
    rows: list[tuple[int, str, float, float]] = []
    far = 0
    for seen, trial in enumerate(state.trials_in("explore"), start=1):
        distance = drift(state.domain, state.nodes[trial.node], state.fresh) if state.domain else 0.0
        far += distance > FAR
        rows.append((trial.index, trial.node, distance, far / seen))
    return rows


FAR = 0.5  # a node with more than this share of new files is far from its domain


def _ended(state: State) -> list[Trial]:
    return [t for t in state.trials.values() if t.status in ("done", "failed")]


def _left_refused(state: State) -> list[Trial]:
    """Ended trials that left artefacts which were refused. Asked after every trial, hence so short a way."""
    results = [(t, t.result) for t in state.trials.values() if t.result is not None]
    return list({t.id: t for t, result in results for stage in result.stages if stage.refused}.values())


def _node(state: State, case: Case) -> Node | None:
    return state.nodes.get(case.request.node) if case.request else None


# --- development -------------------------------------------------------------------------------------


@_control("trial")
def _confined_edits(state: State, case: Case, rule: Rule) -> str | None:
    if case.layer == "none" or case.layer in rule.allowed or unmodified(state.domain, _node(state, case)):
        return None
    return f"edited or foreign code was to run under '{case.layer}', which does not confine it"


@_control("trial")
def _confined_shipped(state: State, case: Case, rule: Rule) -> str | None:
    if case.layer == "none" or case.layer in rule.allowed or not unmodified(state.domain, _node(state, case)):
        return None
    return f"a shipped program was to run under '{case.layer}'"


@_control("trial")
def _unconfined_by_person(state: State, case: Case, rule: Rule) -> str | None:
    asked = state.settings is not None and state.settings.sandbox == "none"
    return None if case.layer != "none" or asked else "a trial was to run with no confinement at all"


@_control("trial")
def _no_network(state: State, case: Case, rule: Rule) -> str | None:
    asked = state.settings is not None and state.settings.sandbox == "none"
    if "network" not in case.reaches or asked or unmodified(state.domain, _node(state, case)):
        return None
    return f"edited or foreign code could reach the network under '{case.layer}'"


@_control("trial")
def _frozen_ruler(state: State, case: Case, rule: Rule) -> str | None:
    ruler = state.protocol or state.domain
    if case.request is None or ruler is None:
        return None
    for part in ("evaluator_hash", "prepare_hash"):
        if getattr(case.request, part) != getattr(ruler, part):
            return f"the {part.removesuffix('_hash')} is not the one that was fixed"
    return None


@_control("self_change")
def _self_change(state: State, case: Case, rule: Rule) -> str | None:
    return None if case.person else f"Novum was about to change itself ({case.what})"


@_control("trial")
def _creativity(state: State, case: Case, rule: Rule) -> str | None:
    node = _node(state, case)
    if state.domain is None or node is None or drift(state.domain, node, state.fresh) <= FAR:
        return None
    log = archive_drift(state)
    if len(log) < rule.after or log[-1][3] <= rule.cap:
        return None
    return f"{log[-1][3]:.0%} of the exploration is far from the domain's own programs"


# --- assessment --------------------------------------------------------------------------------------


@_control("watch")
def _failed_share(state: State, case: Case, rule: Rule) -> str | None:
    ended = _ended(state)
    failed = sum(t.status == "failed" for t in ended)
    if len(ended) < rule.after or failed < rule.cap * len(ended):
        return None
    return f"{failed} of {len(ended)} trials failed"


@_control("watch")
def _repeated_loss(state: State, case: Case, rule: Rule) -> str | None:
    lost = [t for t in state.trials.values() if t.status == "proposed" and t.interrupted >= rule.cap]
    return f"trial {lost[0].id} was lost {lost[0].interrupted} times" if lost else None


@_control("watch")
def _escape_attempts(state: State, case: Case, rule: Rule) -> str | None:
    caught = sum(not unmodified(state.domain, state.nodes.get(t.node)) for t in _left_refused(state))
    return f"{caught} trials of edited code left artefacts that were refused" if caught >= rule.cap else None


@_control("rejection")
def _rejected_in_a_row(state: State, case: Case, rule: Rule) -> str | None:
    n = case.rejected_in_a_row
    return f"{n} proposals in a row were rejected" if n >= rule.cap else None


# --- control -----------------------------------------------------------------------------------------


@_control("trial")
def _registered_only(state: State, case: Case, rule: Rule) -> str | None:
    request, protocol = case.request, state.protocol
    if request is None or request.phase != "confirm":
        return None
    if protocol is None:
        return "a confirmation trial was to run without a registered protocol"
    registered = (protocol.program, protocol.workspace_hash_of(request.config))
    same = (request.program, request.workspace_hash) == registered
    if same and request.config in protocol.arms:
        return None
    return "a confirmation trial is none of those that the protocol registered"


@_control("amendment")
def _amendment_after_start(state: State, case: Case, rule: Rule) -> str | None:
    begun = state.nonce or state.trials_in("confirm")
    return "confirmation has begun, the protocol stands" if begun else None


@_control("amendment")
def _amendments(state: State, case: Case, rule: Rule) -> str | None:
    n = len(state.amendments)
    return f"the protocol was amended {n} times already" if n >= rule.cap and not case.person else None


@_control("trial")
def _trials(state: State, case: Case, rule: Rule) -> str | None:
    n = len(state.trials)
    return f"{n} trials, {rule.cap:.0f} allowed" if n > rule.cap else None


@_control("trial")
def _nodes(state: State, case: Case, rule: Rule) -> str | None:
    n = len(state.nodes)
    return f"{n} nodes, {rule.cap:.0f} allowed" if n > rule.cap else None


@_control("watch")
def _wall_minutes(state: State, case: Case, rule: Rule) -> str | None:
    minutes = (state.active_seconds + case.session_seconds) / 60
    return f"at work for {minutes:.0f} minutes, {rule.cap:.0f} allowed" if minutes > rule.cap else None


@_control("watch")
def _disk_mb(state: State, case: Case, rule: Rule) -> str | None:
    return f"{case.disk_mb:.0f} MB on disk, {rule.cap:.0f} allowed" if case.disk_mb > rule.cap else None


@_control("watch")
def _unattended_usd(state: State, case: Case, rule: Rule) -> str | None:
    own_cap = state.settings is not None and state.settings.budget_usd is not None
    due = state.spent.usd + sum(cost.usd for cost in state.reserved.values())
    return f"{due:.2f} USD spent or reserved with no cap set" if due > rule.cap and not own_cap else None


@_control("trial")
def _persons_stop(state: State, case: Case, rule: Rule) -> str | None:
    return f"{state.stopped_by} stopped this study" if state.stopped_by else None


@_control("publication")
def _publishing(state: State, case: Case, rule: Rule) -> str | None:
    return None if case.person else f"Novum was about to send something out of the lab ({case.what})"


# --- policy: reading and changing it -----------------------------------------------------------------


def load_policy(text: bytes | None = None) -> Policy:
    """The shipped policy, or the one in `text` (TOML).

    Raises:
        UserError: if it is no policy, or its controls are not those that Novum has.
    """
    where = "policy" if text is not None else str(SHIPPED_POLICY)
    try:
        policy = msgspec.toml.decode(SHIPPED_POLICY.read_bytes() if text is None else text, type=Policy)
    except msgspec.DecodeError as error:
        raise UserError(f"{where}: {error}", fix="see docs/policy.md") from error
    if odd := sorted(set(policy.rules()) ^ set(REGISTRY)):
        raise UserError(f"{where}: controls missing or unknown: {', '.join(odd)}", fix="see docs/policy.md")
    return policy


def adjusted(policy: Policy, limits: Mapping[str, Limit]) -> Policy:
    """The policy with a user's own limits (control id -> limit), as far as each control permits.

    Raises:
        UserError: for an unknown control, a limit of another kind, or a change that is not permitted.
    """
    rules = policy.rules()
    tables: dict[str, dict[str, Rule]] = {s: dict(getattr(policy, s)) for s in SECTIONS}
    for name, limit in limits.items():
        if name not in rules:
            raise UserError(
                f"[policy.{name}]: no such control", fix=f"controls are {', '.join(sorted(rules))}"
            )
        _permit(name, rules[name], limit)
        tables[policy.section_of(name)][name] = msgspec.structs.replace(rules[name], limit=limit)
    return msgspec.structs.replace(policy, **tables)


def _permit(name: str, rule: Rule, limit: Limit) -> None:
    where = f"[policy.{name}]"
    if rule.change == "never" or rule.limit is None:
        raise UserError(f"{where}: this control cannot be changed", fix="remove it")
    if isinstance(limit, tuple) != isinstance(rule.limit, tuple):
        raise UserError(f"{where}: limit is of the wrong kind", fix=f"the shipped one is {rule.limit}")
    if not isinstance(limit, tuple) and not limit >= 0:
        raise UserError(f"{where}: limit must be a number from 0 up", fix=f"the shipped one is {rule.limit}")
    tighter = set(limit) <= set(rule.allowed) if isinstance(limit, tuple) else 0 <= limit <= rule.cap
    if not tighter and rule.change != "loosen":
        raise UserError(f"{where}: may only be tightened", fix=f"the shipped limit is {rule.limit}")


# --- asking ------------------------------------------------------------------------------------------


class Safeguards:
    """The controls under one policy, asked at the moments of a study.

    Every method raises the first violation it finds: `PolicyRefused` (the act does not happen),
    `PolicyStop` (the study ends), `NeedsPerson` (the act waits for a person).
    """

    def __init__(self, policy: Policy | None = None):
        self.policy = policy or load_policy()

    def too_far(self, state: State, fresh: float) -> str:
        """Why a program of which so much is newly written may not be tried now; empty if it may.

        Asked before it becomes a node, so that it is a failed candidate and no end of the study.
        """
        rule, log = self.policy.rules()["creativity"], archive_drift(state)
        share = (sum(distance > FAR for _, _, distance, _ in log) + 1) / (len(log) + 1)
        if fresh <= FAR or len(log) + 1 < rule.after or share <= rule.cap:
            return ""
        return f"{fresh:.0%} of it is newly written, and {rule.cap:.0%} of what is tried at most may be"

    def before_trial(
        self, state: State, request: TrialRequest, layer: str, reaches: tuple[str, ...] = ()
    ) -> None:
        """Before an attempt is submitted under a sandbox layer; its node is in the state already."""
        self._enforce("trial", state, Case(request=request, layer=layer, reaches=reaches))

    def after_trial(self, state: State, *, disk_mb: float = 0.0, session_seconds: float = 0.0) -> None:
        """After a trial's outcome is in the state."""
        self._enforce("watch", state, Case(disk_mb=disk_mb, session_seconds=session_seconds))

    def before_call(self, state: State, *, session_seconds: float = 0.0) -> None:
        """Before an attempt to ask a model: what is watched for after trials holds here too."""
        self._enforce("watch", state, Case(session_seconds=session_seconds))

    def after_rejection(self, state: State, in_a_row: int) -> None:
        """After a proposal was rejected, the last of `in_a_row`."""
        self._enforce("rejection", state, Case(rejected_in_a_row=in_a_row))

    def before_amendment(self, state: State, person: str = "") -> None:
        self._enforce("amendment", state, Case(person=person))

    def before_publish(self, state: State, what: str, person: str = "") -> None:
        """Before anything leaves the lab."""
        self._enforce("publication", state, Case(what=what, person=person))

    def before_self_change(self, state: State, what: str, person: str = "") -> None:
        """Before a change to Novum's own code, policy or audit."""
        self._enforce("self_change", state, Case(what=what, person=person))

    def violations(self, moment: Moment, state: State, case: Case) -> list[Violation]:
        """What trips at a moment, in the policy's order; nothing is raised."""
        found = []
        for name, rule in self.policy.rules().items():
            at, check = REGISTRY[name]
            detail = check(state, case, rule) if at == moment else None
            if detail is not None:
                found.append(Violation(control=name, action=rule.action, detail=detail, rule=rule.rule))
        return found

    def _enforce(self, moment: Moment, state: State, case: Case) -> None:
        if found := self.violations(moment, state, case):
            _raise(found[0])


_FIXES: dict[str, str] = {
    "confined_edits": "install bubblewrap, or take the risk yourself with --sandbox none",
    "confined_shipped": "install bubblewrap, or take the risk yourself with --sandbox none",
    "unattended_usd": "set --budget-usd",
}


def _raise(violation: Violation) -> NoReturn:
    errors: dict[Action, Any] = {"refuse": PolicyRefused, "stop": PolicyStop, "ask": NeedsPerson}
    what = f"{violation.detail} (policy: {violation.control})"
    fix = _FIXES.get(violation.control, f"the rule: {violation.rule}")
    raise errors[violation.action](what, control=violation.control, fix=fix)
