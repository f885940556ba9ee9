"""Compiling LaTeX in tests, and what its log says."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from msgspec import Struct

HOSTILE = Path(__file__).with_name("hostile.md").read_text("utf-8")
needs_tex = pytest.mark.skipif(not shutil.which("pdflatex"), reason="needs a TeX Live")
OVERFULL = re.compile(r"Overfull \\hbox \(([\d.]+)pt too wide\)")


class Compiled(Struct, frozen=True):
    """A compiled paper: its PDF, the errors, overfull boxes in points, and what stayed undefined."""

    pdf: bytes
    errors: tuple[str, ...]
    overfull: tuple[float, ...]
    undefined: tuple[str, ...]


def compile_tex(folder: Path, main: str = "paper", engine: str = "pdflatex") -> Compiled:
    """LaTeX, BibTeX, LaTeX twice, as a person would do it."""
    _run(folder, engine, "-interaction=nonstopmode", "-no-shell-escape", f"{main}.tex")
    if "\\bibdata" in (folder / f"{main}.aux").read_text("utf-8", "replace"):
        _run(folder, "bibtex", main)
    for _ in range(2):
        _run(folder, engine, "-interaction=nonstopmode", "-no-shell-escape", f"{main}.tex")
    return _read(folder, main)


def _run(folder: Path, *command: str) -> None:
    subprocess.run(
        command, cwd=folder, capture_output=True, timeout=300, check=False, stdin=subprocess.DEVNULL
    )


def _read(folder: Path, main: str) -> Compiled:
    log = (folder / f"{main}.log").read_text("utf-8", "replace")
    pdf = folder / f"{main}.pdf"
    return Compiled(
        pdf=pdf.read_bytes() if pdf.is_file() else b"",
        errors=tuple(re.findall(r"^! \S.*(?:\n.*){0,4}", log, re.M)),
        overfull=tuple(map(float, OVERFULL.findall(log))),
        undefined=tuple(re.findall(r"Warning: (?:Citation|Reference|Hyper reference) .*undefined|"
                                   r"has been referenced but does not exist|Missing character.*", log)),
    )  # fmt: skip


def written(folder: Path, files: dict[str, bytes]) -> Path:
    """The folder with these files in it."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder
