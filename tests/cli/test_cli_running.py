"""run, resume and a person's decisions: what reaches the api, and what is said afterwards.

The api is replaced by one that notes its calls and tells the story; the real one has its own tests.
"""

import json
import re
from pathlib import Path

import pytest
from msgspec import structs

from novum import api
from novum.cli import summary
from novum.errors import MachineError, OutOfBudget, UserError
from novum.journal import WriterLock
from novum.records import Settings, Several
from novum.state import State, apply
from tests import story

RUN = Several(run="r1", place=0, count=3, share=1.0, settings=Settings(domain="toy"), ranking=())


class Fake:
    """Stands for the api's doing half."""

    def __init__(self, lab: Path):
        self.lab = lab
        self.calls: list[tuple] = []
        self.until, self.code, self.message, self.stop = "done", 0, "", "done"
        self.error: Exception | None = None
        self.made, self.count, self.open = 2, 2, 30
        self.rest: list[str] = []

    def open_questions(self, settings, lab):
        return self.open

    def run(self, settings, lab, watchers=(), idea="", seed_ideas=(), evaluator=""):
        self.calls.append(("run", settings, Path(lab)))
        if self.error:
            raise self.error
        path = story.write(self.lab, "toy-new9", self.until, at=2e9, stop=self.stop)
        self.tell(path, watchers)
        return self.outcome(path)

    def run_many(self, settings, count, lab, watchers=()):
        self.calls.append(("run_many", settings, count, Path(lab)))
        paths = [self.lab / "studies" / f"toy-new{k}" for k in range(self.made)]
        for k, path in enumerate(paths):
            if not path.exists():
                several = structs.replace(RUN, place=k, count=min(count, self.count))
                story.write(self.lab, path.name, "done", at=2e9 + k, several=several)
        done = [self.outcome(path) for path in paths]
        return [*done[:-1], structs.replace(done[-1], exit_code=self.code, message=self.message)]

    def resume_run(self, lab, run, changes=None, watchers=()):
        self.calls.append(("resume_run", run, changes))
        return [self.outcome(self.lab / "studies" / name) for name in self.rest]

    def resume(self, path, changes=None, watchers=()):
        self.calls.append(("resume", Path(path).name, changes))
        self.tell(path, watchers)
        return self.outcome(path)

    def act(self, path, action, detail=None, person=""):
        self.calls.append(("act", Path(path).name, action, detail))
        if self.error:
            raise self.error

    def tell(self, path, watchers) -> None:
        state = State()
        for event in api.open_study(path).events():
            apply(state, event)
            for watcher in watchers:
                watcher.saw(event, state)

    def outcome(self, path):
        status = "done" if self.code == 0 else "failed"
        state = api.open_study(path).state
        return api.Outcome(
            study=Path(path).name,
            path=Path(path),
            exit_code=self.code,
            status=status,
            message=self.message,
            checks=state.audit,
            text=state.review_summary,
        )


@pytest.fixture
def fake(monkeypatch, tmp_path):
    made = Fake(tmp_path / "lab")
    for name in ("run", "run_many", "open_questions", "resume", "resume_run", "act"):
        monkeypatch.setattr(api, name, getattr(made, name))
    return made


# --- run ----------------------------------------------------------------------------------------------


def test_run_without_a_word_is_the_default_study(novum, fake):
    assert novum("run").code == 0
    ((_, settings, lab),) = fake.calls
    assert (settings.domain, settings.budget, settings.seed, lab) == (
        "grokking",
        "default",
        None,
        Path("lab"),
    )


def test_run_hands_every_option_on_with_its_origin(novum, fake, tmp_path, monkeypatch):
    (tmp_path / "novum.toml").write_text("workers = 3\nstyle = 'plain'\n[policy.trials]\nlimit = 9\n")
    monkeypatch.setenv("NOVUM_SEED", "11")
    said = novum(
        *(
            "run",
            "./mine",
            "--lab",
            "lab",
            "--budget",
            "smoke",
            "--until",
            "protocol",
            "--sandbox",
            "process",
        ),
        *("--budget-minutes", "2.5", "--budget-trials", "40", "--executor", "local", "--device", "cpu"),
    )
    assert said.code == 0
    settings = fake.calls[0][1]
    got = (settings.domain, settings.budget, settings.until, settings.sandbox, settings.budget_minutes)
    assert got == ("./mine", "smoke", "protocol", "process", 2.5)
    assert (settings.budget_trials, settings.workers, settings.seed, settings.style) == (40, 3, 11, "plain")
    assert settings.policy_limits == {"trials": 9.0}
    assert settings.origins["workers"] == "novum.toml:1" and settings.origins["seed"] == "environment"
    assert settings.origins["sandbox"] == "command line" and settings.origins["device"] == "command line"


def test_a_run_ends_with_claims_audit_cost_and_paper(novum, fake, monkeypatch):
    monkeypatch.setattr(summary, "paper_of", lambda folder: f"{folder}/paper/paper.pdf")
    said = novum("run")
    assert re.fullmatch(r"paper     .*/studies/toy-new9/paper/paper\.pdf", said.out.splitlines()[-1])
    text = " ".join(said.out.split())
    assert "supported Size 4 ends sooner than size 1. -18.2 steps, -24.5 to -12 at 97.5 %" in text
    assert "inconclusive The kind does not matter." in text
    assert "audit passed, 2 checks" in text and "cost 0:30 of work, 10.5 CPU-s of trials" in text
    assert "explore" in said.err and "paper" not in said.err  # progress goes to standard error


def test_run_json_is_the_object_of_show(novum, fake, tmp_path):
    said = novum("run", "--json")
    told = json.loads(said.out)
    shown = json.loads(novum("show", str(tmp_path / "lab" / "studies" / "toy-new9"), "--json").out)
    assert told["id"] == "toy-new9" and told == shown


@pytest.mark.parametrize("code", [1, 3, 4, 130])
def test_an_early_end_keeps_its_exit_code_and_says_why(novum, fake, code):
    fake.code, fake.message, fake.until, fake.stop = code, "the reason; the mend", "explore", "interrupted"
    said = novum("run", "--quiet")
    assert said.code == code and said.err.splitlines()[-1] == "novum: the reason; the mend"
    assert (
        "interrupted" in said.out
        and "cost" in said.out
        and "paper" not in said.out
        and "audit" not in said.out
    )


@pytest.mark.parametrize(
    ("error", "code"), [(UserError("no domain"), 2), (MachineError("disk"), 4), (OutOfBudget("x"), 3)]
)
def test_an_error_that_is_raised_is_one_line(novum, fake, error, code):
    fake.error = error
    said = novum("run")
    assert said.code == code and said.err == f"novum: {error}\n" and said.out == ""


def test_run_until_protocol_prints_the_page_and_the_three_answers(novum, fake):
    fake.until, fake.stop = "register", "waiting"
    said = novum("run", "--until", "protocol")
    text = " ".join(said.out.split())
    assert said.code == 0
    for part in (
        "Raising size from 1 to 4 lowers the number of steps.",
        "8 fresh seeds per arm, 3 arms, paired",
        "0.05 over 2 contrasts (holm)",
        "9.5 steps with power 0.9",
        "about 18 CPU-s, 0:12 with 2 workers; no money",
        "less by over 5 steps",
        "within 5 steps",
        "nothing: the base",
        "size: 1 to 4",
        "difference of means; test: welch",
        "base size=1, kind=plain",
    ):
        assert part in text
    for answer in ("novum approve toy-new9", "novum edit toy-new9 --set KEY=VALUE", "novum stop toy-new9"):
        assert answer in said.out.splitlines()[-1]
    assert len(said.out.splitlines()) <= 50  # one page


def test_run_until_ideas_prints_them_and_no_edit(novum, fake):
    fake.until, fake.stop = "ideate", "waiting"
    said = novum("run", "--until", "ideas")
    assert "Larger steps end sooner" in said.out and "chosen" in said.out
    assert "novum approve toy-new9" in said.out and "novum edit" not in said.out


# --- resume -------------------------------------------------------------------------------------------


def test_resume_with_nothing_unfinished_says_so_and_all_is_well(novum, fake, tmp_path):
    assert (novum("resume").code, novum("resume").out) == (0, "nothing unfinished in lab\n")
    story.write(tmp_path / "lab", "toy-aaa1", "done", stop="done")
    assert (novum("resume").code, novum("resume").out) == (0, "nothing unfinished in lab\n")
    assert json.loads(novum("resume", "--json").out) == {"resumed": None}
    assert fake.calls == []


def test_resume_takes_the_latest_unfinished_and_only_what_was_given(novum, fake, lab, monkeypatch):
    story.write(lab, "toy-zzz9", "done", at=3e9, stop="done")
    monkeypatch.setenv("NOVUM_WORKERS", "9")
    assert novum("resume").code == 0
    assert novum("resume", "toy-aab2", "--workers", "4", "--budget-minutes", "30").code == 0
    assert fake.calls == [
        ("resume", "toy-bbb3", {}),
        ("resume", "toy-aab2", {"workers": 4, "budget_minutes": 30.0}),
    ]


def run_of(lab: Path, *stops: str, count: int = 3) -> None:
    """Studies of a run of three; those without a reason for a stop are done."""
    for place, stop in enumerate(stops):
        several = structs.replace(RUN, place=place, count=count)
        until = "explore" if stop else "done"
        story.write(lab, f"toy-run{place}", until, at=3e9 + place, stop=stop or "done", several=several)


def test_resume_goes_on_with_all_of_the_run_that_the_latest_belongs_to(novum, fake, lab):
    run_of(lab, "out of budget: x", "interrupted")
    fake.rest = ["toy-run0", "toy-run1"]
    said = novum("resume", "--workers", "4")
    assert said.code == 0 and fake.calls == [("resume_run", "r1", {"workers": 4})]
    assert said.out.index("toy-run0") < said.out.index("toy-run1")
    assert "unfinished too: toy-aab2, toy-bbb3" in said.err and "2 of 3 studies were begun" in said.err


def test_resume_of_a_named_study_is_of_that_one(novum, fake, lab):
    run_of(lab, "interrupted", "interrupted")
    assert novum("resume", "toy-run0").code == 0 and fake.calls == [("resume", "toy-run0", {})]


@pytest.mark.parametrize(("rest", "called"), [(["toy-run1"], ["resume_run"]), ([], ["resume_run", "resume"])])
def test_a_run_with_studies_yet_to_begin_is_unfinished_unless_no_idea_is_left(novum, fake, lab, rest, called):
    run_of(lab, "", "")
    fake.rest = rest
    assert novum("resume").code == 0
    assert [call[0] for call in fake.calls] == called


def test_a_run_whose_studies_are_all_done_is_done(novum, fake, lab):
    run_of(lab, "", "", "")
    novum("resume")
    assert fake.calls == [("resume", "toy-bbb3", {})]


def test_the_worst_exit_code_of_a_resumed_run_is_told_and_json_is_one_object(novum, fake, lab):
    run_of(lab, "interrupted")
    fake.rest, fake.code, fake.message = ["toy-run0"], 130, "interrupted"
    said = novum("resume", "--json")
    assert said.code == 130 and [s["id"] for s in json.loads(said.out)["studies"]] == ["toy-run0"]


# --- decisions ----------------------------------------------------------------------------------------


def test_approve_writes_the_decision_and_goes_on(novum, fake, lab):
    assert novum("approve").code == 0
    assert fake.calls == [("act", "toy-bbb3", "approve", {}), ("resume", "toy-bbb3", {})]


def test_approve_takes_the_latest_that_waits_and_refuses_what_does_not(novum, fake, lab):
    story.write(lab, "toy-zzz9", "explore", at=3e9, stop="interrupted")
    assert novum("approve").code == 0 and fake.calls[0][1] == "toy-bbb3"
    fake.calls.clear()
    said = novum("approve", "toy-zzz9")
    assert said.code == 2 and "toy-zzz9 does not wait for approval" in said.err and fake.calls == []


@pytest.mark.parametrize("command", ["approve", "edit"])
def test_with_nothing_waiting_there_is_nothing_to_decide(novum, fake, command):
    said = novum(command)
    assert said.code == 2 and "no study in lab waits for approval" in said.err and said.err.count("\n") == 1


def test_a_decision_is_left_for_a_coordinator_that_is_at_work(novum, fake, lab):
    with WriterLock(lab / "studies" / "toy-bbb3"):
        said = novum("stop", "toy-bbb3")
        told = json.loads(novum("approve", "toy-bbb3", "--json").out)
    assert said.code == 0 and said.out == "toy-bbb3: stop left for its coordinator\n"
    assert told == {"id": "toy-bbb3", "action": "approve", "detail": {}, "taken": False}
    assert [call[0] for call in fake.calls] == ["act", "act"]


def test_stop_ends_well_although_the_study_does_not(novum, fake, lab):
    fake.code, fake.message = 1, "stopped by me"
    assert novum("stop", "toy-bbb3").code == 0
    assert fake.calls[0] == ("act", "toy-bbb3", "stop", {})


def test_edit_takes_values_from_the_command_line(novum, fake, lab):
    assert novum("edit", "--set", "seeds=24", "--set", "margin = 2.5").code == 0
    assert fake.calls[0] == ("act", "toy-bbb3", "edit", {"seeds": "24", "margin": "2.5"})


def test_edit_opens_an_editor_and_takes_what_changed(novum, fake, lab, monkeypatch):
    monkeypatch.setenv("VISUAL", "sed -i s/8/24/")
    assert novum("edit").code == 0
    assert fake.calls[0] == ("act", "toy-bbb3", "edit", {"seeds": "24"})


@pytest.mark.parametrize(
    ("words", "editor", "says"),
    [
        (["--set", "seeds"], "", "'seeds' is no KEY=VALUE"),
        (["--set", "seeds="], "", "'seeds=' is no KEY=VALUE"),
        ([], "true", "nothing was changed"),
        ([], "false", "the editor 'false' did not work"),
        ([], "no-such-editor", "the editor 'no-such-editor' did not work"),
        (["toy-aaa1", "--set", "seeds=3"], "", "has begun"),
    ],
)
def test_an_edit_that_is_none_is_one_line_and_2(novum, fake, lab, monkeypatch, words, editor, says):
    monkeypatch.setenv("VISUAL", editor)
    monkeypatch.delenv("EDITOR", raising=False)
    said = novum("edit", *words)
    assert said.code == 2 and says in said.err and said.err.count("\n") == 1 and fake.calls == []


def test_an_edit_the_study_refuses_is_said(novum, fake, lab):
    fake.error = UserError("cannot edit sd", fix="edit seeds, margin, alpha")
    assert novum("edit", "--set", "sd=1").err == "novum: cannot edit sd; edit seeds, margin, alpha\n"


# --- write, audit, review -----------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["write", "audit", "review"])
def test_what_is_made_of_a_study_is_told(novum, fake, lab, monkeypatch, command):
    def made(path, *rest):
        fake.calls.append((command, Path(path).name, *rest))
        return fake.outcome(path)

    monkeypatch.setattr(api, command, made, raising=False)
    said = novum(command, "toy-aaa1")
    assert said.code == 0 and fake.calls[0][:2] == (command, "toy-aaa1")
    assert {"write": "paper", "audit": "passed, 2 checks", "review": "Sound."}[command] in said.out
    assert command == "write" or "ok  chain" in said.out
    keys = {"audit": ["id", "path", "passed", "checks"], "review": ["id", "path", "summary", "items"]}
    told = json.loads(novum(command, "toy-aaa1", "--json").out)
    assert list(told) == keys[command] if command in keys else told["id"] == "toy-aaa1"


def test_an_audit_that_finds_a_fault_is_1(novum, fake, lab, monkeypatch):
    fake.code = 1
    monkeypatch.setattr(api, "audit", lambda path: fake.outcome(path), raising=False)
    story.write(lab, "toy-bad5", "done", at=4e9, audit=False)
    said = novum("audit", "toy-bad5")
    assert said.code == 1 and "FAIL  numbers" in said.out and "failed: numbers" in said.out


def test_an_interaction_and_a_slope_are_told_with_their_contexts_and_levels():
    from msgspec.structs import replace

    from novum.cli.page import comparison

    plain = story.CONTRASTS[0]
    assert comparison(plain) == "size: 1 to 4"
    interaction = replace(plain, estimand="interaction", contexts=({"kind": "plain"}, {"kind": "fancy"}))
    assert comparison(interaction) == "size: 1 to 4\nunder kind=plain versus kind=fancy"
    assert comparison(replace(plain, estimand="slope", levels=(0.5, 1.0, 4.0))) == "size: 0.5, 1, 4"


# --- several ideas ------------------------------------------------------------------------------------


def test_several_ideas_are_several_reports(novum, fake):
    said = novum("run", "--ideas", "2", "--seed", "4")
    ((_, settings, count, _),) = fake.calls
    assert (said.code, count, settings.seed) == (0, 2, 4)
    assert said.out.index("toy-new0") < said.out.index("toy-new1") and said.out.count("audit     passed") == 2


def test_one_idea_is_an_ordinary_run(novum, fake):
    novum("run", "--ideas", "1")
    assert [call[0] for call in fake.calls] == ["run"]


def test_the_worst_exit_code_of_several_studies_is_told(novum, fake):
    fake.code, fake.message = 3, "10 minutes are spent"
    said = novum("run", "--ideas", "2")
    assert said.code == 3 and "10 minutes are spent" in said.err


def test_fewer_studies_than_asked_for_are_told(novum, fake):
    fake.count = 5
    assert "2 of 5 studies were begun; what was left was asked on the way" in novum("run", "--ideas", "5").err
    fake.code = 130
    said = novum("run", "--ideas", "5")
    assert said.code == 130 and "2 of 5 studies were begun; novum resume goes on" in said.err


@pytest.mark.parametrize(
    ("open_", "says"),
    [
        (2, "2 questions are open in this lab: 2 will be made"),
        (1, "one question is open"),
        (20, ""),
        (40, ""),
    ],
)
def test_more_studies_than_open_questions_are_told_beforehand(novum, fake, open_, says):
    fake.open = open_
    said = novum("run", "--ideas", "20")
    assert said.code == 0 and (says in said.err if says else "asked for" not in said.err)


def test_several_studies_are_one_object_of_json(novum, fake):
    told = json.loads(novum("run", "--ideas", "2", "--json").out)
    assert [study["id"] for study in told["studies"]] == ["toy-new0", "toy-new1"]


@pytest.mark.parametrize("wrong", ["0", "two", "-1"])
def test_a_number_of_ideas_that_makes_no_sense_is_refused(novum, fake, wrong):
    said = novum("run", "--ideas", wrong)
    assert said.code == 2 and "--ideas" in said.err and not fake.calls
