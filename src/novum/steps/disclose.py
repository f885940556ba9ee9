"""What page one, tables and figures say of a domain whose evaluator is none, or was written by a model.

It is laid over whatever a scientist composed, so that no scientist can leave it out.
"""

import json
import re

from msgspec import structs

from novum.domains.reported import LABEL
from novum.records import Domain, Figure

CAPTION = re.compile(r"^(Table: .*?)((?:\s*\{[^{}\n]*\})?)$", re.M)
EVIDENCE = "Evidence"
SAID = (
    "**self-reported**: every metric is what the program under study says of itself; no evaluator certifies "
    "a value, a verdict or a table of this paper"
)
NOTE = "All values are self-reported by the program."
_PARTS = {"prepare": "the preparation of data", "program": "the original program"}


def disclosed(source: str, domain: Domain) -> str:
    """A manuscript with who measured on page one, and with a label in every caption where nobody did."""
    if domain.self_reported:
        source = _boxed(_boxed(source, "Evaluator", _none(domain)), EVIDENCE, SAID)
        return CAPTION.sub(lambda m: f"{m[1]} {NOTE}{m[2]}", source)
    if domain.authors:
        return _boxed(source, "Evaluator", written(domain))
    return source


def captioned(figure: Figure, domain: Domain) -> Figure:
    """A figure whose caption says that nobody certifies what it shows, where that is so."""
    return structs.replace(figure, caption=f"{figure.caption} {NOTE}") if domain.self_reported else figure


def written(domain: Domain) -> str:
    """Who wrote what measures. A model's name stands as code, since it may hold digits."""
    mine, hash = domain.authors.get("evaluator", ""), f"hash `{domain.evaluator_hash[:12]}`"
    others = [f"{_PARTS[part]} by `{name}`" for part, name in sorted(domain.authors.items())
              if part in _PARTS and name != mine]  # fmt: skip
    also = [_PARTS[part] for part, name in sorted(domain.authors.items()) if part in _PARTS and name == mine]
    more = f", like {' and '.join(also)}" if also and mine else ""
    rest = f"; {' and '.join(others)}" if others else ""
    who = f"whoever answered in `{mine}`" if mine.startswith("mailbox:") else f"the language model `{mine}`"
    if not mine:
        return (
            f"supplied by the person who began the study, {hash}{rest}: a language model's, from a topic page"
        )
    return (
        f"written by {who}{more}, from a topic page, and frozen "
        f"by its hash before the first idea; no person vouches for it, {hash}{rest}"
    )


def faults_of(source: str, domain: Domain) -> list[str]:
    """What a manuscript does not say although it must."""
    faults = []
    front = source.split("\n+++", 1)[0]
    wrote = domain.authors.get("evaluator") or next(iter(domain.authors.values()), "")
    if wrote and wrote not in front:
        faults.append("page one does not say which model wrote what measures")
    if domain.self_reported:
        faults += [] if SAID in front else ["page one does not say that the metrics are self-reported"]
        faults += [f"a table does not say that its values are self-reported: {m[1][:60]}"
                   for m in CAPTION.finditer(source) if NOTE not in m[1]]  # fmt: skip
    return faults


def _none(domain: Domain) -> str:
    return f"none: metrics are {LABEL}; `{domain.evaluator_hash[:12]}` passes on what the program says"


def _boxed(source: str, label: str, value: str) -> str:
    """The front matter with a line of the box on page one, in place of its namesake or before all others."""
    line = f"{json.dumps(label)} = {json.dumps(value, ensure_ascii=False)}"
    head, mark, rest = source.partition("\n+++")
    changed, found = re.subn(rf'^"?{re.escape(label)}"? = .*$', lambda _: line, head, count=1, flags=re.M)
    if not found:
        changed = head.replace("[disclosure]", f"[disclosure]\n{line}", 1)
    return f"{changed}{mark}{rest}"
