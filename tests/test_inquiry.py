"""A policy that asks a model through the real loop: recorded, one question at a time, never twice."""

from collections.abc import Callable

import pytest

from novum.asking import Calls, Panel
from novum.bench.search.proposer import answer, prompt_of
from novum.bench.search.rig import Played, explore
from novum.bench.search.tasks import moved
from novum.errors import ProviderError
from novum.protocols import Models, Policy
from novum.recording import Recorder
from novum.records import Budget, Domain, ModelAnswer, ModelRequest, Part, WorstCase
from novum.search.programs import make_program_policy
from novum.search.programs.history import Question
from novum.state import State

Said = Callable[[str], str]


class Model:
    """Writes programs by the scripted operator, answers questions by `said`; keeps what it was asked."""

    name = "model"
    patience = None

    def __init__(self, said: Said):
        self.said = said
        self.questions: list[str] = []

    async def ask(self, request: ModelRequest) -> ModelAnswer:
        text = prompt_of(request)
        if request.role == "code":
            return ModelAnswer(model=self.name, text=answer(text, moved, 1), usd=0.0)
        self.questions.append(text)
        return ModelAnswer(model=self.name, text=self.said(text), usd=0.0)

    def worst_case(self, request: ModelRequest) -> WorstCase:
        return WorstCase(usd=0.0)

    async def close(self) -> None:
        """Nothing is held."""


def worded(view: State, question: Question) -> ModelRequest:
    return ModelRequest(role="judge", parts=(Part(text=question.text),))


def asking(domain: Domain, budget: Budget) -> Policy:
    return make_program_policy("intelligent-go-explore", domain, budget, worded=worded)


def play(model: Model, policy: Callable[[Domain, Budget], Policy] = asking, workers: int = 1) -> Played:
    def panel(recorder: Recorder) -> Models:
        return Panel(Calls(recorder), {"code": (model,), "judge": (model,)})

    return explore(
        lambda x, seed: -sum(a * a for a in x), (0.5,) * 3, panel,
        policy=policy, trials=16, seed=2, workers=workers,
    )  # fmt: skip


def first_named(text: str) -> str:
    return f"I would go on with {text.split(':', 1)[0]}."


@pytest.mark.parametrize("workers", [1, 4])
def test_what_the_model_names_is_worked_on_next(workers: int) -> None:
    model = Model(first_named)
    state = play(model, workers=workers).state
    assert state.tried == 16 and model.questions
    named = [text.split(":", 1)[0] for text in model.questions]
    unheeded = set(named) - {c.parents[0] for c in state.commissions.values()}
    assert len(unheeded) <= workers - 1  # of what was best when it was asked, some may be so no more
    judged = [call for call in state.model_calls.values() if call.role == "judge"]
    assert len(judged) == len(set(model.questions)) == len(model.questions)  # recorded, none put twice
    assert len(judged) <= len(state.commissions)  # none is put in vain
    assert all(call.answered for call in judged)


@pytest.mark.parametrize("said", [lambda text: "", lambda text: "all of them", first_named])
def test_whatever_the_model_says_the_search_goes_on_to_its_end(said: Said) -> None:
    assert play(Model(said)).state.tried == 16


def test_a_model_that_fails_leaves_the_choice_to_the_counts() -> None:
    def fails(text: str) -> str:
        raise ProviderError("it is down")

    state = play(Model(fails)).state
    assert state.tried == 16
    assert any(call.failed for call in state.model_calls.values())


class Stubborn:
    """Puts the same question for ever, whatever it hears."""

    name = "stubborn"

    def __init__(self, domain: Domain, budget: Budget):
        self._inner = make_program_policy("greedy", domain, budget)
        self.heard_of: list[str] = []

    def propose(self, state, rng):
        if len(state.commissions) < 4 or len(self.heard_of) > 1:
            return self._inner.propose(state, rng)
        return [ModelRequest(role="judge", parts=(Part(text="Which?"),))]

    def heard(self, request: ModelRequest, answer: str) -> None:
        self.heard_of.append(answer)


def test_a_question_that_has_its_answer_is_refused_and_told_in_the_journal() -> None:
    from novum.errors import PolicyStop

    with pytest.raises(PolicyStop, match=r"refused|rejected"):
        play(Model(lambda text: "none"), Stubborn)
