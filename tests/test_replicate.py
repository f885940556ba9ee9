"""A replication: the original's protocol to the letter, a sample that shares nothing with the original's."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from msgspec import structs

from novum import api
from novum.auditing import evidence_of
from novum.errors import UserError
from novum.evidence import account
from novum.evidence.replication import departures, outcome
from novum.evidence.statistic import statistic_id
from novum.loop import STAGES, stages_of
from novum.records import Contrast, Original, question_key
from novum.state import State
from novum.steps.audit import AuditCase, run_checks
from novum.steps.register import faults
from novum.steps.replicate import original_seeds, outcomes, protocol_of
from novum.steps.seeds import confirm_seeds


@pytest.fixture(scope="module")
def lab(toy_study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lab with one finished study, as its own archive remembers it."""
    lab = tmp_path_factory.mktemp("replicas") / "lab"
    shutil.copytree(toy_study, lab / "studies" / toy_study.name)
    return lab


@pytest.fixture(scope="module")
def original(lab: Path, toy_study: Path) -> api.Study:
    return api.open_study(lab / "studies" / toy_study.name)


@pytest.fixture(scope="module")
def replica(original: api.Study) -> api.Study:
    outcome = api.replicate(original.path, 2, seed=7)
    assert outcome.exit_code == 0, outcome
    return api.open_study(outcome.path)


def test_the_protocol_is_the_originals_but_for_sample_and_level(
    original: api.Study, replica: api.Study
) -> None:
    old, new = original.state.protocol, replica.state.protocol
    assert departures(old, new, 2) == []
    assert new.seeds_per_arm == 2 * old.seeds_per_arm
    assert new.alpha == account.level(1)
    assert new.alpha < old.alpha
    assert new.earlier_studies == (original.state.study,)
    assert new.nonce_commitment != old.nonce_commitment


def test_seeds_and_data_are_new(original: api.Study, replica: api.Study) -> None:
    state = replica.state
    ours = {s for t in state.trials_in("confirm") for s in t.seeds}
    assert ours == set(confirm_seeds(state.protocol_hash, state.nonce, state.protocol.seeds_per_arm))
    theirs = {s for t in original.state.trials.values() for s in t.seeds}
    assert not ours & theirs
    assert set(original_seeds(state.replicates)) <= theirs
    assert state.seed != original.state.seed and state.nonce != original.state.nonce


def test_nothing_is_explored_and_every_step_of_the_rest_is_done(replica: api.Study) -> None:
    state = replica.state
    assert tuple(state.steps_done) == stages_of(state) == STAGES[3:]
    assert not state.trials_in("explore") and not state.trials_in("select")
    assert stages_of(State()) == STAGES


def test_it_is_done_and_audited_as_it_lies_there(replica: api.Study) -> None:
    assert replica.status == "done" and replica.state.audit_passed
    assert [c for c in api.audit(replica.path).checks if not c.passed] == []


def test_every_claim_has_an_outcome_that_both_verdicts_give(original: api.Study, replica: api.Study) -> None:
    found = outcomes(replica.state)
    assert [r.claim for r in found] == [c.id for c in original.state.protocol.contrasts]
    for r in found:
        assert r.original == original.state.decisions[r.claim]
        assert r.decision == replica.state.decisions[r.claim]
        assert r.outcome == outcome(r.original.verdict, r.decision.verdict)


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("supported", "supported", "replicated"),
        ("refuted", "refuted", "replicated"),
        ("supported", "refuted", "not replicated"),
        ("refuted", "supported", "not replicated"),
        ("supported", "inconclusive", "inconclusive"),
        ("inconclusive", "supported", "inconclusive"),
        ("inconclusive", "inconclusive", "inconclusive"),
    ],
)
def test_outcomes_by_verdicts(before: str, now: str, expected: str) -> None:
    assert outcome(before, now) == expected  # type: ignore[arg-type]


def test_the_paper_says_what_it_is_and_quotes_the_original_by_reference(replica: api.Study) -> None:
    state = replica.state
    source, original = state.paper.source, state.replicates
    assert "# What is replicated" in source and original.study in source.split("# Abstract")[0]
    assert original.protocol.hash in source and original.head in source
    metric = state.domain.primary.name
    for d in original.decisions:
        for kind in ("original_estimate", "original_low", "original_high", "original_verdict"):
            assert f"{{{{m:{statistic_id(kind, '', metric, 'confirm', claim=d.claim)}" in source
        assert f"{{{{m:{statistic_id('replication', claim=d.claim)}}}}}" in source
    resolved = (replica.path / "paper" / "resolved.md").read_text()
    assert f"{original.decisions[0].estimate:.3g}".replace("-", "−") in resolved.replace("-", "−")


@pytest.mark.parametrize(
    "change", [{"alpha": 0.01}, {"seeds_per_arm": 24}, {"base": {}}, {"stopping": "when it suits"}]
)
def test_departures_name_what_may_not_differ(original: api.Study, replica: api.Study, change: dict) -> None:
    old = original.state.protocol
    found = departures(old, structs.replace(replica.state.protocol, **change), 2)
    assert bool(found) == (set(change) != {"alpha"})


def test_it_is_resumed_like_any_study(
    original: api.Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from novum import wiring
    from novum.beginning import create_replication
    from novum.manuscript.render.markdown import MarkdownRenderer
    from novum.records import Settings
    from novum.wiring import SystemClock

    monkeypatch.setattr(wiring, "renderers", lambda: [MarkdownRenderer()])  # setting it in type only costs
    lab = tmp_path / "lab"
    shutil.copytree(original.path, lab / "studies" / original.path.name)
    settings = structs.replace(original.state.settings, seed=11)
    assert isinstance(settings, Settings)
    folder = create_replication(lab, lab / "studies" / original.path.name, settings, SystemClock(), times=2)
    assert api.open_study(folder).status == "interrupted"
    shutil.rmtree(lab / "studies" / original.path.name)  # it needs nothing but its own folder
    assert api.resume(folder).exit_code == 0


def test_an_unfinished_study_has_nothing_to_replicate(original: api.Study) -> None:
    from novum.steps.replicate import original_of

    with pytest.raises(UserError, match="no result to replicate"):
        original_of(structs.replace(original.state, finished=""), (1, "0" * 64), 1)


def test_a_sample_that_could_support_nothing_is_refused_with_the_number_that_could(
    original: api.Study,
) -> None:
    from novum.steps.replicate import original_of

    taken = original_of(original.state, (1, "0" * 64), 1)
    taken = structs.replace(taken, decisions=())  # what was supported would be repeated at its own level
    contrast: Contrast = taken.protocol.contrasts[0]
    question = f"toy:{contrast.metric}:{','.join(contrast.factors)}"
    archive = {"claims": [{"study": f"s{i}", "question": question} for i in range(9)]}
    with pytest.raises(UserError, match=r"--times \d+ or more"):
        protocol_of(taken, original.state.domain, archive, "")


def test_the_originals_own_seed_is_refused(original: api.Study) -> None:
    with pytest.raises(UserError, match="is the original's"):
        api.replicate(original.path, seed=original.state.seed)


def test_the_lab_remembers_that_the_question_was_asked_again(lab: Path, replica: api.Study) -> None:
    from novum.archive import Archive

    studies = {c["study"] for c in Archive(lab).view("toy")["claims"]}
    assert replica.state.study in studies


def found(case: AuditCase) -> str:
    """The faults of the check of replications; empty if it passes."""
    check = next(c for c in run_checks(case) if c.id == "replication")
    return "" if check.passed else check.detail


def with_original(case: AuditCase, **changes: object) -> AuditCase:
    """The case of a journal that says something else of its original."""
    told = structs.replace(case.state.replicates, **changes)
    return structs.replace(case, state=structs.replace(case.state, replicates=told))


def test_an_audit_compares_what_is_quoted_with_the_originals_journal(replica: api.Study) -> None:
    case = evidence_of(replica.path)
    assert case.original == case.state.replicates and found(case) == ""
    first, *rest = case.state.replicates.decisions
    flattered = structs.replace(first, estimate=99.0)
    assert "is not what its journal holds" in found(with_original(case, decisions=(flattered, *rest)))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"times": 3}, "seeds per arm instead of 3 times"),
        ({"nonce": "0" * 64}, "does not open its commitment"),
        ({"decisions": ()}, "not on its registered claims"),
        ({"study": "toy-other"}, "does not count among the earlier studies"),
    ],
)
def test_a_replication_of_something_else_is_found(replica: api.Study, change: dict, fault: str) -> None:
    assert fault in found(with_original(evidence_of(replica.path), **change))


@pytest.mark.parametrize(
    "change", [{"alpha": 0.05}, {"power": 0.1, "resampled": ()}, {"earlier_studies": ()}]
)
def test_a_protocol_that_departs_is_found(replica: api.Study, change: dict) -> None:
    case = evidence_of(replica.path)
    protocol = structs.replace(case.state.protocol, **change)
    assert found(structs.replace(case, state=structs.replace(case.state, protocol=protocol)))


def test_seeds_of_the_original_and_exploration_are_found(replica: api.Study) -> None:
    case = evidence_of(replica.path)
    seed = original_seeds(case.state.replicates)[0]
    trials = {k: structs.replace(t) for k, t in case.state.trials.items()}
    first, second = list(trials.values())[:2]
    first.seeds, second.phase = (seed,), "explore"
    faults = found(structs.replace(case, state=structs.replace(case.state, trials=trials)))
    assert f"uses seed {seed} of the original" in faults and "no trials of the phase explore" in faults


def test_without_the_original_the_audit_says_so(
    original: api.Study, replica: api.Study, tmp_path: Path
) -> None:
    alone = tmp_path / "lab" / "studies" / replica.path.name
    shutil.copytree(replica.path, alone)
    (detail,) = (c.detail for c in api.audit(alone).checks if c.id == "replication" and c.passed)
    assert f"{original.state.study} is not at hand" in detail


def test_an_ordinary_study_is_no_replication(original: api.Study) -> None:
    case = evidence_of(original.path)
    assert found(case) == "" and case.original is None


def test_its_folder_says_what_it_is_and_how_it_came_about(replica: api.Study) -> None:
    told = (replica.path / "README.md").read_text()
    taken = replica.state.replicates
    assert f"a replication of `{taken.study}`" in told
    assert f"`novum replicate {taken.study} --times 2 --seed 7`" in told
    assert "novum run" not in told


# --- what was supported draws nothing -----------------------------------------------------------------


def with_verdicts(original: api.Study, *verdicts: str) -> Original:
    """The original as if it had reached these verdicts; those of its other claims are open."""
    from novum.steps.replicate import original_of

    taken = original_of(original.state, (1, "0" * 64), 4)
    said = [*verdicts, *["inconclusive"] * len(taken.decisions)]
    decisions = tuple(structs.replace(d, verdict=v) for d, v in zip(taken.decisions, said, strict=False))
    return structs.replace(taken, decisions=decisions)


def test_supported_claims_keep_their_level_and_the_rest_draws(original: api.Study) -> None:
    taken = with_verdicts(original, "supported")
    protocol = protocol_of(taken, original.state.domain, {}, "")
    first, *rest = protocol.contrasts
    assert rest and protocol.repeated == {first.id: taken.protocol.alpha}
    assert protocol.alpha == account.level(1)
    assert protocol.corrected_with(first) == (first,) and protocol.corrected_with(rest[0]) == tuple(rest)
    assert account.drawn(protocol, first.id) == 0.0
    assert {account.drawn(protocol, c.id) for c in rest} == {account.level(1)}
    assert departures(taken.protocol, protocol, 4) == []


def test_a_replication_of_what_was_supported_leaves_the_account_as_it_was(original: api.Study) -> None:
    verdicts = ["supported"] * len(original.state.protocol.contrasts)
    domain = original.state.domain
    protocol = protocol_of(with_verdicts(original, *verdicts), domain, {}, "")
    claims = [
        {"study": "again", "question": question_key(domain.id, c.metric, c.factors),
         "alpha": account.drawn(protocol, c.id)} for c in protocol.contrasts
    ]  # fmt: skip
    assert protocol.alpha == original.state.protocol.alpha
    assert account.earlier_studies(domain.id, protocol.contrasts, {"claims": claims}) == ()


@pytest.mark.parametrize("verdict", ["refuted", "inconclusive"])
def test_nothing_else_is_tested_for_free(original: api.Study, verdict: str) -> None:
    protocol = protocol_of(with_verdicts(original, verdict), original.state.domain, {}, "")
    assert not protocol.repeated and protocol.alpha == account.level(1)


def test_levels_of_their_own_without_an_original_are_found(original: api.Study) -> None:
    case = evidence_of(original.path)
    claim = case.state.protocol.contrasts[0].id
    protocol = structs.replace(case.state.protocol, repeated={claim: 0.05})
    state = structs.replace(case.state, protocol=protocol)
    assert "levels of their own" in found(structs.replace(case, state=state))
    assert "it repeats claims of no study" in faults(protocol, case.state.domain, state)


def test_a_level_that_the_original_did_not_earn_is_found(replica: api.Study) -> None:
    case = evidence_of(replica.path)
    open_claim = next(d.claim for d in case.state.replicates.decisions if d.verdict != "supported")
    repeated = case.state.protocol.repeated | {open_claim: 0.04}
    protocol = structs.replace(case.state.protocol, repeated=repeated)
    state = structs.replace(case.state, protocol=protocol)
    assert "draw nothing" in found(structs.replace(case, state=state))


def test_the_paper_says_which_claims_draw_nothing(original: api.Study, replica: api.Study) -> None:
    from novum.scientists.systematic.compose.replication import levels

    paper = SimpleNamespace(m=lambda kind, form="": kind, protocol=replica.state.protocol)
    claims = [c.id for c in paper.protocol.contrasts]
    for repeated, told in ((claims[:1], 3), (claims, 2), ([], 1)):
        paper.protocol = structs.replace(paper.protocol, repeated=dict.fromkeys(repeated, 0.04))
        said = levels(paper)
        assert len(said) == told and ("nothing" in " ".join(said)) == bool(repeated)
