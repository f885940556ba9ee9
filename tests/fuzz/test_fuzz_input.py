"""What a person hands in: a domain, options, a decision, a bibliography."""

import shutil
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novum.config import FILE, OPTIONS, resolve
from novum.domains import load_domain, new_domain
from novum.errors import UserError
from novum.inbox import FileInbox
from novum.literature.bibliography import Bibliography
from tests.fuzz.mutations import EXAMPLES, HOSTILE, edited, edits, told


class Kept:
    def put(self, data: bytes) -> str:
        return "0" * 64


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("toy") / "toy"
    new_domain(folder, "toy")
    return folder


@settings(max_examples=EXAMPLES, deadline=None)
@given(edits())
def test_any_bytes_for_a_domain(toy: Path, changes) -> None:
    valid = toy / "domain.toml"
    kept = valid.read_bytes()
    try:
        valid.write_bytes(edited(kept, changes))
        load_domain(toy, Kept())
    except UserError as fault:
        assert fault.what
    finally:
        valid.write_bytes(kept)


def test_a_domain_is_refused_by_a_command_in_one_line(toy: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(toy, tmp_path / "toy")
    for piece in HOSTILE:
        (folder / "domain.toml").write_bytes(b"[domain]\nid = " + piece)
        code, said = told("domains", "show", str(folder))
        assert code == 2 and len(said.splitlines()) == 1


def test_findings_are_nobodys_input(toy: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(toy, tmp_path / "toy")
    before = load_domain(folder, Kept())
    for piece in HOSTILE:
        (folder / "findings.toml").write_bytes(piece)
        assert load_domain(folder, Kept()) == before


TOML = b'budget = "smoke"\nseed = 3\nworkers = 2\n[policy.confirm_seeds]\nlimit = 3\n'


@settings(max_examples=EXAMPLES, deadline=None)
@given(edits())
def test_any_bytes_for_novum_toml(tmp_path_factory, changes) -> None:
    here = tmp_path_factory.mktemp("here")
    (here / FILE).write_bytes(edited(TOML, changes))
    try:
        resolve({}, environ={}, cwd=here)
    except UserError as fault:
        assert FILE in fault.what


words = st.text(max_size=20) | st.sampled_from([p.decode("utf-8", "surrogateescape") for p in HOSTILE])


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(OPTIONS)), words), st.booleans())
def test_any_words_for_options(tmp_path_factory, given_, by_environment) -> None:
    here = tmp_path_factory.getbasetemp()
    environ = {f"NOVUM_{key.upper()}": value for key, value in given_.items()} if by_environment else {}
    try:
        resolve({} if by_environment else given_, environ=environ, cwd=here)
    except UserError as fault:
        assert fault.what


@pytest.mark.parametrize("piece", [p.decode("utf-8", "surrogateescape").replace("\0", "") for p in HOSTILE])
def test_a_command_line_of_hostile_words(tmp_path: Path, piece: str) -> None:
    lab = str(tmp_path / "lab")
    lines = [[command, piece] for command in ("show", "run", "audit", "resume")]
    lines += [["show", "--number", piece], ["run", "--seed", piece], ["edit", "--set", piece]]
    for line in lines:
        told(*line, "--lab", lab)
    for line in (["list", "--lab", f"{lab}/{piece}"[:3000]], ["domains", "show", piece], [piece]):
        told(*line)


ACT = b'{"person": "ada", "action": "approve", "detail": {"margin": "0.1"}}'


@settings(max_examples=EXAMPLES, deadline=None)
@given(edits())
def test_any_bytes_in_the_inbox(tmp_path_factory, changes) -> None:
    study = tmp_path_factory.mktemp("study")
    (study / "inbox").mkdir()
    (study / "inbox" / "0001.json").write_bytes(edited(ACT, changes))
    for act, taken in FileInbox(study).take():
        act.person.encode()
        taken()
    assert not list((study / "inbox").glob("*.json"))


def test_what_is_no_file_in_the_inbox_is_refused(tmp_path: Path) -> None:
    import os

    inbox = tmp_path / "inbox"
    inbox.mkdir()
    os.mkfifo(inbox / "0001.json")
    (inbox / "0002.json").mkdir()
    (inbox / "0003.json").symlink_to("/dev/zero")
    (inbox / "0004.json").symlink_to("nowhere")
    assert FileInbox(tmp_path).take() == []
    assert not list(inbox.glob("*.json"))


BIB = b"""@article{a2020, title = {A {B} c}, author = {X and Y}, year = 2020, states = {x: up -> y: down}}
@misc{b, title = "q", note = {m}}
"""


@settings(max_examples=EXAMPLES, deadline=None)
@given(edits())
def test_any_bytes_for_references(changes) -> None:
    known = Bibliography(edited(BIB, changes).decode("utf-8", "replace"))
    assert isinstance(known.bibtex(), str)
    assert all("\n" not in problem for problem in known.problems)


def test_references_take_no_longer_than_their_length_warrants() -> None:
    for piece in ("{", "}", "@", '"', "@a{", "@a{b,c={", "x" * 10, "\\", ",", "=", "states = {a:", "->"):
        began = time.process_time()
        Bibliography("@misc{k, states = {" + piece * 3000 + "}}")
        Bibliography(piece * 3000)
        assert time.process_time() - began < 5, piece
