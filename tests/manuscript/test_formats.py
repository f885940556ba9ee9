import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novum.manuscript.formats import BadFormat, render_value


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (1234.5678, ".2f", "1234.57"),
        (1234.5678, ",.0f", "1,235"),
        (-0.25, ".2f", "−0.25"),
        (0.5, "+.1f", "+0.5"),
        (-0.0001, ".2f", "0.00"),
        (0.123, ".1%", "12.3%"),
        (0.42, "%", "42%"),
        (1234.0, "int", "1,234"),
        (24, "", "24"),
        (0.12345, "", "0.123"),
        (12345.6, "", "12,346"),
        (0.0004, "p", "< 0.001"),
        (0.0123, "p", "0.012"),
        (0.0123, "p=", "= 0.012"),
        (0.0, "p=", "< 0.001"),
        (0.00001, ".1e", "1.0e−05"),
        ("adamw", "", "adamw"),
        (True, "", "yes"),
    ],
)
def test_values_are_written_as_documented(value, spec, text):
    assert render_value(value, spec) == text


@pytest.mark.parametrize(
    ("value", "spec"),
    [(1.5, "int"), (1.5, "p"), (-0.1, "p"), (1.0, "d"), (1.0, "x"), (1.0, ">10"), ("adamw", ".2f"),
     (1.0, ".2f "), (math.nan, ".2f"), (math.inf, ""), (1.0, ".999f"), (True, "int")],
)  # fmt: skip
def test_formats_that_do_not_fit_are_refused(value, spec):
    with pytest.raises(BadFormat):
        render_value(value, spec)


@settings(deadline=None)
@given(st.floats(min_value=-1e8, max_value=1e8))
def test_default_format_keeps_three_digits(value):
    text = render_value(value).replace("−", "-").replace(",", "")
    assert float(text) == pytest.approx(value, rel=0.006, abs=1e-300)


@settings(deadline=None)
@given(st.floats(min_value=0, max_value=1))
def test_p_values_are_never_zero(p):
    assert render_value(p, "p") != "0.000"
