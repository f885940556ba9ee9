"""What the machine refuses to register, whoever planned it."""

import pytest
from msgspec import structs

from novum.errors import StudyError, UserError
from novum.events import ProtocolAmended
from novum.records import Protocol
from novum.state import State
from novum.steps.register import amend, check, faults
from novum.testing.studies import make_study


@pytest.fixture(scope="module")
def view() -> State:
    """A study with a registered protocol and nothing confirmed."""
    return make_study("supported", until="register").state


@pytest.fixture(scope="module")
def protocol(view: State) -> Protocol:
    assert view.protocol is not None
    return view.protocol


def test_a_sound_protocol_passes(view: State, protocol: Protocol) -> None:
    assert faults(protocol, view.domain, view) == []


BAD = {
    "there is no metric": lambda p: {
        "contrasts": (structs.replace(p.contrasts[0], metric="beauty"), *p.contrasts[1:])
    },
    "it registers no contrast": lambda p: {"contrasts": (), "arms": ()},
    "several families": lambda p: {
        "contrasts": (structs.replace(p.contrasts[0], family="mine"), *p.contrasts[1:])
    },
    "its arms are not those": lambda p: {"arms": p.arms[:-1]},
    "levels out of bounds": lambda p: {"arms": tuple(a | {next(iter(a)): -99.0} for a in p.arms)},
    "its evaluator is not": lambda p: {"evaluator_hash": "0" * 64},
    "its preparation is not": lambda p: {"prepare_hash": "0" * 64},
    "its primary metric is not": lambda p: {"primary_metric": "other"},
    "smallest attainable p": lambda p: {"seeds_per_arm": 2},
}


@pytest.mark.parametrize("fault", BAD)
def test_a_protocol_is_refused_when(view: State, protocol: Protocol, fault: str) -> None:
    bad = structs.replace(protocol, **BAD[fault](protocol))
    assert any(fault in found for found in faults(bad, view.domain, view))
    with pytest.raises(StudyError, match="the protocol is refused"):
        check(bad, view)


def test_nothing_is_registered_once_confirmation_has_begun(view: State, protocol: Protocol) -> None:
    begun = structs.replace(view, nonce="n" * 64)
    assert "confirmation has begun" in faults(protocol, view.domain, begun)


def test_an_edit_follows_through_and_names_its_author(view: State, protocol: Protocol) -> None:
    body = amend(view, {"seeds": "30", "margin": "120"}, "ada").body
    assert isinstance(body, ProtocolAmended)
    assert body.protocol.seeds_per_arm == 30
    assert {c.margin for c in body.protocol.contrasts} == {120.0}
    assert body.protocol.detectable_effect > 120
    assert body.hash == body.protocol.hash != body.replaces
    assert body.reason == "ada set margin to 120, seeds to 30"


@pytest.mark.parametrize(
    "changes", [{}, {"nonce": "x"}, {"seeds": "many"}, {"margin": "-1"}, {"alpha": "0.2"}]
)
def test_an_edit_that_makes_no_sense_is_the_users_error(view: State, changes: dict[str, str]) -> None:
    with pytest.raises(UserError):
        amend(view, changes, "ada")
