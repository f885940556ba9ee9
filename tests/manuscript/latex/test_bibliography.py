"""BibTeX for BibTeX: cited works, printed fields, nothing that a style or TeX could trip over."""

import re

from hypothesis import given
from hypothesis import strategies as st

from novum.manuscript.render.latex.bibliography import cleaned

BIB = r"""
@article{one, title={A {T}itle with 50 % & \emph{more} $x^2$ \input{/etc/passwd} _ #}, year={2020},
  author={M\"uller, J{\"u}rgen and {The Team & Co} and others}, states={a: up -> b: down}, values={99 \%},
  doi={https://doi.org/10.1000/abc_def}, url={https://example.org/}, pages={1--2}, abstract={long}}
@online{two_x, title={Und_er}, author={O'Brien, X}, url={https://example.org/a_b%20c#x}, year=2021}
@misc{three, title={Preprint}, author={Doe, Jane}, eprint={2201.00001}, archiveprefix={arXiv},
  note={In press}}
@misc{uncited, title={Nobody}, author={Nobody, N.}}
"""


def entry(key: str) -> str:
    return cleaned(BIB, [key])


def test_only_cited_works_in_order_of_citation():
    assert re.findall(r"@(\w+)\{([^,]+)", cleaned(BIB, ["three", "one", "missing"])) == [
        ("misc", "three"),
        ("article", "one"),
    ]


def test_commands_become_the_characters_they_print():
    one = entry("one")
    assert "author = {Müller, Jürgen and {The Team \\& Co} and others}" in one
    assert "title = {{A Title with 50 \\% \\& more \\(x^{2}\\)" in one
    assert "input" not in one and "passwd" not in one and "emph" not in one


def test_our_own_fields_and_abstracts_are_left_out():
    assert not any(field in entry("one") for field in ("states", "values", "abstract"))


def test_where_a_work_lies_is_one_link():
    assert (
        "note = {\\href{https://doi.org/10.1000/abc\\_def}{doi:\\allowbreak{}10.\\allowbreak{}1000/\\allowbreak{}abc\\_\\allowbreak{}def}}"
        in entry("one")
    )
    assert "example.org" not in entry("one")
    assert "\\href{https://example.org/a\\_b\\%20c\\#x}" in entry("two_x")
    assert "note = {In press, \\href{https://arxiv.org/abs/2201.00001}" in entry("three")


def test_types_and_keys_that_styles_do_not_know():
    assert entry("two_x").startswith("@misc{two+5Fx,")


@given(st.text(alphabet="abc\\{}$%&#_~^\"'@, -=éα中", max_size=40))
def test_no_title_breaks_an_entry(title):
    written = cleaned(f"@misc{{k, title = {{{title}}}, author = {{Doe, J.}}, year = {{2020}}}}", ["k"])
    bare = re.sub(r"\\begin\{aligned\}.*?\\end\{aligned\}|\\.", "", written)
    assert bare.count("{") == bare.count("}") and not re.search(r"[%&#$]", bare)
