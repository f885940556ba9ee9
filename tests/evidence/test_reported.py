"""Figures of what programs say of themselves: drawn where they fit, passed over where they do not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novum.evidence.figures import draw, redraw
from novum.evidence.figures.reported import MOST, reported_data, specifications, title_of

SPEC = {
    "title": "norm of the weights", "x": "update", "y": "norm",
    "series": [{"name": "first layer", "x": [1, 2, 3], "y": [0.9, 0.8, 0.7]}],
}  # fmt: skip


def read(*specs: object) -> list:
    return specifications(json.dumps(specs).encode())


def test_a_specification_is_drawn_the_same_every_time() -> None:
    (spec,) = read(SPEC)
    data = reported_data(title_of(spec), {"baseline": spec, "an edit": spec})
    once, again = draw(data), draw(json.loads(json.dumps(data)))
    assert once == again and once["svg"].startswith(b"<?xml") and once["png"][:4] == b"\x89PNG"


@pytest.mark.parametrize(
    "bad",
    [
        SPEC | {"series": []},
        SPEC | {"series": [{"x": [1, 2], "y": [1]}]},
        SPEC | {"series": [{"x": [1], "y": ["NaN"]}]},
        SPEC | {"series": [{"x": [1], "y": ["inf"]}]},
        SPEC | {"kind": "image"},
        SPEC | {"title": "x" * 100},
        SPEC | {"series": [{"x": [0] * 1000, "y": [0] * 1000}]},
        "no specification",
    ],
)
def test_what_does_not_fit_is_passed_over_and_the_rest_is_drawn(bad: object) -> None:
    assert [title_of(spec) for spec in read(bad, SPEC)] == ["norm of the weights"]


def test_labels_hold_no_number_and_no_markup() -> None:
    (spec,) = read(SPEC | {"title": "accuracy 99.9 % $x^2$ [a](b)", "y": "12 of 12"})
    data = reported_data(title_of(spec), {"an arm": spec})
    assert data["title"] == "accuracy x a(b)" and data["panels"][0]["y"] == "of"


def test_no_more_than_a_few() -> None:
    assert len(read(*[SPEC | {"title": f"figure {name}"} for name in "abcdefg"])) == MOST
    assert len(read(SPEC, SPEC)) == 1


@given(st.binary(max_size=200))
def test_no_file_makes_it_crash(data: bytes) -> None:
    assert specifications(data) == []
    assert specifications(b"[" * 5000) == []


def test_another_look_shows_the_same_data_or_is_refused() -> None:
    (spec,) = read(SPEC)
    data = reported_data(title_of(spec), {"baseline": spec})
    anew = redraw(data, {"log_y": True, "y_limits": [0.5, 1], "y_label": "norm, 2nd layer"})
    assert anew["svg"] not in (draw(data)["svg"], redraw(data, {"log_y": True})["svg"])
    (low,) = read(SPEC | {"series": [{"x": [0, 1], "y": [-1, 2]}]})
    below = reported_data(title_of(low), {"baseline": low})
    for shown, look, why in (
        (below, {"log_y": True}, "a logarithmic y axis has no place for -1"),
        (data, {"x_limits": [1.5, 9]}, "would leave data out"),
        (data, {"x_limits": [9, 1]}, "hold nothing"),
        ({"kind": "curves", "panels": [], "x_axis": ""}, {"x_label": "x"}, "its labels are the domain's"),
        ({"kind": "forest"}, {"log_x": True}, "has one look"),
    ):
        with pytest.raises(ValueError, match=why):
            redraw(shown, look)
