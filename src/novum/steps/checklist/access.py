"""Items on what others need: commands, code, computing time, licences, and who took part."""

from novum.steps.checklist.reading import Answer, Manuscript, no, not_applicable, yes

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
