"""How long texts are to a model, and what is left of one that is too long."""

from hypothesis import given
from hypothesis import strategies as st

from novum.records import ModelRequest, Part
from novum.tokens import at_most, clip, estimate, fit, input_at_most, input_estimate

LINES = st.lists(st.text(max_size=60), max_size=200).map("\n".join)


@given(LINES, st.integers(100, 2000))
def test_a_shortened_text_keeps_head_and_tail_and_fits(text: str, tokens: int) -> None:
    short = clip(text, tokens)
    if estimate(text) <= tokens:
        assert short == text
        return
    assert estimate(short) <= tokens + 10
    head, left_out, tail = short.partition("\n[… ")
    assert left_out and text.startswith(head)
    assert text.endswith(tail.partition("left out …]\n")[2])


def test_what_was_left_out_is_counted() -> None:
    text = "x" * 10_000
    short = clip(text, 1000)
    count = int(short.partition("[… ")[2].partition(" ")[0])
    assert count + short.count("x") - "characters left out".count("x") == 10_000


@given(st.lists(LINES.filter(bool), min_size=1, max_size=6), st.integers(1000, 20_000))
def test_a_prompt_fits_and_short_texts_stay_whole(texts: list[str], most: int) -> None:
    request = ModelRequest(role="write", parts=tuple(Part(text=text) for text in texts))
    fitted = fit(request, most)
    assert fit(request, most) == fitted
    if input_estimate(request) <= most:
        assert fitted == request
    assert input_estimate(fitted) <= max(most * 1.05 + 10 * len(texts), 400 * len(texts))
    assert len(fitted.parts) == len(request.parts)
    shortest = min(range(len(texts)), key=lambda i: estimate(texts[i]))
    if len(texts) > 1 and estimate(texts[shortest]) * len(texts) < most - 64 - 16 * len(texts):
        assert fitted.parts[shortest] == request.parts[shortest]


@given(LINES.filter(bool))
def test_the_bound_is_never_below_the_estimate(text: str) -> None:
    request = ModelRequest(role="write", parts=(Part(text=text),), output={"type": "object"})
    assert at_most(text) >= estimate(text)
    assert input_at_most(request) >= input_estimate(request)
