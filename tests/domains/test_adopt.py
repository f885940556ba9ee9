"""A stranger's script becomes a domain, nothing of theirs is touched, and what it says is labelled."""

import shutil
import tomllib
from pathlib import Path

import msgspec
import pytest

from novum import api
from novum.compute.executors.inline import InlineExecutor
from novum.domains import check_domain, load_domain
from novum.domains.adopt import adopt
from novum.domains.adopt.look import look
from novum.errors import DomainError, UserError
from novum.journal import FileBlobs
from novum.records import Settings
from novum.steps.audit.case import AuditCase
from novum.steps.audit.reported import reported
from novum.steps.disclose import NOTE, SAID, disclosed, faults_of
from novum.wiring import make_executor

CODE = Path(__file__).parent / "code" / "train.py"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "My Project 2"
    folder.mkdir()
    shutil.copy(CODE, folder)
    return folder


@pytest.fixture
def blobs(tmp_path: Path) -> FileBlobs:
    return FileBlobs(tmp_path / "blobs")


def test_what_the_script_offers_is_read_off_without_running_it():
    found = look(CODE, "train.py")
    assert found.seed == "--seed" and found.runnable and found.constants == (("PATIENCE", 9),)
    assert found.metrics == ("val_loss", "train_loss"), "epochs and epoch are no metrics"
    kinds = {o.name: (o.kind, o.default) for o in found.options}
    assert (
        kinds["lr"] == ("float", 0.3)
        and kinds["epochs"] == ("int", 4.0)
        and kinds["shuffle"] == ("on", False)
    )


def test_click_is_read_as_well(tmp_path):
    (tmp_path / "run.py").write_text(
        "import click\n"
        "@click.option('--width', default=8)\n"
        "@click.option('--mode', type=click.Choice(['a', 'b']), default='a')\n"
        "@click.option('--bias/--no-bias', default=True)\n"
        "@click.option('--where', required=True)\n"
        "def main(): click.echo(f'score={1}')\n"
    )
    found = look(tmp_path / "run.py", "run.py")
    assert {o.name: (o.kind, o.default, o.choices) for o in found.options} == {
        "width": ("int", 8.0, ()), "mode": ("text", "a", ("a", "b")), "bias": ("both", True, ()),
        "where": ("text", None, ()),
    }  # fmt: skip
    assert found.metrics == ("score",) and adopt(tmp_path).to_do[-1].endswith("--where")


def test_a_script_becomes_a_domain_that_loads(home, blobs):
    made = adopt(home)
    assert set(made.written) == {
        "domain.toml",
        "novum_program.py",
        "novum_evaluator.py",
        "background.md",
        "references.bib",
    }
    assert made.to_do == () and made.kept == ()
    domain = load_domain(home, blobs)
    assert domain.id == "my_project_2" and domain.self_reported
    assert list(domain.baseline) == ["lr", "epochs", "momentum", "schedule", "shuffle"], (
        "no seed, place or device"
    )
    assert domain.primary.name == "val_loss" and domain.primary.goal == "minimize"
    assert domain.primary.title == "self-reported val loss" and "no evaluator certifies" in domain.limits
    assert "train.py" in domain.workspace() and "novum_evaluator.py" not in domain.workspace()


def test_nothing_that_is_there_is_overwritten(home):
    (home / "background.md").write_text("Mine.\n")
    before = CODE.read_bytes()
    assert adopt(home).kept == ("background.md",)
    (home / "domain.toml").write_text("# mine too\n")
    again = adopt(home)
    assert again.written == () and again.to_do == ()
    assert (home / "domain.toml").read_text() == "# mine too\n" and (
        home / "background.md"
    ).read_text() == "Mine.\n"
    assert (home / "train.py").read_bytes() == before


def test_links_large_files_and_the_lab_are_left_out(home, blobs):
    (home / "data").symlink_to(home.parent)
    (home / "lab" / "studies").mkdir(parents=True)
    (home / "lab" / "studies" / "x.txt").write_text("old")
    made = adopt(home)
    assert any("data" in line for line in made.to_do)
    assert not {path for path in load_domain(home, blobs).files if path.startswith(("data", "lab"))}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("print(1)\n", "no Python script"),
        ("RATE = 0.1\nif __name__ == '__main__':\n    pass\n", "constants RATE"),
    ],
)
def test_code_that_cannot_be_studied_is_refused_with_the_reason(tmp_path, text, said):
    (tmp_path / "x.py").write_text(text)
    with pytest.raises(UserError) as refused:
        adopt(tmp_path)
    assert said in str(refused.value) and not (tmp_path / "domain.toml").exists()


def test_without_a_seed_or_a_metric_the_author_is_told(tmp_path):
    (tmp_path / "main.py").write_text(
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--n', type=int, default=3)\n"
    )
    told = " ".join(adopt(tmp_path).to_do)
    assert "takes no seed" in told and "no metric was found" in told


def test_the_domain_passes_the_check(home, blobs):
    adopt(home)
    (home / "domain.toml").write_text(_small((home / "domain.toml").read_text()))
    faults = [c for c in check_domain(home, blobs, InlineExecutor(blobs), "none") if not c.passed]
    assert faults == []


def _small(text: str) -> str:
    """The description with one factor, so that few runs are needed."""
    tables = text.split("\n\n")
    kept = [t for t in tables if not t.startswith("[[factor]]") or 'name = "lr"' in t]
    return "\n\n".join(kept)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('files = ["train.py"]', 'editable = ["train.py"]', "reports its own metrics"),
        (
            "self_reported = true  # until",
            "self_reported = false  # until",
            "primary metric is self-reported",
        ),
        ('kind = "value"\nself_reported = true', 'kind = "value"', "is not set"),
    ],
)
def test_a_domain_says_all_of_it_or_nothing(home, blobs, old, new, said):
    adopt(home)
    text = (home / "domain.toml").read_text()
    assert old in text
    (home / "domain.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(DomainError, match=said):
        load_domain(home, blobs)


@pytest.mark.slow
def test_a_study_on_what_a_program_says_says_so_everywhere(home, tmp_path):
    adopt(home)
    (home / "domain.toml").write_text(_small((home / "domain.toml").read_text()))
    settings = Settings(domain=str(home), budget="smoke", seed=3, executor="inline", sandbox="none")
    outcome = api.run(settings, lab=tmp_path / "lab")
    state = api.open_study(outcome.path).state
    assert outcome.exit_code == 0 and state.audit_passed, [c for c in state.audit if not c.passed]
    assert all(d.estimate is not None for d in state.decisions.values()), "claims are made"
    assert state.decisions
    assert state.paper is not None and state.domain is not None and state.protocol is not None
    source = state.paper.source
    assert SAID in source.split("\n+++", 1)[0] and NOTE in source
    assert all("self-reported" in c.text for c in state.protocol.contrasts)
    assert all(NOTE in figure.caption for figure in state.figures.values())
    _the_audit_finds_what_is_not_said(state)


def _the_audit_finds_what_is_not_said(state) -> None:
    paper = msgspec.structs.replace(
        state.paper, source=state.paper.source.replace(SAID, "fine").replace(NOTE, "")
    )
    found = reported(_case(msgspec.structs.replace(state, paper=paper))).faults
    assert "page one does not say" in found[0] and "a table does not say" in found[1]
    certified = msgspec.structs.replace(state.domain, metrics=tuple(
        msgspec.structs.replace(m, self_reported=False) for m in state.domain.metrics))  # fmt: skip
    found = reported(_case(msgspec.structs.replace(state, domain=certified))).faults
    assert found and "rests on self-reported values" in found[0]


def _case(state) -> AuditCase:
    return AuditCase(state=state, events=(), blobs=FileBlobs(Path("unused")))


def test_a_domain_with_an_evaluator_is_left_as_it_is(blobs):
    from novum.domains import find_domain

    source = '+++\n[disclosure]\n"Evaluator" = "shipped"\n+++\n\nTable: Numbers. {.wide}\n'
    domain = load_domain(find_domain("planted"), blobs)
    assert disclosed(source, domain) == source and faults_of(source, domain) == []
    assert not any(m.title.startswith("self-reported") for m in domain.metrics if not m.self_reported)


def test_page_one_names_the_model_that_wrote_the_evaluator(blobs):
    from novum.domains import find_domain

    domain = load_domain(find_domain("planted"), blobs)
    theirs = msgspec.structs.replace(
        domain, authors={"evaluator": "scripted:m.py", "prepare": "scripted:m.py"}
    )
    source = '+++\n[disclosure]\n"Evaluator" = "by the author"\n+++\n\nText.\n'
    assert faults_of(source, theirs)
    told = disclosed(source, theirs)
    assert "`scripted:m.py`, like the preparation of data, from a topic page" in told
    assert "by the author" not in told
    assert tomllib.loads(told.split("+++")[1]) and faults_of(told, theirs) == []


@pytest.mark.parametrize("how", [{"sandbox": "none"}, {"sandbox": "process"}, {"executor": "inline"}])
def test_what_a_model_wrote_never_runs_unconfined(home, tmp_path, how):
    adopt(home)
    text = (home / "domain.toml").read_text()
    (home / "domain.toml").write_text(
        text.replace("[domain]\n", '[domain]\nauthors = {evaluator = "m"}\n', 1)
    )
    settings = msgspec.structs.replace(Settings(domain=str(home), budget="smoke"), **how)
    with pytest.raises(UserError, match="a model wrote the evaluator"):
        api.run(settings, lab=tmp_path / "lab")
    with pytest.raises(UserError, match="a model wrote the evaluator"):  # nor when a study is resumed
        make_executor(
            settings, load_domain(home, FileBlobs(tmp_path / "b")), tmp_path, FileBlobs(tmp_path / "b")
        )
