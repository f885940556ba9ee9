"""Hypothesis strategies for the records of a study."""

from typing import Annotated, Any, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from msgspec import Meta

from novum import events as ev
from novum import records
from novum.records import Domain, JobResult, Node
from tests.histories import DOMAIN, node

text = st.text(max_size=8)
finite = st.floats(allow_nan=False, allow_infinity=False)


def bodies() -> st.SearchStrategy[Any]:
    """Any event body, with its fields drawn from their types."""
    return st.sampled_from(get_args(ev.EventBody)).flatmap(filled)


def filled(struct: type) -> st.SearchStrategy[Any]:
    """A struct with every field drawn, also those that have defaults."""
    hints = get_type_hints(struct, include_extras=True)
    return st.builds(struct, **{name: _of(hint) for name, hint in hints.items()})


def _of(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a type; constrained numbers stay within their bounds, which hypothesis cannot read."""
    if hint == records.Positive:
        return st.floats(min_value=1e-6, max_value=1e9)
    if hint == records.Count:
        return st.integers(0, 1000)
    if (bounds := _bounds(hint)) is not None:
        return st.floats(min_value=bounds.ge, max_value=1e9)
    if any(arg == records.Positive or _bounds(arg) for arg in get_args(hint)):
        return st.one_of(*map(_of, get_args(hint)))
    return st.from_type(hint)


def _bounds(hint: Any) -> Meta | None:
    """The bounds of a float that may not be negative."""
    of_float = get_origin(hint) is Annotated and get_args(hint)[0] is float
    return next((m for m in getattr(hint, "__metadata__", ()) if of_float and m.ge is not None), None)


# A strategy of their own where any drawn value would be too large to be useful; all others field by field.
SMALL = {Domain: DOMAIN, Node: node({"x": 1.0, "z": "b"}), JobResult: JobResult(stages=(), sandbox="none")}

for made in vars(records).values():
    if isinstance(made, type) and issubclass(made, records.Record) and made is not records.Record:
        st.register_type_strategy(made, st.just(SMALL[made]) if made in SMALL else filled)
st.register_type_strategy(float, finite)
