# ruff: noqa: E501 (a sentence of prose stands on one line)
"""The method: what a run is, what may be set and measured, how the search went, what was registered."""

from novum.evidence.analysis import GUARDED
from novum.records import Factor, Metric
from novum.scientists.systematic.compose.effects import said
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.wording import (
    capital,
    event,
    factor_title,
    listing,
    metric_title,
    paragraph,
    paragraphs,
    plain,
    quantity,
    resampled,
    units,
)

ESTIMANDS = {"rmst_diff": "difference of restricted means", "mean_diff": "difference of means",
             "median_diff": "difference of medians", "ratio": "ratio of means",
             "interaction": "difference between changes", "slope": "change along the fitted line"}  # fmt: skip
KINDS = {"time_to_event": "time to an event", "value": "value", "proportion": "proportion", "count": "count"}


def method(paper: Paper) -> str:
    return paragraphs("# Method", setting(paper), variables(paper), search(paper), protocol(paper), analysis(paper))


# --- a run --------------------------------------------------------------------------------------------


def setting(paper: Paper) -> str:
    domain, amount = paper.domain, quantity(paper.metric)
    commands = paper.say(
        "run",
        "A run passes through stages, each a command in a folder of its own: the data are prepared, the program learns from them, and an evaluator that the program cannot reach scores what it left",
        "Each run is made of separate commands that share nothing but files: preparation makes the data, the program under study works on them, and the evaluator reads what came out",
        "To make a run, data are prepared from its seed, the program is started on them with its configuration, and the arrays it leaves are frozen and scored by an evaluator out of its sight",
        "Runs are processes, not function calls: preparation, program and evaluator are started one after another in folders that the others cannot write to",
        "One run takes a seed and a configuration through preparation, program and evaluation, and every stage sees only what the stage before was meant to hand on",
    )
    hidden = paper.say(
        "hidden",
        f"Held-out data never enter the program's folder, and {amount} is computed from its predictions by the evaluator alone",
        f"It is the evaluator that computes {amount}; whatever the program says of itself is not counted",
        f"The evaluator alone writes measurements, {amount} among them, from held-out data that the program does not see",
        f"Programs have no access to the held-out data by which the evaluator arrives at {amount}",
        f"Neither the phase of the study nor the held-out data reach the program, so {amount} cannot be tuned to either",
    )
    return paragraphs(f"## A run in the domain {domain.id}", paragraph(commands, hidden, confinement(paper), budget(paper)))


def confinement(paper: Paper) -> str:
    if paper.view.sandbox in ("process", "none"):
        return paper.say(
            "loose",
            "On this machine no kernel facility for confinement was available, so that programs ran under limits alone; that is admissible only for programs shipped with Novum and unmodified",
            "It should be said that programs were held by limits and not by a sandbox, for want of kernel support; this is allowed for shipped programs only",
            "Confinement was by process limits alone, which suffices for the shipped program and would not for any other",
            "The machine offered no sandbox, and the shipped program was run with limits on its resources instead",
            "Without support from the kernel, programs were limited in resources but not walled off from files",
        )
    layer = "bubblewrap" if paper.view.sandbox == "bwrap" else plain(paper.view.sandbox or "sandbox")
    return paper.say(
        "confined",
        f"Stages ran confined by {layer}, without a network",
        f"The sandbox was {layer}; it leaves a stage its own folder, its libraries and no network",
        f"Every stage was confined by {layer} and had no network",
        f"No stage had a network, and {layer} kept each to its own folder",
        f"The layer that confined each stage was {layer}, with the network cut off",
    )


def budget(paper: Paper) -> str:
    seconds, memory = "{{cfg:budget.seconds}}", "{{cfg:budget.memory_mb}}"
    return paper.say(
        "limits",
        f"A seed may use {seconds} s of processor time and {memory} MB of memory per stage",
        f"Limits per stage are {seconds} s of processor time for each seed, and {memory} MB of memory",
        f"For each seed a stage is allowed {seconds} s of processor time; its memory is capped at {memory} MB",
        f"Stages that go beyond {seconds} s of processor time a seed, or {memory} MB of memory, are ended",
        f"Processor time is limited to {seconds} s for each seed of a stage, and memory to {memory} MB",
    )


# --- factors and metrics ------------------------------------------------------------------------------


def variables(paper: Paper) -> str:
    count = paper.say(
        "factors",
        "Table 1 lists what may be set. A configuration names a level for every factor, and those not mentioned in a comparison stay at their baseline.",
        "The factors in Table 1 span all configurations; whatever a comparison leaves unsaid is at the baseline.",
        "A configuration assigns a level to each factor of Table 1. Arms of a comparison agree in all factors but those it names.",
        "All that an experimenter may set is in Table 1, with the baseline from which every arm departs.",
        "Table 1 gives the factors and their baselines; an arm is described by its departures from the baseline.",
    )
    outcome = paper.say(
        "metrics",
        f"The outcome on which claims rest is {quantity(paper.metric)}, and Table 2 defines it beside the secondary metrics",
        f"Table 2 holds the metrics; the primary one is {quantity(paper.metric)}, and the rest are descriptive",
        f"What is measured stands in Table 2, and claims are made of {quantity(paper.metric)} alone",
        f"By the definitions of Table 2, the primary outcome is {quantity(paper.metric)}",
        f"Claims concern {quantity(paper.metric)}, the first metric of Table 2; no other enters a verdict",
    )
    return paragraphs(
        "## Factors and metrics", count, factor_table(paper), paragraph(outcome, horizon(paper)), metric_table(paper)
    )


def horizon(paper: Paper) -> str:
    if paper.metric.kind != "time_to_event":
        return ""
    end, verb = f"{paper.m('horizon', 'int')}{units(paper.metric)}", event(paper.metric)
    return paper.say(
        "horizon",
        f"Observation ends at {end} for every run: one that has yet to {verb} is censored there, kept, and never given an invented time",
        f"All runs are observed for {end}, and one that does not {verb} in that time is censored, which is itself informative and is not imputed",
        f"A common horizon of {end} ends every run, so that runs which do not {verb} are censored at the same point",
        f"Runs that do not {verb} within {end}, the horizon common to all, enter as censored and are not left out",
        f"The horizon is {end} in every arm; not to {verb} by then is a result, recorded as censored",
    )


def factor_table(paper: Paper) -> str:
    rows = [f"| {factor_title(f)} | {f.kind} | {_levels(f)} | {{{{cfg:baseline.{f.name}}}}} |" for f in paper.domain.factors]
    head = ["| factor | kind | levels | baseline |", "|:--|:--|:--|:--|"]
    return "\n".join([*head, *rows]) + "\n\nTable: Factors of the domain, their levels and their baseline."


def _levels(factor: Factor) -> str:
    if factor.range:
        scale = ", logarithmic" if factor.scale == "log" else ""
        return f"{{{{cfg:low.{factor.name}}}}} to {{{{cfg:high.{factor.name}}}}}{scale}"
    return ", ".join(f"{{{{cfg:level.{i}.{factor.name}}}}}" for i in range(len(factor.levels)))


def metric_table(paper: Paper) -> str:
    rows = [_metric_row(m) for m in sorted(paper.domain.metrics, key=lambda m: not m.primary)]
    head = ["| metric | kind | definition |", "|:-----|:---|:-------------|"]
    return "\n".join([*head, *rows]) + "\n\nTable: Metrics and how they are defined by the domain; the first is primary."


def _metric_row(metric: Metric) -> str:
    defined = f"{{{{cfg:metric.{metric.name}.description}}}}" if metric.description else "as its name says"
    unit = f" ({metric.unit})" if metric.unit and metric.unit not in metric_title(metric) else ""
    return f"| {metric_title(metric)}{unit} | {KINDS[metric.kind]} | {defined} |"


# --- search -------------------------------------------------------------------------------------------


def search(paper: Paper) -> str:
    trials, configs = paper.m("trials", "int", "all", "explore"), paper.m("configurations", "int", phase="explore")
    runs = paper.m("seeds_run", "int", phase="explore")
    explored = adaptive(paper, trials, configs, runs) if paper.adaptive else paper.say(
        "explored",
        f"Exploration spread {trials} trials over {configs} configurations by a space-filling design, {runs} runs in all, each trial on seeds of its own",
        f"The factors were explored together: {trials} trials over {configs} configurations, laid out so as to fill the space, came to {runs} runs",
        f"In exploration a design that spaces its points widely placed {trials} trials at {configs} configurations ({runs} runs)",
        f"Before anything was registered, {trials} exploratory trials visited {configs} configurations, {runs} runs altogether, without repeating a seed",
        f"A space-filling design of {configs} configurations, in {trials} trials and {runs} runs, served for exploration",
    )  # fmt: skip
    return paragraphs("## Exploration and selection", paragraph(explored, model(paper), judged(paper), selected(paper), failures(paper)))


def adaptive(paper: Paper, trials: str, configs: str, runs: str) -> str:
    return paper.say(
        "adaptive",
        f"Exploration made {trials} trials at {configs} configurations ({runs} runs); the first part followed a space-filling design, and later points were those that promised to tell most about the contrasts in question",
        f"The factors were explored together in {trials} trials at {configs} configurations, {runs} runs; points after the initial design were chosen by what earlier results left open",
        f"In exploration {trials} trials were placed at {configs} configurations ({runs} runs), by a design to begin with and afterwards by the expected information of a point",
        f"Before anything was registered, {trials} exploratory trials visited {configs} configurations, {runs} runs altogether, the later ones where the response model was unsure of what mattered",
        f"A design opened the exploration, and results steered it afterwards: {trials} trials, {configs} configurations, {runs} runs",
    )


def model(paper: Paper) -> str:
    looked = paper.m("exploratory_comparisons", "int")
    return paper.say(
        "model",
        f"A Bayesian linear model of these runs ranked {looked} candidate contrasts, and that number of looks is why none of them is evidence by itself",
        f"From it a response model ranked {looked} candidate contrasts; having been picked from so many, the ranks are no evidence",
        f"Its runs were summarised by a shrinking linear model, by which {looked} candidate contrasts were ranked and then set aside as evidence",
        f"A linear model with shrinkage put {looked} candidate contrasts into an order; the order served to choose and to nothing else",
        f"What it suggested was read off a linear response model that ranked {looked} candidate contrasts, interactions among them",
    )


def judged(paper: Paper) -> str:
    """What exploration made of the choice of the idea, which it did not undo."""
    if not paper.value("idea_place"):
        return ""
    place, ideas = paper.m("idea_place", "int"), paper.m("ideas", "int")
    return paper.say(
        "judged",
        f"As trials came in, each idea was judged again by what an answer could still be expected to teach; the question of this study ended at place {place} of {ideas} and was kept, as it had been chosen before any data",
        f"The expected information of all {ideas} ideas was reckoned anew as the results arrived; the chosen one, now at place {place}, was not exchanged, since a question picked by results would have to be asked of other data",
        f"With every quarter of the trials the {ideas} ideas were scored afresh for what they promised to teach; that put the question at hand at place {place}, which changed nothing in its being asked",
        f"Expected information was brought up to date along the way; among {ideas} ideas the one pursued here closed at place {place}, and it was pursued all the same, having been settled on before the first result",
        f"The journal also holds what became of the ranking of ideas while results came in: of {ideas}, the one asked here finished at place {place} by expected information, and the choice was left as it had been made",
    )


def selected(paper: Paper) -> str:
    if not paper.value("seeds_run", phase="select"):
        return ""
    runs, configs = paper.m("seeds_run", "int", phase="select"), paper.m("configurations", "int", phase="select")
    return paper.say(
        "selected",
        f"A hidden selection phase of {runs} runs then compared the foremost {configs} configurations on seeds that the search had not been scored on",
        f"The {configs} configurations in front were run again in a hidden selection phase, {runs} runs whose scores went to no proposer",
        f"Which of the {configs} leading configurations to keep was settled in a hidden selection phase of {runs} runs",
        f"Scores of the {configs} front-runners were not trusted; a hidden selection phase of {runs} runs took their place",
        f"To undo the flattery of having been picked, {configs} configurations went through a hidden selection phase of {runs} runs",
    )


def failures(paper: Paper) -> str:
    """Failed trials of the search. What the machine cut short is no trial: its count stands on page one."""
    failed = paper.value("trials", "failed", "explore")
    parts = []
    if failed == 1:
        parts.append(paper.say(
            "failed once",
            "One exploratory trial failed and is listed with the rest in the appendix",
            "A failure was kept: one exploratory trial gave no valid run, as the appendix shows",
            "The appendix also lists the one exploratory trial that failed",
            "One exploratory trial failed, counts as tried and appears in the appendix",
            "A single exploratory trial ended without a valid run and was not struck from the record",
        ))  # fmt: skip
    elif failed:
        parts.append(paper.say(
            "failed",
            f"{paper.m('trials', 'int', 'failed', 'explore')} of the exploratory trials failed and are listed with the rest in the appendix",
            f"Failures were kept: {paper.m('trials', 'int', 'failed', 'explore')} exploratory trials gave no valid run, as the appendix shows",
            f"The appendix also lists {paper.m('trials', 'int', 'failed', 'explore')} exploratory trials that failed",
            f"Exploratory trials that failed ({paper.m('trials', 'int', 'failed', 'explore')}) count as tried and appear in the appendix",
            f"As many as {paper.m('trials', 'int', 'failed', 'explore')} exploratory trials ended without a valid run; none was struck from the record",
        ))  # fmt: skip
    return ". ".join(parts)


# --- protocol -----------------------------------------------------------------------------------------


def protocol(paper: Paper) -> str:
    return paragraphs(
        "## Registered protocol",
        paragraph(frozen(paper), amendments(paper)),
        contrast_table(paper),
        paragraph(sample(paper), rationale(paper), detectable(paper), level(paper)),
        paragraph(averaging(paper), pairing(paper), seeds(paper), origin(paper), stopping(paper)),
    )


def frozen(paper: Paper) -> str:
    hash_ = f"`{paper.view.protocol_hash}`"
    return paper.say(
        "frozen",
        f"The protocol was frozen under the hash {hash_} before the first confirmation run, and Table 3 gives its claims",
        f"Table 3 lists the claims as they were registered; the protocol that holds them has the hash {hash_}, fixed before any confirming run",
        f"What would count, and how, was written down and hashed ({hash_}) before confirmation began; Table 3 holds the comparisons",
        f"Under the hash {hash_} the comparisons of Table 3 were fixed, together with sample, test and margin, ahead of confirmation",
        f"Registration preceded confirmation: the hash {hash_} names the protocol with the claims of Table 3",
    )


def amendments(paper: Paper) -> str:
    """What was changed after registration; reasons may hold numbers, so they are cited as code."""
    if not paper.view.amendments:
        return ""
    parts = [f"the protocol `{old[:12]}` was replaced for this reason: `{reason}`" for old, reason in paper.view.amendments]
    return f"Amendments before confirmation began: {listing(parts)}"


def contrast_table(paper: Paper) -> str:
    rows = [
        f"| {c.label} | {said(c, 'should')} | {ESTIMANDS[c.contrast.estimand]} | {c.margin}{units(c.metric)} |"
        for c in paper.claims
    ]
    head = ["| | registered claim | estimand | margin |", "|:-|:----------|:-----|:--|"]
    return "\n".join([*head, *rows]) + "\n\nTable: The registered family of claims."


def sample(paper: Paper) -> str:
    n, bound = paper.m("planned_n", "int"), paper.m("sd_bound", ",.0f" if paper.metric.kind == "time_to_event" else "")
    unit, margin = units(paper.metric), paper.lead.margin
    return paper.say(
        "sample",
        f"Each of {paper.m('arms', 'int')} arms was planned for {n} seeds, in view of the margin of {margin}{unit} and an upper bound of {bound}{unit} on the spread between seeds, never of an estimated effect",
        f"The plan of {n} seeds per arm looks to the margin ({margin}{unit}) and to a bound on the spread between seeds of {bound}{unit}; estimates of effects had no part in it",
        f"With a margin of {margin}{unit} and at most {bound}{unit} of spread between seeds, as exploration bounds it, {n} seeds per arm were planned",
        f"Sample size was set by what would matter, {margin}{unit}, by a bound of {bound}{unit} for the spread between seeds, and by the budget: {n} seeds for every arm",
        f"We planned {n} seeds for each arm, given {bound}{unit} as the bound on the spread between seeds and {margin}{unit} as the margin",
    )


def rationale(paper: Paper) -> str:
    """Why this many, in the protocol's own words, and what chance that gives."""
    if not paper.protocol.sample_rationale:
        return ""
    why, chance = "“{{cfg:protocol.sample_rationale}}”", paper.m("power_percent", ".0f")
    return paper.say(
        "rationale",
        f"The protocol gives the reason {why}, and puts the chance of supporting an effect of one margin beyond the margin at {chance} %",
        f"Its reason on record is {why}; an effect of one margin beyond the margin has a chance of {chance} % to be supported",
        f"The registered reason reads {why}, with a power of {chance} % for an effect of one margin beyond the margin",
        f"On record, the reason for the number is {why}; the power for an effect of one margin beyond the margin is {chance} %",
        f"For the number the protocol says {why}, which amounts to a power of {chance} % against an effect of one margin beyond the margin",
    )


def detectable(paper: Paper) -> str:
    effect = paper.m("detectable_effect", ",.0f" if paper.metric.kind == "time_to_event" else "")
    return paper.say(
        "detectable",
        f"At this size the minimal detectable effect, in the sense of the appendix, is {effect}{units(paper.metric)}",
        f"The minimal detectable effect of the plan is {effect}{units(paper.metric)}, as the appendix defines it",
        f"By the definition in the appendix, the minimal detectable effect is {effect}{units(paper.metric)}",
        f"An effect has to come to {effect}{units(paper.metric)} to be reliably found, which is the minimal detectable effect of the appendix",
        f"This makes {effect}{units(paper.metric)} the minimal detectable effect (see the appendix)",
    )


def level(paper: Paper) -> str:
    alpha, earlier = paper.m("alpha_percent", ".2g"), paper.value("earlier_studies")
    family = paper.say(
        "alpha",
        f"The family-wise level of {alpha} % is what this lab's account for the question had left to spend on this study",
        f"Over the family the error rate is held at {alpha} %, a share of the account that the lab keeps for this question",
        f"A lab has one account of error per question, from which this study draws a family-wise level of {alpha} %",
        f"For the whole family the level is {alpha} %, taken from the lab's account for this question",
        f"Errors are limited to {alpha} % for the family as a whole; the sum comes from an account that the lab keeps by question",
    )
    before = paper.m("earlier_studies", "int")
    drawn = f", on which {before} earlier studies of the lab had drawn" if earlier else ", on which no earlier study of the lab had drawn"
    return family + drawn


def averaging(paper: Paper) -> str:
    """What a design of arms is, where claims are averages over one."""
    if not any(claim.averaged for claim in paper.claims):
        return ""
    return paper.say(
        "averaging",
        f"The arms are the points of a fractional factorial design of resolution IV{_cite(paper, 'box2005statistics')}, with each factor under test at its baseline in as many arms as at its other level. Every run so informs every claim, and an effect is an average over the settings of the other factors, clear of their simple interactions",
        f"Claims share their arms, which form a fractional factorial design of resolution IV{_cite(paper, 'box2005statistics')}. What is compared is the average over all arms with a level and over all those with the other, and neither another main effect nor a simple interaction is mixed into it",
        f"Instead of arms for each claim there is a fractional factorial design of resolution IV{_cite(paper, 'box2005statistics')}, in which the levels of every factor are balanced against those of the others. Effects are averages over it and hold on average, not at every setting",
        f"By a fractional factorial design (resolution IV){_cite(paper, 'box2005statistics')} all runs serve all claims. An effect is the difference between the arms that have a factor changed and those that do not, averaged over whatever else changes between them",
        f"A balanced fractional factorial design of resolution IV{_cite(paper, 'box2005statistics')} supplies the arms. The effect of a factor is averaged over the settings of the rest, which keeps it apart from their effects and from simple interactions",
    )


def pairing(paper: Paper) -> str:
    if paper.protocol.pairing != "paired":
        return paper.say(
            "independent",
            "Arms have seeds of their own and are compared as independent samples",
            "Samples are independent, since no seed serves in more arms than one",
            "No seed is shared between arms, whose samples are therefore independent",
            "Independent seeds were drawn for each arm",
            "The arms are independent samples, each with its own seeds",
        )
    over = resampled(paper.domain) or "all that is random"
    return paper.say(
        "paired",
        f"All arms share their seeds, and a seed renews {over}; differences are taken seed by seed",
        f"Comparisons are paired: a seed fixes {over} for every arm alike",
        f"As {over} come with the seed, giving all arms the same seeds makes each seed its own control",
        f"One list of seeds serves all arms, so that {over} are the same within a pair and new in the next",
        f"Within a seed the arms share {over} and are compared with each other; between seeds everything is drawn anew",
    )


def seeds(paper: Paper) -> str:
    return paper.say(
        "seeds",
        "Confirmation seeds are hashes of the protocol's hash and a nonce to which the protocol commits, so no scientist and no program could know or choose them",
        "No scientist picked the seeds: they were derived from the protocol's own hash and a number committed to in it and opened afterwards",
        "The seeds follow from the frozen protocol together with a nonce, committed to before and revealed when confirmation began",
        "Because the seeds derive from the protocol's hash and a committed nonce, they did not exist while the protocol could still be changed",
        "A nonce, sealed in the protocol and opened at confirmation, yields the seeds when hashed with the protocol",
    )


def origin(paper: Paper) -> str:
    """Whether the seeds could have been tried out beforehand: by whoever gave the study's seed, they could."""
    if paper.view.settings.seed is None:
        return paper.say(
            "drawn",
            "The nonce was drawn at random",
            "A random number served as the nonce",
            "That nonce is a random number",
            "The nonce itself is random",
            "The system's source of randomness supplied the nonce",
        )
    return paper.say(
        "given",
        "The nonce follows from the seed that was given with the command, so the same command repeats this study; a person who tries several seeds could choose among them",
        "As the command named a seed, the nonce derives from it: anyone can repeat the study, and somebody could also have tried other seeds before",
        "Its source is the seed on the command line, which makes the study repeatable and leaves it to the reader's trust that no other seed was tried",
        "Since a seed was given at the start, that nonce can be derived from it, for repetition by others and in principle for a choice beforehand",
        "With the seed of the command known, the nonce is too; that serves repetition, and only the person who gave it can say whether others were tried",
    )


def stopping(paper: Paper) -> str:
    return paper.say(
        "stopping",
        "The sample is fixed; there was no look before its end and no rule for stopping early",
        "With a fixed sample and no interim look, nothing could be stopped at a favourable moment",
        "No value was shown to anybody before the last planned run had ended",
        "Stopping was at the planned sample, and no interim result was computed",
        "The planned sample was to be completed whatever came of it, unseen until the end",
    )


# --- analysis -----------------------------------------------------------------------------------------


def analysis(paper: Paper) -> str:
    kinds = sorted({ESTIMANDS[c.contrast.estimand] for c in paper.claims})
    checks = sorted({c.decision.cross_check for c in paper.claims if c.decision and c.decision.cross_check})
    said_ = paper.say(
        "analysis",
        f"Each claim is a {listing(kinds)} with an interval at the level that Holm's procedure gives it{_cite(paper, 'holm1979')}, and the verdict is read off that interval and the margin",
        f"Verdicts are read from intervals, by position relative to the margin; the estimand is the {listing(kinds)}, the level comes from Holm's step-down procedure{_cite(paper, 'holm1979')}",
        f"For every claim a {listing(kinds)} is estimated, and an interval adjusted over the family by Holm's procedure{_cite(paper, 'holm1979')} decides it against the margin",
        f"What decides a claim is whether the interval of its {listing(kinds)}, adjusted after Holm{_cite(paper, 'holm1979')}, clears the margin",
        f"The {listing(kinds)} of a claim gets an interval, whose level Holm's procedure sets{_cite(paper, 'holm1979')}; margin and interval together give the verdict",
    )
    cross = ""
    if checks:
        cross = paper.say(
            "cross",
            f"A {listing(checks)} permutation test of the same boundary serves as a check that needs no normal distribution",
            f"The same boundary is tested a second time by permutation ({listing(checks)}), without any distribution assumed",
            f"As a check on the distribution assumed, permutation ({listing(checks)}) tests the same boundary",
            f"Beside it stands a permutation test ({listing(checks)}), which does not lean on normality",
            f"Agreement with a permutation test of the {listing(checks)} kind is reported for each claim",
        )
    pointer = paper.say(
        "pointer",
        "Terms of statistics are defined in the appendix",
        "The appendix defines each statistical term in a sentence",
        "For definitions of terms, see the appendix",
        "Exact definitions are in the appendix",
        "A glossary in the appendix fixes the meaning of every statistical term",
    )
    return paragraphs("## Analysis", paragraph(capital(said_), guard(paper), cross, pointer))


def guard(paper: Paper) -> str:
    """That intervals are guarded by a bootstrap, where the registered test is."""
    if not any(c.contrast.test == GUARDED for c in paper.claims):
        return ""
    return paper.say(
        "guard",
        "Intervals follow Student's t, and on either side reach as far as a studentised bootstrap over the seeds where that goes farther",
        "No end of an interval lies nearer to the estimate than a studentised bootstrap over seeds puts it, nor nearer than Student's t does",
        "For each end of an interval the farther of Student's t and a studentised bootstrap is taken",
        "As a guard against skewed data, an interval from Student's t is widened to the end of a studentised bootstrap wherever that lies farther out",
        "Student's t sets the intervals, and where a studentised bootstrap reaches farther, its end is used",
    )


def _cite(paper: Paper, key: str) -> str:
    return f" [@{key}]" if paper.cites(key) else ""
