"""The recorded studies of `examples/`: they hold nothing of a machine, and replay to the end."""

import re
from pathlib import Path

import pytest

from novum import api
from novum.domains.topics import read_page
from novum.errors import ReplayDiverged
from novum.models.recordings import Recording, of_file, title_of
from novum.testing.examples import EXAMPLES, HOME, Example, carried_out

LARGEST = 500_000
VERDICTS = {"forgetting": ["inconclusive", "refuted"], "grokking": ["inconclusive", "inconclusive"]}
STALE = "a request has changed since this example was recorded; python scripts/renew.py {0} renews it: {1}"
pytestmark = pytest.mark.skipif(not HOME.is_dir(), reason="examples are part of a checkout")
each = pytest.mark.parametrize("example", EXAMPLES.values(), ids=list(EXAMPLES))


def replayed(example: Example, scratch: Path, **changes: object) -> api.Outcome:
    """The outcome of a replay; a request that the recording does not hold says how to renew it."""
    outcome = carried_out(example, scratch, **changes)
    if outcome.exit_code == ReplayDiverged.exit_code:
        pytest.fail(STALE.format(example.name, outcome.message))
    return outcome


@each
def test_answers_are_small_and_hold_nothing_of_a_machine(example: Example) -> None:
    text = example.answers.read_text()
    assert len(text) < LARGEST and title_of(example.answers).command.endswith("replay:FILE")
    assert {recorded.answer.model for recorded in of_file(example.answers)} == {"mailbox:mail"}
    assert not re.search(r"/(?:home|tmp|root|work|Users)/|sk-[A-Za-z0-9]{20}|@[a-z]+\.(?:com|org)", text)


@each
def test_every_recorded_question_has_one_answer(example: Example) -> None:
    answers = list(of_file(example.answers))
    assert len({recorded.key for recorded in answers}) == len(answers) > 10
    assert Recording(iter(answers))


def test_the_page_of_the_example_names_its_works() -> None:
    page = read_page(HOME / "forgetting" / "forgetting.md")
    assert page.title == "How fast should an online estimator forget?"
    assert page.references.count("@article") == 2


def test_the_ideas_of_an_example_replay(tmp_path: Path) -> None:
    outcome = replayed(EXAMPLES["grokking"], tmp_path, until="ideas")
    assert outcome.exit_code == 0, outcome.message
    state = api.open_study(outcome.path).state
    assert len(state.ideas) == 3 and state.ideas[state.chosen].kind == "program"
    assert all(state.nearest[idea] for idea in state.ideas)


@pytest.mark.slow
@each
def test_an_example_replays_to_its_end(example: Example, tmp_path: Path) -> None:
    outcome = replayed(example, tmp_path)
    assert outcome.exit_code == 0, outcome.message
    state = api.open_study(outcome.path).state
    assert state.audit_passed and state.spent.usd == 0
    assert [decision.verdict for decision in state.decisions.values()] == VERDICTS[example.name]
