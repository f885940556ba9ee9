"""In which direction a question may be registered."""

import pytest
from msgspec import structs

from novum.scientists.systematic.hypotheses import best_setting, equivalence, forms
from novum.scientists.systematic.register import ways_of
from tests.histories import DOMAIN

BEST = best_setting(DOMAIN, {"x": 2.0, "z": "b"})


@pytest.mark.parametrize(("goal", "way"), [("minimize", "less"), ("maximize", "greater")])
def test_what_was_chosen_for_doing_well_is_registered_to_do_well(goal: str, way: str) -> None:
    metric = structs.replace(DOMAIN.primary, goal=goal)
    domain = structs.replace(DOMAIN, metrics=(metric, *DOMAIN.metrics[1:]))
    assert ways_of(BEST, domain) == (way,)


def test_other_effects_may_go_either_way_and_sameness_neither() -> None:
    main = next(f for f in forms(DOMAIN) if f.kind == "main_effect")
    assert ways_of(main, DOMAIN) == ("greater", "less")
    assert ways_of(equivalence(main), DOMAIN) == ("equivalent",)
