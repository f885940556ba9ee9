"""The judgements of the doctor on machines that we do not have, and one look at the one we have."""

import json
from pathlib import Path

import pytest

from novum import doctor
from novum.cli.border import guarded
from novum.compute.layers import LayerReport


def works(layer: str) -> LayerReport:
    return LayerReport(layer=layer, drop_user=False)


def fails(layer: str) -> LayerReport:
    return LayerReport(layer=layer, drop_user=False, problem=f"no {layer}", mend=f"install {layer}")


def statuses(reports: list[LayerReport]) -> list[str]:
    return [finding.status for finding in doctor.judge_layers(reports)]


def test_the_strongest_layer_that_works_is_the_one_taken():
    findings = doctor.judge_layers([works("bwrap"), works("namespaces"), fails("sandlock"), works("process")])
    assert [f.name for f in findings] == [
        f"sandbox {n}" for n in ("bwrap", "namespaces", "sandlock", "process")
    ]
    assert [f.status for f in findings] == ["ok"] * 4
    assert ["takes it" in f.detail for f in findings] == [True, False, False, False]


def test_it_says_how_trials_start_and_why():
    cold = LayerReport(layer="namespaces", drop_user=False, warm_problem="nested namespaces are refused")
    findings = doctor.judge_layers([works("bwrap"), cold])
    assert "trials start warm" in findings[0].detail
    assert "trials start cold: nested namespaces are refused" in findings[1].detail


def test_a_layer_that_does_not_work_is_a_warning_until_another_stands_in():
    findings = doctor.judge_layers([fails("bwrap"), works("namespaces"), works("process")])
    assert [f.status for f in findings] == ["warn", "ok", "ok"] and findings[0].mend == "install bwrap"


def test_limits_alone_are_a_warning_and_nothing_at_all_fails():
    assert statuses([fails("bwrap"), fails("namespaces"), works("process")]) == ["warn"] * 3
    findings = doctor.judge_layers([fails("bwrap"), fails("process")])
    assert [f.status for f in findings] == ["warn", "warn", "fail"] and findings[-1].mend == "install bwrap"


def test_it_says_which_limits_hold_and_by_what():
    said = doctor.judge_limits(True, "none here")
    assert said.status == "ok" and "watch" in said.detail and "no control group" in said.detail
    assert "none here" in said.detail and "no filter" not in said.detail
    assert "no filter of system calls" in doctor.judge_limits(False, "").detail


@pytest.mark.parametrize(
    ("listed", "controllers", "said"),
    [
        ("1:name=systemd:/\n", None, "none of version 2"),
        ("4:memory:/\n0::/\n", None, "none of version 2 with controllers"),
        ("0::/user.slice\n", "cpu\n", "memory and pids"),
        ("0::/user.slice\n", "cpu memory pids\n", "could be divided"),
    ],
)
def test_what_there_is_of_control_groups(tmp_path: Path, listed: str, controllers: str | None, said: str):
    (tmp_path / "self").write_text(listed)
    place = tmp_path / "fs" / "user.slice"
    place.mkdir(parents=True)
    if controllers is not None:
        (place / "cgroup.controllers").write_text(controllers)
        (place / "cgroup.subtree_control").write_text("")
    assert said in doctor.control_group(tmp_path / "self", tmp_path / "fs")


@pytest.mark.parametrize(
    ("python", "sqlite", "status"),
    [((3, 11, 0), (3, 40, 1), "ok"), ((3, 10, 9), (3, 40, 1), "fail"), ((3, 13, 1), (3, 22, 0), "fail")],
)
def test_python(python, sqlite, status):
    assert doctor.judge_python(python, sqlite).status == status


@pytest.mark.parametrize(("mb", "status"), [(100, "fail"), (1000, "warn"), (90_000, "ok")])
def test_disk_and_memory(mb, status):
    for judge in (doctor.judge_disk, doctor.judge_memory):
        finding = judge(mb)
        assert finding.status == status and bool(finding.mend) == (status != "ok")


def test_one_core_is_a_warning():
    assert doctor.judge_cores(1).status == "warn" and doctor.judge_cores(2).status == "ok"


def test_a_lab_that_cannot_be_written_fails():
    assert doctor.judge_lab(Path("lab"), "Permission denied", False).status == "fail"
    assert doctor.judge_lab(Path("lab"), "", True).status == "warn"
    assert doctor.judge_lab(Path("lab"), "", False).status == "ok"


def test_a_missing_library_fails_and_a_missing_pdf_part_only_warns():
    assert doctor.judge_libraries({"numpy": "2.0", "scipy": ""}).detail == "missing: scipy"
    assert doctor.judge_libraries({"numpy": "2.0", "scipy": ""}).status == "fail"
    missing = doctor.judge_pdf({"typst": "0.15", "pypandoc": ""}, lambda: "not to be tried")
    assert missing.status == "warn" and "pypandoc" in missing.detail and "novum[pdf]" in missing.mend
    assert "Markdown only" in missing.detail
    without = doctor.judge_pdf({"typst": "", "pypandoc": "1.15"}, lambda: "not to be tried")
    assert "Markdown and HTML only; missing: typst" in without.detail
    assert doctor.judge_pdf({"typst": "0.15"}, lambda: "no pandoc found").status == "warn"
    assert doctor.judge_pdf({"typst": "0.15"}, lambda: "").status == "ok"


def test_a_locale_without_unicode_is_a_warning():
    assert doctor.judge_locale("ascii", "utf-8").status == "warn"
    assert doctor.judge_locale("UTF-8", "utf-8").status == "ok"


def test_a_control_group_bounds_cores_and_memory(tmp_path):
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal: 9000000 kB\nMemAvailable: 8192000 kB\n")
    assert doctor.memory_mb(meminfo, tmp_path) == 8000.0
    (tmp_path / "memory.max").write_text("1073741824\n")
    (tmp_path / "memory.current").write_text("536870912\n")
    assert doctor.memory_mb(meminfo, tmp_path) == 512.0
    (tmp_path / "memory.max").write_text("max\n")
    assert doctor.memory_mb(meminfo, tmp_path) == 8000.0
    everything = doctor.cores(tmp_path)
    (tmp_path / "cpu.max").write_text("50000 100000\n")
    assert doctor.cores(tmp_path) == 0.5 < everything
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert doctor.cores(tmp_path) == everything


def test_the_trial_of_a_pdf_makes_one():
    pytest.importorskip("typst")
    pytest.importorskip("pypandoc")
    assert doctor._trial_pdf() == ""


def test_the_command_prints_every_finding_and_leaves_nothing_behind(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code = guarded(["doctor", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["novum", "passed", "findings"] and code == (0 if told["passed"] else 4)
    assert all(list(f) == ["name", "status", "detail", "mend"] for f in told["findings"])
    names = [f["name"] for f in told["findings"]]
    assert names[:6] == ["python", "libraries", "lab", "disk", "cores", "memory"]
    assert "sandbox bwrap" in names and names[-3:] == ["pdf", "models", "locale"]
    assert list(tmp_path.iterdir()) == []


def test_a_machine_that_cannot_run_is_4_and_says_the_mend(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(doctor, "probe_layers", lambda: [fails("bwrap"), fails("process")])
    assert guarded(["doctor"]) == 4
    out = capsys.readouterr().out
    assert "mend: install bwrap" in out and out.splitlines()[-1] == "a default run cannot work here"


def test_a_gpu_is_said_and_never_missed():
    assert "none present" in doctor.judge_gpu([], "jax-cuda12-plugin").detail
    one = ["/dev/nvidia0", "/dev/nvidiactl"]
    assert doctor.judge_gpu(one, "").detail.startswith("1 present, of no use to JAX")
    assert doctor.judge_gpu(one, "jax-cuda12-plugin").detail.endswith("and jax-cuda12-plugin: --device gpu")
    assert {doctor.judge_gpu(*given).status for given in (([], ""), (one, ""), (one, "x"))} == {"ok"}


def test_models_are_said_and_never_missed():
    without = doctor.judge_models("", [])
    assert without.status == "ok" and "extra models" in without.detail
    assert "openai:, groq:" in doctor.judge_models("", ["openai", "groq"]).detail
    assert "no key is set" in doctor.judge_models("2.68.0", []).detail
    assert doctor.judge_models("2.68.0", ["anthropic"]).detail.endswith("keys are set for anthropic:")


def test_keys_are_found_by_their_names_and_never_shown():
    here = {"GOOGLE_API_KEY": "sk-secret-1", "HF_TOKEN": "hf-secret-1", "OPENAI_API_KEY": ""}
    assert doctor._keys_here(here) == ["huggingface", "google"]
