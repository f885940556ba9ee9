"""Programs as prompts show them: folded, by name, and by what was changed."""

import ast
from textwrap import dedent

from novum.scientists.language import differences, folding

TEXT = dedent("""\
    import math

    RATE = 0.1


    def one(x, *more, scale=2, **rest):
        return x


    @decorated
    def two(x: int, /) -> int:
        def inner():
            return 1
        return inner()


    # about three
    def three():
        return 3


    class Model:
        \"\"\"A model.\"\"\"

        width = 8

        def __init__(self, width):
            self.width = width

        async def step(self):
            return 0.5
    """)


def test_what_is_kept_stands_as_it_is_and_the_rest_by_name() -> None:
    shown = folding.folded(TEXT, {"three", "Model.step"})
    gone = TEXT[TEXT.index("def one") : TEXT.index("\n\n\n# about")]
    init = TEXT[TEXT.index("    def __init__") : TEXT.index("\n\n    async")]
    assert shown == TEXT.replace(gone, "# [folded, 7 lines: one(x, *more, scale, **rest), two(x)]").replace(
        init, "    # [folded, 2 lines: __init__(self, width)]"
    )
    assert folding.folded(TEXT, {p.name for p in folding.pieces(TEXT)}) == TEXT
    ast.parse(folding.folded(TEXT.replace("class", "if True:\n    pass\nclass"), {"three"}))
    assert folding.folded("no python (", set()) == "no python ("


def test_functions_are_found_by_name_in_text_and_in_words() -> None:
    assert folding.source(TEXT, "two").startswith("@decorated\ndef two(x: int, /)")
    assert folding.source(TEXT, "Model").count("def ") == 2 and not folding.source(TEXT, "inner")
    words = "Alter `two()` and step of a.py, not someone."
    assert folding.named({"a.py": TEXT}, words) == {"two", "Model.step"}


def test_numbers_are_no_change_of_a_function() -> None:
    after = TEXT.replace("return 3", "return 7").replace("0.5", "0.25").replace("return x", "return -x")
    assert folding.changed(TEXT, after + "\n\ndef new():\n    pass\n") == ["one", "new"]


def test_moved_numbers_are_told_in_a_line_each_and_the_rest_as_a_patch() -> None:
    before = {"a.py": TEXT}
    after = {"a.py": TEXT.replace("0.1", "0.3").replace("0.5", "2e-3").replace("return x", "return -x")}
    told = differences.told(before, after, 1000, context=0)
    assert told == (
        "```diff\n--- a/a.py\n+++ b/a.py\n@@ -7,1 +7,1 @@\n-    return x\n+    return -x\n```\n"
        "Numbers moved:\nline 3: `RATE = 0.3` (was 0.1)\nline 31: `return 2e-3` (was 0.5)"
    )
    fewer = differences.told(before, after, 1000, moves=1)
    assert fewer.endswith("(was 0.1)\nand on 1 more lines that are not shown")
    hidden = differences.told(before, after, 1000, shown=lambda move: False)
    assert hidden.endswith("Numbers moved:\nand on 2 lines that are not shown")
    assert differences.told(before, before, 1000) == ""
    assert "x1" in differences.told({"a": "x1 = 1\n"}, {"a": "x2 = 1\n"}, 1000)  # a name, no number
    assert "Numbers" not in differences.told({"a": "x1 = 1\n"}, {"a": "x2 = 1\n"}, 1000)
