"""`novum bench findings`: do the results that papers state show in the shipped domains, at their size?

Every arm is one trial, through the same stages and sandbox as in a study, on seeds that nothing else uses.
All arms of a domain share them, so that comparisons are paired. A finding *holds* if its interval at 95 %
lies wholly beyond delta in the direction that the paper states, *does not* if wholly on the other side of
delta, and is *inconclusive* otherwise. In a hidden variant, a world changed so as to reverse it, the opposite
is to hold.
"""

import asyncio
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from msgspec import structs

from novum.bench.known import Known, Variant, contrast_of, read_findings
from novum.bench.rows import Row
from novum.canonical import derive_seed, digest
from novum.compute.executors.local import LocalExecutor
from novum.domains import find_domain, load_domain, shipped
from novum.domains.stages import trial_job
from novum.domains.tryout import read_rows
from novum.errors import DomainError, MachineError
from novum.evidence.claims import verdict
from novum.evidence.estimators import Unanswerable, infer_contrast, infer_median, infer_ratio
from novum.evidence.samples import bounds_of
from novum.journal import FileBlobs
from novum.protocols import Blobs, Executor
from novum.records import Config, Contrast, Domain, JobResult, Limits, Metric, Record

SEEDS, LEVEL, AT_ONCE = 20, 0.95, 2
WORDS = {"supported": "holds", "refuted": "does not", "inconclusive": "inconclusive"}
ROOM = 6  # times the budget's seconds for one seed that an arm may take, as far as a bench goes
Told = Callable[[str], None]


class Shown(Record, kw_only=True):
    """A finding with what the run showed. `cpu_seconds` are those of its arms, which others may share."""

    domain: str
    system: str
    finding: str
    text: str
    source: str
    metric: str
    direction: str
    delta: float
    variant: str = ""
    value: float | None
    low: float | None
    high: float | None
    n: int
    verdict: str
    cpu_seconds: float
    why: str = ""


class Arm(Record, kw_only=True):
    """One configuration's values: metric -> one per seed, None where there is none."""

    values: dict[str, tuple[float | None, ...]]
    cpu_seconds: float


def domains_with_findings(name: str = "") -> list[Path]:
    """Folders of the shipped domains that state findings, or of the one named."""
    if name:
        return [find_domain(name)]
    return [folder for folder in shipped() if (folder / "findings.toml").is_file()]


def try_domain(folder: Path, seeds: int, seed: int, told: Told = print, sandbox: str = "auto", *,
               hidden: bool = False) -> list[Shown]:  # fmt: skip
    """Every finding of a domain and those that hidden variants reverse; `hidden`: these alone."""
    with tempfile.TemporaryDirectory(prefix="novum-findings-") as scratch:
        blobs = FileBlobs(Path(scratch) / "blobs")
        domain = load_domain(folder, blobs)
        stated = read_findings(folder, domain)
        drawn = tuple(derive_seed(seed, "findings", domain.id, k) for k in range(seeds))
        worlds: list[tuple[Domain, Sequence[Known], Variant | None]] = []
        worlds += [] if hidden else [(domain, stated.finding, None)]
        worlds += [(changed(domain, v, blobs), [k for k in stated.finding if k.id in v.reverses], v)
                   for v in stated.variant]  # fmt: skip
        tested = []
        for world, findings, variant in worlds:
            executor = LocalExecutor(blobs, Path(scratch) / "attempts")
            bench = Bench(world, executor, blobs, drawn, sandbox, told)
            tested += asyncio.run(bench.run(findings, variant))
        return tested


def changed(domain: Domain, variant: Variant, blobs: Blobs) -> Domain:
    """The domain with a variant's files in place of its own; it stays as trusted as it was."""
    texts = dict(variant.files)
    for path, (old, new) in variant.edits.items():
        before = blobs.get(domain.files[path]).decode()
        if before.count(old) != 1:
            raise DomainError(
                f"{path} holds {old!r} {before.count(old)} times",
                where=f"variant {variant.id!r}",
                fix="name a passage that stands there once",
            )
        texts[path] = before.replace(old, new)
    files = domain.files | {path: blobs.put(text.encode()) for path, text in texts.items()}
    return structs.replace(domain, files=files)


class Bench:
    """Runs the arms of a domain's findings and compares them."""

    def __init__(self, domain: Domain, executor: Executor, blobs: Blobs, seeds: tuple[int, ...], sandbox: str,
                 told: Told):  # fmt: skip
        self.domain, self.executor, self.blobs = domain, executor, blobs
        self.seeds, self.sandbox, self.told = seeds, sandbox, told

    async def run(self, findings: Sequence[Known], variant: Variant | None) -> list[Shown]:
        """What each finding came to."""
        needed = {digest(config): config for known in findings for config in self._configs(known)}
        gate = asyncio.Semaphore(AT_ONCE)
        try:
            found = await asyncio.gather(*(self._arm(config, gate) for config in needed.values()))
        finally:
            await self.executor.close()
        arms = dict(zip(needed, found, strict=True))
        return [self._tested(known, [arms[digest(c)] for c in self._configs(known)], variant)
                for known in findings]  # fmt: skip

    def _configs(self, known: Known) -> list[Config]:
        sides = [known.b] if known.a is None else [known.a, known.b]
        return [_floats(self.domain.baseline | side) for side in sides]

    async def _arm(self, config: Config, gate: asyncio.Semaphore) -> Arm:
        budget = self.domain.budgets["default"]
        cpu = ROOM * budget.seconds * len(self.seeds)
        limits = Limits(cpu_seconds=cpu, wall_seconds=8 * cpu, memory_mb=2 * budget.memory_mb)
        program = str(config.get("program", next(iter(self.domain.programs))))
        job = trial_job(self.domain, program, config, self.seeds, limits, sandbox=self.sandbox)
        key = digest(["findings", job])
        async with gate:
            await self.executor.submit(job, key, 0)
            result = await self.executor.wait(key, 0)
        if result.lost:
            raise MachineError(f"a trial of {self.domain.id} was lost: {result.lost}")
        spent = sum(stage.cpu_seconds for stage in result.stages)
        changed = {k: v for k, v in config.items() if v != self.domain.baseline[k]}
        named = ", ".join(f"{k} = {v}" for k, v in changed.items()) or "baseline"
        self.told(f"{self.domain.id}: {named}: {spent:.1f} CPU-seconds for {len(self.seeds)} seeds")
        return Arm(values=self._values(result), cpu_seconds=spent)

    def _values(self, result: JobResult) -> dict[str, tuple[float | None, ...]]:
        rows = read_rows(result, self.blobs)
        return {
            m.name: tuple(_value(rows.get((s, m.name)), m) for s in self.seeds) for m in self.domain.metrics
        }

    def _tested(self, known: Known, arms: Sequence[Arm], variant: Variant | None) -> Shown:
        contrast = contrast_of(known, self.domain, variant)
        samples = [arm.values[known.metric] for arm in arms]
        value, low, high, n, why = infer(contrast, samples, self.domain.metric(known.metric))
        word = WORDS[verdict(contrast, low, high)] if low is not None and high is not None else "inconclusive"
        return Shown(
            domain=self.domain.id, system=known.system, finding=contrast.id, text=known.text,
            source=known.source, metric=known.metric, direction=contrast.direction, delta=contrast.margin,
            variant=_told(variant), value=value, low=low, high=high, n=n, verdict=word, why=why,
            cpu_seconds=sum(arm.cpu_seconds for arm in arms),
        )  # fmt: skip


def _told(variant: Variant | None) -> str:
    """What a hidden world does to a finding, and which world it is."""
    return f"{'absent' if variant.absent else 'reversed'}: {variant.id}" if variant else ""


Inferred = tuple[float | None, float | None, float | None, int, str]


def infer(contrast: Contrast, samples: Sequence[Sequence[float | None]], metric: Metric) -> Inferred:
    """Estimate, limits, how many seeds had a value in every arm, and why there is no estimate, if so."""
    complete = [row for row in zip(*samples, strict=True) if None not in row]
    arms = [[row[k] for row in complete] for k in range(len(samples))]
    try:
        if len(arms) == 1:
            found = infer_contrast(arms, (1.0,), paired=True, bounds=bounds_of(metric))  # type: ignore[arg-type]
        elif contrast.estimand == "ratio":
            found = infer_ratio(*arms, paired=True)  # type: ignore[arg-type]
        elif contrast.estimand == "median_diff":
            found = infer_median(*arms, paired=True)  # type: ignore[arg-type]
        else:
            found = infer_contrast(arms, (-1.0, 1.0), paired=True, bounds=bounds_of(metric))  # type: ignore[arg-type]
    except Unanswerable as reason:
        return None, None, None, len(complete), str(reason)
    low, high = found.interval(LEVEL)
    return found.value, low, high, len(complete), ""


def _value(row: tuple | None, metric: Metric) -> float | None:
    """A seed's value; a time to event that did not come stands at its horizon."""
    status, value, _ = row or ("failed", None, None)
    if metric.kind == "time_to_event" and metric.horizon:
        if status == "undefined":
            return None
        return metric.horizon if value is None or status == "failed" else min(value, metric.horizon)
    return value if status in ("observed", "censored") else None


def _floats(config: Config) -> Config:
    return {k: float(v) if isinstance(v, int) and not isinstance(v, bool) else v for k, v in config.items()}


def rows_of(tested: Iterable[Shown]) -> list[Row]:
    """As rows of a bench: met where a finding holds, missed where it does not, else neither."""
    met = {"holds": True, "does not": False}
    return [Row(name=_name(t), value=t.value, low=t.low, high=t.high, n=t.n, target=target_of(t),
                met=met.get(t.verdict)) for t in tested]  # fmt: skip


def _name(t: Shown) -> str:
    return f"{t.system} {t.text}".strip() + (f" [{t.variant}]" if t.variant else "")


def target_of(t: Shown) -> str:
    """What the interval is to lie in, in words."""
    if t.direction == "equivalent":
        return f"within ±{t.delta:g}"
    return f"> {t.delta:g}" if t.direction == "greater" else f"< {-t.delta:g}"
