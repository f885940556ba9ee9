"""Formulas: what is let through is balanced and made of known commands; all else is refused."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novum.manuscript.marks import mark
from novum.manuscript.render.latex import commands as known
from novum.manuscript.render.latex.mathematics import Refused, formula

PIECES = [
    *"abx123+-=<>(),.'|^_{}&[]%#~ $", "\\\\", "\\frac", "\\sqrt", "\\left", "\\right", "\\alpha", "\\text",
    "\\hat", "\\begin{cases}", "\\end{cases}", "\\begin{align}", "\\end{align}", "\\sum", "\\limits", "\\big",
    "\\{", "\\}", "\\input", "\\mathbb", "\\substack", "α", "≤", "²", "ℝ", "中", "−",
    mark("m", "a_b", "−1,234.5"), mark("cfg", "k", "x_y z"),
]  # fmt: skip
SOUP = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
MADE = {  # commands that the writer puts in by itself
    "begin", "end", "left", "right", "prime", "text", "novumchar", "allowbreak", "ensuremath", "substack",
    "operatorname", "limits", "nolimits",
}  # fmt: skip


@pytest.mark.parametrize(
    ("tex", "written"),
    [
        (r"x^2_i + \frac12 \alpha", r"x^{2}_{i}+\frac{1}{2}\alpha"),
        (r"\hat\mu'", r"\hat{\mu }^{\prime }"),
        (r"a &= b \\ &= c", r"{\begin{aligned}a & =b \\ & =c\end{aligned}}"),
        (r"\begin{gather*}a\\b\end{gather*}", r"{\begin{gathered}a \\ b\end{gathered}}"),
        (r"\sqrt[3]{x}\mathbb R", r"\sqrt[{3}]{x}\mathbb{R}"),
        (r"\left( x \right]^2", r"\left(x\right]^{2}"),
        (r"\text{if 50 % of } x", r"\text{if 50 \% of }x"),
        ("α ≤ β²", r"\alpha \leq \beta ^{2}"),
        ("100%", r"100\%"),
        (r"\argmax_x f", r"\operatorname*{arg\,max} _{x}f"),
        (r"\bm{x}", r"\boldsymbol{x}"),
        (r"[*]", "[*]"),
        (r"\begin{cases}a\\[b]\end{cases}", r"{\begin{cases}a \\ {}[b]\end{cases}}"),
    ],
)
def test_formulas_that_are_let_through(tex, written):
    assert formula(tex) == written


@pytest.mark.parametrize("tex", [
    r"\input{/etc/passwd}", r"\write18{ls}", r"\def\x{}", r"\catcode`\%=12", r"\csname input\endcsname",
    r"\unknown", r"\over", r"\^^41", "\\", r"x^a^b", r"x_a_b", "x^", "x''^'", "{", "}", "$x$", "{a & b}",
    r"\frac{1}", r"\mathrm", r"\left( x", r"x \right)", r"\left a", r"a\limits", r"\begin{cases}a",
    r"\begin{verbatim}\end{verbatim}",
    r"\begin{cases}a&b&c\end{cases}", r"\begin{array}{p{3cm}}a\end{array}", r"\text{\input{x}}",
    "{" * 80 + "}" * 80,
])  # fmt: skip
def test_formulas_that_are_refused(tex):
    with pytest.raises(Refused):
        formula(tex)


def test_a_value_keeps_its_mark():
    number = formula(f"n = {mark('m', 'a1', '−1,234.5')}")
    assert number == f"n={mark('m', 'a1', '- 1{,}234.5')}"
    assert formula(mark("cfg", "k", "adam_w")) == mark("cfg", "k", r"\text{adam\_w}")


@settings(max_examples=400, deadline=None)
@given(SOUP)
def test_whatever_is_let_through_is_balanced_known_and_read_alike_again(tex):
    try:
        written = formula(tex)
    except Refused:
        return
    bare = re.sub(r"\\[{}]", "", written)
    assert bare.count("{") == bare.count("}")
    names = {n.rstrip("*") for n in re.findall(r"\\([A-Za-z]+\*?)", written)}
    allowed = known.PLAIN | known.ONE | known.TWO | known.OPTIONAL | known.SIZES | known.DELIMITERS
    assert names <= {n.rstrip("*") for n in allowed} | MADE | set(known.TEXTUAL.values())
    if "novumchar" not in names and "text" not in names:
        assert re.sub(r"[ {}]", "", formula(written)) == re.sub(r"[ {}]", "", written)
