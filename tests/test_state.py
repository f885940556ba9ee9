import random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from novum import events as ev
from novum.records import Cost
from novum.state import State, fold
from tests.histories import created, trial_history


def as_events(commits: list[list[ev.Draft]]) -> list[ev.Event]:
    drafts = [d for commit in commits for d in commit]
    return [
        ev.Event(seq=i + 1, time=100.0, actor=d.actor, body=d.body, cost=d.cost) for i, d in enumerate(drafts)
    ]


def trials(n: int) -> list[list[list[ev.Draft]]]:
    return [trial_history(i, {"x": float(i % 3), "z": "a"}, (10 * i, 10 * i + 1), i / 7) for i in range(n)]


def interleaved(n: int, order: random.Random) -> list[list[ev.Draft]]:
    """The commits of n independent trials in some order that keeps each trial's own."""
    queues = [list(t) for t in trials(n)]
    commits = [[created()]]
    while any(queues):
        queue = order.choice([q for q in queues if q])
        commits.append(queue.pop(0))
    return commits


@given(st.randoms(use_true_random=False), st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_arrival_order_of_independent_trials_does_not_matter(order: random.Random, n: int) -> None:
    in_order = fold(as_events([[created()], *(c for t in trials(n) for c in t)]))
    assert fold(as_events(interleaved(n, order))) == in_order


def test_another_result_gives_another_state() -> None:
    commits = [[created()], *(c for t in trials(2) for c in t)]
    other = [
        [created()],
        *(c for t in trials(2)[:1] for c in t),
        *trial_history(1, {"x": 1.0, "z": "a"}, (10, 11), 99.0),
    ]
    assert fold(as_events(commits)) != fold(as_events(other))


@given(st.randoms(use_true_random=False), st.integers(1, 5), st.integers(0, 30))
@settings(max_examples=60, deadline=None)
def test_snapshot_and_tail_equal_a_rebuild(order: random.Random, n: int, cut: int) -> None:
    events = as_events(interleaved(n, order))
    cut = min(cut, len(events))
    snapshot = msgspec.json.decode(msgspec.json.encode(fold(events[:cut])), type=State)
    assert fold(events[cut:], snapshot) == fold(events)


def test_folding_on_leaves_the_earlier_state_untouched() -> None:
    events = as_events([[created()], *(c for t in trials(2) for c in t)])
    early = fold(events[:3])
    before = msgspec.json.encode(early)
    fold(events[3:], early)
    assert msgspec.json.encode(early) == before


def test_tables_are_ordered_by_proposal_whatever_arrived_first() -> None:
    commits = [[created()], *(c for t in reversed(trials(4)) for c in t)]
    state = fold(as_events(commits))
    assert [t.index for t in state.trials_in("explore")] == [0, 1, 2, 3]
    assert [m.seed for m in state.measurements_of("y", "explore")] == [0, 1, 10, 11, 20, 21, 30, 31]


def test_a_killed_session_counts_until_its_last_event() -> None:
    bodies = [
        (0.0, ev.CoordinatorStarted(host="h", pid=1)),
        (60.0, ev.StepFinished(step="a")),
        (500.0, ev.CoordinatorStarted(host="h", pid=2)),
        (510.0, ev.CoordinatorStopped(reason="done", active_seconds=10.0)),
    ]
    events = [ev.Event(seq=i, time=t, actor="n", body=b) for i, (t, b) in enumerate(bodies)]
    assert fold(events).active_seconds == 70.0


def test_model_calls_are_counted_and_doubt_stays_charged() -> None:
    worst, spent = Cost(usd=0.5, tokens=900), Cost(usd=0.2, tokens=300)

    def asked(key: str, attempt: int) -> ev.ModelAsked:
        return ev.ModelAsked(key=key, attempt=attempt, role="ideate", model="any", request="r",
                             worst_case=worst, step="ideate")  # fmt: skip

    outcomes = [
        (asked("k1", 0), None),
        (ev.ModelAnswered(key="k1", attempt=0, answer="", failed="RateLimited: too many"), Cost()),
        (asked("k1", 1), None),
        (ev.ModelAnswered(key="k1", attempt=1, answer="a", model="any-1"), spent),
        (asked("k2", 0), None),  # killed here
        (asked("k2", 1), None),
        (ev.ModelAnswered(key="k2", attempt=1, answer="", failed="TimedOut: none", in_doubt=True), worst),
    ]
    state = fold(
        ev.Event(seq=i + 1, time=0.0, actor="n", body=b, cost=c) for i, (b, c) in enumerate(outcomes)
    )
    assert {k: (c.answered, c.attempts) for k, c in state.model_calls.items()} == {
        "k1": (True, 2),
        "k2": (False, 2),
    }
    assert state.reserved == {"k2/0": worst}
    assert state.spent == spent + worst
    assert state.charged == spent + worst + worst
    assert state.calls_in_doubt == [("k2", 0), ("k2", 1)]
    assert state.asked == 4


def test_a_copied_state_does_not_share_its_calls() -> None:
    asked = ev.ModelAsked(key="k", attempt=0, role="code", model="any", request="r")
    first = fold([ev.Event(seq=1, time=0.0, actor="n", body=asked)])
    answered = ev.ModelAnswered(key="k", attempt=0, answer="a")
    fold([ev.Event(seq=2, time=0.0, actor="n", body=answered)], first)
    assert not first.model_calls["k"].answered
