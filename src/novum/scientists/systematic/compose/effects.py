# ruff: noqa: E501 (a sentence of prose stands on one line)
"""What one claim came to, in sentences: by its kind, its verdict, the side and size of its effect."""

from novum.scientists.systematic.compose.claim import Claim
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.wording import (
    article,
    direction_noun,
    event,
    listing,
    more,
    quantity,
    units,
)


def headline(paper: Paper, claim: Claim, turn: int = 0) -> str:
    """The one sentence that says what was found, with its interval and verdict; `turn` varies the wording."""
    if not claim.decided:
        return _undecidable(paper, claim, turn)
    if claim.none_reached:
        return _none_reached(paper, claim, turn)
    if claim.verdict_word == "inconclusive":
        return _open(paper, claim, turn)
    return {"interaction": _interaction, "dose": _dose, "same": _same}.get(claim.kind, _difference)(paper, claim, turn)


def sides(claim: Claim) -> tuple[str, str]:
    """The arms a and b as they are spoken of: "runs with weight decay 0.25"."""
    a, b = claim.arms[0], claim.arms[-1 if claim.kind == "dose" else 1]
    if claim.kind == "best":
        return "runs at the baseline", f"runs with {claim.setting(b)}"
    if claim.held:  # what both hold is said once
        return f"runs there with {claim.setting(a, claim.moved)}", f"runs with {claim.setting(b)}"
    return f"runs with {claim.setting(a)}", f"runs with {claim.setting(b)}"


def said(claim: Claim, modal: str = "") -> str:
    """The claim as it was registered, as a clause after "that"; a modal ("should") makes it a prediction."""
    metric = quantity(claim.metric)
    a, b = claim.arms[0], claim.arms[-1]
    if claim.kind == "interaction":
        way = "larger" if claim.predicted_up else "smaller"
        at_low, at_high = claim.at(a, claim.context), claim.at(claim.arms[2], claim.context)
        return (f"the change in {metric} from {claim.setting(a)} to {claim.setting(claim.arms[1])} "
                f"{_verb('be', 'is', modal)} {way} at {at_high} than at {at_low}")  # fmt: skip
    if claim.kind == "dose":
        way = _verb("rise", "rises", modal) if claim.predicted_up else _verb("fall", "falls", modal)
        span = f"{claim.level(a, claim.moved[0])} to {claim.level(b, claim.moved[0])}"
        return f"{metric} {way} steadily as {claim.subject} goes from {span}"
    if claim.kind == "same":
        alike = _verb("be", "is", modal)
        return f"{metric} {alike} the same, within the margin, for {claim.setting(a)} and {claim.setting(b)}"
    way = _verb("raise", "raises", modal) if claim.predicted_up else _verb("lower", "lowers", modal)
    if claim.kind == "best":
        return f"a setting with {claim.setting(b)} {way} {metric} against the baseline"
    where = f" at {claim.setting(a, claim.held)}" if claim.held else ", averaged over the design" if claim.averaged else ""
    return f"moving from {claim.setting(a, claim.moved)} to {claim.setting(b, claim.moved)} {way} {metric}{where}"


def _verb(base: str, third: str, modal: str) -> str:
    return f"{modal} {base}" if modal else third


def _difference(paper: Paper, claim: Claim, turn: int) -> str:
    """Supported or refuted, of a difference between one setting and another."""
    a, b = sides(claim)
    size = claim.m("estimate_size")
    compared = compared_words(claim, size, b, a)
    unit = units(claim.metric)
    if claim.verdict_word == "supported":
        return paper.say(
            f"found {claim.id}",
            f"{compared} ({claim.interval}{unit}), and claim {claim.label} is {claim.verdict}.",
            f"Claim {claim.label} is {claim.verdict}: {compared}, with a {claim.interval}{unit}.",
            f"On fresh seeds, {compared}, the {claim.interval}{unit}, so that claim {claim.label} is {claim.verdict}.",
            f"For claim {claim.label} the verdict is {claim.verdict}, since {compared} ({claim.interval}{unit}).",
            f"In confirmation, {compared}; with a {claim.interval}{unit}, claim {claim.label} stands as {claim.verdict}.",
            f"As predicted by claim {claim.label}, now {claim.verdict}, {compared} ({claim.interval}{unit}).",
            f"The runs bear claim {claim.label} out as {claim.verdict}, in that {compared} ({claim.interval}{unit}).",
            f"A {claim.interval}{unit} settles claim {claim.label} as {claim.verdict}: {compared}.",
            f"Claim {claim.label} could be {claim.verdict}, because {compared} ({claim.interval}{unit}).",
            f"{compared} ({claim.interval}{unit}); this is what claim {claim.label} asserts, and it is {claim.verdict}.",
            f"Claim {claim.label} has the verdict {claim.verdict} on the ground that {compared} ({claim.interval}{unit}).",
            f"What claim {claim.label} predicted was seen, and it is {claim.verdict}: {compared}, with a {claim.interval}{unit}.",
            f"With claim {claim.label} being {claim.verdict}, one may say that {compared} ({claim.interval}{unit}).",
            f"The finding for claim {claim.label}, {claim.verdict}, is that {compared} ({claim.interval}{unit}).",
            f"Among claims that are {claim.verdict}, {claim.label} says that {compared} ({claim.interval}{unit}).",
            turn=turn,
        )
    if claim.reversed:
        return paper.say(
            f"found {claim.id}",
            f"Against what claim {claim.label} predicted, {compared} ({claim.interval}{unit}); the claim is {claim.verdict}.",
            f"The effect runs the other way: {compared} ({claim.interval}{unit}), and claim {claim.label} is {claim.verdict}.",
            f"Claim {claim.label} had the direction wrong and is {claim.verdict}, as {compared} ({claim.interval}{unit}).",
            f"Contrary to claim {claim.label}, which is {claim.verdict}, {compared}, the {claim.interval}{unit}.",
            f"Opposite to the registered direction, {compared} ({claim.interval}{unit}); this leaves claim {claim.label} {claim.verdict}.",
            f"Claim {claim.label} is {claim.verdict} by an effect of the other sign: {compared} ({claim.interval}{unit}).",
            f"Where claim {claim.label} expected the reverse, {compared}, with a {claim.interval}{unit}, and the verdict is {claim.verdict}.",
            f"What claim {claim.label} predicted did not happen; instead {compared} ({claim.interval}{unit}), so it is {claim.verdict}.",
            f"The verdict on claim {claim.label} is {claim.verdict}, because {compared} ({claim.interval}{unit}), the reverse of what was registered.",
            f"With a {claim.interval}{unit} on the wrong side, claim {claim.label} is {claim.verdict}: {compared}.",
            turn=turn,
        )  # fmt: skip
    way = direction_noun(claim.predicted_up)
    margin = f"{claim.margin}{unit}"
    return paper.say(
        f"found {claim.id}",
        f"The estimate is {claim.m('estimate')}{unit} ({claim.interval}), which rules out the predicted {way} of {margin}, and claim {claim.label} on {claim.subject} is {claim.verdict}.",
        f"Claim {claim.label} on {claim.subject} is {claim.verdict}: with an estimate of {claim.m('estimate')}{unit} and a {claim.interval}, the {way} of {margin} that it needs is excluded.",
        f"Too little happened for claim {claim.label} on {claim.subject}, which is {claim.verdict}; the {claim.interval}{unit} leaves out {article(way)} {way} of {margin}.",
        f"An estimate of {claim.m('estimate')}{unit} with a {claim.interval} excludes any {way} as great as {margin}, hence claim {claim.label} on {claim.subject} is {claim.verdict}.",
        f"Whatever effect there is stays short of the predicted {way} of {margin} ({claim.interval}{unit}), and so claim {claim.label} on {claim.subject} is {claim.verdict}.",
        f"For want of the predicted {way} of {margin}, claim {claim.label} on {claim.subject} is {claim.verdict}; its {claim.interval}{unit} stops short of it.",
        f"The {way} that claim {claim.label} on {claim.subject} needs, {margin} at the least, lies outside the {claim.interval}{unit}, hence {claim.verdict}.",
        f"Claim {claim.label} on {claim.subject} required {article(way)} {way} of {margin}, did not get it ({claim.interval}{unit}), and is {claim.verdict}.",
        f"Since its {claim.interval}{unit} does not extend to the predicted {way} of {margin}, claim {claim.label} on {claim.subject} is {claim.verdict}.",
        f"Claim {claim.label} on {claim.subject} is {claim.verdict} on size: the {claim.interval}{unit} leaves no room for {article(way)} {way} of {margin}.",
        turn=turn,
    )  # fmt: skip


def compared_words(claim: Claim, size: str, here: str, there: str) -> str:
    """The difference in plain words. With censored runs it is one of restricted means, and is called so."""
    if not claim.censored:
        return more(claim.metric, size, claim.up, here, there)
    way = "higher" if claim.up else "lower"
    return f"the restricted mean was {size}{units(claim.metric)} {way} for {here} than for {there}"


def bounded(paper: Paper, claim: Claim) -> str:
    """That a difference is a bound, where no run of one arm reached its event; else nothing."""
    silent = claim.silent_arms
    if claim.decided and silent and claim.kind == "interaction":
        return _cut_off(paper, claim)
    if not claim.decided or len(silent) != 1 or claim.averaged or claim.kind not in ("main", "best", "same"):
        return ""
    name = "the baseline" if claim.kind == "best" and silent[0] == claim.arms[0] else claim.setting(silent[0])
    verb = event(claim.metric)
    return paper.say(
        f"bounded {claim.id}",
        f"No run with {name} was seen to {verb}, so the size of the difference is a bound from below",
        f"As not one run with {name} did {verb} in time, the true difference may be of any size beyond this",
        f"Since runs with {name} never came to {verb} within the horizon, the difference is understated",
        f"All runs with {name} were censored, and the difference can only be a bound from below",
        f"With {name} no run did {verb} before the horizon, which makes the difference a bound from below",
    )


def _cut_off(paper: Paper, claim: Claim) -> str:
    """Of an interaction, that the horizon hides how far an arm would go, and so what the changes would be."""
    end = f"{paper.m('horizon', 'int')}{units(claim.metric)}"
    return paper.say(
        f"cut off {claim.id}",
        f"Where no run of an arm had its event by {end}, the changes are those of means cut off there, and without a horizon they could differ either way",
        f"An arm without any event holds the changes to what fits below {end}, so that this is a statement on means up to there",
        f"As an arm lies wholly at the horizon of {end}, the comparison of changes is one of restricted means and may not survive a later horizon",
        f"One should not read it beyond {end}, at which every run of an arm was cut off",
        f"It holds for means up to {end}, since an arm had no event before",
    )


def _interaction(paper: Paper, claim: Claim, turn: int) -> str:
    at_low, at_high = claim.at(claim.arms[0], claim.context), claim.at(claim.arms[2], claim.context)
    unit, change = units(claim.metric), "greater" if claim.up else "smaller"
    core = (f"the change that {claim.setting(claim.arms[1])} brings is {claim.m('estimate_size')}{unit} {change} "
            f"at {at_high} than at {at_low}")  # fmt: skip
    return paper.say(
        f"found {claim.id}",
        f"As to claim {claim.label}, which is {claim.verdict}, {core} ({claim.interval}{unit}).",
        f"The joint claim {claim.label} is {claim.verdict}, for {core} ({claim.interval}{unit}).",
        f"Claim {claim.label}, on how the factors combine, is {claim.verdict}: {core} ({claim.interval}{unit}).",
        f"Measured against each other, {core} ({claim.interval}{unit}), which makes claim {claim.label} {claim.verdict}.",
        f"Taken together, {core} ({claim.interval}{unit}), and claim {claim.label} is {claim.verdict}.",
        f"It was found for claim {claim.label} ({claim.verdict}) that {core}, with a {claim.interval}{unit}.",
        f"Jointly, {core} ({claim.interval}{unit}); the verdict on claim {claim.label} is {claim.verdict}.",
        f"With a {claim.interval}{unit}, claim {claim.label} is {claim.verdict}, as {core}.",
        f"Between contexts, {core} ({claim.interval}{unit}): claim {claim.label} is {claim.verdict}.",
        f"Claim {claim.label} is {claim.verdict} on how the factors join: {core} ({claim.interval}{unit}).",
        turn=turn,
    )  # fmt: skip


def _dose(paper: Paper, claim: Claim, turn: int) -> str:
    factor, unit = claim.moved[0], units(claim.metric)
    span = f"from {claim.level(claim.arms[0], factor)} to {claim.level(claim.arms[-1], factor)}"
    way = "rises" if claim.up else "falls"
    core = f"the fitted line {way} by {claim.m('estimate_size')}{unit} as {claim.subject} goes {span}"
    return paper.say(
        f"found {claim.id}",
        f"Over its registered levels {core} ({claim.interval}{unit}), and claim {claim.label} is {claim.verdict}.",
        f"Claim {claim.label} on the dose is {claim.verdict}: {core} ({claim.interval}{unit}).",
        f"Along the scale of the factor {core} ({claim.interval}{unit}), whence claim {claim.label} on {claim.subject} is {claim.verdict}.",
        f"For claim {claim.label}, which is {claim.verdict}, {core} ({claim.interval}{unit}).",
        f"Level by level {core} ({claim.interval}{unit}), which leaves claim {claim.label} {claim.verdict}.",
        f"As a response to dose, {core}, with a {claim.interval}{unit}, and claim {claim.label} is {claim.verdict}.",
        f"The slope decides claim {claim.label}, which is {claim.verdict}: {core} ({claim.interval}{unit}).",
        f"From end to end {core} ({claim.interval}{unit}), by which claim {claim.label} is {claim.verdict}.",
        f"It was seen that {core} ({claim.interval}{unit}), so claim {claim.label} is {claim.verdict}.",
        f"Across the levels {core} ({claim.interval}{unit}); claim {claim.label} is therefore {claim.verdict}.",
        turn=turn,
    )


def _same(paper: Paper, claim: Claim, turn: int) -> str:
    a, b = (claim.setting(arm) for arm in claim.arms)
    unit = units(claim.metric)
    where = "wholly within" if claim.verdict_word == "supported" else "wholly outside"
    core = f"the {claim.interval}{unit} lies {where} {claim.margin}{unit} on either side of zero"
    return paper.say(
        f"found {claim.id}",
        f"Between {a} and {b} {core}, and claim {claim.label} of sameness is {claim.verdict}.",
        f"Claim {claim.label}, that {a} and {b} are alike, is {claim.verdict}: {core}.",
        f"For {a} against {b} {core}, so the claim of sameness ({claim.label}) is {claim.verdict}.",
        f"Sameness of {a} and {b} was claim {claim.label}; {core}, and it is {claim.verdict}.",
        f"Setting {a} beside {b}, {core}, by which claim {claim.label} is {claim.verdict}.",
        f"Claim {claim.label} is {claim.verdict}, since for {a} and {b} {core}.",
        f"Comparing {a} with {b}, {core}: claim {claim.label} is {claim.verdict}.",
        f"It was claimed ({claim.label}) that {a} and {b} do alike; {core}, and the verdict is {claim.verdict}.",
        f"As {core}, claim {claim.label} on {a} and {b} is {claim.verdict}.",
        f"The verdict on {a} and {b} (claim {claim.label}) is {claim.verdict}: {core}.",
        turn=turn,
    )


def _open(paper: Paper, claim: Claim, turn: int) -> str:
    unit = units(claim.metric)
    estimate = f"{claim.m('estimate')}{unit}"
    what = {"interaction": "difference between the changes", "dose": "change along the fitted line"}.get(
        claim.kind, "difference")  # fmt: skip
    name, margin = f"claim {claim.label} on {claim.subject}", claim.margin
    return paper.say(
        f"found {claim.id}",
        f"{name} stays {claim.verdict}: the estimated {what} is {estimate}, and its {claim.interval} reaches across the margin of {margin}.",
        f"On {name} the data do not decide ({claim.verdict}): the estimate is {estimate} and the {claim.interval} holds the margin of {margin}.",
        f"The estimated {what} of {estimate} comes with a {claim.interval}, which includes the margin of {margin}, so {name} is {claim.verdict}.",
        f"Nothing follows for {name}, which is {claim.verdict}, from an estimate of {estimate} with a {claim.interval} about the margin of {margin}.",
        f"With an estimated {what} of {estimate} and a {claim.interval}, both sides of the margin of {margin} remain possible and {name} is {claim.verdict}.",
        f"For {name} the verdict is {claim.verdict}, at an estimated {what} of {estimate} ({claim.interval}; margin {margin}).",
        f"{name} is {claim.verdict} on an estimate of {estimate}, whose {claim.interval} extends to both sides of {margin}.",
        f"An interval that spans the margin leaves {name} {claim.verdict}: the estimate is {estimate}, the {claim.interval}, the margin {margin}.",
        f"{name} is {claim.verdict}, with {estimate} as the estimated {what} and a {claim.interval} around the margin of {margin}.",
        f"The margin of {margin} lies inside the {claim.interval} about {estimate}, and the verdict on {name} is {claim.verdict}.",
        f"As {estimate} with a {claim.interval} is on neither side of the margin of {margin}, {name} is {claim.verdict}.",
        f"The data leave {name} {claim.verdict}, its {what} being {estimate} with a {claim.interval} and the margin {margin}.",
        f"Too wide to decide, a {claim.interval} about {estimate} makes the verdict on {name} {claim.verdict} (margin {margin}).",
        f"Between what {name} predicts and its opposite, {estimate} with a {claim.interval} does not choose: {claim.verdict} at a margin of {margin}.",
        f"{name} ends {claim.verdict}, for the {what} of {estimate} has a {claim.interval} that includes {margin}.",
        turn=turn,
    )  # fmt: skip


def _none_reached(paper: Paper, claim: Claim, turn: int) -> str:
    what = f"{event(claim.metric)} by the horizon of {paper.m('horizon', 'int')}{units(claim.metric)}"
    return paper.say(
        f"found {claim.id}",
        f"No run of any arm of claim {claim.label} on {claim.subject} came to {what}, and the claim is {claim.verdict}.",
        f"Since not one run managed to {what}, claim {claim.label} on {claim.subject} is {claim.verdict}.",
        f"Claim {claim.label} on {claim.subject} is {claim.verdict} for want of events: no run was seen to {what}.",
        f"In neither arm did a single run {what}, which leaves claim {claim.label} on {claim.subject} {claim.verdict}.",
        f"All runs of claim {claim.label} on {claim.subject} were still waiting to {what} when observation ended, so it is {claim.verdict}.",
        f"Both arms of claim {claim.label} on {claim.subject} ended without a run that came to {what}; the verdict is {claim.verdict}.",
        f"With no run seen to {what}, there is nothing to decide claim {claim.label} on {claim.subject} by: {claim.verdict}.",
        f"The verdict on claim {claim.label} about {claim.subject} is {claim.verdict}, no run having been able to {what}.",
        f"Every run was censored before it could {what}, which leaves nothing to measure, and claim {claim.label} on {claim.subject} is {claim.verdict}.",
        f"Claim {claim.label} on {claim.subject} found no run that would {what} and is {claim.verdict}.",
        turn=turn,
    )


def _undecidable(paper: Paper, claim: Claim, turn: int) -> str:
    why = reason(claim)
    return paper.say(
        f"found {claim.id}",
        f"Claim {claim.label} is {claim.verdict} because {why}.",
        f"No estimate is given for claim {claim.label}, which is {claim.verdict}: {why}.",
        f"As {why}, nothing was computed for claim {claim.label} and it is {claim.verdict}.",
        f"Claim {claim.label} could not be decided and counts as {claim.verdict}, since {why}.",
        f"For claim {claim.label} there is no number to report ({claim.verdict}), for {why}.",
        f"The verdict on claim {claim.label} is {claim.verdict}, and the reason is that {why}.",
        f"Claim {claim.label} had to be left {claim.verdict}, seeing that {why}.",
        f"There is no estimate for claim {claim.label} ({claim.verdict}): {why}.",
        f"Because {why}, claim {claim.label} is {claim.verdict} by rule.",
        f"Claim {claim.label} is {claim.verdict} without an estimate, given that {why}.",
        turn=turn,
    )


def reason(claim: Claim) -> str:
    """Why a claim could not be decided, without words that read like a template's remains."""
    text = claim.decision.reason if claim.decision else "the confirmation never ran"
    text = text.lstrip("; ").replace("is undefined or missing", "has no value")
    return text.replace("that failed or were undefined", "that failed or had no value")


def means(paper: Paper, claim: Claim) -> str:
    """What the arms themselves gave: means with how many runs reached the event."""
    unit, word = units(claim.metric), claim.centre_word
    if claim.kind == "interaction":
        a0, b0, a1, b1 = (claim.arm(arm, claim.centre_kind) for arm in claim.arms)
        at_low, at_high = claim.at(claim.arms[0], claim.context), claim.at(claim.arms[2], claim.context)
        return paper.say(
            f"means {claim.id}",
            f"At {at_low} the {word} went from {a0} to {b0}{unit}, and at {at_high} from {a1} to {b1}.",
            f"The {word} moved from {a0} to {b0}{unit} at {at_low}; at {at_high} it moved from {a1} to {b1}.",
            f"Under {at_low} the {word} passed from {a0} to {b0}{unit}, under {at_high} from {a1} to {b1}.",
            f"In terms of arms, the {word} is {a0} and then {b0}{unit} at {at_low}, against {a1} and {b1} at {at_high}.",
            f"Seen one context at a time, the {word} goes from {a0} to {b0}{unit} at {at_low} and from {a1} to {b1} at {at_high}.",
        )  # fmt: skip
    if claim.kind == "best":
        return _means_of_best(paper, claim)
    if claim.averaged:
        return _means_of_sides(paper, claim)
    parts = [f"{claim.arm(arm, claim.centre_kind)} with {claim.setting(arm)}" for arm in claim.arms]
    return paper.say(
        f"means {claim.id}",
        f"The {word} of {quantity(claim.metric)} was {listing(parts)}.",
        f"Arm by arm, the {word} came to {listing(parts)}{'' if not unit else ', in' + unit}.",
        f"By arm the {word} is {listing(parts)}.",
        f"Behind this stand a {word} of {listing(parts)}.",
        f"The arms gave, as their {word}, {listing(parts)}.",
        f"Its arms had a {word} of {listing(parts)}.",
        f"In {quantity(claim.metric)} the arms stood at {listing(parts)} ({word}).",
        f"The {word} in its arms is {listing(parts)}.",
        f"These arms ended at a {word} of {listing(parts)}.",
        f"Averaged over seeds, its arms have a {word} of {listing(parts)}.",
        turn=claim.number - 1,
    )


def _means_of_sides(paper: Paper, claim: Claim) -> str:
    """The mean over all points of the design on either side."""
    unit, word = units(claim.metric), claim.centre_word
    a, b = (claim.setting(arm, claim.moved) for arm in claim.arms)
    before, after = claim.m("mean_before"), claim.m("mean_after")
    return paper.say(
        f"means {claim.id}",
        f"Over the points of the design with {a} the {word} was {before}{unit}, over those with {b} it was {after}",
        f"The design's points with {a} have a {word} of {before}{unit}, those with {b} one of {after}",
        f"Averaged over the other factors, the {word} is {before}{unit} with {a} and {after} with {b}",
        f"Taking all points of the design together, the {word} with {a} is {before}{unit}, and with {b} it is {after}",
        f"Points with {a} came to a {word} of {before}{unit}, points with {b} to {after}",
        f"With {a} the {word} over the design was {before}{unit}, and with {b} it was {after}",
        f"On one side of the design, with {a}, stands a {word} of {before}{unit}, on the other, with {b}, {after}",
        f"As for the {word} over the design, {before}{unit} belongs to {a} and {after} to {b}",
        f"The points fall into those with {a}, whose {word} is {before}{unit}, and those with {b}, where it is {after}",
        f"All points with {a} taken together have a {word} of {before}{unit}, all those with {b} of {after}",
        turn=claim.number - 1,
    )


def _means_of_best(paper: Paper, claim: Claim) -> str:
    """In separate sentences, so that each mean stands by its own setting."""
    unit, word = units(claim.metric), claim.centre_word
    base, found = (claim.arm(arm, claim.centre_kind) for arm in claim.arms)
    return paper.say(
        f"means {claim.id}",
        f"At the baseline the {word} was {base}{unit}. The found setting had {found}",
        f"The {word} of the baseline came to {base}{unit}. That of the found setting came to {found}",
        f"By arm, the baseline has a {word} of {base}{unit}. For the found setting it is {found}",
        f"The baseline gave a {word} of {base}{unit}. The found setting gave {found}",
        f"Runs at the baseline had a {word} of {base}{unit}. Those at the found setting had {found}",
    )


def title_of(claim: Claim) -> str:
    """A heading for the claim's subsection."""
    names = {
        "interaction": f"{claim.about} together",
        "dose": f"the dose of {claim.about}",
        "same": f"sameness over {claim.about}",
        "best": "the found setting",
    }
    return f"Claim {claim.label}: {names.get(claim.kind, claim.about)}"
