import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from novum.canonical import canonical, derive_seed, digest, short_id

finite = st.floats(allow_nan=False, allow_infinity=False)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | finite | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


class Old(Struct, frozen=True):
    name: str
    levels: tuple[float, ...] = ()


class New(Struct, frozen=True):
    name: str
    levels: tuple[float, ...] = ()
    later: dict[str, int] = {}
    mode: str = "as before"


@given(plain)
def test_canonical_text_is_a_fixed_point(value: object) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


@given(st.dictionaries(st.text(), st.integers(), max_size=6))
def test_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    turned = dict(reversed(value.items()))
    assert digest(value) == digest(turned)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_json_cannot_hold_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        digest({"x": [value]})


def test_a_field_added_later_leaves_earlier_digests_alone() -> None:
    assert digest([Old("a", (1.0,))]) == digest([New("a", (1.0,))])
    assert digest(Old("a")) == digest(New("a"))
    assert digest(New("a", mode="other")) != digest(New("a"))
    assert digest(New("a", later={"k": 0})) != digest(New("a"))


def test_the_stored_text_keeps_every_field() -> None:
    assert json.loads(canonical(New("a"))) == {"name": "a", "levels": [], "later": {}, "mode": "as before"}


def test_spelling_is_pinned() -> None:
    """These values are contract: a release that changes them cannot read older studies."""
    assert canonical({"b": 1.0, "a": ["ü", True, None, 1e-7]}) == '{"a":["ü",true,null,1e-07],"b":1.0}'
    assert digest({"a": 1.0}) == "c29a44abc114a1d75486434c013102c9e736f526b4fd19658d9492b7b224de6d"
    assert short_id("x", 1) == "59402b0471b4"
    assert derive_seed("x") == int(digest(["x"])[:12], 16) < 2**48
