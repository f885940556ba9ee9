"""Which libraries a trial may see: an allow-list computed from requirement strings.

From the named distributions follows the closure of what they need, and from that the top-level packages to
expose. Novum itself is never among them: it carries evaluators and known findings.
"""

import contextlib
import functools
import hashlib
import importlib.metadata as metadata
import os
import platform
import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from novum.errors import MachineError, UserError

_NAME = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_PIN = re.compile(r"==\s*([^\s,;#]+)")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)")
_NEVER = frozenset({"novum"})

MEND = "free some disk or make the folder writable, then novum resume"
PYTHON_HOME = ".python"
_SITECUSTOMIZE = '''"""Leaves only the job's own libraries and the standard library on the path."""

import sys

sys.path[:] = [p for p in sys.path if not p.rstrip("/").endswith(("site-packages", "dist-packages"))]
'''


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """What the runner needs to know about interpreter and libraries; all paths are absolute.

    `python` is the base interpreter (not the virtual environment's link to it), `exposed` its folders
    outside the system's, `hidden` the folders inside exposed trees that must not be seen, `libraries`
    top-level names -> where they lie, `versions` distribution -> version, `sandlock` the folder with
    that wheel or an empty string.
    """

    python: str
    exposed: tuple[str, ...]
    hidden: tuple[str, ...]
    libraries: dict[str, str]
    versions: dict[str, str]
    sandlock: str = ""

    def farm(self, under: Path) -> Path:
        """A folder of links to the libraries, for layers that cannot mount; made once per content.

        Raises:
            MachineError: it cannot be written.
        """
        name = hashlib.sha256(repr(sorted(self.libraries.items())).encode()).hexdigest()[:16]
        target = under / f"libraries-{name}"
        if target.is_dir():
            return target
        part = under / f".{target.name}-{os.getpid()}"
        try:
            self._link_all(part)
            with contextlib.suppress(OSError):  # another coordinator made the same one meanwhile
                part.rename(target)
        except OSError as error:
            raise MachineError(f"cannot write to {under}: {error.strerror}", fix=MEND) from error
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return target

    def _link_all(self, part: Path) -> None:
        part.mkdir(parents=True)
        for top, path in self.libraries.items():
            (part / top).symlink_to(path)
        (part / "sitecustomize.py").write_text(_SITECUSTOMIZE)
        _link_standard_library(part / PYTHON_HOME)
        part.chmod(0o755)

    def request(self, farm: Path) -> dict[str, object]:
        """The plain values that go into `job.json`."""
        return {**msgspec.to_builtins(self), "farm": str(farm)}


def _link_standard_library(home: Path) -> None:
    """The standard library entry by entry, for a layer that cannot leave site-packages out of a folder."""
    stdlib = Path(os.__file__).resolve().parent
    target = home / stdlib.relative_to(Path(os.path.realpath(sys.base_prefix)))
    target.mkdir(parents=True)
    for entry in stdlib.iterdir():
        if entry.name not in ("site-packages", "dist-packages"):
            (target / entry.name).symlink_to(entry)


@functools.lru_cache(maxsize=64)
def environment(requirements: tuple[str, ...], hidden: tuple[str, ...] = ()) -> Environment:
    """The environment of a job with these requirements; `hidden` names more folders nobody may see.

    Raises:
        UserError: a requirement is not installed here, in another version, or is not to be exposed.
    """
    libraries: dict[str, str] = {}
    versions: dict[str, str] = {}
    for distribution in _closure(requirements):
        versions[_normal(distribution.name)] = distribution.version
        libraries.update(top_level_paths(distribution))
    return Environment(
        python=base_interpreter(),
        exposed=_interpreter_folders(),
        hidden=tuple(sorted({*_site_folders(), str(_own_package()), *(os.path.realpath(h) for h in hidden)})),
        libraries=libraries,
        versions=versions,
        sandlock=_sandlock_folder(),
    )


def gpu_plugins() -> list[str]:
    """Installed distributions that let JAX use a GPU."""
    return [name for name in _installed_names() if name.startswith("jax-cuda")]


def gpu_libraries(requirements: tuple[str, ...]) -> tuple[str, ...]:
    """What a program on a GPU needs beside its requirements: JAX's plugins and the vendor's libraries.

    Raises:
        UserError: JAX is among what is required and has no plugin here.
    """
    if "jax" in environment(requirements).versions and not gpu_plugins():
        raise UserError("JAX has no plugin for a GPU here", fix="pip install 'jax[cuda12]'")
    return (*gpu_plugins(), *(name for name in _installed_names() if name.startswith("nvidia-")))


def _installed_names() -> list[str]:
    return sorted({_normal(found.metadata["Name"]) for found in metadata.distributions()})


def versions_here(requirements: tuple[str, ...]) -> dict[str, str]:
    """What results may depend on besides the code: interpreter, platform, and the libraries named.

    A library that is not installed is left out; NumPy and SciPy are always among those looked up.
    """
    names = sorted({_NAME.match(r)[1] for r in requirements} | {"numpy", "scipy"})  # type: ignore[index]
    found = {"python": platform.python_version(), "platform": platform.platform(terse=True)}
    return found | {n: v for n in names if (v := _version(n))}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


# --- distributions ---------------------------------------------------------------------------------------


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _closure(requirements: Iterable[str]) -> list[metadata.Distribution]:
    """The required distributions and all they need, by name.

    Markers are not evaluated: an optional or conditional dependency counts if it is installed.
    """
    found: dict[str, metadata.Distribution] = {}
    for requirement in requirements:
        distribution = _required(requirement)
        _add(distribution, found)
    return [found[name] for name in sorted(found)]


def _required(requirement: str) -> metadata.Distribution:
    match = _NAME.match(requirement)
    if match is None:
        raise UserError(f"not a requirement: {requirement!r}", fix="write it like numpy or numpy==2.1.0")
    name = match.group(1)
    if _normal(name) in _NEVER:
        raise UserError(f"a trial may not see {name}", fix="copy the code it needs into the domain's files")
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        raise UserError(
            f"the domain needs {name}, which is not installed", fix=f"pip install {_named_by(name)}"
        ) from None
    pin = _PIN.search(requirement)
    if pin and pin.group(1) != distribution.version:
        raise UserError(
            f"the domain needs {name} {pin.group(1)}, but {distribution.version} is installed",
            fix=f"pip install {name}=={pin.group(1)}",
        )
    return distribution


def _named_by(name: str) -> str:
    """What to install for a library: the extra of Novum that holds it, else the library itself."""
    try:
        lines = metadata.requires("novum") or ()
    except metadata.PackageNotFoundError:
        lines = ()
    for line in lines:
        match, extra = _NAME.match(line), _EXTRA.search(line)
        if match and extra and _normal(match.group(1)) == _normal(name):
            return f"'novum[{extra.group(1)}]'"
    return name


def _add(distribution: metadata.Distribution, found: dict[str, metadata.Distribution]) -> None:
    name = _normal(distribution.name)
    if name in found or name in _NEVER:
        return
    found[name] = distribution
    for line in distribution.requires or []:
        match = _NAME.match(line)
        if match is None or "extra ==" in line.replace("  ", " "):
            continue
        try:
            _add(metadata.distribution(match.group(1)), found)
        except metadata.PackageNotFoundError:
            continue


def top_level_paths(distribution: metadata.Distribution) -> dict[str, str]:
    """Top-level names of a distribution (packages, modules, `*.libs`, its metadata) and where they lie."""
    site = Path(os.path.realpath(str(distribution.locate_file(""))))
    names = {file.parts[0] for file in distribution.files or ()}
    names |= set((distribution.read_text("top_level.txt") or "").split())
    names |= {_normal(distribution.name).replace("-", "_")}
    found: dict[str, str] = {}
    for name in sorted(names - {"..", "__pycache__", "bin"}):
        for candidate in (name, f"{name}.py"):
            if not candidate.endswith(".pth") and (site / candidate).exists():
                found[candidate] = str(site / candidate)
    return found


def _sandlock_folder() -> str:
    try:
        return os.path.realpath(str(metadata.distribution("sandlock").locate_file("")))
    except metadata.PackageNotFoundError:
        return ""


# --- interpreter -------------------------------------------------------------------------------------------


def base_interpreter() -> str:
    """The real path of the interpreter behind a virtual environment."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def _interpreter_folders() -> tuple[str, ...]:
    """Interpreter and its library folders where they lie outside the system's own."""
    python = base_interpreter()
    prefix = Path(os.path.realpath(sys.base_prefix))
    if prefix == Path("/usr") or Path("/usr") in prefix.parents:
        return ()
    folders = [prefix / name for name in ("lib", "lib64") if (prefix / name).is_dir()]
    return (python, *(str(folder) for folder in folders))


def _site_folders() -> set[str]:
    """Every folder of installed packages inside what is exposed of system and interpreter."""
    roots = {Path("/usr"), Path("/usr/local"), Path(os.path.realpath(sys.base_prefix))}
    patterns = [f"{lib}/{python}/{site}" for lib in ("lib", "lib64") for python in ("python3", "python3.*")
                for site in ("site-packages", "dist-packages")]  # fmt: skip
    return {os.path.realpath(found) for root in roots for pattern in patterns for found in root.glob(pattern)}


def _own_package() -> Path:
    return Path(__file__).resolve().parent.parent
