"""How a run of several studies shares its budget; and such a run, through the real coordinator."""

from pathlib import Path

import pytest
from msgspec import structs

from novum import api
from novum.errors import StudyError, UserError
from novum.portfolio import LEAST, MOST, scaled, settings_of, shares, with_share
from novum.records import Budget, Idea, Settings
from tests.histories import DOMAIN


def idea(total: float, name: str = "i") -> Idea:
    return Idea(id=name, title="", hypothesis="", kind="main_effect", factors=("x",), metric="y",
                direction="open", scores={"total": total})  # fmt: skip


@pytest.mark.parametrize("worth", [(1.0,), (0.9, 0.6), (0.98, 0.1, 0.4), (0.0, 0.0), (5.0, 0.0, 0.0, 0.0)])
def test_shares_follow_value_within_bounds(worth: tuple[float, ...]) -> None:
    found = shares([idea(w) for w in worth])
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
    parts = [settings_of(run, idea(1, f"i{k}"), k, share, 3) for k, share in enumerate((1.5, 0.75, 0.75))]
    assert [p.budget_trials for p in parts] == [45, 22, 22]
    assert sum(p.budget_minutes or 0 for p in parts) == pytest.approx(30)
    assert [p.idea for p in parts] == ["i0", "i1", "i2"]
    assert parts[0].seed == 5 and len({p.seed for p in parts}) == 3
    free = settings_of(Settings(domain="toy"), idea(1), 1, 1.0, 2)
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


def test_a_run_ends_when_no_idea_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def resume(path, changes=None, watchers=()):
        made.append(api.open_study(path).state.settings.idea)
        return api.Outcome(study="s", path=path, exit_code=0, status="done")

    def left(lab, settings):
        if settings.idea and (made or settings.idea == "i1"):
            raise StudyError("not open")
        return [idea(1.0, "i0"), idea(0.9, "i1"), idea(0.8, "i2")]

    monkeypatch.setattr(api, "resume", resume)
    monkeypatch.setattr(api, "open_ideas", left)
    assert len(api.run_many(SETTINGS, 3, tmp_path)) == 1 and made == ["i0"]


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
