# ruff: noqa: E501 (answers of a model stand on long lines)
"""Edits of a model: small slips are forgiven, what is not certain is refused with the reason."""

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from novum.scientists.language.edits import EditError, edited

FILES = {
    "main.py": "import os\n\n\ndef one(x):\n    y = x + 1\n    return y\n\n\n"
    "def two(x):\n    return one(x) * 2\n",
    "helper.py": "VALUE = 1\n",
    "driver.py": "import main\n",
}
EDITABLE = ("main.py", "helper.py")


def block(path: str, old: str, new: str) -> str:
    return f"FILE: {path}\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n"


@pytest.mark.parametrize(
    "answer",
    [
        block("main.py", "    y = x + 1", "    y = x + 2"),
        block("main.py", "    y = x + 1   ", "    y = x + 2"),
        block("main.py", "y = x + 1", "y = x + 2"),
        block("main.py", "        y = x + 1", "        y = x + 2"),
        block("main.py", "\n    y = x + 1\n", "    y = x + 2"),
        "I change one line.\n```\n" + block("`main.py`", "    y = x + 1", "    y = x + 2") + "```\nDone.",
        "### main.py\n<<<<< SEARCH\n    y = x + 1\n=====\n    y = x + 2\n>>>>> REPLACE",
        "**./main.py**\n<<<<<<< SEARCH\n    y = x + 1\n=======\n    y = x + 2\n>>>>>>>",
    ],
)
def test_small_slips_are_forgiven(answer: str) -> None:
    after = edited(FILES, answer, EDITABLE)
    assert after == FILES | {"main.py": FILES["main.py"].replace("x + 1", "x + 2")}


def test_several_files_and_a_whole_one() -> None:
    answer = block("main.py", "    return one(x) * 2", "    return one(x) * VALUE") + (
        "FILE: helper.py\n<<<<<<< CONTENT\n```python\nVALUE = 3\n```\n>>>>>>> END\n"
    )
    after = edited(FILES, answer, EDITABLE)
    assert after["helper.py"] == "VALUE = 3\n" and "* VALUE" in after["main.py"]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("I would rather not.", "no block"),
        (block("driver.py", "import main", "import evil"), "driver.py is protected; only main.py, helper.py"),
        (block("evaluator.py", "a", "b"), "evaluator.py is protected"),
        (block("numpy.py", "a", "b"), "protected"),
        (block("main.py", "    return", "    raise"), "not in main.py"),
        (block("main.py", "    y = x + 3\n    return y", ""), "nearest, from line 5, are:\n    y = x + 1"),
        (block("main.py", "", "x"), "seeks nothing"),
        (block("main.py", "import os", "import os"), "change nothing"),
        (block("main.py", "def one(x):", "def one(x:"), "no Python after the edits: '(' was never closed at line 4"),
        ("FILE: main.py\n<<<<<<< SEARCH\nimport os\n=======\n", "has no end"),
        ("FILE: main.py\n<<<<<<< SEARCH\nimport os\n>>>>>>> REPLACE\n", "no ======="),
        ("<<<<<<< SEARCH\nimport os\n=======\nimport re\n>>>>>>> REPLACE\n", "names no file"),
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_said_exactly(answer: str, says: str) -> None:
    with pytest.raises(EditError) as error:
        edited(FILES, answer, EDITABLE)
    assert says in str(error.value)


def test_lines_that_stand_twice_are_ambiguous() -> None:
    files = {"main.py": "x = 1\nx = 1\n"}
    with pytest.raises(EditError, match="2 times"):
        edited(files, block("main.py", "x = 1", "x = 2"), ("main.py",))


@given(st.integers(0, 10_000))
def test_no_answer_makes_it_crash_or_touch_a_protected_file(seed: int) -> None:
    rng = random.Random(seed)
    pieces = ["FILE: main.py", "FILE: driver.py", "<<<<<<< SEARCH", "=======", ">>>>>>> REPLACE", "import os",
              "<<<<<<< CONTENT", "```", "", "    y = x + 1", "\x00", "".join(rng.choices(string.printable, k=20))]  # fmt: skip
    answer = "\n".join(rng.choices(pieces, k=rng.randrange(20)))
    try:
        after = edited(FILES, answer, EDITABLE)
    except EditError:
        return
    assert after["driver.py"] == FILES["driver.py"] and set(after) == set(FILES)


def test_a_small_edit_of_a_long_program_is_a_short_answer() -> None:
    from novum import tokens

    lines = [f"    value_{i} = compute(value_{i - 1}, {i})" for i in range(1, 400)]
    files = {"main.py": "def run(value_0):\n" + "\n".join(lines) + "\n    return value_399\n"}
    answer = "PLAN: change two lines\n" + block(
        "main.py", f"{lines[199]}\n{lines[200]}", "    value_200 = 0\n    value_201 = 1"
    )
    assert "value_201 = 1" in edited(files, answer, ("main.py",))["main.py"]
    assert tokens.estimate(answer) <= 0.15 * tokens.estimate(files["main.py"])
