"""The lock files hold everything, with hashes, and no address."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-jax.lock")


def name(requirement: str) -> str:
    return (
        re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower().replace("_", "-").replace(".", "-")
    )


def pins(lock: str) -> dict[str, list[str]]:
    """Package -> hashes, over all its versions."""
    text = (ROOT / lock).read_text().replace("\\\n", " ")
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        found.setdefault(name(line), []).extend(re.findall(r"--hash=sha256:([0-9a-f]{64})\b", line))
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_no_address_no_option_and_a_hash_on_every_line(lock: str):
    text = (ROOT / lock).read_text()
    assert "://" not in text and "file:" not in text and "@" not in text
    for line in text.replace("\\\n", " ").splitlines():
        assert re.match(r"[a-z0-9-]+==\S+( ; [^-]+)?\s+--hash=sha256:", line), line


def test_commands_find_all_they_need():
    extras = PROJECT["project"]["optional-dependencies"]
    needed = [*PROJECT["project"]["dependencies"], *extras["pdf"], *extras["sandlock"]]
    assert {name(r) for r in needed} <= set(pins("requirements.lock"))


def test_the_build_backend_is_locked_so_that_the_checkout_installs_offline():
    for lock in LOCKS:
        assert {name(r) for r in PROJECT["build-system"]["requires"]} <= set(pins(lock))
    assert PROJECT["dependency-groups"]["build"] == PROJECT["build-system"]["requires"]


def test_development_has_the_same_versions_and_more():
    run, dev, jax = (set(re.findall(r"^\S+==\S+", (ROOT / lock).read_text(), re.MULTILINE)) for lock in LOCKS)
    assert run < dev and run < jax
    assert {name(r) for r in PROJECT["project"]["optional-dependencies"]["jax"]} <= set(pins(LOCKS[2]))
    assert {name(r) for r in PROJECT["dependency-groups"]["dev"]} <= set(pins("requirements-dev.lock"))


@pytest.mark.parametrize("package", ["numpy", "scipy", "matplotlib", "msgspec"])
def test_compiled_packages_have_hashes_for_many_platforms(package: str):
    assert len(pins("requirements.lock")[package]) > 20
