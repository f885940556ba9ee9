"""The command and its formats: what is written, what is refused, and that the study stays as it was."""

import re
import shutil
import zipfile
from pathlib import Path

import pytest

from novum import api
from novum.cli.border import guarded
from novum.errors import StudyError, UserError
from novum.export import FORMATS, export
from novum.journal import JOURNAL
from novum.manuscript.render.latex.renderer import LatexRenderer
from tests import story
from tests.export.conftest import on_disk
from tests.manuscript.latex.tex import compile_tex, needs_tex


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_every_format_of_a_finished_study(toy):
    before = contents(toy)
    for name in FORMATS:
        made = export(toy, name)
        assert made.path.exists() and made.path.is_relative_to(toy.resolve() / "exports")
        assert all(Path(path).is_file() for path in made.files)
    after = contents(toy)
    assert {k: v for k, v in after.items() if not k.startswith("exports/")} == before
    for name in FORMATS:
        export(toy, name)  # again, to the same bytes
    assert contents(toy) == after


def test_the_study_may_lie_on_a_medium_that_cannot_be_written(toy, tmp_path):
    for path in [*toy.rglob("*"), toy]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        for name in FORMATS:
            assert export(toy, name, tmp_path / "out" / f"{name}.zip").path.exists()
    finally:
        for path in [toy, *toy.rglob("*")]:
            path.chmod(0o755)


def test_html_is_the_paper_as_it_is(toy):
    assert export(toy, "html").path.read_bytes() == (toy / "paper" / "paper.html").read_bytes()


def test_latex_is_the_source_in_the_folder(toy):
    made = export(toy, "latex").path
    assert (made / "paper.tex").read_bytes() == (toy / "paper" / "paper.tex").read_bytes()
    assert (made / "paper.bib").read_bytes() == (toy / "paper" / "paper.bib").read_bytes()
    placed = set(re.findall(r"\\includegraphics\[[^]]*\]\{(\w+)\}", (made / "paper.tex").read_text()))
    assert placed == {p.stem for p in (made / "figures").iterdir()} and placed


def test_the_overleaf_bundle_has_its_main_file_at_the_top(toy, tmp_path):
    made = export(toy, "overleaf", tmp_path / "o.zip").path
    with zipfile.ZipFile(made) as archive:
        names = archive.namelist()
        assert {"main.tex", "paper.bib", "latexmkrc", "README.md"} <= set(names)
        assert archive.read("main.tex") == (toy / "paper" / "paper.tex").read_bytes()
        assert all(info.date_time == (1980, 1, 1, 0, 0, 0) for info in archive.infolist())
    other = export(toy, "overleaf", tmp_path / "folder").path
    assert sorted(names) == sorted(str(p.relative_to(other)) for p in other.rglob("*") if p.is_file())


def test_an_older_study_is_rendered_from_its_manuscript(made, monkeypatch):
    """Its paper was written without LaTeX, and its only figure has no file that TeX could place."""
    with pytest.raises(UserError, match="has no file that LaTeX can place"):
        export(made, "latex")
    from novum.export import latex

    monkeypatch.setattr(latex, "PICTURES", ("svg",))
    text = (export(made, "latex").path / "paper.tex").read_text()
    assert ("A made study of a made learner" in text and "\\novumnum{" in text) or "\\novumval{" in text


def test_a_paper_that_the_record_belies_is_not_rendered(made, monkeypatch):
    from novum.export import latex

    monkeypatch.setattr(latex, "PICTURES", ("svg",))
    monkeypatch.setattr(latex, "values_of", lambda resolved: {})
    with pytest.raises(StudyError, match="gives other numbers than its paper printed"):
        export(made, "latex")


def test_a_study_without_a_paper_says_how_far_it_has_come(tmp_path):
    study = on_disk(tmp_path, until="conclude")
    for name in ("latex", "overleaf", "html"):
        with pytest.raises(
            UserError, match=r"has no paper: it is in its stage '\w+'; go on with novum resume"
        ):
            export(study, name)
    export(study, "jsonl")


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_of_an_unfinished_confirmation_leaves_the_study(tmp_path, name):
    study = story.write(tmp_path, until="confirm", cut=1)
    with pytest.raises(UserError, match="withheld until then"):
        export(study, name)
    assert not (study / "exports").exists()


def test_html_of_a_paper_rendered_without_it(made):
    with pytest.raises(UserError, match="was rendered without html; render it again with novum write"):
        export(made, "html")


def test_wrong_words(made, tmp_path):
    with pytest.raises(UserError, match="there is no format 'docx'; choose latex"):
        export(made, "docx")
    with pytest.raises(UserError, match="there is no journal"):
        export(tmp_path, "jsonl")


def test_a_single_file_may_go_into_a_folder(made, tmp_path):
    assert export(made, "jsonl", tmp_path).path == tmp_path / f"{made.name}.jsonl"
    assert export(made, "jsonl", tmp_path / "x.txt").path == tmp_path / "x.txt"


def test_the_command(made, capsys):
    lab = str(made.parent.parent)
    assert guarded(["export", "--lab", lab, "--to", "jsonl", "--json"]) == 0
    assert '"format": "jsonl"' in capsys.readouterr().out
    assert guarded(["export", made.name[:6], "--lab", lab, "--to", "jsonl"]) == 0
    assert capsys.readouterr().out.strip().endswith(f"{made.name}.jsonl (1 file)")
    (made / "exports" / f"{made.name}.jsonl").write_text("mine")
    assert guarded(["export", "--lab", lab, "--to", "jsonl"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "exists, and is not what this export would write" in said
    assert (made / JOURNAL).is_file()


@needs_tex
@pytest.mark.slow
def test_exports_of_a_real_study_compile(toy, tmp_path):
    latex = export(toy, "latex", tmp_path / "latex").path
    shutil.unpack_archive(export(toy, "overleaf", tmp_path / "o.zip").path, tmp_path / "overleaf")
    for folder, main in ((latex, "paper"), (tmp_path / "overleaf", "main"), (toy / "paper", "paper")):
        done = compile_tex(folder, main)
        assert done.errors == () and done.undefined == () and done.pdf
        assert [width for width in done.overfull if width > 10] == []


@pytest.mark.slow
def test_latex_of_the_journal_is_that_of_a_renderer_now(toy):
    """The recorded source is what rendering the manuscript from the journal gives today."""
    from novum.export.latex import _resolved
    from novum.export.source import read_source

    markdown, bibtex = _resolved(read_source(toy))
    assert (
        LatexRenderer().render(markdown, {"references.bib": bibtex})
        == (toy / "paper" / "paper.tex").read_bytes()
    )


def test_an_edited_source_in_the_folder_is_found_by_the_audit(toy):
    assert api.audit(toy).exit_code == 0
    export(toy, "latex")
    assert api.audit(toy).exit_code == 0  # exports are none of its business
    source = toy / "paper" / "paper.tex"
    source.write_text(source.read_text().replace("supported", "refuted", 1))
    (fault,) = [check for check in api.audit(toy).checks if not check.passed]
    assert fault.id == "numbers" and "paper/paper.tex" in fault.detail
