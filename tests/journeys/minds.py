"""A researcher for whole studies who goes by what a question says and by nothing else.

The same question gets the same answer, whenever it is asked and over whatever channel; one answer in five
does not fit at first, programs may crash and be mended, and prose may have to be mended or dropped. Some
program always works, so that every study has something to confirm.
"""

import hashlib
import re
from typing import Any

from tests.scientists.language.acting import DONE, IDEA, NOVEL, PROGRAM_IDEA
from tests.scientists.language.test_writing import INTRODUCED

FIT = '    penalty = np.sqrt(config["penalty"]) * np.eye(matrix.shape[1])'
CHANGED = re.compile(r"^\s*\+( *penalty = .*)$", re.M)
ASKED_AGAIN = "cannot be used"
PLAN = {
    "metric": "heldout_error",
    "comparisons": [{"kind": "main_effect", "factor": "program", "start": "original", "end": "champion",
                     "direction": "less"}],
    "seeds_per_arm": 8,
    "rationale": "one comparison, as many seeds as the budget pays",
}  # fmt: skip
INTERPRETED = {
    "interpretation": ["The claim that the edit lowers the error is {{c:C1}}. The edit proves the idea."],
    "discussion": ["It may be that high degrees were fitted to noise."],
    "limitations": ["One subject was looked at."],
}
SUMMED = {"abstract": "We ask whether an edit lowers the error, and the claim is {{c:C1}}."}


def says(text: str) -> Any:
    """The answer to a question, whose whole text this is."""
    luck = int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)
    if "You write programs for experiments" in text:
        return "I would rather talk." if luck % 5 == 0 and ASKED_AGAIN not in text else _edit(text, luck)
    found = next(answer for mark, answer in ANSWERS if mark in text)
    if luck % 5 == 0 and ASKED_AGAIN not in text:
        return {"beside": "the point"}
    return found(text) if callable(found) else found


def _idea(text: str) -> dict[str, Any]:
    return PROGRAM_IDEA if "# Ideas of this study so far\n(none)" in text else IDEA | {"interest": 2}


ANSWERS: tuple[tuple[str, Any], ...] = (
    ("You judge whether an edited program", {"as_planned": True, "broken": False, "finding": "It shrinks."}),
    ("You judge whether a research idea is new", NOVEL),
    ("You plan the confirmation of a study", PLAN),
    ("These sentences of your answer cannot stand", {"sentences": [{"number": 1, "text": ""}]}),
    ("Write the `abstract`", SUMMED),
    ("Write the `introduction`", INTRODUCED),
    ("Write three sections", INTERPRETED),
    ("Look at your idea again", DONE),
    ("Propose one idea", _idea),
)


def _edit(text: str, luck: int) -> str:
    """Another strength of the penalty; now and then with a slip in the name of a key."""
    line = next(iter(CHANGED.findall(text)), FIT)
    key = "penaltyy" if luck % 3 == 0 and _may_slip(text) else "penalty"
    shape = f"np.diag(1 + np.arange(matrix.shape[1]) / {2 + luck % 9973})"
    new = f'    penalty = np.sqrt(config["{key}"]) * {shape}'
    return f"PLAN: shrink by degree\nFILE: fit.py\n<<<<<<< SEARCH\n{line}\n=======\n{new}\n>>>>>>> REPLACE\n"


def _may_slip(text: str) -> bool:
    """The first attempt of all may, and one that goes on from a version that works."""
    first = "# Tried so far\n(nothing)" in text and "being written meanwhile" not in text
    return first or ("Its difference to the original program" in text and "exploration: failed" not in text)
