"""The stages of a trial as a domain defines them, without a study around them."""

from collections.abc import Mapping, Sequence
from typing import Any

from novum.records import Config, Domain, Job, Limits, Stage

SCHEMA = 1


def asked(config: Config, seeds: Sequence[int]) -> dict[str, Any]:
    """What every stage's request says. The phase is in none: seeds determine everything."""
    return {"schema": SCHEMA, "config": dict(config), "seeds": list(seeds)}


def trial_job(domain: Domain, program: str, config: Config, seeds: Sequence[int], limits: Limits) -> Job:
    """Prepare, the unedited program, the evaluator."""
    base = {"limits": limits, "request": asked(config, seeds)}
    stages = [_stage("prepare", domain.prepare, _pick(domain, domain.prepare_files), (), base)]
    given = tuple(("prepare", f"out/{s}/in", f"in/{s}") for s in seeds) if domain.prepare else ()
    stages.append(_stage("program", domain.programs[program].command, domain.workspace(), given, base))
    made = tuple(("program", f"out/{s}", f"artefacts/{s}") for s in seeds)
    held = tuple(("prepare", f"out/{s}/heldout", f"heldout/{s}") for s in seeds) if domain.prepare else ()
    inputs = (*made, *held, *given)
    stages.append(_stage("evaluator", domain.evaluator, _pick(domain, domain.evaluator_files), inputs, base))
    kept = stages if domain.prepare else stages[1:]
    return Job(stages=tuple(kept), requirements=domain.requirements, shipped=domain.shipped)


def evaluator_job(domain: Domain, config: Config, seeds: Sequence[int], given: Mapping[str, str],
                  limits: Limits) -> Job:  # fmt: skip
    """The evaluator alone, over files that are given: path in its folder (`artefacts/7/…`) -> blob."""
    files = _pick(domain, domain.evaluator_files) | dict(given)
    base = {"limits": limits, "request": asked(config, seeds)}
    stage = _stage("evaluator", domain.evaluator, files, (), base)
    return Job(stages=(stage,), requirements=domain.requirements, shipped=domain.shipped)


PLACES = {
    "prepare": {"out": "out"},
    "program": {"in": "in", "out": "out"},
    "evaluator": {"artefacts": "artefacts", "heldout": "heldout", "in": "in", "out": "out"},
}


def _stage(name: str, command: tuple[str, ...], files: dict[str, str],
           inputs: tuple[tuple[str, str, str], ...], base: dict[str, Any]) -> Stage:  # fmt: skip
    request = base["request"] | PLACES[name]
    return Stage(name=name, command=command, files=files, inputs=inputs, request=request,
                 limits=base["limits"], trusted=name != "program")  # fmt: skip


def _pick(domain: Domain, paths: Sequence[str]) -> dict[str, str]:
    return {path: domain.files[path] for path in paths}
