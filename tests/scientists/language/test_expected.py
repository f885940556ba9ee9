"""What a language study is expected to ask grows with its ideas and its nodes, and is priced by role."""

from msgspec import structs

from novum.records import Settings
from novum.scientists.language import LanguageScientist
from tests.scientists.language.acting import Voices, stage


def test_calls_are_expected_by_slot() -> None:
    view, _ = stage(Voices())
    assert view.domain is not None
    settings = Settings(domain="curve", budget="smoke", scientist="language", proposals=3)
    found = {(c.step, c.role): c.calls for c in LanguageScientist().planned_calls(view.domain, settings)}
    assert found["ideate", "judge"] == 3 and found["register", "ideate"] == 1
    assert found["explore", "code"] == found["explore", "judge"] == 3  # of four trials one is the baseline's
    assert found["write", "write"] == 6
    larger = LanguageScientist().planned_calls(view.domain, structs.replace(settings, budget="full"))
    assert sum(c.calls for c in larger) > sum(found.values())
