"""What a run showed of itself (`figures.json`), for the next author of a version and for the judge.

As pictures, where the models of a role can see them: where each of them is also named for looking
(`--model-vision`), since many a model of words refuses a picture. Else in words, from the same data. Either
way it is what a program says of itself: material, and no evidence.
"""

from collections.abc import Iterator, Sequence

from novum.evidence.figures import draw
from novum.evidence.figures.reported import (
    FILE,
    Series,
    Specification,
    reported_data,
    specifications,
    title_of,
)
from novum.protocols import Blobs
from novum.records import Part, Role
from novum.scientists.language import brief
from novum.state import State, Trial

MOST = 2  # pictures in one prompt
HEAD = "Figures that it gave of itself, of one seed, self-reported"
EXAMPLE = ('`[{"title": …, "x": label, "y": label, "kind": "line" or "scatter", '
           '"series": [{"name": …, "x": [numbers], "y": [numbers]}]}]`')  # fmt: skip
INVITATION = (
    f"To let the judge and later authors see how it works inside, a program may leave `{FILE}` beside a "
    f"seed's other files, at most three figures {EXAMPLE}; nothing in it counts."
)


def shown(trial: Trial | None, role: Role, view: State, blobs: Blobs) -> tuple[str, tuple[Part, ...]]:
    """What a prompt of a role says of the figures of a trial, and its pictures; neither if it gave none."""
    told = specified(trial, blobs) if trial else []
    if not told:
        return "", ()
    if not sees(view, role):
        lines = brief.quoted("\n".join(described(spec) for spec in told))
        return f"{HEAD}:\n<material>\n{lines}\n</material>", ()
    pictures = [draw(reported_data(title_of(spec), {"": spec}))["png"] for spec in told[:MOST]]
    parts = tuple(Part(image=blobs.put(picture), media_type="image/png") for picture in pictures)
    titles = "; ".join(title_of(spec) for spec in told[:MOST])
    return f"{HEAD}, in the pictures below: <material>{brief.quoted(titles)}</material>", parts


def sees(view: State, role: Role) -> bool:
    """Whether every model of a role is one that is named for looking at pictures."""
    if view.settings is None or not view.settings.model_vision:
        return False
    asked, eyes = view.settings.models_of(role), view.settings.models_of("vision")
    return bool(asked) and set(asked) <= set(eyes)


def specified(trial: Trial, blobs: Blobs) -> list[Specification]:
    """The figures that the program gave, of the first seed that has any."""
    program = trial.result.stage("program") if trial.result else None
    files = ((program.outputs if program else {}).get(f"out/{seed}/{FILE}") for seed in trial.seeds)
    return next((found for sha in files if sha and (found := specifications(blobs.get(sha)))), [])


def described(spec: Specification) -> str:
    """A figure in words: what it shows, and of each series where it begins, ends and is extreme."""
    series = "; ".join(_of(series) for series in spec.series)
    return f"- {title_of(spec)} ({spec.kind}; {spec.y or 'y'} against {spec.x or 'x'}): {series}"


Point = tuple[float, float]


def _of(series: Series) -> str:
    points: Sequence[Point] = sorted(zip(series.x, series.y, strict=True))
    low, high = min(points, key=lambda p: p[1]), max(points, key=lambda p: p[1])
    name = f"{series.name}: " if series.name else ""
    return f"{name}{len(points)} points, {', '.join(_told(points, low, high))}"


def _told(points: Sequence[Point], low: Point, high: Point) -> Iterator[str]:
    ends = {points[0], points[-1]}
    if len(points) > 1:
        yield f"from {_at(points[0])} to {_at(points[-1])}"
    else:
        yield _at(points[0])
    if low not in ends:
        yield f"lowest {_at(low)}"
    if high not in ends:
        yield f"highest {_at(high)}"


def _at(point: Point) -> str:
    return f"{point[1]:.3g} at {point[0]:.3g}"
