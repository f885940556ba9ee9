"""One citable value, named by what it is of."""

from msgspec import field

from novum.canonical import short_id
from novum.records import Config, Record

Value = float | int | str | None


class Statistic(Record, kw_only=True):
    """One citable value. `name` tells apart statistics of one kind (a factor, a status).

    `config` is the full configuration of the arm it is of, if it is of one, and `arm` its hash; `counts` says
    how many seeds had which status, `sources` names the measurements or trials that it was computed from.
    """

    id: str
    kind: str
    label: str
    value: Value
    name: str = ""
    metric: str = ""
    unit: str = ""
    phase: str = ""
    arm: str = ""
    config: Config | None = None
    claim: str = ""
    n: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    sources: tuple[str, ...] = ()


def statistic_id(
    kind: str, name: str = "", metric: str = "", phase: str = "", arm: str = "", claim: str = ""
) -> str:
    """The id of the statistic that these words name, whether or not it exists yet; `arm` is a hash."""
    return short_id("statistic", kind, name, metric, phase, arm, claim)
