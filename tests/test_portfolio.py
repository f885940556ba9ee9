"""How a run of several studies shares its budget; and such a run, through the real coordinator."""

from pathlib import Path

import pytest
from msgspec import structs

from novum import api, several
from novum.errors import StudyError, UserError
from novum.portfolio import LEAST, MOST, scaled, settings_of, shares, with_share
from novum.records import Budget, Idea, Ranked, Settings, Several
from novum.wiring import SystemClock
from tests.histories import DOMAIN


def idea(total: float, name: str = "i") -> Idea:
    return Idea(id=name, title="", hypothesis="", kind="main_effect", factors=("x",), metric="y",
                direction="open", scores={"total": total})  # fmt: skip


@pytest.mark.parametrize("worth", [(1.0,), (0.9, 0.6), (0.98, 0.1, 0.4), (0.0, 0.0), (5.0, 0.0, 0.0, 0.0)])
def test_shares_follow_value_within_bounds(worth: tuple[float, ...]) -> None:
    found = shares(worth)
    assert sum(found) == pytest.approx(len(worth))
    pairs = sorted(zip(worth, found, strict=True))
    assert [share for _, share in pairs] == sorted(found)
    assert max(found) / min(found) <= MOST / LEAST + 1e-9


def test_a_budget_is_scaled_and_keeps_enough_to_conclude() -> None:
    budget = Budget(explore_trials=20, confirm_seeds=24, seconds=1)
    assert scaled(budget, 1.5) == structs.replace(budget, explore_trials=30, confirm_seeds=36)
    tiny = scaled(structs.replace(budget, explore_trials=4, confirm_seeds=8), 0.5)
    assert (tiny.explore_trials, tiny.confirm_seeds) == (4, 8)
    assert with_share(DOMAIN, "default", 1.0) is DOMAIN
    assert with_share(DOMAIN, "default", 1.5).budgets["default"].explore_trials == 6


def test_caps_of_the_run_are_divided_and_seeds_differ() -> None:
    run = Settings(domain="toy", seed=5, budget_trials=90, budget_minutes=30.0)
    parts = [settings_of(run, f"i{k}", k, share, 3) for k, share in enumerate((1.5, 0.75, 0.75))]
    assert [p.budget_trials for p in parts] == [45, 22, 22]
    assert sum(p.budget_minutes or 0 for p in parts) == pytest.approx(30)
    assert [p.idea for p in parts] == ["i0", "i1", "i2"]
    assert parts[0].seed == 5 and len({p.seed for p in parts}) == 3
    free = settings_of(Settings(domain="toy"), "i", 1, 1.0, 2)
    assert (free.seed, free.budget_trials, free.budget_minutes) == (None, None, None)


# --- whole ---------------------------------------------------------------------------------------------


SETTINGS = Settings(
    domain="planted", budget="smoke", executor="inline", sandbox="none", seed=4, until="protocol"
)


def test_each_study_of_a_run_has_an_idea_of_its_own(tmp_path: Path) -> None:
    outcomes = api.run_many(SETTINGS, 3, tmp_path)
    states = [api.open_study(o.path).state for o in outcomes]
    assert [o.exit_code for o in outcomes] == [0, 0, 0] and len({s.study for s in states}) == 3
    chosen = [(s.ideas[s.chosen].kind, s.ideas[s.chosen].factors) for s in states]
    assert len(set(chosen)) == 3 and len({s.seed for s in states}) == 3
    registered = [{c.factors for c in s.protocol.contrasts} for s in states]
    assert not registered[0] & registered[1] and not (registered[0] | registered[1]) & registered[2]


def test_as_many_studies_as_there_are_open_questions(tmp_path: Path) -> None:
    """Eight settings: their effects, a slope and every pair, far more than a study puts on record."""
    there = api.open_questions(SETTINGS, tmp_path)
    assert there == 8 + 1 + 28
    run = several.planned(tmp_path, SETTINGS, 500, SystemClock())
    assert run.count == there == len({r.idea for r in run.ranking})
    assert [r.total for r in run.ranking] == sorted((r.total for r in run.ranking), reverse=True)


def test_an_idea_that_was_asked_on_the_way_gives_its_place_to_the_next(tmp_path, monkeypatch) -> None:
    ranked = [idea(1.0, "i0"), idea(0.9, "i1"), idea(0.8, "i2")]
    run = Several(run="r", place=0, count=2, share=1.0, settings=SETTINGS,
                  ranking=tuple(Ranked(idea=i.id, total=1.0, novelty=1.0) for i in ranked))  # fmt: skip
    asked = structs.replace(ranked[1], scores={"total": 0.5, "novelty": 1 / 3})
    monkeypatch.setattr(several, "open_ideas", lambda lab, settings: [ranked[0], asked, ranked[2]])
    made: list[Settings] = []
    monkeypatch.setattr(several, "create_study", lambda lab, mine, clock, part: made.append(mine) or lab)
    assert several.begin(tmp_path, run, 1, {"i0"}, SystemClock()) and made[0].idea == "i2"
    assert several.begin(tmp_path, run, 1, {"i0", "i2"}, SystemClock()) is None


def test_a_run_ends_when_no_idea_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(lab, settings):
        raise StudyError("decided")

    run = several.planned(tmp_path, SETTINGS, 3, SystemClock())
    monkeypatch.setattr(several, "open_ideas", none_left)
    assert several.begin(tmp_path, run, 1, {run.ranking[0].idea}, SystemClock()) is None


def test_an_interrupted_run_goes_on_with_what_did_not_end_and_what_had_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first study runs out of budget, the second is interrupted, the third was never begun."""
    settings, real, codes = structs.replace(SETTINGS, until="", budget_trials=90), api.resume, [3, 130]

    def cut(path, changes=None, watchers=()):
        return api.Outcome(study=path.name, path=path, exit_code=codes.pop(0), status="interrupted")

    monkeypatch.setattr(api, "resume", cut)
    assert [o.exit_code for o in api.run_many(settings, 3, tmp_path)] == [3, 130]
    (work,) = api.unfinished(tmp_path)
    assert work.run and len(work.studies) == 2

    given: list[object] = []

    def light(path, changes=None, watchers=()):
        given.append(changes)
        return real(path, changes | {"until": "ideas"})

    monkeypatch.setattr(api, "resume", light)
    outcomes = api.resume_run(tmp_path, work.run, {"budget_trials": 300})
    assert [o.exit_code for o in outcomes] == [0, 0, 0]
    states = [api.open_study(o.path).state for o in outcomes]
    places = [s.several.place for s in states if s.several]
    assert places == [0, 1, 2] and len({s.chosen for s in states}) == 3
    third = states[2].several
    assert third is not None and third.settings.budget_trials == 300
    caps = [s.settings.budget_trials for s in states if s.settings]
    assert [g["budget_trials"] for g in given[:2]] == caps[:2] and given[
        2
    ] == {}
    assert 297 <= sum(caps) <= 300 and min(caps) >= 75
    (left,) = api.unfinished(tmp_path)  # all three wait for approval
    assert left == api.Unfinished(tuple(o.path for o in outcomes), work.run)


@pytest.mark.parametrize(("code", "studies"), [(0, 3), (1, 3), (3, 3), (4, 1), (130, 1)])
def test_a_failed_study_lets_the_next_begin_but_not_a_failed_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, studies: int
) -> None:
    def resume(path, changes=None, watchers=()):
        return api.Outcome(study="s", path=path, exit_code=code, status="done")

    monkeypatch.setattr(api, "resume", resume)
    assert len(api.run_many(SETTINGS, 3, tmp_path)) == studies


def test_what_is_wrong_is_said_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="0 studies"):
        api.run_many(SETTINGS, 0, tmp_path)
    with pytest.raises(UserError):
        api.run_many(structs.replace(SETTINGS, domain="nowhere"), 2, tmp_path)
    assert not list(tmp_path.iterdir())
