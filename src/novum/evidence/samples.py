"""From measurements to one number per arm and seed, with every exclusion counted.

Rules, fixed before any data are seen:

- A seed whose artefact is byte for byte that of an earlier seed of the same arm is no independent
  observation (a program that ignores its seed); it is dropped and counted.
- A *failed* seed of a time to event did not reach its event: it stands at the horizon (a composite outcome
  in the words of ICH E9(R1)). For any other metric it has no value, nor has an *undefined* one.
- Machine failures never arrive here: such attempts are repeated.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from novum.canonical import digest
from novum.records import Config, Measurement, Metric, Record

MISSING_SHARE = 0.1
"""The share of an arm's planned seeds that may be without a usable value."""


class Arm(Record, kw_only=True):
    """What one configuration gave in one metric.

    `values` maps the place of a seed in the planned list to its value; `events` says where the event of a
    time to event was reached. The other tuples hold places: `failed`, `undefined`, `duplicate`, and
    `absent` (no record: the confirmation is unfinished). `ids` are all measurements looked at.
    """

    config: Config
    planned: int
    values: dict[int, float]
    events: dict[int, bool]
    failed: tuple[int, ...]
    undefined: tuple[int, ...]
    duplicate: tuple[int, ...]
    absent: tuple[int, ...]
    early: tuple[int, ...]
    ids: tuple[str, ...]

    @property
    def lost(self) -> int:
        """Planned seeds that have a record but no usable value."""
        return self.planned - len(self.values) - len(self.absent)

    @property
    def censored(self) -> int:
        return sum(1 for reached in self.events.values() if not reached)


def config_hash(config: Mapping[str, object]) -> str:
    """The hash by which measurements name their configuration."""
    return digest(dict(config))


def bounds_of(metric: Metric) -> tuple[float, float] | None:
    """The range that every value of a metric lies in, where its kind fixes one."""
    if metric.kind == "proportion":
        return 0.0, 1.0
    if metric.kind == "time_to_event" and metric.horizon:
        return 0.0, metric.horizon
    return None


def gather(config: Config, metric: Metric, seeds: Sequence[int], measurements: Iterable[Measurement]) -> Arm:
    """The values of one arm; `seeds` is the planned list, and order of arrival does not matter."""
    wanted = config_hash(config)
    found: dict[int, Measurement] = {}
    for m in sorted(measurements, key=lambda m: m.id):
        if m.config_hash == wanted and m.metric == metric.name:
            found.setdefault(m.seed, m)
    kept: dict[str, list[int]] = {k: [] for k in ("failed", "undefined", "duplicate", "absent", "early")}
    values: dict[int, float] = {}
    events: dict[int, bool] = {}
    artefacts: dict[str, int] = {}
    for place, seed in enumerate(seeds):
        m = found.get(seed)
        state = _state(m, metric, artefacts)
        if state in kept:
            kept[state].append(place)
        if m is None or state in ("undefined", "duplicate", "absent"):
            continue
        value = _value(m, metric)
        if value is not None:
            values[place] = value
            events[place] = m.status == "observed" and state != "failed"
    ids = tuple(found[s].id for s in seeds if s in found)
    if metric.kind != "time_to_event":
        events = {}
    return Arm(config=config, planned=len(seeds), values=values, events=events, ids=ids,
               **{k: tuple(v) for k, v in kept.items()})  # fmt: skip


def merged(parts: Sequence[Arm], planned: int) -> Arm:
    """The arms of one row in each of several fractions as one; the k-th has the places k, k + fractions, ….

    `config` is that of the first: it names the row and is not what every seed of it ran.
    """
    if len(parts) == 1:
        return parts[0]
    step = len(parts)

    def places(kind: str) -> tuple[int, ...]:
        return tuple(sorted(k + step * p for k, part in enumerate(parts) for p in getattr(part, kind)))

    def valued(kind: str) -> dict[int, Any]:
        found = {k + step * place: value
                 for k, part in enumerate(parts) for place, value in getattr(part, kind).items()}  # fmt: skip
        return dict(sorted(found.items()))

    return Arm(config=parts[0].config, planned=planned, values=valued("values"), events=valued("events"),
               ids=tuple(i for part in parts for i in part.ids),
               **{k: places(k) for k in ("failed", "undefined", "duplicate", "absent", "early")})  # fmt: skip


def _state(m: Measurement | None, metric: Metric, artefacts: dict[str, int]) -> str:
    """Which rule of the module's docstring a record falls under; remembers its artefact."""
    if m is None:
        return "absent"
    if m.status == "failed" or (m.value is None and m.status != "undefined"):
        return "failed"
    if m.artefact_hash:
        if m.artefact_hash in artefacts:
            return "duplicate"
        artefacts[m.artefact_hash] = m.seed
    if m.status == "undefined":
        return "undefined"
    horizon = metric.horizon
    if m.status == "censored" and horizon and (m.censored_at or 0.0) < horizon * (1 - 1e-9):
        return "early"
    return "used"


def _value(m: Measurement, metric: Metric) -> float | None:
    """The value that enters the analysis: restricted to the horizon for a time to event."""
    if metric.kind == "time_to_event" and metric.horizon:
        return metric.horizon if m.value is None or m.status == "failed" else min(m.value, metric.horizon)
    return None if m.status == "failed" else m.value
