"""Which figures a study's paper gets, drawn from the journal, each with its data and a caption.

The data of every figure are a blob of plain JSON, so that the audit can gather them again and anyone can
redraw it. Captions hold references where they would hold numbers.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from novum.canonical import canonical, derive_seed, short_id
from novum.evidence.catalogue import confirmation_complete, statistic_id
from novum.evidence.contrasts import slope_factor
from novum.evidence.effects import Explored, explored
from novum.evidence.figures.labels import MANY
from novum.evidence.figures.reported import MOST, title_of
from novum.evidence.sides import averages
from novum.protocols import Blobs
from novum.records import Config, Figure
from novum.state import State

JOINED = 3  # arms up to which the figure of seeds joins pairs
FEWEST = 3  # explored configurations from which a map can be drawn

REPORTED = (
    "Data that the programs gave with a specification of the figure, of one seed in each registered arm; "
    "drawn by Novum. What a program says of itself is no measurement, and nothing here is evidence for a "
    "claim."
)


UNCHECKED = "Unchecked: nobody has compared them with any data."
"""Of pictures that no model has looked at (see `looked_over`)."""
FOREIGN = (
    "Pictures that the programs themselves wrote, of one seed in each registered arm; Novum can neither "
    f"redraw them nor say what they show. {UNCHECKED} Nothing in them is evidence for a claim."
)


def looked_over(caption: str, faults: int) -> str:
    """The caption of foreign pictures once a model has looked at them."""
    found = "found fault with them, as the audit tells" if faults else "found no fault with them"
    return caption.replace(UNCHECKED, f"A model that sees pictures looked at them and {found}.", 1)


class Planned(Struct, frozen=True):
    """A figure to draw: its title names the claim it belongs to, if it belongs to one."""

    title: str
    caption: str
    data: dict[str, Any]


def illustrate(view: State, blobs: Blobs) -> list[Figure]:
    """All figures of a concluded study; without matplotlib there are none."""
    return [_drawn(planned, blobs) for planned in plan(view, blobs)]


def _drawn(planned: Planned, blobs: Blobs) -> Figure:
    from novum.evidence.figures import draw

    data = blobs.put(canonical(planned.data).encode())
    files = {suffix: blobs.put(content) for suffix, content in sorted(draw(planned.data).items())}
    kind = planned.data["kind"]
    return Figure(
        id=short_id("figure", kind, planned.title, data),
        title=planned.title,
        caption=planned.caption,
        kind=kind,
        data=data,
        files=files,
    )


def plan(view: State, blobs: Blobs) -> Iterator[Planned]:
    """The figures that the journal has data for, in the order in which a reader wants them."""
    assert view.domain is not None and view.protocol is not None
    data = _explored(view)
    if confirmation_complete(view):
        yield from _confirmed(view, blobs)
    if view.commissions:
        yield _of_programs(view)
    elif len(data.configs) >= FEWEST:
        yield from _of_exploration(view, data)
    if len(data.configs) >= FEWEST:
        yield from _doses(view, data)
    if confirmation_complete(view):
        yield from _reported(view, blobs)
        yield from _foreign(view, blobs)


def _explored(view: State) -> Explored:
    assert view.domain is not None
    metric = view.domain.primary
    configs = [view.nodes[t.node].config for t in view.trials_in("explore")]
    return explored(metric, configs, view.measurements_of(metric.name, "explore"))


def _confirmed(view: State, blobs: Blobs) -> Iterator[Planned]:
    from novum.evidence.figures.curves import curves_data
    from novum.evidence.figures.events import events_data
    from novum.evidence.figures.forest import forest_data
    from novum.evidence.figures.pairs import pairs_data
    from novum.evidence.figures.seeds import seeds_data

    assert view.domain is not None
    n = _m("planned_n", "int")
    yield Planned(
        "Claims",
        "Estimates (dots) with their adjusted intervals (bars), one row to a claim. A claim is supported "
        "where its whole interval lies in the shaded part of the row.",
        _short(forest_data(view), view),
    )
    yield Planned("Seeds", _of_seeds(seeds := seeds_data(view), n), seeds)
    if (pairs := pairs_data(view))["rows"]:
        yield Planned(
            "Pairs",
            "Effects in confirmation at either level of another factor, for pairs of factors that stand "
            "out. Open dots belong to the first level, full ones to the other; both are named beside them. "
            "Bars are intervals at a level shared among all pairs, the band is the margin. None of it was "
            "registered.",
            pairs,
        )
    if view.domain.primary.kind == "time_to_event" and (data := _some_events(events_data(view))):
        yield Planned(
            "Events",
            _of_events(view, n),
            data,
        )
    curves = curves_data(view, blobs.get, x_axis=_step_name(view))
    if any(arm["curves"] for panel in curves["panels"] for arm in panel["arms"]):
        yield Planned("Curves", _of_curves(curves, n), curves)


def _reported(view: State, blobs: Blobs) -> Iterator[Planned]:
    """What programs told of themselves in confirmation, one seed of each registered arm."""
    from novum.evidence.figures.reported import FILE, reported_data, specifications

    def told(outputs: Mapping[str, str], seed: int) -> dict[str, Any]:
        sha = outputs.get(f"out/{seed}/{FILE}")
        return {title_of(spec): spec for spec in specifications(blobs.get(sha))} if sha else {}

    for title, by_arm in list(_by_title(view, told).items())[:MOST]:
        yield Planned(f"Reported: {title}", REPORTED, reported_data(title, by_arm))


def _foreign(view: State, blobs: Blobs) -> Iterator[Planned]:
    """Pictures that programs wrote in confirmation, of one seed of each registered arm."""
    from novum.evidence.figures import foreign

    def shown(outputs: Mapping[str, str], seed: int) -> dict[str, Any]:
        found = {title: blobs.get(sha) for title, sha in foreign.pictures(outputs, seed).items()}
        return {title: data for title, data in found.items() if foreign.readable(data)}

    for title, by_arm in list(_by_title(view, shown).items())[: foreign.MOST]:
        yield Planned(f"Foreign: {title}", FOREIGN, foreign.foreign_data(title, by_arm))


Read = Callable[[Mapping[str, str], int], dict[str, Any]]
"""Title -> something of the outputs of a program for a seed."""


def _by_title(view: State, read: Read) -> dict[str, dict[str, Any]]:
    """Title -> label of a registered arm -> what is read of its outputs, for the first seed that has any."""
    from novum.evidence.figures.labels import arm_labels

    assert view.domain is not None and view.protocol is not None
    arms = view.protocol.arms
    found: dict[str, dict[str, Any]] = {}
    for config, label in zip(arms, arm_labels(arms, view.domain, view.protocol.base), strict=True):
        for title, one in _of_arm(view, config, read).items():
            found.setdefault(title, {})[label] = one
    return found


def _of_arm(view: State, config: Config, read: Read) -> dict[str, Any]:
    for trial in view.trials_in("confirm"):
        program = trial.result.stage("program") if trial.result else None
        for seed in trial.seeds if program and view.nodes[trial.node].config == config else ():
            if program and (found := read(program.outputs, seed)):
                return found
    return {}


def _of_events(view: State, n: str) -> str:
    assert view.protocol is not None
    said = "The share of runs in confirmation that have reached their event by a given time, for"
    if averages(view.protocol):
        return (f"{said} both levels of the claim whose estimate lies farthest from zero: {n} seeds with all "
                "their points. Where a curve ends below one, runs were censored.")  # fmt: skip
    return f"{said} {n} seeds per arm. A curve that ends below one belongs to an arm with censored runs."


def _some_events(data: dict[str, Any]) -> dict[str, Any] | None:
    """The data, or nothing where no run of any arm had its event: flat lines would tell a reader nothing."""
    return data if any(len(arm["times"]) > 1 for arm in data["arms"]) else None


def _of_curves(data: dict[str, Any], n: str) -> str:
    some = "the first of the" if data.get("omitted") else "the"
    rest = " Further arms are left out, since more could not be told apart." if data.get("omitted") else ""
    told = [panel["told"] for panel in data["panels"] if "told" in panel]
    kind = "Curves" if any("x" in panel for panel in data["panels"]) else "Learning curves"
    if data["averaged"]:
        said = "in confirmation on either side of the claim whose estimate lies farthest from zero, some runs"
        return f"{kind} {said} thin, their median on top.{''.join(f' {text}' for text in told)}"
    return (f"{kind} of {some} registered arms in confirmation, {n} seeds per arm: single runs "
            f"thin, their median over seeds on top.{rest}{''.join(f' {text}' for text in told)}")  # fmt: skip


def _of_seeds(data: dict[str, Any], n: str) -> str:
    """The caption says of lines and triangles only where some are drawn."""
    if data["averaged"]:
        lead = ("Either side of every claim in confirmation: "
                f"of each of {n} planned seeds the mean over its points there.")  # fmt: skip
    else:
        lead = f"Every seed of every registered arm in confirmation, {n} seeds planned for each."
    said = [lead, "Diamonds and bars are means with intervals at the strictest adjusted level."]  # fmt: skip
    if data["paired"] and len(data["arms"]) <= JOINED:
        said.append("Thin lines join runs of one seed.")
    if any(any(arm["censored"]) for arm in data["arms"]):
        said.append("Open triangles are seeds of which some runs were censored." if data["averaged"]
                    else "Open triangles at the horizon are censored runs.")  # fmt: skip
    return " ".join(said)


def _short(forest: dict[str, Any], view: State) -> dict[str, Any]:
    """The claims' rows under the labels that the paper gives them, so that they fit a column."""
    assert view.protocol is not None and view.domain is not None
    domain = view.domain
    rows = []
    for number, (contrast, row) in enumerate(zip(view.protocol.contrasts, forest["rows"], strict=True), 1):
        titles = [domain.factor(f).title or f for f in contrast.factors]
        many = len(titles) > MANY
        rows.append({**row, "label": f"C{number}: {f'{len(titles)} factors' if many else ', '.join(titles)}"})
    return {**forest, "rows": rows}


def _step_name(view: State) -> str:
    assert view.domain is not None
    unit = view.domain.primary.unit if view.domain.primary.kind == "time_to_event" else ""
    return (unit or "step").capitalize()


def _of_exploration(view: State, data: Explored) -> Iterator[Planned]:
    from novum.evidence.figures.map import map_data
    from novum.evidence.figures.tree import tree_data

    assert view.domain is not None
    configs, trials = _m("configurations", "int", phase="explore"), _m("trials", "int", "all", "explore")
    yield Planned(
        "Map",
        f"Exploration: the response of {configs} configurations, plotted against one factor at a time while "
        "the others vary too. Dots are means over seeds; line and band are a shrinking linear model and its "
        "uncertainty. Exploratory, and no evidence for any claim.",
        map_data(view.domain, data, derive_seed(view.seed, "response model")),
    )
    yield Planned(
        "Search",
        f"The {trials} exploratory trials in the order of their proposal. The dashed staircase follows the "
        "front-runner so far; crosses at the foot gave no value.",
        tree_data(view),
    )


def _of_programs(view: State) -> Planned:
    """The search alone: a map over factors would show nothing that was moved."""
    from novum.evidence.figures.tree import tree_data

    return Planned(
        "Search",
        f"The search over programs: {_m('trials', 'int', 'all', 'explore')} exploratory trials in the order "
        "of their proposal. Lines lead from a program to what was made of it. The dashed staircase follows "
        "the front-runner so far; crosses at the foot gave no value. Exploratory, and no evidence for any "
        "claim.",
        tree_data(view),
    )


def _doses(view: State, data: Explored) -> Iterator[Planned]:
    from novum.evidence.figures.dose import dose_data

    assert view.protocol is not None
    seed = derive_seed(view.seed, "response model")
    for number, contrast in enumerate(view.protocol.contrasts, 1):
        if contrast.estimand == "slope":
            yield Planned(
                f"Dose C{number}",
                "Response by level. Open dots and the band with its line come from exploration; squares with "
                "bars are registered levels, with intervals at the strictest adjusted level.",
                dose_data(view, slope_factor(contrast), data, seed),
            )


def _m(kind: str, spec: str = "", name: str = "", phase: str = "") -> str:
    return f"{{{{m:{statistic_id(kind, name, '', phase)}{'|' + spec if spec else ''}}}}}"
