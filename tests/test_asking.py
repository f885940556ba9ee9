"""Calls of models: recorded once, shared in flight, retried within bounds, never past a cap."""

import asyncio
import random
from pathlib import Path

import pytest
from msgspec import structs

from novum import events as ev
from novum.asking import Panel
from novum.errors import (
    NeedsPerson,
    NotAllowed,
    OutOfBudget,
    Overloaded,
    ProviderError,
    RateLimited,
    Refused,
    ReplayDiverged,
    ShareSpent,
    TimedOut,
    UnknownPrice,
    UserError,
)
from novum.journal import FileBlobs
from novum.models import FakeModel
from novum.pacing import TRIES, Pace, pause_after
from novum.recording import Recorder
from novum.records import Choice, Commission, Cost, ModelAnswer, Prices, Settings, Usage
from novum.safeguards import Safeguards
from novum.testing.memory import MemoryLog
from novum.testing.models import question
from tests.histories import created

PRICES = Prices(input=0, output=10)  # an answer of 100,000 tokens at most costs at most 1 USD


class Time:
    """Sleeping takes no time, except for those who are to be waited for; the pauses are kept."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    async def sleep(self, seconds: float) -> None:
        if seconds >= 900:  # the patience with an attempt
            await asyncio.sleep(3600)
        self.pauses.append(seconds)


def recorder_of(blobs: FileBlobs, log: MemoryLog | None = None, time: Time | None = None, **caps) -> Recorder:
    log = log or MemoryLog()
    made = Recorder(
        log, blobs, pace=Pace(sleep=(time or Time()).sleep, now=lambda: 1.0, rng=random.Random(1))
    )
    if not log.events:
        first = created()
        made.commit(
            structs.replace(first, body=structs.replace(first.body, settings=Settings(domain="toy", **caps)))
        )
    return made


def bodies(recorder: Recorder, kind: type) -> list:
    return [e.body for e in recorder.log.read() if isinstance(e.body, kind)]


def one_dollar(sample: int = 0):
    return question(sample=sample, max_output_tokens=100_000)


# --- the journal --------------------------------------------------------------------------------------


async def test_intent_comes_before_and_outcome_after(blobs: FileBlobs) -> None:
    recorder = recorder_of(blobs)
    seen = []

    def script(request):
        seen.extend(bodies(recorder, ev.ModelAsked))
        return "42"

    answer = await recorder.ask(question(), [FakeModel(script)], node="n1")
    assert answer.text == "42"
    (asked,), (answered,) = bodies(recorder, ev.ModelAsked), bodies(recorder, ev.ModelAnswered)
    assert seen == [asked]
    assert (asked.key, asked.attempt, asked.node) == (question().key, 0, "n1") == (answered.key, 0, "n1")
    assert recorder.state.reserved == {}
    assert recorder.state.spent.tokens == answer.usage.total


async def test_what_is_journaled_is_never_asked_again(blobs: FileBlobs) -> None:
    log = MemoryLog()
    first = await recorder_of(blobs, log).ask(question(), [FakeModel(["42"])])
    nobody = FakeModel([])
    assert await recorder_of(blobs, log).ask(question(), [nobody]) == first
    assert nobody.asked == []


async def test_equal_requests_share_a_call_and_samples_do_not(blobs: FileBlobs) -> None:
    recorder, model = recorder_of(blobs), FakeModel(lambda request: f"answer {request.sample}")
    answers = await asyncio.gather(*(recorder.ask(question(sample=i % 2), [model]) for i in range(10)))
    assert [a.text for a in answers] == ["answer 0", "answer 1"] * 5
    assert len(model.asked) == 2


async def test_a_call_goes_on_while_anybody_waits_and_ends_with_the_last(blobs: FileBlobs) -> None:
    recorder, ended = recorder_of(blobs), []

    async def script(request):
        try:
            await asyncio.sleep(0.02 if request.sample == 0 else 60)
        except asyncio.CancelledError:
            ended.append(request.sample)
            raise
        return "42"

    model = FakeModel(script)
    one, two = (asyncio.create_task(recorder.ask(question(), [model])) for _ in "ab")
    alone = asyncio.create_task(recorder.ask(question(sample=1), [model]))
    await asyncio.sleep(0.005)
    one.cancel()
    alone.cancel()
    assert (await two).text == "42"
    await asyncio.gather(one, alone, return_exceptions=True)
    assert ended == [1]
    assert recorder.state.calls_in_doubt == [(question(sample=1).key, 0)]


async def test_what_was_in_flight_at_a_kill_stays_charged_and_is_asked_as_the_next_attempt(blobs) -> None:
    log = MemoryLog()
    dead = asyncio.create_task(recorder_of(blobs, log, budget_usd=10.0).ask(
        one_dollar(), [FakeModel(lambda r: asyncio.sleep(60), prices=PRICES)]))  # fmt: skip
    await asyncio.sleep(0.001)
    dead.cancel()
    again = recorder_of(blobs, log)
    answer = await again.ask(one_dollar(), [FakeModel(["42"], prices=PRICES)])
    assert [b.attempt for b in bodies(again, ev.ModelAsked)] == [0, 1]
    assert again.state.calls_in_doubt == [(one_dollar().key, 0)]
    assert again.state.charged.usd == pytest.approx(1.0 + answer.usd)
    await asyncio.gather(dead, return_exceptions=True)


async def test_a_replay_that_asks_for_more_has_diverged(blobs: FileBlobs) -> None:
    log = MemoryLog()
    await recorder_of(blobs, log).ask(question(), [FakeModel(["42"])])
    replay = Recorder(log, blobs, replay=True)
    assert (await replay.ask(question(), [])).text == "42"
    with pytest.raises(ReplayDiverged):
        await replay.ask(question(sample=1), [FakeModel(["43"])])


async def test_an_answer_that_utf8_cannot_hold_is_kept_all_the_same(blobs: FileBlobs) -> None:
    answer = await recorder_of(blobs).ask(question(), [FakeModel(["half \ud83d of a pair"])])
    assert answer.text == "half ? of a pair"


@pytest.mark.parametrize("data", [{"x": float("nan")}, {"x": "\ud800"}, {"x": object()}])
async def test_structured_output_that_is_no_json_becomes_text(blobs: FileBlobs, data) -> None:
    recorder = recorder_of(blobs)
    answer = await recorder.ask(question(), [FakeModel([ModelAnswer(model="m", data=data)])])
    assert answer.data is None and answer.text.startswith("{'x'")
    assert await recorder.ask(question(), []) == answer


# --- failures -----------------------------------------------------------------------------------------


async def test_each_attempt_has_an_intent_and_pauses_grow(blobs: FileBlobs) -> None:
    time = Time()
    recorder = recorder_of(blobs, time=time)
    failures = [RateLimited("slow down", retry_after=7.0), Overloaded("503"), Overloaded("503"), "42"]
    assert (await recorder.ask(question(), [FakeModel(failures)])).text == "42"
    assert [b.attempt for b in bodies(recorder, ev.ModelAsked)] == [0, 1, 2, 3]
    assert [b.failed.partition(":")[0] for b in bodies(recorder, ev.ModelAnswered)] == [
        "RateLimited", "Overloaded", "Overloaded", ""]  # fmt: skip
    assert 7.5 <= time.pauses[0] <= 8 and 1 <= time.pauses[1] <= 2 <= time.pauses[2] <= 4


async def test_tries_are_bounded_for_every_error(blobs: FileBlobs) -> None:
    for kind in ProviderError.__subclasses__():
        if kind is Refused:
            continue
        model = FakeModel([kind("no")] * 50)
        with pytest.raises(kind):
            await recorder_of(blobs).ask(question(), [model])
        assert len(model.asked) == (TRIES if kind.again else 1)


async def test_a_fall_back_answers_and_is_named(blobs: FileBlobs) -> None:
    recorder = recorder_of(blobs)
    first, second = FakeModel([NotAllowed("no credit")], name="a:1"), FakeModel(["42"], name="b:2")
    assert (await recorder.ask(question(), [first, second])).model == "b:2"
    assert [b.model for b in bodies(recorder, ev.ModelAsked)] == ["a:1", "b:2"]


async def test_a_refusal_is_an_answer_and_is_not_repeated(blobs: FileBlobs) -> None:
    recorder, model = recorder_of(blobs), FakeModel([Refused("content policy")])
    answer = await recorder.ask(question(), [model])
    assert (answer.finish, answer.text) == ("refused", "content policy")
    assert await recorder.ask(question(), [model]) == answer


async def test_an_attempt_that_takes_too_long_is_given_up_and_stays_charged(blobs: FileBlobs) -> None:
    class Hasty(FakeModel):
        patience = 5.0

    recorder = recorder_of(blobs)
    with pytest.raises(TimedOut, match="within 5 s"):
        await recorder.ask(one_dollar(), [Hasty(lambda r: asyncio.sleep(60), prices=PRICES)])
    assert len(recorder.state.calls_in_doubt) == TRIES
    assert recorder.state.spent.usd == pytest.approx(TRIES)


def test_a_pause_that_is_too_long_to_sit_through_is_not_taken() -> None:
    rng = random.Random(0)
    assert pause_after(RateLimited("tomorrow", retry_after=86400), 0, rng) is None
    assert pause_after(NotAllowed("never"), 0, rng) is None
    assert all(0.5 <= (pause_after(Overloaded("x"), 0, rng) or 0) <= 1 for _ in range(100))


async def test_after_one_too_many_the_other_calls_of_that_model_wait_too(blobs: FileBlobs) -> None:
    """Eight calls at once, and a provider that takes one a second: none is refused six times."""
    second = 0.002
    taken = [-1]

    async def script(request):
        now = int(asyncio.get_running_loop().time() / second)
        if now <= taken[0]:
            raise RateLimited("one a second", retry_after=1.0)
        taken[0] = now
        return "42"

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds * second)

    recorder = Recorder(MemoryLog(), blobs, pace=Pace(sleep=sleep, rng=random.Random(1)))
    recorder.commit(created())
    model = FakeModel(script)
    answers = await Panel(recorder.calls, {"ideate": [model]}).ask_all([question(sample=i) for i in range(8)])
    assert [a.text for a in answers] == ["42"] * 8


async def test_what_the_policy_forbids_is_not_asked(blobs: FileBlobs) -> None:
    recorder, model = recorder_of(blobs), FakeModel(lambda r: "42", prices=PRICES)
    recorder.calls.guard = lambda: Safeguards().before_call(recorder.state)
    for sample in range(40):
        recorder.commit(ev.ModelAsked(key=f"{sample}", attempt=0, role="code", model="m", request="r",
                                      worst_case=Cost(usd=1.0)))  # fmt: skip
        if sample == 20:
            assert (await recorder.ask(one_dollar(), [model])).text == "42"
    with pytest.raises(NeedsPerson, match="--budget-usd"):
        await recorder.ask(one_dollar(1), [model])
    assert len(model.asked) == 1


@pytest.mark.parametrize("seed", range(12))
async def test_no_cap_is_ever_passed_whatever_comes_of_the_calls(blobs: FileBlobs, seed: int) -> None:
    """Calls of random cost, many at once, some of which fail or are cancelled."""
    rng = random.Random(seed)
    caps = {"budget_usd": rng.uniform(0.5, 6), "budget_tokens": rng.randrange(50_000, 900_000)}
    recorder = recorder_of(blobs, **caps)
    over = []

    async def script(request):
        state = recorder.state
        over.append(state.charged.usd > caps["budget_usd"] or state.charged.tokens > caps["budget_tokens"])
        await asyncio.sleep(rng.random() / 500)
        if rng.random() < 0.3:
            raise rng.choice((RateLimited, Overloaded, TimedOut, NotAllowed))("no")
        used = rng.randrange(request.max_output_tokens)
        return ModelAnswer(text="42", model="m", usd=used * 1e-5, usage=Usage(output_tokens=used))

    model = FakeModel(script, prices=PRICES)
    tasks = [
        asyncio.create_task(
            recorder.ask(question(sample=i, max_output_tokens=rng.randrange(1, 99_000)), [model])
        )
        for i in range(30)
    ]
    await asyncio.sleep(0.002)
    for task in rng.sample(tasks, 5):
        task.cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert not any(over)
    assert all(
        isinstance(f, ModelAnswer | ProviderError | OutOfBudget | asyncio.CancelledError) for f in found
    )
    assert set(recorder.state.reserved) <= {f"{k}/{n}" for k, n in recorder.state.calls_in_doubt}


async def test_without_a_model_the_user_is_told(blobs: FileBlobs) -> None:
    with pytest.raises(UserError, match="--model"):
        await recorder_of(blobs).ask(question(), [])


# --- budgets ------------------------------------------------------------------------------------------


async def test_a_cap_holds_when_many_ask_at_once(blobs: FileBlobs) -> None:
    """Ten calls of at most 1 USD, each of which comes to 0.3: under a cap of 2 six fit, one after another."""
    recorder, most = recorder_of(blobs, budget_usd=2.0), 0.0

    async def script(request):
        nonlocal most
        most = max(most, recorder.state.charged.usd)
        await asyncio.sleep(0)
        return ModelAnswer(text="42", model="m", usd=0.3, usage=Usage(output_tokens=30_000))

    model = FakeModel(script, prices=PRICES)
    asked = [recorder.ask(one_dollar(i), [model]) for i in range(10)]
    found = await asyncio.gather(*asked, return_exceptions=True)
    answered = [f for f in found if isinstance(f, ModelAnswer)]
    assert len(answered) == 4  # 4 × 0.3 + 1 > 2: after four, no further worst case fits
    assert all(isinstance(f, OutOfBudget) for f in found if f not in answered)
    assert most <= 2.0
    assert recorder.state.spent.usd == pytest.approx(1.2)


async def test_waiting_for_a_settlement_is_not_being_out_of_budget(blobs: FileBlobs) -> None:
    recorder = recorder_of(blobs, budget_usd=1.5)
    model = FakeModel(lambda r: asyncio.sleep(0.001, "42"), prices=PRICES)
    answers = await asyncio.gather(*(recorder.ask(one_dollar(i), [model]) for i in range(8)))
    assert len(answers) == 8


@pytest.mark.parametrize("cap", [{"budget_tokens": 99_000}, {"budget_calls": 0}, {"budget_usd": 0.99}])
async def test_each_cap_binds(blobs: FileBlobs, cap) -> None:
    recorder, model = recorder_of(blobs, **cap), FakeModel(["42"], prices=PRICES)
    with pytest.raises(OutOfBudget, match=f"--{next(iter(cap)).replace('_', '-')}"):
        await recorder.ask(one_dollar(), [model])
    assert model.asked == [] and recorder.state.asked == 0


async def test_minutes_are_those_of_all_sessions(blobs: FileBlobs) -> None:
    recorder = recorder_of(blobs, budget_minutes=2.0)
    recorder.commit(ev.CoordinatorStarted(host="h", pid=1))
    recorder.commit(ev.CoordinatorStopped(reason="x", active_seconds=119.0))
    recorder.commit(ev.CoordinatorStarted(host="h", pid=2))
    assert (await recorder.ask(question(), [FakeModel(["42"])])).text == "42"
    recorder.commit(ev.CoordinatorStopped(reason="x", active_seconds=1.0))
    recorder.commit(ev.CoordinatorStarted(host="h", pid=3))
    with pytest.raises(OutOfBudget, match="--budget-minutes"):
        await recorder.ask(question(sample=1), [FakeModel(["42"])])


async def test_exploration_leaves_a_share_for_the_result(blobs: FileBlobs) -> None:
    recorder, model = recorder_of(blobs, budget_usd=1.2), FakeModel(lambda r: "42", prices=PRICES)
    recorder.begin("explore")
    with pytest.raises(ShareSpent):
        await recorder.ask(one_dollar(), [model])
    recorder.finish("explore")
    recorder.begin("write")
    assert (await recorder.ask(one_dollar(), [model])).text == "42"


async def test_an_unknown_price_fails_closed_under_a_cap_on_money_alone(blobs: FileBlobs) -> None:
    model = FakeModel(lambda r: "42", prices=None)
    with pytest.raises(UnknownPrice, match="--price-input"):
        await recorder_of(blobs, budget_usd=5.0).ask(question(), [model])
    recorder = recorder_of(blobs, budget_tokens=100_000)
    assert (await recorder.ask(question(), [model])).usd is None
    assert recorder.state.unpriced == 1


# --- the panel ----------------------------------------------------------------------------------------


async def test_a_panel_asks_by_role_keeps_order_and_closes_once(blobs: FileBlobs) -> None:
    model = FakeModel(lambda r: asyncio.sleep(0.001 * (3 - r.sample), f"{r.sample}"))
    panel = Panel(recorder_of(blobs).calls, {"ideate": [model], "code": [model]})
    answers = await panel.ask_all([question(sample=i) for i in range(3)])
    assert [a.text for a in answers] == ["0", "1", "2"]
    assert (panel.names("code"), panel.names("write")) == (("fake:model",), ())
    await panel.close()
    assert model.closed


async def test_after_a_failure_nothing_is_begun_and_what_is_paid_for_is_kept(blobs: FileBlobs) -> None:
    recorder = Recorder(MemoryLog(), blobs, pace=Pace(at_once=3))
    recorder.commit(created())

    async def script(request):
        if request.sample == 1:
            raise NotAllowed("the credit is spent")
        await asyncio.sleep(0.01)
        return f"{request.sample}"

    model = FakeModel(script)
    with pytest.raises(NotAllowed):
        await Panel(recorder.calls, {"ideate": [model]}).ask_all([question(sample=i) for i in range(12)])
    assert sorted(r.sample for r in model.asked) == [0, 1, 2]
    assert sum(c.answered for c in recorder.state.model_calls.values()) == 2
    assert recorder.state.calls_in_doubt == []


async def test_calls_at_once_are_bounded_apart_from_workers(blobs: FileBlobs, tmp_path: Path) -> None:
    now = most = 0

    async def script(request):
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.001)
        now -= 1
        return "42"

    recorder = Recorder(MemoryLog(), blobs, pace=Pace(at_once=3))
    recorder.commit(created())
    model = FakeModel(script)
    await Panel(recorder.calls, {"ideate": [model]}).ask_all([question(sample=i) for i in range(12)])
    assert most == 3


async def test_who_was_chosen_for_a_node_is_asked_first_and_the_others_on_failure(blobs: FileBlobs) -> None:
    recorder = recorder_of(blobs)
    first = FakeModel(["instead", "by order", "a judge"], name="first")
    second = FakeModel([NotAllowed("no key")], name="second")
    chosen = Choice(models=("second", "first"), odds={"first": 0.5, "second": 0.5})
    asked = Commission.make(0, "draft", ())
    recorder.commit(ev.NodeCommissioned(commission=asked, view_seq=1, choice=chosen))
    request = structs.replace(question(), role="code")
    await recorder.calls.ask(request, [first, second], node=asked.id)
    await recorder.calls.ask(structs.replace(request, sample=1), [first, second], node="another")
    calls = list(recorder.state.model_calls.values())
    assert [[a.model for a in call.tried.values()] for call in calls] == [["second", "first"], ["first"]]
    assert all(a.usd == 0.0 for call in calls for a in call.tried.values())
    judged = structs.replace(question(sample=2), role="judge")
    await recorder.calls.ask(judged, [first, second], node=asked.id)
    assert list(recorder.state.model_calls.values())[2].tried[0].model == "first"
