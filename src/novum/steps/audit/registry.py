"""All checks of an audit, in the order in which a reader wants them: each says what it can find, and what
it cannot."""

from novum.records import Check
from novum.steps.audit import (
    chain,
    conduct,
    data,
    numbers,
    proposals,
    provenance,
    registration,
    replication,
    reported,
    stored,
    topic,
)
from novum.steps.audit.case import AuditCase, AuditCheck

CHECKS: tuple[AuditCheck, ...] = (
    AuditCheck(
        id="chain",
        title="The journal is the one that paper and archive remember",
        finds="any event changed, removed, added or moved without re-issuing paper and archive",
        misses="a journal rewritten together with its paper, its folder and every anchor outside it",
        run=chain.chain,
    ),
    AuditCheck(
        id="order",
        title="Events follow from those before them",
        finds="outcomes of trials never begun, verdicts given twice, trials after the verdicts",
        misses="a story that is consistent and invented",
        run=chain.order,
    ),
    AuditCheck(
        id="topic",
        title="A domain that a model wrote was frozen first and kept from authors of programs",
        finds="a domain frozen after the first idea, changed later or never tried; lines of what prepares or "
        "measures in a request for a program; works that the topic page does not give",
        misses="an evaluator that measures the wrong thing: it is shown, named and tried, not judged",
        run=topic.topic,
    ),
    AuditCheck(
        id="protocol-first",
        title="The protocol was frozen before confirmation",
        finds="a protocol altered after its hash, registered or amended once confirmation had begun",
        misses="a whole study run in secret beforehand to learn what to register",
        run=registration.protocol_first,
    ),
    AuditCheck(
        id="replication",
        title="A replication repeats what it says, on a sample of its own",
        finds="a protocol that departs from the original's, shared seeds, misquoted results of the original",
        misses="replications that were run and not kept; misquotation where the original is not at hand",
        run=replication.replication,
    ),
    AuditCheck(
        id="nonce",
        title="Confirmation seeds follow from protocol and nonce",
        finds="a nonce that does not open its commitment, a confirmation seed chosen by hand",
        misses="a nonce that whoever runs the study knew early (it is derived where a seed is given)",
        run=registration.nonce,
    ),
    AuditCheck(
        id="seeds-disjoint",
        title="Phases share no seed",
        finds="a seed used in two phases or twice in a trial, an exploration seed that was picked",
        misses="what the seeds were used for: see fresh-data",
        run=registration.seeds_disjoint,
    ),
    AuditCheck(
        id="fresh-data",
        title="Each seed has data of its own",
        finds="different seeds with the same inputs, where data or split are said to be resampled",
        misses="inputs that differ and overlap",
        run=data.fresh_data,
    ),
    AuditCheck(
        id="held-out",
        title="Programs saw nothing that was held out",
        finds="a held-out file's content in the inputs of a program",
        misses="held-out data that were reordered, scaled or given in part",
        run=data.held_out,
    ),
    AuditCheck(
        id="complete",
        title="Every registered run has an outcome",
        finds="registered arms or seeds left out, unregistered arms confirmed, claims without a verdict",
        misses="runs made outside this journal",
        run=registration.complete,
    ),
    AuditCheck(
        id="provenance",
        title="Every measurement comes from an ended trial",
        finds="measurements without trial, or with another node, seed, arm or evaluator than the trial's",
        misses="a trial that was invented with all its files",
        run=provenance.provenance,
    ),
    AuditCheck(
        id="values",
        title="Recorded values are those the evaluator wrote",
        finds="a value, status or curve that is not in the evaluator's stored file",
        misses="a wrong evaluator: it is named by its hash and shown, not judged",
        run=provenance.values,
    ),
    AuditCheck(
        id="program",
        title="The confirmed program is the registered one",
        finds="another workspace, program, preparation or evaluator than registered; edited protected files",
        misses="what a library outside the workspace does",
        run=provenance.program,
    ),
    AuditCheck(
        id="verdicts",
        title="Verdicts follow from the confirmation data",
        finds="a verdict, estimate, interval or p-value that the registered rule does not give",
        misses="a registered rule that was a poor choice",
        run=numbers.verdicts,
    ),
    AuditCheck(
        id="numbers",
        title="Every number of the paper resolves to what was printed",
        finds="a printed value that the journal does not give, a dead reference, an edited paper.md, "
        "paper.pdf, paper.html or paper.tex",
        misses="a right number in a misleading sentence beyond the arm, metric and phase it names",
        run=numbers.numbers,
    ),
    AuditCheck(
        id="bare-numbers",
        title="The manuscript holds no number of its own",
        finds="measured numbers, number words and comparatives that point to nothing",
        misses="a qualitative statement that no claim carries and no rule recognises",
        run=numbers.bare_numbers,
    ),
    AuditCheck(
        id="all-trials",
        title="Every trial is reported",
        finds="a trial absent from the paper, a measurements.csv that is not the journal's",
        misses="trials run outside this journal",
        run=numbers.all_trials,
    ),
    AuditCheck(
        id="self-reported",
        title="What nobody certified is called so",
        finds="verdicts on self-reported values that claim, page one or a table does not call so, or in a "
        "domain that has an evaluator; a model's evaluator that page one does not name",
        misses="whether a program tells the truth, whether a model's evaluator measures what it says",
        run=reported.reported,
    ),
    AuditCheck(
        id="references",
        title="Citations resolve",
        finds="cited works that the bibliography lacks, entries without author or title",
        misses="an entry that exists here and in no library; whether the work says what is said of it",
        run=numbers.references,
    ),
    AuditCheck(
        id="figures",
        title="Figures show the recorded data",
        finds="a figure whose data are not those the journal gives, or that names no stored file",
        misses="a drawing that does not show its own data: pixels are not read",
        run=stored.figures,
    ),
    AuditCheck(
        id="blobs",
        title="Stored files have the hashes they are named by",
        finds="missing or altered blobs: code, outputs, figures, paper",
        misses="nothing that a hash can tell",
        run=stored.blobs,
    ),
    AuditCheck(
        id="sandbox",
        title="Every trial says how it was confined",
        finds="a trial without a layer, edited code under a weak layer not chosen, a weak one not disclosed",
        misses="a layer that was broken from inside",
        run=conduct.sandbox,
    ),
    AuditCheck(
        id="duplicates",
        title="Each seed is a sample of its own",
        finds="an arm with one artefact under all seeds, arms alike byte for byte under every seed",
        misses="a program that adds noise to a remembered answer",
        run=conduct.duplicates,
    ),
    AuditCheck(
        id="proposals",
        title="What was refused of a scientist's proposals is on record",
        finds="a node that was asked for and vanished, a model named for what the machine's default filled",
        misses="a proposal that was accepted and was a poor one",
        run=proposals.proposals,
    ),
    AuditCheck(
        id="in-doubt",
        title="Nothing was run or paid for twice",
        finds="a trial run again after its outcome, two outcomes; lists intents without an outcome",
        misses="work outside this journal",
        run=conduct.in_doubt,
    ),
    AuditCheck(
        id="budget",
        title="Spending stayed within its bounds",
        finds="money, tokens, time, trials or processor limits exceeded; trials charged less than they used",
        misses="a provider that bills otherwise than it says",
        run=conduct.budget,
    ),
)


def run_checks(case: AuditCase) -> list[Check]:
    """Every check on one case, in order; pure, and never raises on any record."""
    return [check(case) for check in CHECKS]
