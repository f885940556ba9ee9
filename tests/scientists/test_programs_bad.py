"""Searches over programs that lead nowhere: each has a clear outcome, and what was tried is on record."""

from pathlib import Path

import pytest

from novum import api
from novum.bench.search import costs
from novum.records import Settings

LUCK = "seed % len(str(seed)) / len(str(seed))"  # without a number that could be moved
SEEDED = costs.PROGRAM.replace("str(sum(NUMBERS))", f"str(sum(NUMBERS) + {LUCK})")
FRAGILE = SEEDED.replace("request =", "assert float(str(sum(NUMBERS))[:1] + '.0') == sum(NUMBERS)\nrequest =")


def study(
    folder: Path,
    program: str,
    value: str = "-abs(number - 5.0)",
    *,
    more: str = "",
    toml: tuple[str, str] = ("", ""),
) -> api.Outcome:
    """A study of a small program with this measure of its number, and more lines of its evaluator."""
    domain = folder / "trivial"
    domain.mkdir()
    margin = "primary = true\nmargin = 0.5"
    text = costs.DESCRIPTION.replace("{trials}", "8").replace("primary = true", margin)
    (domain / "domain.toml").write_text(text.replace(*toml, 1))
    (domain / "main.py").write_text(program)
    (domain / "evaluator.py").write_text(costs.EVALUATOR.replace("-abs(number - 5.0)", value) + more)
    settings = Settings(domain=str(domain), policy="broadening", budget="smoke", seed=1, executor="inline",
                        sandbox="none", workers=1)  # fmt: skip
    return api.run(settings, lab=folder / "lab")


@pytest.mark.parametrize(
    ("program", "value", "told", "failed"),
    [
        (SEEDED, "1.0", "score does not vary between the seeds of a program", 0),
        (costs.PROGRAM, "-abs(number - 5.0)", "score does not vary between the seeds of a program", 0),
        (FRAGILE, "-abs(number - 5.0)", "no edited program worked", 5),
    ],
    ids=["a constant metric", "a program without luck", "every edit fails"],
)
def test_a_search_that_leads_nowhere_says_why_and_loses_nothing(
    tmp_path: Path, program: str, value: str, told: str, failed: int
) -> None:
    outcome = study(tmp_path, program, value)
    assert outcome.exit_code == 1 and told in outcome.message
    state = api.open_study(outcome.path).state
    assert state.finished == "failed" and state.tried == 6
    assert sum(t.status == "failed" for t in state.trials_in("explore")) == failed


@pytest.mark.slow
def test_where_a_program_claims_more_than_is_certified_the_evaluator_wins_and_the_paper_says_so(
    tmp_path: Path,
) -> None:
    line = '{"seed": seed, "metric": "claimed", "value": number + 100.0}'
    told = f'        lines.write(json.dumps({line}) + "\\n")\n'
    claimed = '\n[[metric]]\nname = "claimed"\nself_reported = true\nreports = "score"\n\n[[factor]]'
    lucky = costs.PROGRAM.replace("str(sum(NUMBERS))", "str(sum(NUMBERS) + seed % 9973 / 9973)")
    outcome = study(tmp_path, lucky, more=told, toml=("\n[[factor]]", claimed))
    state = api.open_study(outcome.path).state
    assert outcome.exit_code == 0 and state.paper is not None, outcome.message
    assert "the program's own figure was not the score that the evaluator certified" in state.paper.source
    assert {c.metric for c in state.protocol.contrasts} == {"score"}  # type: ignore[union-attr]
    assert all((m.value or 0.0) < 100.0 for m in state.measurements.values() if m.metric == "score")


def test_of_equals_the_earlier_is_chosen(tmp_path: Path) -> None:
    outcome = study(tmp_path, SEEDED, "float(number > 0)")
    state = api.open_study(outcome.path).state
    selected = [t.node for t in sorted(state.trials_in("select"), key=lambda t: t.index)]
    explored = [t.node for t in state.trials_in("explore") if t.status == "done"]
    first = [*dict.fromkeys(selected)]
    assert first == explored[1:]  # edits in the order of their proposal, since all are alike
