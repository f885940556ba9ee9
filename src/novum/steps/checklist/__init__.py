"""The items of the review's checklist, by topic: what a paper claims, how it was done, what others need."""

from collections.abc import Callable

from novum.steps.checklist import access, claimed, method
from novum.steps.checklist.reading import Answer, Manuscript

Item = Callable[[Manuscript], Answer]

ITEMS: dict[str, Item] = {
    "claims": claimed.claims,
    "results": claimed.results,
    "negative-results": claimed.negative_results,
    "novelty": claimed.novelty,
    "limitations": claimed.limitations,
    "related-work": claimed.related_work,
    "theory": claimed.theory,
    "setting": method.setting,
    "registration": method.registration,
    "exploration": method.exploration,
    "error-bars": method.error_bars,
    "significance": method.significance,
    "sensitivity": method.sensitivity,
    "generalisation": method.generalisation,
    "earlier-studies": method.earlier_studies,
    "figures": method.figures,
    "reproducibility": access.reproducibility,
    "code-and-data": access.code_and_data,
    "compute": access.compute,
    "licences": access.licences,
    "model-usage": access.model_usage,
    "people": access.people,
    "subjects": access.subjects,
    "broader-impact": access.broader_impact,
}
"""Item of the checklist -> what answers it; the docstring of each says what is asked."""
