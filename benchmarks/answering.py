"""The scripted model of `asking.py`: it answers what a language study asks, and edits two lines at a time.

Before every fourth version it asks to be shown a function that is folded.
"""

import re

FIT = '    penalty = np.sqrt(config["penalty"]) * np.eye(matrix.shape[1])'
TARGET = "    stacked, target = np.vstack([matrix, penalty]), np.append(y, np.zeros(len(penalty)))"
LOOKED = "# What you asked to be shown"
CHANGED = re.compile(r"^\+(    penalty = .*)\n\+(    stacked, target = .*)$", re.M)
IDEA = {
    "title": "A penalty that grows with the degree",
    "hypothesis": "A ridge penalty that grows with the degree of a term lowers the error between the points.",
    "kind": "program",
    "factors": [],
    "direction": "less",
    "motivation": "Terms of high degree follow the noise most, so that they may want a larger penalty.",
    "plan": "Edit fit.py so that the penalty of a coefficient depends on its degree.",
    "risks": "The degrees in use may be too low for it to matter.",
    "interest": 6,
    "feasibility": 9,
    "novelty": 4,
}
COMPARED = {"kind": "main_effect", "factor": "program", "start": "original", "end": "champion",
            "direction": "less"}  # fmt: skip
ANSWERS = {
    "IdeaProposal": IDEA,
    "Reflection": {"done": True},
    "NoveltyVerdict": {"verdict": "novel", "nearest": [], "reason": "Nothing at hand settles it."},
    "Assessment": {"as_planned": True, "broken": False, "finding": "The penalty grows with the degree."},
    "Plan": {"metric": "heldout_error", "comparisons": [COMPARED], "seeds_per_arm": 8, "rationale": "-"},
    "Interpreted": {"interpretation": ["The claim on the edit is {{c:C1}}."],
                    "discussion": ["It may be that high degrees follow the noise."],
                    "limitations": ["One family of curves was looked at."]},
    "Introduced": {"introduction": ["Whether penalties should depend on the degree is asked here."]},
    "Summed": {"abstract": "Whether a penalty by degree lowers the error is asked; the claim is {{c:C1}}."},
    "Mended": {"sentences": []},
}  # fmt: skip


def answer(request):
    if request.output_name in ANSWERS:
        return ANSWERS[request.output_name]
    if request.sample % 4 == 0 and LOOKED not in request.parts[-1].text:
        return f"SHOW: moment_{request.sample + 2}"
    first, second = next(iter(CHANGED.findall(request.parts[-1].text)), (FIT, TARGET))
    shape = f"np.diag(1 + np.arange(matrix.shape[1]) / {request.sample + 2})"
    new = f'    penalty = np.sqrt(config["penalty"]) * {shape}'
    return f"""PLAN: penalise degree k by k / {request.sample + 2}
FILE: fit.py
<<<<<<< SEARCH
{first}
{second}
=======
{new}
{TARGET}  # {request.sample}
>>>>>>> REPLACE
"""
