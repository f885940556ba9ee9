"""A whole study under a model that only has ideas: all else is the machine's, and page one says so."""

from pathlib import Path

import pytest

from novum import api
from novum.domains import new_domain
from novum.errors import UserError
from novum.records import Settings

SCRIPT = """
from tests.scientists.language.acting import DONE, IDEA, NOVEL

def answer(request):
    return {"IdeaProposal": IDEA, "Reflection": DONE, "NoveltyVerdict": NOVEL}.get(request.output_name, "-")
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    new_domain(tmp_path / "toy", "toy")
    (tmp_path / "ideas.py").write_text(SCRIPT)
    return Settings(domain=str(tmp_path / "toy"), budget="smoke", seed=1, executor="inline", sandbox="none",
                    scientist="language", model=f"scripted:{tmp_path / 'ideas.py'}", proposals=1)  # fmt: skip


@pytest.mark.slow  # a whole study
def test_page_one_says_which_model_wrote_what(tmp_path: Path, settings: Settings) -> None:
    outcome = api.run(settings, lab=tmp_path / "lab")
    state = api.open_study(outcome.path).state
    assert outcome.exit_code == 0 and state.audit_passed
    assert state.paper is not None
    source = state.paper.source
    assert 'authors = "Novum' in source and "(scripted:ideas.py)" in source
    assert "The idea by `scripted:ideas.py`." in source and "prose from templates" in source
    assert "no language model" not in source
    assert "> Regularisation trades variance for bias." in source
    assert "42" not in source.split("# Method")[0].rsplit("> ", 1)[1]  # a number of its own
    assert "Sentences that state what nothing on record carries are left out." in source
    levels = {node.config["program"] for node in state.nodes.values()}
    assert levels == {"original"}


def test_without_a_model_there_is_no_language_scientist(tmp_path: Path, settings: Settings) -> None:
    from msgspec import structs

    with pytest.raises(UserError, match="no model to ideate"):
        api.run(structs.replace(settings, model=""), lab=tmp_path / "lab")
