"""Items on what a paper claims: verdicts, novelty, limits, the works it stands beside."""

from collections.abc import Iterator, Sequence

from novum.records import Contrast, Decision
from novum.steps.checklist.reading import Answer, Manuscript, Section, no, not_applicable, yes

LIMITATION_WORDS = 60  # fewer say no more than that there are some


def claims(paper: Manuscript) -> Answer:
    """The abstract gives the verdict on every registered claim, or counts them all by verdict."""
    abstract = paper.section("abstract")
    if abstract is None:
        return no("there is no abstract")
    said = {r.id for r in paper.references(abstract) if r.kind == "c"}
    missing = [c.id for c in paper.contrasts if c.id not in said]
    if missing and not _tallied(paper, abstract, missing):
        return no(f"the abstract leaves out the verdict on {', '.join(missing)}")
    foreign = sorted(said - {c.id for c in paper.contrasts})
    if foreign:
        return no(f"the abstract names claims that were not registered: {', '.join(foreign)}")
    counted = ", the others counted by verdict" if missing else ""
    return yes(f"{abstract.title}: verdicts on {len(said)} of {len(paper.contrasts)} claims{counted}")


def _tallied(paper: Manuscript, section: Section, claims: Sequence[str]) -> bool:
    """Whether a section counts the claims of every verdict that these were given."""
    counted = {s.name for s in paper.statistics(section) if s.kind == "verdicts"}
    decisions = paper.state.decisions
    return all(claim in decisions and decisions[claim].verdict in counted for claim in claims)


def results(paper: Manuscript) -> Answer:
    """Each registered claim has its verdict, its estimate and its interval outside the abstract."""
    lacking = [f for c in paper.contrasts for f in _unreported(paper, c)]
    if lacking:
        return no("; ".join(lacking))
    where = paper.where(lambda r: r.kind == "c", besides="abstract")
    return yes(f"{where}: verdict, estimate and interval of every claim that has them")


def _unreported(paper: Manuscript, contrast: Contrast) -> Iterator[str]:
    if not paper.where(lambda r: r.kind == "c" and r.id == contrast.id, besides="abstract"):
        yield f"the verdict on {contrast.id} stands nowhere but in the abstract"
    decision = paper.state.decisions.get(contrast.id)
    if decision is None:
        return
    shown = {s.kind for s in paper.statistics() if s.claim == contrast.id}
    for kinds, words, value in _reportable(decision):
        if value is not None and not shown & kinds:
            yield f"the {words} of {contrast.id} is not given"


def _reportable(d: Decision) -> Iterator[tuple[set[str], str, float | None]]:
    yield {"estimate", "estimate_size"}, "estimate", d.estimate
    yield {"claim_low", "size_low"}, "lower end of the interval", d.low
    yield {"claim_high", "size_high"}, "upper end of the interval", d.high


def negative_results(paper: Manuscript) -> Answer:
    """What was not supported, and every failed trial, is in the results."""
    against = [c for c, d in paper.state.decisions.items() if d.verdict != "supported"]
    hidden = [c for c in against if not paper.where(lambda r, c=c: r.id == c, besides="abstract")]
    if hidden:
        return no(f"the results are silent on {', '.join(hidden)}, which was not supported")
    failed = [t.id for t in paper.state.trials.values() if t.status == "failed"]
    if failed and not paper.mentions("failed", "failure", "crashed"):
        return no(f"{len(failed)} trials failed, and the paper does not say so")
    if not against and not failed:
        return not_applicable("every claim was supported and no trial failed")
    return yes(f"{len(against)} claims not supported and {len(failed)} failed trials are reported")


def novelty(paper: Manuscript) -> Answer:
    """The paper claims no novelty that was not assessed."""
    idea = paper.state.ideas.get(paper.state.chosen)
    boasts = paper.boasts()
    if boasts and (idea is None or idea.novelty != "novel"):
        return no(f"'{boasts[0]}' claims a novelty that was not established")
    verdict = idea.novelty if idea else "not assessed"
    return yes(f"nothing in the text goes beyond the recorded verdict on novelty, '{verdict}'")


def limitations(paper: Manuscript) -> Answer:
    """There is a section on limitations that says something."""
    found = paper.section("limitation")
    if found is None:
        return no("no section is headed limitations")
    if found.words < LIMITATION_WORDS:
        return no(f"{found.title}: {found.words} words say little")
    return yes(f"{found.title}: {found.words} words")


def related_work(paper: Manuscript) -> Answer:
    """Works that bear on the question are cited."""
    cited = paper.citations
    if cited:
        return yes(f"{paper.first_with(f'@{cited[0]}')}: {len(cited)} works of the bibliography are cited")
    if not paper.entries:
        return not_applicable("the domain lists no work, and nothing was searched")
    return no(f"the bibliography holds {len(paper.entries)} works, and the paper cites none")


def theory(paper: Manuscript) -> Answer:
    """Statements that need a proof."""
    if paper.mentions("theorem", "lemma", "proof.", "we prove"):
        return no("the text speaks of proofs, and a machine has not checked any")
    return not_applicable("the paper states no theorem")
