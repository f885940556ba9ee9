"""What the policy `adaptive` finds in exploration that `design` does not: `python benchmarks/policies.py`.

Simulated worlds of the domain `planted`, none of them null and nothing awkward about them, are explored by
either policy with the default budget: twenty points of two seeds each, trials answered at once. Then the
response model screens the main effects as registration does. Counted is how often the effect of one standard
deviation is among the first four factors by size, and how far the estimates of all main effects are from the
truth. The policies see the same worlds, so that differences are paired. `--worlds` sets how many, `--seed`
which.
"""

import argparse
import itertools
import math
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from novum.bench.simulate import Apparatus
from novum.bench.worlds import World, draw, indices
from novum.canonical import derive_seed
from novum.domains import find_domain, load_domain
from novum.evidence.effects import Explored, ResponseModel, explored
from novum.evidence.samples import config_hash
from novum.evidence.screening import screened
from novum.journal import FileBlobs
from novum.records import Domain, Idea, Measurement, Node, Settings
from novum.search import make_policy
from novum.search.questions import main_contrasts
from novum.state import State, Trial

FIRST = 4
POLICIES = ("design", "adaptive")


def exploration(domain: Domain, world: World, policy: str, seed: int) -> Explored:
    """What a policy has measured when its budget is proposed; every trial is answered before the next."""
    budget, metric, idea = domain.budgets["default"], domain.primary, _idea(domain, seed)
    state = State(domain=domain, settings=Settings(domain=domain.id), seed=seed)
    state.ideas, state.chosen = {idea.id: idea}, idea.id
    apparatus, found = Apparatus(world, str(seed)), make_policy(policy, domain, budget, seed)
    for place in range(budget.explore_trials):
        (proposal,) = found.propose(state, random.Random(derive_seed(seed, "policy", place)))
        seeds = tuple(range(2 * place, 2 * place + proposal.seeds))
        trial = Trial(
            id=str(place), index=place, node=proposal.node.id, phase="explore", seeds=seeds, status="done"
        )
        state.nodes[proposal.node.id], state.trials[trial.id] = proposal.node, trial
        for measured in _measured(trial, proposal.node, apparatus, domain):
            state.measurements[measured.id] = measured
    configs = [state.nodes[t.node].config for t in state.trials_in("explore")]
    return explored(metric, configs, state.measurements_of(metric.name, "explore"))


def _measured(trial: Trial, node: Node, apparatus: Apparatus, domain: Domain) -> Iterator[Measurement]:
    for seed in trial.seeds:
        name = f"{trial.id}/{seed}"
        yield Measurement(
            id=name, metric=domain.primary.name, value=apparatus.run(indices(node.config, domain), seed),
            unit=domain.primary.unit, status="observed", censored_at=None, self_reported=False, node=node.id,
            trial=trial.id, phase="explore", seed=seed, config_hash=config_hash(node.config),
            evaluator_hash="", artefact_hash=name,
        )  # fmt: skip


def _idea(domain: Domain, seed: int) -> Idea:
    """A main effect of any factor: what a first study of a lab is about."""
    factor = random.Random(seed).choice(domain.factors).name
    return Idea(id="idea", title="", hypothesis="", kind="main_effect", factors=(factor,),
                metric=domain.primary.name, direction="open")  # fmt: skip


def scored(domain: Domain, world: World, data: Explored, seed: int) -> tuple[bool, float]:
    """Whether the factor of one SD is among the first by size; mean squared error over all main effects."""
    contrasts = main_contrasts(domain)
    model = ResponseModel(domain, data, derive_seed(seed, "response model"))
    found = [effect.estimate for effect in screened(model, contrasts)]
    errors = [(f - _truth(c.b, domain, world)) ** 2 for c, f in zip(contrasts, found, strict=True)]
    sizes: dict[str, float] = {}
    for contrast, estimate in zip(contrasts, found, strict=True):
        (name,) = contrast.b
        sizes[name] = max(sizes.get(name, 0.0), abs(estimate))
    (wanted,) = (name for name, size in world.planted.items() if abs(size) == 1.0)
    return sum(size > sizes[wanted] for size in sizes.values()) < FIRST, sum(errors) / len(errors)


def _truth(move: dict, domain: Domain, world: World) -> float:
    """What a level adds by itself; worlds with an interaction are not drawn."""
    ((name, level),) = move.items()
    return world.spec["effects"].get(name, [0.0] * 9)[domain.factor(name).levels.index(level)]


def worlds(count: int, seed: int) -> list[World]:
    """The first so many plain worlds with effects and without an interaction."""
    hidden = (derive_seed("benchmark of policies", seed, k) for k in itertools.count())
    drawn = (draw(h, null=False, kind="plain") for h in hidden)
    return list(itertools.islice((w for w in drawn if "interactions" not in w.spec), count))


def told(values: Sequence[float], spec: str) -> str:
    """The mean with half the width of its 95 % interval."""
    centre = sum(values) / len(values)
    spread = math.sqrt(sum((v - centre) ** 2 for v in values) / (len(values) - 1) / len(values))
    return f"{centre:{spec}} ± {1.96 * spread:{spec.lstrip('+')}}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--worlds", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        domain = load_domain(find_domain("planted"), FileBlobs(Path(scratch)))
    found: dict[str, list[tuple[bool, float]]] = {name: [] for name in POLICIES}
    for number, world in enumerate(worlds(given.worlds, given.seed)):
        for name in POLICIES:
            seed = derive_seed("study", given.seed, number)
            found[name].append(scored(domain, world, exploration(domain, world, name, seed), seed))
    print(f"{given.worlds} worlds, seed {given.seed}: effect of one SD among the first {FIRST} factors")
    for name in POLICIES:
        hits, errors = [100.0 * hit for hit, _ in found[name]], [error for _, error in found[name]]
        print(f"  {name:<10} {told(hits, '.1f')} %, mean squared error {told(errors, '.3f')}")
    pairs = list(zip(found["adaptive"], found["design"], strict=True))
    gains, errors = [100.0 * (a[0] - d[0]) for a, d in pairs], [a[1] - d[1] for a, d in pairs]
    print(f"  difference {told(gains, '+.1f')} points, of the error {told(errors, '+.3f')}")


if __name__ == "__main__":
    main()
