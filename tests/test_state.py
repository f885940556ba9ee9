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


def test_model_calls_and_reservations_are_counted_and_doubt_stays_charged() -> None:
    """Nothing asks a model yet; the journal and the fold are ready for it."""
    worst, spent = Cost(usd=0.5, tokens=900), Cost(usd=0.2, tokens=300)
    bodies = [
        ev.BudgetReserved(key="k1", worst_case=worst),
        ev.ModelAsked(key="k1", attempt=0, role="ideate", model="any", request="r", worst_case=worst),
        ev.ModelAnswered(key="k1", attempt=0, answer="a"),
        ev.BudgetSettled(key="k1", spent=spent),
        ev.BudgetReserved(key="k2", worst_case=worst),
        ev.ModelAsked(key="k2", attempt=0, role="write", model="any", request="r", worst_case=worst),
    ]
    state = fold(ev.Event(seq=i + 1, time=0.0, actor="n", body=b) for i, b in enumerate(bodies))
    assert state.model_calls == {"k1": "answered", "k2": "asked"}
    assert state.reserved == {"k2": worst}
    assert state.spent == spent
