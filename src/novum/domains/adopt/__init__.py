"""Makes a domain of somebody's own code: writes what is missing beside it, and touches nothing else."""

import pprint
import re
from pathlib import Path

from msgspec import Struct

from novum.domains.adopt.describe import domain_toml, factors_of, installed, metrics_of
from novum.domains.adopt.look import Found, scripts
from novum.domains.contract import PACKAGE
from novum.domains.files import LARGEST
from novum.domains.places import DESCRIPTION
from novum.domains.rules import NAME
from novum.errors import UserError

TEMPLATES = PACKAGE / "templates" / "adopted"
HEAVY = (
    "lab",
    "venv",
    "env",
    "node_modules",
    "build",
    "dist",
    "wandb",
    "mlruns",
    "runs",
    "outputs",
    "checkpoints",
)
BACKGROUND = """The program under study is the author's own, and this text is what a tool could write without
knowing it. Nothing is said here of what is known about the question; whoever asks it should replace these
lines by an account of that, with references.
"""
BIBLIOGRAPHY = "% Works to cite, as BibTeX; background.md refers to them by their keys, as in [@key].\n"


class Adopted(Struct, frozen=True):
    """What came of it: files written, files that were there, and what only the author can say."""

    folder: Path
    script: str
    written: tuple[str, ...]
    kept: tuple[str, ...]
    to_do: tuple[str, ...]


def adopt(folder: Path) -> Adopted:
    """Write what a domain lacks into a folder with code.

    Raises:
        UserError: there is no folder, no script in it, or nothing that could be varied.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UserError(f"there is no folder {folder}", fix="name the folder of your code")
    found = _entry(folder)
    texts = _texts(folder, found)
    kept = tuple(name for name in texts if (folder / name).exists())
    written = tuple(name for name in texts if name not in kept)
    for name in written:
        with (folder / name).open("x", encoding="utf-8") as file:  # never over what is there
            file.write(texts[name])
    to_do = () if DESCRIPTION in kept else tuple(_to_do(found, folder))
    return Adopted(folder, found.script, written, kept, to_do)


def _entry(folder: Path) -> Found:
    """The script to run: the likeliest that has something to vary."""
    there = scripts(folder)
    if not there:
        raise UserError(f"{folder} holds no Python script that could be run",
                        fix="name the folder of your code; of other languages: docs/own-code.md")  # fmt: skip
    usable = [found for found in there if factors_of(found)]
    if not usable:
        first = there[0]
        names = ", ".join(name for name, _ in first.constants[:5])
        instead = f" in place of the constants {names}" if names else ""
        fix = f"give it options with defaults (argparse or click){instead}"
        raise UserError(f"{first.script} has no option that could be varied", fix=fix)
    return usable[0]


def _texts(folder: Path, found: Found) -> dict[str, str]:
    """Name -> content of everything that a domain needs."""
    name = re.sub(r"\W+", "_", folder.resolve().name.lower()).strip("_")
    packages, _ = installed(found.imports, _local(folder))
    metrics = metrics_of(found)
    program = {
        "SCRIPT": found.script,
        "OPTIONS": {o.name: [o.flag, o.kind] for o in factors_of(found)},
        "SEED": found.seed,
        "REPORTS": metrics,
    }
    id = name if NAME.fullmatch(name) else f"code_{name}".rstrip("_")
    return {
        DESCRIPTION: domain_toml(id, found, packages, _left_out(folder)),
        "novum_program.py": _filled("novum_program.py", program),
        "novum_evaluator.py": _filled("novum_evaluator.py", {"METRICS": list(metrics)}),
        "background.md": BACKGROUND,
        "references.bib": BIBLIOGRAPHY,
    }


def _filled(name: str, values: dict[str, object]) -> str:
    """A template with other values of its constants; what is said beside them stays."""
    text = (TEMPLATES / name).read_text("utf-8")
    for key, value in values.items():
        shown = pprint.pformat(value, width=90, sort_dicts=False)
        text = re.sub(
            rf"^({key}(?:: \w+)?) = \S+", lambda m, v=shown: f"{m[1]} = {v}", text, count=1, flags=re.M
        )
    return text


def _local(folder: Path) -> list[str]:
    return [p.stem for p in folder.rglob("*.py")] + [p.name for p in folder.iterdir() if p.is_dir()]


def _left_out(folder: Path) -> list[str]:
    """What would not do in a domain: the lab, environments, results of old runs, links, large files."""
    heavy = [name for name in HEAVY if name == "lab" or (folder / name).is_dir()]
    rest = [path for path in sorted(folder.rglob("*")) if not _hidden(path.relative_to(folder), heavy)]
    return heavy + [path.relative_to(folder).as_posix() for path in rest
                    if path.is_symlink() or (path.is_file() and path.stat().st_size > LARGEST)]  # fmt: skip


def _hidden(path: Path, heavy: list[str]) -> bool:
    return path.parts[0] in heavy or any(part.startswith(".") for part in path.parts)


def _to_do(found: Found, folder: Path) -> list[str]:
    """What only the author can say."""
    _, absent = installed(found.imports, _local(folder))
    needed = [o.flag for o in found.options if o.required]
    left = [name for name in _left_out(folder) if name not in HEAVY]
    told = [
        (not found.metrics, f"no metric was found: let {found.script} print `score: 0.5`, or name yours in "
                            "domain.toml, novum_program.py and novum_evaluator.py"),
        (not found.seed, f"{found.script} takes no seed: give it an option --seed and write it into SEED of "
                         "novum_program.py; as it is, all seeds would give one result"),
        (bool(needed), f"required options go into FIXED of novum_program.py: {', '.join(needed)}"),
        (bool(absent), f"not installed beside Novum: {', '.join(absent)}"),
        (bool(left), f"left out, as links or too large: {', '.join(left)}; the program will not see them"),
    ]  # fmt: skip
    return [line for applies, line in told if applies]
