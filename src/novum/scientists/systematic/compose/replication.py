# ruff: noqa: E501 (a sentence of prose stands on one line)
"""The report of a replication: what was repeated, both sets of results side by side, what became of each claim.

It says on its first page that it is a replication and of what. The original's numbers are pointers too: to
the decisions that its journal recorded (`novum.evidence.derived.original`).
"""

from collections.abc import Sequence

from novum.evidence.catalogue import Catalogue, statistic_id
from novum.protocols import Services
from novum.records import Figure, Original
from novum.scientists.systematic.compose.analysis import analysis
from novum.scientists.systematic.compose.appendix import appendix, reproducibility
from novum.scientists.systematic.compose.claim import Claim
from novum.scientists.systematic.compose.claim_section import claim_section
from novum.scientists.systematic.compose.compared import literature
from novum.scientists.systematic.compose.discussion import impact, limitations
from novum.scientists.systematic.compose.front import disclosure, keywords, quoted
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.protocol import contrast_table, seeds
from novum.scientists.systematic.compose.verdicts import conduct
from novum.scientists.systematic.compose.wording import (
    factor_title,
    listing,
    metric_title,
    paragraph,
    paragraphs,
    resampled,
    units,
    whole,
)
from novum.state import State
from novum.steps.pinned import pinned_head


def report(view: State, catalogue: Catalogue, figures: Sequence[Figure], services: Services) -> str:
    """The Markdown source of a replication's paper, with front matter and references."""
    assert view.replicates is not None
    paper = Paper(view, catalogue, figures, services.blobs, services.literature, pinned_head(services.log, "write"))
    body = paragraphs(
        abstract(paper, view.replicates), repeated(paper, view.replicates), rule(paper), results(paper, view.replicates),
        limitations(paper), own_limits(view.replicates), impact(paper), reproducibility(paper), appendix(paper),
    )  # fmt: skip
    return f"{front(paper, view.replicates)}\n\n{body}\n"


def front(paper: Paper, original: Original) -> str:
    """TOML between lines of `+++`, as `novum.manuscript.document` reads it."""
    subject = listing([factor_title(paper.domain.factor(f)) for f in paper.lead.factors])
    lines = {
        "title": f"A replication of {original.study}: {metric_title(paper.metric)} and {subject}",
        "subtitle": "The frozen protocol of an earlier study in the domain “{{cfg:domain.title}}”, on new seeds and data",
        "authors": f"Novum {paper.view.novum_version}, systematic scientist (no language model)",
        "study": paper.view.study,
        "date": paper.date,
    }
    seq, head = original.head_seq, original.head
    told = {"Replicates": f"study `{original.study}`, protocol `{original.protocol.hash}`, journal up to event {seq}, `{head}`"}
    box = told | disclosure(paper) | {
        "Written by": f"Novum {paper.view.novum_version}, the systematic scientist: protocol taken over from the original, "
                      "prose from templates; no language model took part"
    }  # fmt: skip
    words = ", ".join(map(quoted, ["replication", *keywords(paper)]))
    head_lines = [f"{key} = {quoted(text)}" for key, text in lines.items()]
    shown = [f"{quoted(label)} = {quoted(text)}" for label, text in box.items()]
    return "\n".join(["+++", *head_lines, f"keywords = [{words}]", "", "[disclosure]", *shown, "+++"])


# --- abstract -----------------------------------------------------------------------------------------


def abstract(paper: Paper, original: Original) -> str:
    n, before = paper.m("planned_n", "int"), paper.m("original_planned_n", "int")
    return "# Abstract\n\n" + paragraph(
        f"This is a replication: the registered protocol of study `{original.study}` was carried out again, with nothing explored, chosen or altered in between",
        f"Every seed and all data are new, with {n} seeds per arm where the original had {before}",
        *(told(paper, claim) for claim in paper.claims),
        tally(paper),
    )


def told(paper: Paper, claim: Claim) -> str:
    """One claim in a sentence: its verdict then, its verdict now, and what that comes to."""
    before, what = claim.m("original_verdict", ""), f"{{{{cfg:claim.{claim.id}.text}}}}"
    return f"Claim {claim.label}, that {what}, was {before} in the original, is {claim.verdict} here and counts as {outcome(claim)}"


def tally(paper: Paper) -> str:
    counts = [f"{paper.m('replications', 'int', name)} {name}" for name in ("replicated", "not replicated", "inconclusive")]
    return f"Of {paper.m('contrasts', 'int')} claims, the count by outcome is {listing(counts)}"


def outcome(claim: Claim) -> str:
    return f"{{{{m:{statistic_id('replication', claim=claim.id)}}}}}"


# --- what was repeated, and how ------------------------------------------------------------------------


def repeated(paper: Paper, original: Original) -> str:
    old = original.protocol
    return paragraphs(
        "# What is replicated",
        paragraph(
            f"The original is study `{original.study}`, made with Novum {original.novum_version} under the protocol `{old.hash}`",
            f"Its journal is taken up to `event {original.head_seq}`, whose hash is `{original.head}`; what is quoted from it here was recorded there and is not computed again",
            "Question, contrasts, margins, arms, program, preparation and evaluator are the original's to the letter, as an audit of this study compares",
            f"The question was this: {_asked()}",
            "Exploration and selection have no part here: what to compare was settled before, and this study could not choose",
        ),
        contrast_table(paper),
    )


def _asked() -> str:
    return "“{{cfg:domain.question}}”"


def rule(paper: Paper) -> str:
    over = resampled(paper.domain)
    return paragraphs(
        "# Method",
        paragraph(
            f"The replication has a protocol of its own, frozen under the hash `{paper.view.protocol_hash}` before its confirmation began",
            f"It differs from the original's in the nonce that seeds derive from, in the sample of {paper.m('planned_n', 'int')} seeds per arm, in the level, and in what follows from these",
            seeds(paper),
            f"A seed draws {over} anew, so that no run of the original is among those compared here" if over else "",
            f"The outcome is {metric_title(paper.metric)}" + (f", observed up to {paper.m('horizon', 'int')}{units(paper.metric)}" if paper.metric.horizon else ""),
        ),
        paragraph(
            *levels(paper),
            f"With the strictest level and this sample the minimal detectable effect is {paper.m('detectable_effect', ',.0f' if paper.metric.kind == 'time_to_event' else '')}{units(paper.metric)}",
            "A claim is judged by the rule that the original registered, and nothing but the new runs enters its verdict",
        ),
        paragraph(
            "A claim that the original decided is called replicated if the new data decide it in the same way, and not replicated if they decide it in the opposite way",
            "All else is called inconclusive: data that decide nothing are no evidence against a claim, and a claim that the original left open has nothing to repeat",
        ),
        analysis(paper),
    )


def levels(paper: Paper) -> list[str]:
    """At which level the claims are tested: the original's for what it supported, the account's for the rest."""
    of, repeated = paper.m("contrasts", "int"), paper.protocol.repeated
    told = [
        f"Of {of} claims the original supported {paper.m('repeated', 'int')}, and these are tested at the level at which it did, corrected among themselves",
        "They draw nothing on the lab's account of error: if such a claim is false, the lab has said so already, and to say it again adds no question on which it is wrong",
    ] if repeated else []  # fmt: skip
    if len(repeated) == len(paper.protocol.contrasts):
        return told
    rest = "the other claims" if repeated else "this family"
    left = f"The lab keeps an account of error for each question, of which {paper.m('alpha_percent', '.2g')} % was left for {rest} where the original had {paper.m('original_alpha_percent', '.2g')} % (earlier studies that had drawn on it, the original among them: {paper.m('earlier_studies', 'int')})"
    return [*told, left]


# --- results ------------------------------------------------------------------------------------------


def results(paper: Paper, original: Original) -> str:
    forest = paper.figure("forest")
    drawn = "" if forest is None else f"{paper.see(forest)} draws the intervals of this study against their margins"
    return paragraphs(
        "# Results",
        "## Original and replication",
        paragraph("The table sets the decisions side by side", drawn, conduct(paper)),
        table(paper, original), paper.place(forest),
        paragraph(*(position(claim, original) for claim in paper.claims)),
        *(claim_section(paper, claim) for claim in paper.claims),
        literature(paper),
    )  # fmt: skip


def table(paper: Paper, original: Original) -> str:
    head = ["| claim | original: estimate | interval | verdict | replication: estimate | interval | verdict | outcome |",
            "|:--|--:|:--|:--|--:|:--|:--|:--|"]  # fmt: skip
    rows = [_row(claim) for claim in paper.claims]
    unit = f", in{units(paper.metric)}" if paper.metric.unit else ""
    return "\n".join([*head, *rows]) + f"\n\nTable: Decisions of `{original.study}` and of this study{unit}; intervals at the level that each verdict used. {{.wide}}"


def _row(claim: Claim) -> str:
    then = [_value(claim, "original_estimate"), _interval(claim, "original_low", "original_high"), claim.m("original_verdict", "")]
    now = [_value(claim, "estimate"), _interval(claim, "claim_low", "claim_high"), claim.verdict]
    return "| " + " | ".join([claim.label, *then, *now, outcome(claim)]) + " |"


def _value(claim: Claim, kind: str) -> str:
    return claim.m(kind, whole(claim.metric)) if claim.has(kind) else "–"


def _interval(claim: Claim, low: str, high: str) -> str:
    return f"{claim.m(low)} to {claim.m(high)}" if claim.has(low) and claim.has(high) else "–"


def position(claim: Claim, original: Original) -> str:
    """Whether the original's estimate lies within the interval found here."""
    old = next(d for d in original.decisions if d.claim == claim.id)
    d = claim.decision
    if old.estimate is None or d is None or d.low is None or d.high is None:
        return ""
    where = "within" if d.low <= old.estimate <= d.high else "outside"
    return f"For claim {claim.label} the original's estimate, {claim.m('original_estimate')}, lies {where} the interval found here, {claim.m('claim_low')} to {claim.m('claim_high')}"


def own_limits(original: Original) -> str:
    return paragraph(
        "A replication shares whatever was wrong with the original: the same program, preparation and evaluator, written by the same hands",
        "What it can show is whether the original's verdict was an accident of its seeds and data",
        f"The estimates of `{original.study}` were made where its protocol had chosen what to compare after exploring, those of this study were not",
    )
