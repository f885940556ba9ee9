# ruff: noqa: E501 (a sentence of prose stands on one line)
"""The method: what a run is; then what may be set and measured, how the search went, what was registered."""

from novum.scientists.systematic.compose.analysis import analysis
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.protocol import protocol
from novum.scientists.systematic.compose.searching import search
from novum.scientists.systematic.compose.variables import variables
from novum.scientists.systematic.compose.wording import (
    paragraph,
    paragraphs,
    plain,
    quantity,
)


def method(paper: Paper) -> str:
    return paragraphs("# Method", setting(paper), variables(paper), search(paper), protocol(paper), analysis(paper))


def setting(paper: Paper) -> str:
    domain = paper.domain
    # a domain that a model wrote is called by its page, whose title is long
    name = "" if domain.authors else f" in the domain {domain.id}"
    told = [_prepared(paper), _held_out(paper)] if domain.prepare else [_started(paper), _left(paper)]
    return paragraphs(f"## A run{name}", paragraph(*told, confinement(paper), budget(paper)))


def _prepared(paper: Paper) -> str:
    return paper.say(
        "run",
        "A run passes through stages, each a command in a folder of its own: the data are prepared, the program learns from them, and an evaluator that the program cannot reach scores what it left",
        "Each run is made of separate commands that share nothing but files: preparation makes the data, the program under study works on them, and the evaluator reads what came out",
        "To make a run, data are prepared from its seed, the program is started on them with its configuration, and the arrays it leaves are frozen and scored by an evaluator out of its sight",
        "Runs are processes, not function calls: preparation, program and evaluator are started one after another in folders that the others cannot write to",
        "One run takes a seed and a configuration through preparation, program and evaluation, and every stage sees only what the stage before was meant to hand on",
    )


def _held_out(paper: Paper) -> str:
    amount = quantity(paper.metric)
    return paper.say(
        "hidden",
        f"Held-out data never enter the program's folder, and {amount} is computed from its predictions by the evaluator alone",
        f"It is the evaluator that computes {amount}; whatever the program says of itself is not counted",
        f"The evaluator alone writes measurements, {amount} among them, from held-out data that the program does not see",
        f"Programs have no access to the held-out data by which the evaluator arrives at {amount}",
        f"Neither the phase of the study nor the held-out data reach the program, so {amount} cannot be tuned to either",
    )


def _started(paper: Paper) -> str:
    """Of a domain without data."""
    return paper.say(
        "run",
        "A run passes through stages, each a command in a folder of its own: the program works from its seed, and an evaluator that the program cannot reach scores what it left",
        "Each run is made of separate commands that share nothing but files: the program under study works from its seed, and the evaluator reads what came out",
        "To make a run, the program is started with a seed and its configuration, and the arrays it leaves are frozen and scored by an evaluator out of its sight",
        "Runs are processes, not function calls: program and evaluator are started one after the other, and neither can write to the other's folder",
        "One run takes a seed and a configuration through program and evaluation, and the evaluator sees only what the program was meant to hand on",
    )


def _left(paper: Paper) -> str:
    """Of a domain without data, of which none can be held out."""
    amount = quantity(paper.metric)
    return paper.say(
        "hidden",
        f"There are no data to be held out: {amount} is computed by the evaluator alone, from the arrays that the program left",
        f"It is the evaluator that computes {amount}; whatever the program says of itself is not counted",
        f"The evaluator alone writes measurements, {amount} among them, from the arrays that the program left",
        f"Programs leave arrays, from which the evaluator arrives at {amount} without asking them",
        f"The phase of the study does not reach the program, and {amount} is computed out of its reach, from what it left",
    )


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
