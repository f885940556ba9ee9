# ruff: noqa: E501 (a sentence of prose stands on one line)
"""Fixed wording: definitions of statistical and procedural terms, the same in every paper.

They are the only sentences that papers share besides headings.
"""

from novum.evidence.analysis import is_guarded
from novum.scientists.systematic.compose.paper import Paper

DEFINITIONS: dict[str, str] = {
    "Adjusted interval": "An interval of a claim's estimand at the level that Holm's procedure assigns to the claim "
    "within its family. Verdict and interval use the same level, so they cannot disagree.",
    "Censored": "A run that had not reached its event at the horizon. Its time is known to be beyond the horizon and "
    "enters the restricted mean at the horizon.",
    "Common horizon": "The same last moment of observation for all runs, counted in steps of the program and not in "
    "seconds, so that the speed of a machine has no influence.",
    "Confirmation": "Runs on seeds that are derived from the frozen protocol and that no earlier stage could see. Only "
    "they enter a verdict.",
    "Dose–response": "The change of an outcome along a line fitted to several ordered levels of one factor, from the "
    "first level to the last.",
    "Equivalence": "A claim that settings differ by the margin at most in either direction. It is supported "
    "when the adjusted interval lies wholly within both margins.",
    "Exploratory": "Seen before registration, or not registered. Exploratory values are described and never tested.",
    "Family-wise level": "The chance of supporting at least one claim of the family when none of them is true.",
    "Guarded by a bootstrap": "A value lies outside of an interval only if Student's t and a studentised bootstrap over "
    "the seeds both put it there. The p-value is made in the same way.",
    "Holm's procedure": "Claims are ordered by p-value and compared in turn with the family's level divided by the "
    "number of claims not yet passed, until one fails.",
    "Inconclusive": "Neither supported nor refuted: the adjusted interval includes the margin.",
    "Interaction": "The difference between the effect of one factor under one level of a second factor and its effect "
    "under another.",
    "Log-rank test": "A test that the curves of events over time are equal. It knows neither margin nor pairing.",
    "Margin": "The smallest effect of interest, declared by the domain before any run.",
    "Minimal detectable effect": "The true effect that the planned sample would have supported with the planned power, "
    "given the bound on the spread between seeds.",
    "P-value at the margin": "The chance, if the true effect were exactly the margin, of an estimate at least as far from "
    "it, on either side. It is small for claims that are supported and for claims that are refuted.",
    "Permutation test": "The observed estimate is placed among those that arise when signs or labels are exchanged at "
    "random, with the margin subtracted beforehand.",
    "Refuted": "The adjusted interval lies wholly on the other side of the margin.",
    "Restricted mean": "The mean of the time to the event or the horizon, whichever comes first. It equals the area "
    "under the curve of runs still waiting.",
    "Supported": "The adjusted interval lies wholly beyond the margin in the registered direction.",
}  # fmt: skip
"""Term -> its definition."""

ALWAYS = ("Adjusted interval", "Confirmation", "Exploratory", "Family-wise level", "Holm's procedure", "Inconclusive",
          "Margin", "Minimal detectable effect", "P-value at the margin", "Permutation test", "Refuted", "Supported")  # fmt: skip


def definitions(paper: Paper) -> str:
    """The terms that this paper uses, in the order of the alphabet."""
    terms = set(ALWAYS)
    if paper.metric.kind == "time_to_event":
        terms |= {"Censored", "Common horizon", "Log-rank test", "Restricted mean"}
    kinds = {c.kind for c in paper.claims}
    terms |= {"Interaction"} if "interaction" in kinds else set()
    terms |= {"Dose–response"} if "dose" in kinds else set()
    tests = {c.contrast.test for c in paper.claims}
    terms |= {"Guarded by a bootstrap"} if any(map(is_guarded, tests)) else set()
    terms |= {"Equivalence"} if "same" in kinds else set()
    rows = [f"| {term} | {text} |" for term, text in DEFINITIONS.items() if term in terms]
    return "\n".join(["| term | meaning |", "|:----|:--------------|", *rows])
