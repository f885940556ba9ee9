"""The paper of a made study: short, and right in every reference. It is no example of good prose."""

from collections.abc import Mapping

from novum.events import PaperRendered
from novum.evidence.catalogue import Catalogue, catalogue
from novum.evidence.claims import arms
from novum.manuscript.references import resolve
from novum.protocols import Blobs
from novum.records import Contrast
from novum.state import State
from novum.steps.lookup import StudyLookup, values_of

FRONT = """+++
title = "A made study of a made learner"
authors = "Novum 0.1.0, systematic scientist (no language model)"
study = "{study}"
date = "20 November 2026"

[disclosure]
"Written by" = "Novum 0.1.0 alone; prose from templates, no language model; no person changed the text"
"Confinement" = "bwrap: no network, no files but the trial's own"
"Cost" = "{{{{m:{cpu}|.1f}}}} processor seconds, no money"
"Protocol" = "`{protocol}`"
"Chain head" = "event {seq}, `{head}`"
+++
"""
BODY = """
# Abstract

We asked whether the learning rate governs how many updates a made learner needs. Under a registered protocol
{verdicts}

# Introduction

A learner may need more or fewer updates. Which setting decides is the question, and no novelty is claimed.

# Method

Each arm was run on {{{{m:{n}|int}}}} fresh seeds, common to all arms, which resample the data and the
initialisation. Runs without their event are censored at the horizon of {{{{m:{horizon}|int}}}} updates and
enter through the restricted mean [@royston2013]. Verdicts hold at a family-wise error rate of
{{{{m:{alpha}|.2f}}}}, corrected over the family by the procedure of @holm1979. The minimal detectable
effect is {{{{m:{mde}|.0f}}}} updates. Programs ran without a network, each in a sandbox of its own.

# Results

{{{{fig:{figure}}}}}

Every seed is shown in {{{{fig:{figure}}}}}. Intervals are at the adjusted level of each claim.

{results}

# Limitations

The subject is made: no learner was trained, and outcomes were drawn from a stated model. Nothing here
generalises to any learner that exists. The margin was set by the domain. A restricted mean depends on its
horizon, so that another horizon could give another verdict. The seeds resample data and initialisation, and
over nothing else may anything be concluded. An effect below the detectable one could have been
missed.

# Broader impact

A made study has no consequence outside the tests that read it, neither good nor bad.

# Compute and reproduction

All trials together took {{{{m:{cpu}|.1f}}}} processor seconds on one machine, with the versions of
interpreter and libraries that the study's folder records. The command `novum run made` runs them again. Novum
is under the Apache licence; the domain's files ship with it under the same licence, and no other data were
used.

# Every trial {{.appendix}}

{trials}
"""


def paper_of(
    state: State, entries: Mapping[str, Mapping[str, str]], seq: int, head: str, blobs: Blobs
) -> PaperRendered:
    """The rendered paper of a concluded study; `seq` and `head` are the chain's when it was written."""
    known = catalogue(state)
    source = _source(state, known, seq, head)
    resolved = resolve(source, StudyLookup(state, entries))
    assert not resolved.faults, [str(f) for f in resolved.faults]
    files = {"md": blobs.put(resolved.text.encode())}
    return PaperRendered(source=source, values=values_of(resolved), files=files, head=head, head_seq=seq,
                         protocol_hash=state.protocol_hash, pages=1)  # fmt: skip


def _source(state: State, known: Catalogue, seq: int, head: str) -> str:
    assert state.protocol is not None
    ids = {name: known.one(kind=kind).id for name, kind in (
        ("n", "planned_n"), ("horizon", "horizon"), ("alpha", "alpha"), ("mde", "detectable_effect"),
        ("cpu", "cpu_seconds"))}  # fmt: skip
    return (FRONT + BODY).format(
        **ids, study=state.study, protocol=state.protocol_hash, seq=seq, head=head,
        figure=next(iter(state.figures)), trials=_trials(state),
        verdicts=" and ".join(f"the claim is {{{{c:{c.id}}}}}" for c in state.protocol.contrasts) + ".",
        results="\n\n".join(_result(c, known, state) for c in state.protocol.contrasts),
    )  # fmt: skip


def _result(contrast: Contrast, known: Catalogue, state: State) -> str:
    assert state.protocol is not None
    decision = state.decisions[contrast.id]
    text = contrast.text[0].lower() + contrast.text[1:].rstrip(".")
    said = f"The claim that {text} is {{{{c:{contrast.id}}}}}."
    shown = [known.one(kind=kind, claim=contrast.id) for kind in ("estimate", "claim_low", "claim_high")]
    if decision.estimate is not None and all(s.value is not None for s in shown):
        estimate, low, high = (s.id for s in shown)
        said += (f" The estimated difference is {{{{m:{estimate}|.1f}}}} updates, with an adjusted interval "
                 f"from {{{{m:{low}|.1f}}}} to {{{{m:{high}|.1f}}}}.")  # fmt: skip
    else:
        said += " Its data carry no estimate."
    return f"{said} It compares {len_words(len(arms(contrast, state.protocol.base)))} of the registered arms."


def len_words(count: int) -> str:
    return "a pair" if count == 2 else "several"


def _trials(state: State) -> str:
    rows = [f"- Trial `{t.id}` of the {t.phase} phase, node `{t.node}`, {t.status}."
            for t in sorted(state.trials.values(), key=lambda t: t.index)]  # fmt: skip
    return "\n".join(rows)
