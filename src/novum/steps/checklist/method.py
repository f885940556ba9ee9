"""Items on how it was done: setting, registration, uncertainty, and what the sample can carry."""

from novum.steps.checklist.reading import Answer, Manuscript, no, not_applicable, yes

DEFINED = ("interval", "error bar", "standard error", "standard deviation")
SPREAD_OF = ("seed", "split", "initialisation", "initialization", "resampl")
TESTS = ("t test", "t-test", "welch", "permutation", "rank", "restricted mean", "interval", "log-rank")


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


def figures(paper: Manuscript) -> Answer:
    """Figures are placed, and each has a caption that says what it shows."""
    placed = {r.id for r in paper.all_references if r.kind == "fig"}
    if not placed:
        return no("the paper shows no figure")
    short = [i for i in sorted(placed) if len(paper.state.figures[i].caption.split()) < 6]
    if short:
        return no(f"the caption of {', '.join(short)} does not say what it shows")
    return yes(f"{len(placed)} figures, each with a caption")
