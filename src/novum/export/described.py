"""The description of a crate: one entity for each file, trial and claim, and for who did what with what.

Entities follow RO-Crate 1.1 and the profile Process Run Crate: what made something is a `CreateAction`, a
verdict is the `ClaimReview` of a `Claim`. A study has one action per trial up to a bound; beyond it they are
counted, so that the description stays small whatever the study's size.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from novum.export.actions import trials, writing
from novum.export.source import Source
from novum.export.vocabulary import (
    APACHE,
    BLOBS,
    CONTEXT,
    LICENCE,
    NOVUM,
    PROFILE,
    PROGRAM,
    SCIENTIST,
    SPECIFICATION,
    Entity,
    Part,
    to,
    when,
)
from novum.manuscript.document import parse_document
from novum.records import Contrast, Decision, Domain
from novum.state import State

KINDS = {"md": "text/markdown", "csv": "text/csv", "json": "application/json", "pdf": "application/pdf",
         "svg": "image/svg+xml", "png": "image/png", "html": "text/html", "tex": "application/x-tex",
         "bib": "application/x-bibtex", "sqlite": "application/vnd.sqlite3"}  # fmt: skip
WHAT = {
    "README.md": "What this study is, how to check and how to repeat it",
    "journal.sqlite": "Every event of the study, hash-chained",
    "protocol.json": "The registered protocol and its hash",
    "measurements.csv": "One row per metric, seed and trial",
    "claims.json": "Each registered claim with its verdict, and what each printed statistic came from",
    "audit.json": "What the machine's audit checked and found",
    "review.json": "The checklist review",
    "paper/paper.md": "The manuscript; its numbers are references to the record",
    "paper/resolved.md": "The paper as Markdown",
}


def described(source: Source, parts: Sequence[Part], blobs: Mapping[str, bytes]) -> Entity:
    """The metadata document of a study's crate."""
    state, domain = source.state, source.state.domain
    assert domain is not None
    actions = [*trials(source), *writing(source, parts)]
    claims = list(_claims(state))
    entities = [
        _descriptor(),
        _root(source, parts, actions, claims),
        *(_file(part) for part in parts),
        _blobs(blobs),
        *_agents(state, domain, author_line(source)),
        *_metrics(domain),
        *claims,
        *actions,
        {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
    ]
    return {"@context": CONTEXT, "@graph": entities}


def author_line(source: Source) -> str:
    """Who wrote the study, as its paper says on page one; without a paper, which scientist it was."""
    state = source.state
    if state.paper is not None:
        front = parse_document(state.paper.source)[0].front
        if front.authors and "{{" not in front.authors:
            return front.authors
    name = state.settings.scientist if state.settings else "unknown"
    return f"Novum {state.novum_version}, {name} scientist"


# --- the crate ----------------------------------------------------------------------------------------


def _descriptor() -> Entity:
    return {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "about": to("./"),
        "conformsTo": to(SPECIFICATION),
    }


def _root(
    source: Source, parts: Sequence[Part], actions: Iterable[Entity], claims: Iterable[Entity]
) -> Entity:
    state, domain = source.state, source.state.domain
    assert domain is not None
    mentioned = [*(to(a["@id"]) for a in actions), *(to(c["@id"]) for c in claims if c["@type"] == "Claim")]
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": f"{_title(state)} ({state.study})",
        "description": f"{domain.question} A study by {author_line(source)}; "
        f"it ended as '{state.finished}'. {_outcome(state)}".strip(),
        "identifier": state.study,
        "datePublished": when(source.state.last_time),
        "license": to(APACHE if domain.shipped else LICENCE),
        "author": to(SCIENTIST),
        "creditText": author_line(source),
        "conformsTo": to(PROFILE),
        "hasPart": [*(to(part.name) for part in parts), to(BLOBS)],
        "variableMeasured": [to(f"#metric-{m.name}") for m in domain.metrics],
        "mentions": mentioned,
    }


def _title(state: State) -> str:
    if state.paper is not None:
        title = parse_document(state.paper.source)[0].front.title
        if "{{" not in title:
            return title
    return state.domain.title if state.domain else state.study


def _outcome(state: State) -> str:
    """The verdicts, counted."""
    verdicts = sorted(d.verdict for d in state.decisions.values())
    counts = ", ".join(f"{len(list(same))} {verdict}" for verdict, same in groupby(verdicts))
    return f"Of {len(verdicts)} registered claims: {counts}." if verdicts else "No claim was decided."


def _file(part: Part) -> Entity:
    suffix = part.name.rsplit(".", 1)[-1]
    kind = {"encodingFormat": KINDS[suffix]} if suffix in KINDS else {}
    return {
        "@id": part.name,
        "@type": "File",
        "name": WHAT.get(part.name, part.name),
        "contentSize": str(part.size),
        "sha256": part.sha256,
        **kind,
    }


def _blobs(blobs: Mapping[str, bytes]) -> Entity:
    size = sum(map(len, blobs.values()))
    return {
        "@id": BLOBS,
        "@type": "Dataset",
        "name": "Bytes that events name by their SHA-256",
        "description": f"{len(blobs)} files, {size} bytes: programs, inputs, outputs, figures, papers",
    }


def _agents(state: State, domain: Domain, author: str) -> Iterator[Entity]:
    """Software that acted, software that was run, and the licences."""
    persons = sorted({person for person, _ in state.actions})
    took_part = f"persons took part: {', '.join(persons)}" if persons else "no person took part"
    yield {
        "@id": NOVUM,
        "@type": "SoftwareApplication",
        "name": "Novum",
        "description": "An AI scientist: registers, runs, measures, decides and writes",
        "softwareVersion": state.novum_version,
        "softwareRequirements": [f"{k} {v}" for k, v in sorted(state.environment.items())],
        "license": to(APACHE),
    }
    yield {
        "@id": SCIENTIST,
        "@type": "SoftwareApplication",
        "name": author,
        "description": f"Proposed the hypotheses and composed the prose; {took_part}",
        "softwareVersion": state.novum_version,
        "isPartOf": to(NOVUM),
    }
    yield {
        "@id": PROGRAM,
        "@type": "SoftwareApplication",
        "name": f"{domain.title} ({domain.id})",
        "description": "The domain's programs and evaluator, run in a sandbox",
        "softwareVersion": domain.evaluator_hash,
    }
    yield {"@id": APACHE, "@type": "CreativeWork", "name": "Apache License 2.0", "identifier": "Apache-2.0"}
    if not domain.shipped:
        said = "The licence of this study's files is for the owner of its domain to state"
        yield {"@id": LICENCE, "@type": "CreativeWork", "name": "Not stated", "description": said}


def _metrics(domain: Domain) -> Iterator[Entity]:
    for metric in domain.metrics:
        yield {
            "@id": f"#metric-{metric.name}",
            "@type": "PropertyValue",
            "propertyID": metric.name,
            "name": metric.title or metric.name,
            **({"unitText": metric.unit} if metric.unit else {}),
            **({"description": metric.description} if metric.description else {}),
        }


# --- claims -------------------------------------------------------------------------------------------


def _claims(state: State) -> Iterator[Entity]:
    """Each registered claim, and its verdict as a review by Novum, never by its author."""
    for contrast in state.protocol.contrasts if state.protocol else ():
        yield _claim(contrast)
        decision = state.decisions.get(contrast.id)
        if decision is not None:
            yield from _verdict(contrast, decision)


def _claim(contrast: Contrast) -> Entity:
    return {
        "@id": f"#claim-{contrast.id}",
        "@type": "Claim",
        "name": f"Claim {contrast.id}",
        "text": contrast.text,
        "author": to(SCIENTIST),
        "isBasedOn": to("protocol.json"),
        "about": to(f"#metric-{contrast.metric}"),
    }


def _verdict(contrast: Contrast, decision: Decision) -> Iterator[Entity]:
    rating = f"#verdict-{contrast.id}"
    yield {
        "@id": f"#review-{contrast.id}",
        "@type": "ClaimReview",
        "name": f"Verdict on claim {contrast.id}",
        "claimReviewed": contrast.text,
        "itemReviewed": to(f"#claim-{contrast.id}"),
        "author": to(NOVUM),
        "reviewBody": _reason(decision),
        "reviewRating": to(rating),
        "isBasedOn": to("measurements.csv"),
    }
    yield {
        "@id": rating,
        "@type": "Rating",
        "name": decision.verdict,
        "ratingValue": decision.verdict,
        "alternateName": decision.verdict,
    }


def _reason(decision: Decision) -> str:
    if decision.estimate is None or decision.low is None or decision.high is None:
        return f"{decision.verdict}; {decision.reason or 'the data give no estimate'}"
    return (f"{decision.verdict}: estimate {decision.estimate:.6g}, interval {decision.low:.6g} to "
            f"{decision.high:.6g} at level {decision.level:.6g}, adjusted over the family; "
            f"{decision.method}")  # fmt: skip
