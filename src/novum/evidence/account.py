"""One account of alpha per question and lab: what the studies of a question draw from it.

A lab that asked a question until it got the answer it wanted would be wrong more often than any one of its
studies says. So each study of a question, whatever became of it, spends a fixed share of what the studies
before it left: the sum over any number of studies stays below `ALPHA`.

A replication draws for what its original left open or refuted, like any study. For a claim that the original
*supported* it draws nothing, and tests it at the level that the original did: if the claim is false, the lab
has claimed so already, and saying it again adds no question on which the lab is wrong. The chance that any
study of a question ever supports a false claim is therefore the same with such replications as without.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from novum.records import Contrast, Protocol, question_key

ALPHA = 0.05  # of one question in one lab, over all its studies
SHARE = 0.8  # of what is left of it, spent by each study in turn


def level(earlier: int) -> float:
    """The family-wise level of a study on whose questions `earlier` studies of the lab have drawn before."""
    return ALPHA * SHARE * (1 - SHARE) ** earlier


def drawn(protocol: Protocol, claim: str) -> float:
    """What a protocol draws from the account of the question that one of its claims is about."""
    return 0.0 if claim in protocol.repeated else protocol.alpha


def earlier_studies(domain: str, family: Sequence[Contrast], archive: Mapping[str, Any]) -> tuple[str, ...]:
    """Studies of this lab that drew on the account of one of the same questions, whatever became of them."""
    asked = {question_key(domain, c.metric, c.factors) for c in family}
    claims = [c for c in archive.get("claims", ()) if c["question"] in asked]
    return tuple(dict.fromkeys(c["study"] for c in claims if c.get("alpha", ALPHA)))
