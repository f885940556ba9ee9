"""The stages of a trial: what each command is given, and in which folder.

`prepare` (trusted) makes inputs and held-out data, `program` (the candidate) sees the inputs alone, and
`evaluator`, which runs when the program is gone, sees artefacts, inputs and held-out data. No request names
the phase, so a program cannot tell exploration from confirmation. A `salt` goes to `prepare` alone: with it,
knowing a seed and reading `prepare` is not enough to make the held-out data oneself.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from novum.program import shown
from novum.records import Config, Domain, Job, Limits, Stage

SCHEMA = 1
PLACES: dict[str, dict[str, object]] = {
    "prepare": {"out": "out"},
    "program": {"in": "in", "out": "out"},
    "evaluator": {"artefacts": "artefacts", "heldout": "heldout", "in": "in", "out": "out"},
}

Inputs = tuple[tuple[str, str, str], ...]


def trial_job(
    domain: Domain,
    program: str,
    config: Config,
    seeds: Sequence[int],
    limits: Limits,
    *,
    workspace: Mapping[str, str] | None = None,
    salt: str = "",
    sandbox: str = "auto",
    device: str = "cpu",
) -> Job:
    """A trial of a program in a workspace (the domain's own by default)."""
    files = domain.workspace() if workspace is None else dict(workspace)
    shipped = domain.shipped and files == domain.workspace()
    asked: dict[str, Any] = {"schema": SCHEMA, "config": shown(config, domain), "seeds": list(seeds)}
    makers = _pick(domain, domain.prepare_files), asked | {"salt": salt}
    prepare = _stage("prepare", domain.prepare, *makers, limits)
    command = domain.programs[program].command
    candidate = _stage("program", command, files, asked, limits, _given(domain, seeds), shipped)
    scorers = _pick(domain, domain.evaluator_files), asked
    evaluator = _stage("evaluator", domain.evaluator, *scorers, limits, _scored(domain, seeds))
    return Job(
        stages=(prepare, candidate, evaluator) if domain.prepare else (candidate, evaluator),
        requirements=domain.requirements,
        sandbox=sandbox,
        device=device,
        shipped=shipped,
    )


def evaluator_job(
    domain: Domain, config: Config, seeds: Sequence[int], given: Mapping[str, str], limits: Limits
) -> Job:
    """The evaluator alone, over files that are given: path in its folder (`artefacts/7/…`) -> blob."""
    files = _pick(domain, domain.evaluator_files) | dict(given)
    asked = {"schema": SCHEMA, "config": shown(config, domain), "seeds": list(seeds)}
    stage = _stage("evaluator", domain.evaluator, files, asked, limits)
    return Job(stages=(stage,), requirements=domain.requirements, shipped=domain.shipped)


def _stage(
    name: str,
    command: tuple[str, ...],
    files: dict[str, str],
    asked: dict[str, Any],
    limits: Limits,
    inputs: Inputs = (),
    trusted: bool = True,
) -> Stage:
    request = asked | PLACES[name]
    return Stage(name=name, command=command, files=files, inputs=inputs, request=request, limits=limits,
                 trusted=trusted)  # fmt: skip


def _given(domain: Domain, seeds: Sequence[int]) -> Inputs:
    return tuple(("prepare", f"out/{s}/in", f"in/{s}") for s in seeds) if domain.prepare else ()


def _scored(domain: Domain, seeds: Sequence[int]) -> Inputs:
    made = tuple(("program", f"out/{s}", f"artefacts/{s}") for s in seeds)
    held = tuple(("prepare", f"out/{s}/heldout", f"heldout/{s}") for s in seeds) if domain.prepare else ()
    return (*made, *held, *_given(domain, seeds))


def _pick(domain: Domain, paths: Sequence[str]) -> dict[str, str]:
    return {path: domain.files[path] for path in paths}
