"""The verb *review*: a checklist that a machine can answer from the paper and the record.

It follows the topics of the paper checklist of NeurIPS, in our own words and only where text and journal
give an answer; what needs a person's judgement is said to. Every answer names where it was found.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from novum.events import Draft, ReviewDone
from novum.protocols import Services
from novum.records import Check, Contrast, Decision
from novum.state import State
from novum.steps.manuscript_reading import Answer, Manuscript, Section, no, not_applicable, yes

LIMITATION_WORDS = 60  # fewer say no more than that there are some
DEFINED = ("interval", "error bar", "standard error", "standard deviation")
SPREAD_OF = ("seed", "split", "initialisation", "initialization", "resampl")
TESTS = ("t test", "t-test", "welch", "permutation", "rank", "restricted mean", "interval", "log-rank")
COMMAND = "novum "
KEPT_IN = (
    "study's folder",
    "folder of the study",
    "repository",
    "source code",
    "supplement",
    "files of the domain",
    "`blobs",
    "`nodes",
)

Item = Callable[[Manuscript], Answer]


def review(view: State, services: Services) -> Sequence[Draft]:
    """Answer every item of the checklist for the paper of a study."""
    items = tuple(review_items(view, services.literature.entries()))
    return [Draft(body=ReviewDone(items=items, summary=summary(items)))]


def review_items(state: State, entries: Mapping[str, Mapping[str, str]]) -> list[Check]:
    """The checklist as checks: `passed` is false only where the answer is no."""
    if state.paper is None:
        detail = f"no: there is no paper to review; the study ended in its stage '{state.stage}'"
        return [Check(id="paper", passed=False, detail=detail)]
    paper = Manuscript(state, entries)
    answers = ((id, item(paper)) for id, item in ITEMS.items())
    return [Check(id=id, passed=a.word != "no", detail=f"{a.word}: {a.why}") for id, a in answers]


def summary(items: Sequence[Check]) -> str:
    """One sentence: how many items hold, and which do not."""
    failed = [c.id for c in items if not c.passed]
    open_ = sum(c.detail.startswith("not applicable") for c in items)
    held = f"{len(items) - len(failed) - open_} of {len(items)} items hold, {open_} do not apply"
    return f"{held}; answered no: {', '.join(failed)}" if failed else f"{held}, none is answered no"


# --- what is claimed ----------------------------------------------------------------------------------


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


# --- how it was done ----------------------------------------------------------------------------------


def setting(paper: Manuscript) -> Answer:
    """Outcome, factors that were moved, sample and horizon are stated."""
    state = paper.state
    assert state.domain is not None
    metric = state.domain.primary
    missing = (
        [] if paper.mentions(metric.title or metric.name, metric.name) else [f"the outcome {metric.name}"]
    )
    moved = sorted({f for c in paper.contrasts for f in c.factors})
    for name in moved:
        title = next((f.title for f in state.domain.factors if f.name == name), "")
        if not paper.mentions(name, title or name):
            missing.append(f"the factor {name}")
    missing += [words for kind, words in (("planned_n", "the number of seeds"), ("horizon", "the horizon"))
                if not paper.cites(kind) and (kind != "horizon" or metric.horizon)]  # fmt: skip
    if missing:
        return no(f"not stated: {', '.join(missing)}")
    return yes(f"{paper.where_cited('planned_n')}: outcome, {len(moved)} factors, seeds per arm")


def error_bars(paper: Manuscript) -> Answer:
    """Uncertainty is shown, and it is said what it is and over what it varies."""
    shown = [
        s for s in paper.statistics() if s.kind in ("claim_low", "claim_high", "low", "high", "se", "sd")
    ]
    bounded = any(d.low is not None for d in paper.state.decisions.values())
    if bounded and not shown:
        return no("no interval or spread is referred to")
    if not paper.mentions(*DEFINED):
        return no("it is not said what the intervals are")
    if not paper.mentions(*SPREAD_OF):
        return no("it is not said over which randomness the intervals are taken")
    return yes(f"{paper.first_with(*DEFINED)}: intervals, defined, over seeds")


def significance(paper: Manuscript) -> Answer:
    """Test, level and correction over the family are stated."""
    protocol = paper.state.protocol
    assert protocol is not None
    missing = [] if paper.mentions(*TESTS) else ["the test"]
    if not paper.cites("alpha", "alpha_percent", "level"):
        missing.append("the level")
    if len(protocol.contrasts) > 1 and not paper.mentions(protocol.correction):
        missing.append(f"the correction ({protocol.correction})")
    if missing:
        return no(f"not stated: {', '.join(missing)}")
    return yes(f"{paper.first_with(protocol.correction, *TESTS)}: test, level, correction")


def sensitivity(paper: Manuscript) -> Answer:
    """What effect the study could have found."""
    if not paper.cites("detectable_effect", "power", "power_percent"):
        return no("neither detectable effect nor power is given")
    return yes(f"{paper.where_cited('detectable_effect', 'power', 'power_percent')}: what could be detected")


def generalisation(paper: Manuscript) -> Answer:
    """The sources of randomness that were resampled, over which alone claims generalise."""
    assert paper.state.domain is not None
    sources = paper.state.domain.resampled
    missing = [s for s in sources if not paper.mentions(s)]
    if missing or not sources:
        return no(
            f"not said to be resampled: {', '.join(missing)}" if missing else "the domain names no source"
        )
    return yes(f"{paper.first_with(*sources)}: {', '.join(sources)}")


def registration(paper: Manuscript) -> Answer:
    """Protocol and chain head are printed, and amendments are disclosed."""
    state = paper.state
    assert state.paper is not None
    for what, value in (("protocol's hash", state.protocol_hash), ("chain's head", state.paper.head)):
        if value not in state.paper.source:
            return no(f"the {what} is not printed")
    if state.amendments and not paper.mentions("amend"):
        return no(f"the protocol was amended {len(state.amendments)} times, and the paper does not say so")
    return yes(f"{paper.first_with(state.protocol_hash)}: protocol and chain head, to compare")


def exploration(paper: Manuscript) -> Answer:
    """Exploratory comparisons are counted, or at least told apart from the confirmation."""
    if paper.cites("exploratory_comparisons"):
        return yes(f"{paper.where_cited('exploratory_comparisons')}: exploratory comparisons are counted")
    if paper.mentions("explor"):
        return yes(f"{paper.first_with('explor')}: exploration is told apart from confirmation")
    return no("the paper does not say what was explored before the protocol")


def earlier_studies(paper: Manuscript) -> Answer:
    """Earlier studies of the same question spend from the same account of alpha."""
    protocol = paper.state.protocol
    assert protocol is not None
    if not protocol.earlier_studies:
        return not_applicable("the archive holds no earlier study of the same question")
    missing = [s for s in protocol.earlier_studies if not paper.mentions(s)]
    if missing and not paper.cites("earlier_studies"):
        return no(f"not mentioned: {', '.join(missing)}")
    return yes(f"{len(protocol.earlier_studies)} earlier studies are listed")


# --- can it be repeated, and at what price ------------------------------------------------------------


def reproducibility(paper: Manuscript) -> Answer:
    """A command that repeats the study, and what must be the same."""
    where = paper.first_with(f"`{COMMAND}", f"\n{COMMAND}", f"    {COMMAND}")
    if not where:
        return no("no command is given that repeats or audits the study")
    return yes(f"{where}: the command; seeds, files and versions are in the study's journal")


def code_and_data(paper: Manuscript) -> Answer:
    """Where program, evaluator and data are."""
    assert paper.state.domain is not None
    where = paper.first_with(*KEPT_IN)
    if not where:
        return no("the paper does not say where program and data are")
    return yes(f"{where}: {len(paper.state.domain.files)} files of the domain are kept by their hashes")


def compute(paper: Manuscript) -> Answer:
    """Computing time, and where it was spent."""
    if not paper.cites("cpu_seconds", "wall_seconds"):
        return no("no computing time is given")
    return yes(f"{paper.where_cited('cpu_seconds', 'wall_seconds')}: processor time of all trials")


def related_work(paper: Manuscript) -> Answer:
    """Works that bear on the question are cited."""
    cited = paper.citations
    if cited:
        return yes(f"{paper.first_with(f'@{cited[0]}')}: {len(cited)} works of the bibliography are cited")
    if not paper.entries:
        return not_applicable("the domain lists no work, and nothing was searched")
    return no(f"the bibliography holds {len(paper.entries)} works, and the paper cites none")


def licences(paper: Manuscript) -> Answer:
    """Under which terms code and data may be used."""
    where = paper.first_with("licence", "license")
    return yes(f"{where}: named") if where else no("no licence of code or data is named")


def model_usage(paper: Manuscript) -> Answer:
    """Whether a language model wrote any of it, and that this is so."""
    declared = paper.first_with("language model")
    if not declared:
        return no("the paper does not say whether a language model was used")
    used = len(paper.state.model_calls)
    if used and paper.mentions("no language model"):
        return no(f"the paper says that no language model was used, and the journal holds {used} calls")
    return yes(f"{declared}: declared; the journal holds {used} model calls")


def people(paper: Manuscript) -> Answer:
    """What a person changed."""
    edits = [who for who, act in paper.state.actions if act == "edit"]
    if not edits:
        return not_applicable("no person changed anything")
    if not any(paper.mentions(who) for who in edits) and not paper.mentions("edited", "amend"):
        return no(f"{len(edits)} changes by a person are not disclosed")
    return yes(f"{paper.first_with(*edits, 'edited', 'amend')}: {len(edits)} changes by a person")


def broader_impact(paper: Manuscript) -> Answer:
    """Consequences beyond the study."""
    found = paper.section("impact", "societal", "ethic")
    if found is None:
        return not_applicable("the paper does not discuss it, and a machine cannot judge it: for a person")
    return yes(f"{found.title}: {found.words} words")


def subjects(paper: Manuscript) -> Answer:
    """People whose consent or protection would matter."""
    return not_applicable("trials are programs; whether the domain's data concern people is for a person")


def theory(paper: Manuscript) -> Answer:
    """Statements that need a proof."""
    if paper.mentions("theorem", "lemma", "proof.", "we prove"):
        return no("the text speaks of proofs, and a machine has not checked any")
    return not_applicable("the paper states no theorem")


def figures(paper: Manuscript) -> Answer:
    """Figures are placed, and each has a caption that says what it shows."""
    placed = {r.id for r in paper.all_references if r.kind == "fig"}
    if not placed:
        return no("the paper shows no figure")
    short = [i for i in sorted(placed) if len(paper.state.figures[i].caption.split()) < 6]
    if short:
        return no(f"the caption of {', '.join(short)} does not say what it shows")
    return yes(f"{len(placed)} figures, each with a caption")


ITEMS: dict[str, Item] = {
    "claims": claims,
    "results": results,
    "negative-results": negative_results,
    "novelty": novelty,
    "limitations": limitations,
    "related-work": related_work,
    "theory": theory,
    "setting": setting,
    "registration": registration,
    "exploration": exploration,
    "error-bars": error_bars,
    "significance": significance,
    "sensitivity": sensitivity,
    "generalisation": generalisation,
    "earlier-studies": earlier_studies,
    "figures": figures,
    "reproducibility": reproducibility,
    "code-and-data": code_and_data,
    "compute": compute,
    "licences": licences,
    "model-usage": model_usage,
    "people": people,
    "subjects": subjects,
    "broader-impact": broader_impact,
}
"""Item of the checklist -> what answers it; the docstring of each says what is asked."""
