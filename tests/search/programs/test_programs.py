"""Every policy over programs keeps the rules; each does what it is for; nonsense is refused."""

import random
from collections import Counter
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from novum.errors import UserError
from novum.events import ProposalRefused
from novum.records import Commission, Proposal
from novum.search.programs import CHOOSERS, DEFAULT, make_program_policy
from novum.search.programs.best_first import BestFirst
from novum.search.programs.broadening import Broadening, patience
from novum.search.programs.cells import cells
from novum.search.programs.first_explore import FirstExplore
from novum.search.programs.go_explore import by_counts
from novum.search.programs.greedy import Greedy
from novum.search.programs.history import DEPTH, Candidate, History, history_of
from novum.search.programs.intelligent import IntelligentGoExplore, asked, read
from novum.search.programs.islands import ISLANDS, island_of, weighted
from novum.search.programs.map_elites import MapElites
from novum.search.programs.moves import ALL, WITHOUT_MODELS, Move, fit
from novum.search.programs.portfolio import Portfolio, remaining
from novum.search.programs.upper_bounds import CHILDREN, UpperBounds
from novum.state import State
from novum.steps.explore import Exploration
from novum.testing.programs import BUDGET, World, check_program_policy, play, programs_domain

DOMAIN = programs_domain()


@pytest.mark.parametrize("name", list(CHOOSERS))
def test_every_policy_keeps_the_rules(name: str) -> None:
    check_program_policy(lambda *args: make_program_policy(name, *args[:2], operators=args[2]))


# --- the suite finds faults ---------------------------------------------------------------------------


class Broken:
    """The default policy with one fault."""

    name = "broken"

    def __init__(self, domain, budget, operators, *, rule):
        self.inner = make_program_policy(DEFAULT, domain, budget, operators=operators)
        self.rule, self.calls = rule, 0

    def propose(self, state, rng):
        self.calls += 1
        found = list(self.inner.propose(state, rng))
        if not found or isinstance(found[0], Proposal):
            return found * (2 if self.rule == "again" and found else 1)
        one = found[0]
        pending = any(t.status == "running" for t in state.trials.values())
        faulty = {
            "unknown": {"parents": ("nobody",)},
            "operator": {"operator": "debug" if self.calls % 2 else "draft"},
            "alone": {"operator": "cross", "parents": (one.parents[0],) * 2},
            "seeds": {"seeds": 0},
            "stale": {"id": "c" * 12},
            "impure": {"seeds": 1 + self.calls % 5},
        }.get(self.rule, {})
        if self.rule == "barrier" and pending:
            return []
        if self.rule == "idle" and len(state.commissions) > 5:
            return []
        if self.rule == "peek" and any(m.phase == "select" for m in state.measurements.values()):
            return [Commission.make(one.index, one.operator, one.parents, policy="peek", seeds=3)]
        return [structs.replace(one, **faulty)]


RULES = ["again", "unknown", "operator", "alone", "seeds", "stale", "impure", "barrier", "idle"]


@pytest.mark.parametrize("rule", RULES)
def test_the_suite_catches_a_policy_that_breaks_a_rule(rule: str) -> None:
    with pytest.raises(AssertionError):
        check_program_policy(lambda *args: Broken(*args, rule=rule))


def test_an_honest_policy_passes_the_suite() -> None:
    check_program_policy(lambda *args: Broken(*args, rule=""))


def test_an_unknown_policy_is_named() -> None:
    with pytest.raises(UserError, match="no search policy over programs 'best'"):
        make_program_policy("best", DOMAIN, BUDGET)


# --- what the loop does with nonsense -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"parents": ("nobody",)}, "no nodes nobody"),
        ({"operator": "guess"}, "no operator guess"),
        ({"seeds": 0}, "0 seeds"),
        ({"operator": "cross"}, "takes two nodes"),
        ({"operator": "improve", "parents": ()}, "nothing to improve"),
    ],
)
def test_a_nonsense_commission_is_refused_with_its_reason(fault: dict, told: str) -> None:
    state = play(make_program_policy("greedy", DOMAIN, BUDGET), DOMAIN, BUDGET, World())
    root = next(iter(state.nodes))
    bad = structs.replace(Commission.make(99, "improve", (root,)), **fault)
    policy = SimpleNamespace(name="nonsense", propose=lambda state, rng: [bad])
    planned, drafts = Exploration(policy, trials=99).next(state)
    assert planned is None and isinstance(drafts[0].body, ProposalRefused)
    assert told in drafts[0].body.reason and drafts[0].actor == "nonsense"


def test_a_commission_given_twice_is_refused() -> None:
    state = play(make_program_policy("greedy", DOMAIN, BUDGET), DOMAIN, BUDGET, World())
    old = next(iter(state.commissions.values()))
    policy = SimpleNamespace(name="again", propose=lambda state, rng: [old])
    planned, drafts = Exploration(policy, trials=99).next(state)
    assert planned is None and "given before" in drafts[0].body.reason


# --- the vocabulary -----------------------------------------------------------------------------------


def candidate(name: str, parent: str = "", score: float | None = None, **given) -> Candidate:
    """A candidate for a made history; without a score it failed."""
    status = given.pop("status", "failed" if score is None else "good")
    parents = (parent,) if parent else ()
    return Candidate(id=name, parents=parents, status=status, score=score or 0.0, seeds=2,
                     **{"index": 0, "operator": "improve", "label": ""} | given)  # fmt: skip


def history(*candidates: Candidate, noise: float = 0.0, total: int = 100, tried: int = 0, **given) -> History:
    """A made history: a root of score 0 first, commissions as the candidates tell."""
    placed = [structs.replace(c, index=i) for i, c in enumerate(candidates)]
    label = {c.id: f"p/{c.label}" if c.label else "p" for c in placed}
    commissions = tuple(
        Commission.make(c.index, c.operator, c.parents or ("root",), policy=label[c.id]) for c in placed
    )
    root = given.pop("first", candidate("root", score=0.0, index=-1, operator="draft"))
    return History(candidates=(root, *placed), commissions=commissions, pending=(), root="root",
                   noise=noise, total=total, tried=tried or 1 + len(placed))  # fmt: skip


def test_of_equals_the_earlier_is_best() -> None:
    found = history(candidate("a", "root", 2.0), candidate("b", "root", 2.0))
    assert found.best is not None and found.best.id == "a"


def test_noise_is_that_of_seeds_about_their_candidates() -> None:
    budget = structs.replace(BUDGET, explore_trials=60)
    policy = make_program_policy("greedy", DOMAIN, budget)
    state = play(policy, DOMAIN, budget, World(step=5.0, noise=1.0, fails=0.0))
    assert 0.75 < history_of(state, DOMAIN, 60).noise < 1.3


def test_a_gain_within_the_noise_is_none() -> None:
    rising = [candidate(f"r{k}", "root", 1.0 + 0.1 * k) for k in range(10)]
    assert history(*rising).stagnation == 0
    assert history(*rising, noise=0.16).stagnation == 1  # 0.32 at least, with two seeds each
    assert history(*rising, noise=5.0).stagnation == 10
    assert history(*rising, candidate("p", "root", status="pending")).stagnation == 0


def test_lower_is_better_where_the_metric_says_so() -> None:
    state = play(make_program_policy("greedy", DOMAIN, BUDGET), DOMAIN, BUDGET, World())
    metrics = tuple(structs.replace(m, goal="minimize") for m in DOMAIN.metrics)
    up, down = (history_of(state, d, 24).good for d in (DOMAIN, structs.replace(DOMAIN, metrics=metrics)))
    assert {c.id: round(c.score, 9) for c in up if not _patched(c, state)} == {
        c.id: round(-c.score, 9) for c in down if not _patched(c, state)
    }


def _patched(found: Candidate, state: State) -> bool:
    """Whether a seed without a value was counted as the worst seen, which depends on the direction."""
    return any(m.value is None for m in state.measurements.values() if m.node == found.id)


def test_failures_are_mended_up_to_a_depth_and_once() -> None:
    chain = [candidate("f0", "root")]
    for k in range(1, DEPTH + 1):
        chain.append(candidate(f"f{k}", f"f{k - 1}", operator="debug"))
    for upto in range(1, DEPTH + 1):
        assert [c.id for c in history(*chain[:upto]).mendable] == [f"f{upto - 1}"]
    assert history(*chain).mendable == ()


def test_a_judge_who_calls_a_node_broken_makes_it_a_failure() -> None:
    state = play(make_program_policy("greedy", DOMAIN, BUDGET), DOMAIN, BUDGET, World(fails=0.0))
    best = history_of(state, DOMAIN, 24).good[0].id
    state.assessments[best] = SimpleNamespace(broken=True)
    again = history_of(state, DOMAIN, 24)
    assert again.by_id[best].status == "failed" and best not in {c.id for c in again.good}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.sampled_from(["improve", "draft", "debug", "cross"]),
                          st.none() | st.floats(-5, 5)), max_size=25), st.integers(0, 99))  # fmt: skip
def test_whatever_the_history_a_choice_can_be_carried_out(rows: list, seed: int) -> None:
    names = ["root"]
    made = []
    for k, (place, operator, score) in enumerate(rows):
        parent = "root" if operator == "draft" else names[place % len(names)]
        made.append(candidate(f"{k:06x}", parent, score, operator=operator))
        names.append(f"{k:06x}")
    found = history(*made)
    assert set(found.line_of) == set(names) and found.line_of["root"] == "root"
    for name, chooser in CHOOSERS.items():
        move = chooser().choose(found, random.Random(seed))
        assert move is not None, name
        for operators in (ALL, WITHOUT_MODELS):
            fitted = fit(move, found, operators, random.Random(seed))
            assert fitted.operator in operators and set(fitted.parents) <= set(names) and fitted.parents
            if fitted.operator == "cross":
                assert len(set(fitted.parents)) == 2
            if fitted.operator == "debug":
                assert found.by_id[fitted.parents[0]].status == "failed"


# --- each policy --------------------------------------------------------------------------------------


def chosen(chooser, found: History, times: int = 400) -> Counter:
    moves = (chooser.choose(found, random.Random(k)) for k in range(times))
    return Counter((m.operator, m.parents[0]) for m in moves)


LINES = (candidate("a", "root", 3.0, operator="draft"), candidate("b", "root", 2.0, operator="draft"),
         candidate("c", "root", 1.0, operator="draft"), candidate("d", "root", 1.5, operator="draft"),
         candidate("e", "root", 0.5, operator="draft"))  # fmt: skip


@pytest.mark.parametrize("name", list(CHOOSERS))
def test_without_a_model_a_search_goes_beyond_the_program_as_it_came(name: str) -> None:
    """Nobody drafts there: what is made of the original counts as a beginning."""
    world = World(fails=0.0, gone=0.0)
    state = play(
        make_program_policy(name, DOMAIN, BUDGET, operators=WITHOUT_MODELS), DOMAIN, BUDGET, world
    )
    root = next(iter(state.nodes))
    worked_on = [c.parents[0] for c in state.commissions.values()]
    assert sum(parent != root for parent in worked_on) >= len(worked_on) / 4


def test_broadening_takes_the_best_and_now_and_then_any() -> None:
    stale = [candidate(f"s{k}", "a", 1.0) for k in range(patience(100) - 5)]
    counts = chosen(Broadening(), history(*LINES, *stale))
    assert 0.75 < counts["improve", "a"] / 400 < 0.92
    assert any(counts["improve", name] for name in "bcde")


def test_broadening_keeps_to_the_best_while_gains_come() -> None:
    gained = history(*LINES, candidate("f", "a", 4.0))
    assert gained.stagnation == 0 and chosen(Broadening(), gained).keys() == {("improve", "f")}


def test_broadening_broadens_when_nothing_is_gained_beyond_the_noise() -> None:
    stale = [candidate(f"s{k}", "a", 3.1) for k in range(patience(100))]
    calm, noisy = history(*LINES, *stale), history(*LINES, *stale, noise=2.0)
    assert calm.stagnation < patience(100) <= noisy.stagnation
    before, after = chosen(Broadening(), calm), chosen(Broadening(), noisy)
    assert not before["draft", "root"] and after["draft", "root"] > 20
    assert not any(o == "tune" for o, _ in before) and any(o == "tune" for o, _ in after)


def test_greedy_drafts_first_then_takes_the_best_even_if_it_is_busy() -> None:
    assert chosen(Greedy(), history(*LINES[:4])).keys() == {("draft", "root")}
    assert chosen(Greedy(), history(*LINES)).keys() == {("improve", "a")}


def test_best_first_keeps_workers_on_lines_of_their_own() -> None:
    busy = candidate("p", "a", status="pending")
    assert chosen(BestFirst(), history(*LINES)).keys() == {("improve", "a")}
    assert chosen(BestFirst(), history(*LINES, busy)).keys() == {("improve", "b")}


def test_best_first_mends_about_half_of_the_time() -> None:
    counts = chosen(BestFirst(), history(*LINES, candidate("f", "b")))
    assert 0.4 < counts["debug", "f"] / 400 < 0.6


def test_upper_bounds_drafts_at_the_root_then_goes_down_where_it_pays_and_spreads() -> None:
    assert chosen(UpperBounds(), history(*LINES[: CHILDREN - 1])).keys() == {("draft", "root")}
    assert chosen(UpperBounds(), history(*LINES)).keys() == {("improve", "a")}
    worse = [candidate(f"w{k}", "a", 0.6) for k in range(4)]
    assert chosen(UpperBounds(), history(*LINES, *worse)).keys() == {("improve", "b")}
    close = (LINES[0], structs.replace(LINES[1], score=2.8), *LINES[2:])
    pending = [candidate(f"w{k}", "a", status="pending") for k in range(CHILDREN)]
    assert chosen(UpperBounds(), history(*close)).keys() == {("improve", "a")}
    assert chosen(UpperBounds(), history(*close, *pending)).keys() == {("improve", "b")}


def test_islands_are_lineage() -> None:
    state = play(make_program_policy("islands", DOMAIN, BUDGET), DOMAIN, BUDGET, World())
    seen = history_of(state, DOMAIN, 24)
    for found in seen.candidates:
        parent = seen.by_id.get(found.parents[0]) if found.parents else None
        if parent and parent.id != seen.root:
            assert island_of(found, seen) == island_of(parent, seen)
    assert len({island_of(c, seen) for c in seen.candidates if c.id != seen.root}) == ISLANDS


def test_weighted_parents_favour_scores_and_few_offspring() -> None:
    many = [candidate(f"k{i}", "a", operator="improve", status="pending") for i in range(6)]
    fresh, worn = history(*LINES), history(*LINES, *many)
    shares = [
        Counter(weighted(list(h.good[:5]), h, random.Random(k)).id for k in range(600)) for h in (fresh, worn)
    ]
    assert shares[0]["a"] > shares[0]["b"] > shares[0]["e"]
    assert shares[1]["a"] < shares[0]["a"] / 2


def with_behaviour(*pairs: tuple[float, float]) -> History:
    made = [candidate(f"{k:06x}", "root", score, operator="draft", behaviour=(where,))
            for k, (score, where) in enumerate(pairs)]  # fmt: skip
    first = candidate("root", score=0.0, index=-1, operator="draft", behaviour=(0.0,))
    return history(*made, first=first)


def test_map_elites_keeps_the_best_of_each_kind() -> None:
    found = with_behaviour((1.0, 0.1), (2.0, 0.1), (0.5, 9.0), (0.4, 9.0), (0.3, 5.0))
    elites = {mine[0].id for mine in cells(found).values()}
    assert "000001" in elites and "000002" in elites and not {"000000", "000003"} & elites
    parents = {p for _, p in chosen(MapElites(), found)}
    assert parents == elites


def test_go_explore_returns_to_where_few_have_been() -> None:
    found = with_behaviour((1.0, 0.1), (2.0, 3.0), (0.5, 9.0))
    worked = tuple(Commission.make(10 + k, "improve", ("000001",)) for k in range(30))
    worn = structs.replace(found, commissions=(*found.commissions, *worked))
    shares = [Counter(by_counts(cells(h), h, random.Random(k)).id for k in range(400)) for h in (found, worn)]
    assert shares[1]["000001"] < shares[0]["000001"] / 2 and shares[1]["000001"] > 0


@pytest.mark.parametrize("answer", ["", "the second one", "ffffffffffff", "000001 or 000002", "{}"])
def test_a_bad_answer_leaves_the_choice_to_the_counts(answer: str) -> None:
    found = with_behaviour((1.0, 0.1), (2.0, 3.0), (0.5, 9.0))
    by_model = chosen(IntelligentGoExplore(), structs.replace(found, ask=lambda question: answer), 60)
    assert by_model == chosen(IntelligentGoExplore(), found, 60)


def test_a_good_answer_is_followed() -> None:
    found = with_behaviour((1.0, 0.1), (2.0, 3.0), (0.5, 9.0))
    question = asked([mine[0] for mine in cells(found).values()], found)
    assert "000002" in question.choices and "score 0.5" in question.text
    assert read("I would go on with node 000002, since nobody has.", question) == "000002"
    counts = chosen(IntelligentGoExplore(), structs.replace(found, ask=lambda question: "000002"), 40)
    assert counts.keys() == {("improve", "000002")}


def test_first_explore_looks_around_then_takes_the_best() -> None:
    early, late = history(*LINES, tried=10), history(*LINES, tried=60)
    assert len(chosen(FirstExplore(), early)) > 4
    assert chosen(FirstExplore(), late).keys() == {("improve", "a")}


def test_a_portfolio_stops_the_worse_half_at_each_cut() -> None:
    names = ["w", "x", "y", "z"]
    scores = dict(zip(names, (1.0, 4.0, 3.0, 2.0), strict=True))
    made = [
        candidate(f"{n}{k}", "root", scores[n], operator="draft", label=n) for k in range(6) for n in names
    ]
    left = [remaining(names, history(*made, tried=t)) for t in (24, 25, 49, 50, 75)]
    assert left == [names, ["x", "y"], ["x", "y"], ["x"], ["x"]]


def test_members_of_a_portfolio_see_only_their_own() -> None:
    policy = make_program_policy("portfolio", DOMAIN, structs.replace(BUDGET, explore_trials=60))
    state = play(policy, DOMAIN, structs.replace(BUDGET, explore_trials=60), World(), 3)
    given = {c.id: c.policy for c in state.commissions.values()}
    assert len(set(given.values())) == 4
    by_node = {node: given[name] for name, node in state.made.items()}
    for one in state.commissions.values():
        assert all(by_node.get(parent, one.policy) == one.policy for parent in one.parents)


def test_a_portfolio_needs_members() -> None:
    with pytest.raises(ValueError, match="members"):
        Portfolio({})


def test_without_models_everything_is_tuned_crossed_or_taken_out() -> None:
    found = history(*LINES)
    counts = Counter(
        fit(Move("improve", ("a",)), found, WITHOUT_MODELS, random.Random(k)).operator for k in range(300)
    )
    assert set(counts) == set(WITHOUT_MODELS) and min(counts.values()) > 12 and counts["tune"] > 200
    assert fit(Move("draft", ("root",)), found, WITHOUT_MODELS, random.Random(1)) == Move("tune", ("root",))
