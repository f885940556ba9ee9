"""One account of alpha per question and lab: what every study of a question draws from it.

A lab that asked a question until it got the answer it wanted would be wrong more often than any one of its
studies says. So each study of a question, whatever became of it, spends a fixed share of what the studies
before it left: the sum over any number of studies stays below `ALPHA`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from novum.records import Contrast, question_key

ALPHA = 0.05  # of one question in one lab, over all its studies
SHARE = 0.8  # of what is left of it, spent by each study in turn


def level(earlier: int) -> float:
    """The family-wise level of a study whose questions `earlier` studies of the lab have asked before."""
    return ALPHA * SHARE * (1 - SHARE) ** earlier


def earlier_studies(domain: str, family: Sequence[Contrast], archive: Mapping[str, Any]) -> tuple[str, ...]:
    """Studies of this lab that registered one of the same questions, whatever became of them."""
    asked = {question_key(domain, c.metric, c.factors) for c in family}
    found = [claim["study"] for claim in archive.get("claims", ()) if claim["question"] in asked]
    return tuple(dict.fromkeys(found))
