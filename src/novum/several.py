"""A run of several studies: which idea is next, with which settings, also after the run was cut short.

One ideation ranks the ideas, and the budget of all is shared by their value (`portfolio`). A later study sees
what the earlier ones found, so an idea that one of them has asked on the way gives its place to the next.
Every study holds in its first event what the run is and which place it has; there is no other record, and
the run goes on from what its studies say.
"""

import contextlib
from collections.abc import Collection, Mapping
from pathlib import Path

from msgspec import structs

from novum.beginning import create_study, open_ideas
from novum.canonical import short_id
from novum.config import changed
from novum.errors import StudyError, UserError
from novum.portfolio import settings_of, shares
from novum.protocols import Clock
from novum.records import Idea, Ranked, Settings, Several


def planned(lab: Path, settings: Settings, count: int, clock: Clock) -> Several:
    """The run as its first study will have it: as many studies as were asked for, or as there are ideas.

    Raises:
        UserError: the settings or the domain are wrong, or `count` is.
        StudyError: the lab has decided every question of the domain.
    """
    if count < 1:
        raise UserError(f"{count} studies were asked for", fix="ask for one or more")
    ranking = tuple(_ranked(idea) for idea in open_ideas(lab, settings))
    number = min(count, len(ranking))
    return Several(
        run=short_id("run", settings, clock.now()),
        place=0,
        count=number,
        share=_share(ranking, number, 0),
        settings=settings,
        ranking=ranking,
    )


def _ranked(idea: Idea) -> Ranked:
    return Ranked(idea=idea.id, total=max(idea.scores.get("total", 0.0), 0.0), novelty=_novelty(idea))


def _novelty(idea: Idea) -> float:
    return idea.scores.get("novelty", 1.0)


def _share(ranking: tuple[Ranked, ...], count: int, place: int) -> float:
    return shares([r.total for r in ranking[:count]])[place]


def begin(lab: Path, run: Several, place: int, taken: Collection[str], clock: Clock) -> Path | None:
    """Make the study of a place of a run, which none of the ideas `taken` may be of; None if none is left.

    Raises:
        UserError: the domain is not there any more, or breaks its contract.
    """
    idea = _next_idea(lab, run, taken)
    if idea is None:
        return None
    mine = _at(run, place)
    return create_study(lab, _settings(mine, idea), clock, mine)


def _next_idea(lab: Path, run: Several, taken: Collection[str]) -> str | None:
    """The best idea of the ranking that no study has asked since the run began."""
    if not taken:
        return run.ranking[0].idea
    with contextlib.suppress(StudyError):  # the lab has decided everything by now
        now = {idea.id: _novelty(idea) for idea in open_ideas(lab, run.settings)}
        left = (r for r in run.ranking if r.idea not in taken and now.get(r.idea) == r.novelty)
        return next((r.idea for r in left), None)
    return None


def with_changes(run: Several, changes: Mapping[str, object]) -> Several:
    """The run with settings changed on resume; caps given there are caps of the whole run.

    Raises:
        UserError: a key that a study fixes at its start, or a value of the wrong type.
    """
    return structs.replace(run, settings=changed(run.settings, changes))


def changes_for(run: Several, place: int, changes: Mapping[str, object]) -> dict[str, object]:
    """What changes on resume mean for the study at a place of a run that has them: its part of each cap."""
    mine = _settings(_at(run, place), "")
    return {name: getattr(mine, name) for name in changes}


def _at(run: Several, place: int) -> Several:
    return structs.replace(run, place=place, share=_share(run.ranking, run.count, place))


def _settings(run: Several, idea: str) -> Settings:
    """The settings of the study at a run's place: its idea, a seed of its own, its part of the caps."""
    return settings_of(run.settings, idea, run.place, run.share, run.count)
