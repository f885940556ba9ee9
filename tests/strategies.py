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
    """Values of a type; bounded values stay within their bounds, which hypothesis cannot read."""
    if (meta := _meta(hint)) is not None:
        return _bounded(get_args(hint)[0], meta)
    if any(_meta(arg) for arg in get_args(hint)):
        return st.one_of(*map(_of, get_args(hint)))
    return st.from_type(hint)


def _meta(hint: Any) -> Meta | None:
    """The bounds of a number or a text, if its type states any."""
    if get_origin(hint) is not Annotated or get_args(hint)[0] not in (int, float, str):
        return None
    return next((m for m in hint.__metadata__ if isinstance(m, Meta)), None)


def _bounded(kind: type, meta: Meta) -> st.SearchStrategy[Any]:
    if kind is str:
        return st.text(min_size=meta.min_length or 0, max_size=meta.max_length)
    if kind is int:
        return st.integers(meta.ge if meta.gt is None else meta.gt + 1, 1000)
    return st.floats(meta.ge if meta.gt is None else 1e-6, 1e9)


# A strategy of their own where any drawn value would be too large to be useful; all others field by field.
SMALL = {Domain: DOMAIN, Node: node({"x": 1.0, "z": "b"}), JobResult: JobResult(stages=(), sandbox="none")}

for made in vars(records).values():
    if isinstance(made, type) and issubclass(made, records.Record) and made is not records.Record:
        st.register_type_strategy(made, st.just(SMALL[made]) if made in SMALL else filled)
st.register_type_strategy(float, finite)
