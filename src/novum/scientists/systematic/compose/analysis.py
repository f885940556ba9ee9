# ruff: noqa: E501 (a sentence of prose stands on one line)
"""How verdicts are read from intervals."""

from novum.evidence.analysis import is_guarded, is_within
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.protocol import ESTIMANDS
from novum.scientists.systematic.compose.wording import (
    capital,
    listing,
    paragraph,
    paragraphs,
)


def analysis(paper: Paper) -> str:
    kinds = sorted({ESTIMANDS[c.contrast.estimand] for c in paper.claims})
    checks = sorted({c.decision.cross_check for c in paper.claims if c.decision and c.decision.cross_check})
    said_ = paper.say(
        "analysis",
        f"Each claim is a {listing(kinds)} with an interval at the level that Holm's procedure gives it{paper.cite('holm1979')}, and the verdict is read off that interval and the margin",
        f"Verdicts are read from intervals, by position relative to the margin; the estimand is the {listing(kinds)}, the level comes from Holm's step-down procedure{paper.cite('holm1979')}",
        f"For every claim a {listing(kinds)} is estimated, and an interval adjusted over the family by Holm's procedure{paper.cite('holm1979')} decides it against the margin",
        f"What decides a claim is whether the interval of its {listing(kinds)}, adjusted after Holm{paper.cite('holm1979')}, clears the margin",
        f"The {listing(kinds)} of a claim gets an interval, whose level Holm's procedure sets{paper.cite('holm1979')}; margin and interval together give the verdict",
    )
    cross = ""
    if checks:
        cross = paper.say(
            "cross",
            f"A {listing(checks)} permutation test of the same boundary serves as a check that needs no normal distribution",
            f"The same boundary is tested a second time by permutation ({listing(checks)}), without any distribution assumed",
            f"As a check on the distribution assumed, permutation ({listing(checks)}) tests the same boundary",
            f"Beside it stands a permutation test ({listing(checks)}), which does not lean on normality",
            f"Agreement with a permutation test of the {listing(checks)} kind is reported for each claim",
        )
    pointer = paper.say(
        "pointer",
        "Terms of statistics are defined in the appendix",
        "The appendix defines each statistical term in a sentence",
        "For definitions of terms, see the appendix",
        "Exact definitions are in the appendix",
        "A glossary in the appendix fixes the meaning of every statistical term",
    )
    return paragraphs("## Analysis", paragraph(capital(said_), within(paper), guard(paper), cross, pointer))


def within(paper: Paper) -> str:
    """That what sets fractions apart is no part of the error, where the registered test says so."""
    if not any(is_within(c.contrast.test) for c in paper.claims):
        return ""
    return paper.say(
        "within fractions",
        "Each fraction of the design weighs the same, and the standard error comes from the spread between seeds of one fraction, as joint effects set fractions apart",
        "An estimate is the mean over fractions, and only seeds of the same fraction are held against each other for its error",
        "What joint effects make of the difference between fractions cancels in the mean over them and is kept out of its error, which is that of a stratified sample",
        "Fractions are strata: their means are averaged, and seeds within them give the standard error",
        "The estimate averages the fractions, and its error is taken within them, so that joint effects of several factors, which have either sign there, enter neither",
    )


def guard(paper: Paper) -> str:
    """That intervals are guarded by a bootstrap, where the registered test is."""
    if not any(is_guarded(c.contrast.test) for c in paper.claims):
        return ""
    return paper.say(
        "guard",
        "Intervals follow Student's t, and on either side reach as far as a studentised bootstrap over the seeds where that goes farther",
        "No end of an interval lies nearer to the estimate than a studentised bootstrap over seeds puts it, nor nearer than Student's t does",
        "For each end of an interval the farther of Student's t and a studentised bootstrap is taken",
        "As a guard against skewed data, an interval from Student's t is widened to the end of a studentised bootstrap wherever that lies farther out",
        "Student's t sets the intervals, and where a studentised bootstrap reaches farther, its end is used",
    )
