# ruff: noqa: E501 (a sentence of prose stands on one line)
"""What was registered: the claims, the sample and its reasons, the seeds."""

from novum.scientists.systematic.compose import fractions
from novum.scientists.systematic.compose.effects import said
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.wording import (
    listing,
    paragraph,
    paragraphs,
    resampled,
    units,
)

ESTIMANDS = {"rmst_diff": "difference of restricted means", "mean_diff": "difference of means",
             "median_diff": "difference of medians", "ratio": "ratio of means",
             "interaction": "difference between changes", "slope": "change along the fitted line"}  # fmt: skip


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
    if fractions.shared_out(paper):
        return fractions.sample(paper, n, f"{margin}{unit}", f"{bound}{unit}")
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
    if fractions.shared_out(paper):
        return fractions.averaging(paper)
    return paper.say(
        "averaging",
        f"The arms are the points of a fractional factorial design of resolution IV{paper.cite('box2005statistics')}, with each factor under test at its baseline in as many arms as at its other level. Every run so informs every claim, and an effect is an average over the settings of the other factors, clear of their simple interactions",
        f"Claims share their arms, which form a fractional factorial design of resolution IV{paper.cite('box2005statistics')}. What is compared is the average over all arms with a level and over all those with the other, and neither another main effect nor a simple interaction is mixed into it",
        f"Instead of arms for each claim there is a fractional factorial design of resolution IV{paper.cite('box2005statistics')}, in which the levels of every factor are balanced against those of the others. Effects are averages over it and hold on average, not at every setting",
        f"By a fractional factorial design (resolution IV){paper.cite('box2005statistics')} all runs serve all claims. An effect is the difference between the arms that have a factor changed and those that do not, averaged over whatever else changes between them",
        f"A balanced fractional factorial design of resolution IV{paper.cite('box2005statistics')} supplies the arms. The effect of a factor is averaged over the settings of the rest, which keeps it apart from their effects and from simple interactions",
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
    one = len(paper.domain.resampled) < 2 and "data" not in paper.domain.resampled
    are, come = ("is", "comes") if one else ("are", "come")
    if fractions.shared_out(paper):
        return f"{fractions.pairing(paper, over, are, come)}. {fractions.watched(paper)}"
    return paper.say(
        "paired",
        f"All arms share their seeds, and a seed renews {over}; differences are taken seed by seed",
        f"Comparisons are paired: a seed fixes {over} for every arm alike",
        f"As {over} {come} with the seed, giving all arms the same seeds makes each seed its own control",
        f"One list of seeds serves all arms, so that {over} {are} the same within a pair and new in the next",
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
