# ruff: noqa: E501 (a sentence of prose stands on one line)
"""Title and first page: what the paper is about, who wrote it, what it cost, what holds it together."""

import json

from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.wording import capital, event, listing, metric_title, plain

LAYERS = {
    "bwrap": "bubblewrap: no network, and no files but the trial's own",
    "namespaces": "kernel namespaces: no network, and no files but the trial's own",
    "sandlock": "Landlock and seccomp rules: no network, and no files but the trial's own",
    "process": "**the process layer alone**: limits and a scrubbed environment, and no wall around files or network",
    "none": "**none**: programs ran without any confinement",
}  # fmt: skip


def front_matter(paper: Paper) -> str:
    """TOML between lines of `+++`, as `novum.manuscript.document` reads it."""
    view = paper.view
    lines = [
        ("title", title(paper)),
        ("subtitle", "A registered study in the domain “{{cfg:domain.title}}”"),
        ("authors", f"Novum {view.novum_version}, systematic scientist (no language model)"),
        ("study", view.study),
        ("date", paper.date),
    ]
    head = [f"{key} = {quoted(text)}" for key, text in lines]
    words = ", ".join(quoted(word) for word in keywords(paper))
    box = [f"{quoted(label)} = {quoted(text)}" for label, text in disclosure(paper).items()]
    return "\n".join(["+++", *head, f"keywords = [{words}]", "", "[disclosure]", *box, "+++"])


def quoted(text: str) -> str:
    """A TOML string."""
    return json.dumps(text, ensure_ascii=False)


def title(paper: Paper) -> str:
    """By what there is to tell; never a result, which a title could only state bare."""
    lead, name = paper.lead, metric_title(paper.metric)
    subject = capital(lead.about)
    verb = event(paper.metric)
    return {
        "supported": f"{subject} and {name}: an effect confirmed on fresh seeds",
        "refuted": f"{subject} and {name}: a prediction refuted on fresh seeds",
        "inconclusive": f"{subject} and {name}: a registered comparison left undecided",
        "censored": f"{subject} compared where no run {_reaches(verb)} within the horizon",
        "interaction": f"{subject}: a registered test of how they act together on {name}",
        "dose": f"{capital(name)} along {lead.about}: a registered dose–response",
        "best": f"A setting found by search against the baseline: {name}",
        "same": f"{subject} and {name}: a registered test of sameness",
        "mixed": f"Registered predictions about {name}: some decided, some left open",
        "unfinished": f"{subject} and {name}: a confirmation that could not be read",
    }[paper.story]


def _reaches(verb: str) -> str:
    """The verb in the third person: "generalises", "reaches the end"."""
    word, _, rest = verb.partition(" ")
    third = f"{word}es" if word.endswith(("ch", "sh", "s", "x", "z")) else f"{word}s"
    return f"{third} {rest}".strip()


def keywords(paper: Paper) -> list[str]:
    factors = [f for claim in paper.claims for f in claim.factors]
    titles = [paper.domain.factor(f).title or plain(f) for f in dict.fromkeys(factors)]
    return [paper.domain.id, metric_title(paper.metric), *titles[:4], "pre-registration"]


def disclosure(paper: Paper) -> dict[str, str]:
    """The box on page one: label -> Markdown."""
    view, (seq, head) = paper.view, paper.head
    return {
        "Written by": f"Novum {view.novum_version}, the systematic scientist: questions from the domain's declared factors, "
                      "prose from templates; no language model took part",
        "People": people(paper),
        "Evaluator": evaluator(paper),
        "Confinement": LAYERS.get(view.sandbox, plain(view.sandbox) or "not recorded"),
        "Cost": f"{paper.m('cpu_seconds', ',.0f')} processor seconds in {paper.m('trials', 'int', 'all')} trials "
                f"({paper.m('seeds_run', 'int', phase='explore')} exploratory, "
                f"{paper.m('seeds_run', 'int', phase='select')} selecting and "
                f"{paper.m('seeds_run', 'int', phase='confirm')} confirming seed-runs); "
                f"{paper.m('usd', '.2f')} USD; attempts that the machine cut short and that were repeated: "
                f"{paper.m('interrupted', 'int')}",
        "Protocol": f"`{view.protocol_hash}`",
        "Journal": f"event {seq}, `{head}`",
    }  # fmt: skip


def people(paper: Paper) -> str:
    """What persons decided, from the journal; amendments are listed with their reason in the text."""
    acts = [f"{person} chose to {action}" for person, action in paper.view.actions]
    amended = "the protocol was amended after registration (see the text)" if paper.view.amendments else ""
    said = "; ".join(part for part in (listing(acts), amended) if part)
    return said or "no person changed the question, the protocol, the data or the text"


def evaluator(paper: Paper) -> str:
    short = f"`{paper.domain.evaluator_hash[:12]}`"
    if paper.domain.shipped:
        return f"shipped with Novum in the domain {paper.domain.id}, hash {short}"
    return f"written by the author of the domain {paper.domain.id}, not by Novum, hash {short}"
