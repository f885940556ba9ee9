"""The evidence sheet: everything a writer may point to, under names that can be typed without a slip.

A writer sees no measured value. It is told the verdict, the side of an effect, where the interval lies and
how large the effect is beside the margin, all in words, since these are what an interpretation rests on; a
digit that it never saw cannot find its way into its prose, rounded or otherwise. Levels of factors and other
declared numbers it knows from the domain.

| in a sentence | becomes |
|---|---|
| `{{c:C1}}` | the verdict on the first claim |
| `{{m:C1.estimate}}`, `{{m:A2.mean}}`, `{{m:planned_n}}` | a recorded value, in the format that fits it |
| `{{cfg:A2.penalty}}`, `{{cfg:baseline.penalty}}` | a level |
| `{{fig:F1}}` | "Figure 3" |
| `{{say:C1.found}}` | a clause of the machine's own, with its references |
"""

import re
from collections.abc import Iterator
from difflib import get_close_matches

from msgspec import Struct

from novum.evidence.catalogue import Statistic
from novum.evidence.samples import config_hash
from novum.records import Config
from novum.scientists.systematic.compose.claim import HASH, Claim
from novum.scientists.systematic.compose.effects import compared_words, said, sides
from novum.scientists.systematic.compose.paper import Paper
from novum.scientists.systematic.compose.wording import plain, signed, whole

NAMED = re.compile(r"\{\{\s*(?P<kind>m|c|cfg|fig|say):(?P<name>[^{}|\n]+?)\s*(?:\|(?P<spec>[^{}|\n]*))?\}\}")
OF_CLAIM = ("estimate", "estimate_size", "size_low", "size_high", "claim_low", "claim_high", "level",
            "margin", "p_adjusted", "relative_percent", "claim_n")  # fmt: skip
OF_ARM = ("mean", "restricted_mean", "median", "sd", "n", "n_reached", "n_censored")
OF_EVENTS = ("n_reached", "n_censored")
OF_STUDY = ("planned_n", "contrasts", "arms", "planned_runs", "exploratory_comparisons")
OF_PHASE = ("seeds_run", "configurations")
FORMATS = {"level": ".1f", "p_adjusted": "p", "relative_percent": ".0f", "claim_n": "int", "n": "int",
           "n_reached": "int", "n_censored": "int", "margin": ""}  # fmt: skip
SIZES = ((1.0, "smaller than the margin"), (2.0, "between the margin and its double"),
         (5.0, "a few times the margin"))  # fmt: skip


class Entry(Struct, frozen=True):
    """A thing that may be pointed to: the text that its reference becomes, and what it is in words."""

    name: str
    text: str
    what: str


class Sheet(Struct, frozen=True):
    """`entries` by `kind:name`; `claims` are blocks of text on the claims, by label; `own` is the label of
    the claim that the idea makes, empty if none is."""

    entries: dict[str, Entry]
    claims: dict[str, str]
    own: str = ""

    def unknown(self, sentence: str) -> str:
        """What is wrong with the names that a sentence uses; empty if all are on the sheet."""
        for found in NAMED.finditer(sentence):
            key = f"{found['kind']}:{found['name']}"
            if key not in self.entries:
                near = get_close_matches(key, sorted(self.entries), n=3)
                hint = f"; near names: {', '.join(near)}" if near else ""
                return f"{{{{{key}}}}} is not on the sheet{hint}"
        return ""

    def filled(self, sentence: str) -> str:
        """A sentence with the machine's references in the place of names."""
        return NAMED.sub(self._reference, sentence)

    def unphrased(self, sentence: str) -> str:
        """A sentence without the machine's clauses: what is left is the writer's own."""
        return NAMED.sub(lambda m: "" if m["kind"] == "say" else self._reference(m), sentence)

    def _reference(self, found: re.Match[str]) -> str:
        entry = self.entries.get(f"{found['kind']}:{found['name']}")
        if entry is None:
            return found[0]
        if found["kind"] == "m" and found["spec"] is not None:
            return f"{entry.text.partition('|')[0].rstrip('}')}|{found['spec'].strip()}}}}}"
        return entry.text

    def text(self) -> str:
        """The sheet as a writer reads it."""
        blocks = [f"{label}: {told}\n{self._lines(label)}" for label, told in self.claims.items()]
        rest = [e for e in self.entries.values() if _head(e.name) not in self.claims]
        return "\n\n".join(
            [*blocks, "Arms (in confirmation), study, levels and figures:\n" + "\n".join(map(_line, rest))]
        )

    def _lines(self, label: str) -> str:
        return "\n".join(_line(e) for e in self.entries.values() if _head(e.name) == label)


def _head(name: str) -> str:
    return name.partition(":")[2].partition(".")[0]


def _line(entry: Entry) -> str:
    return f"  {{{{{entry.name}}}}} {entry.what}"


def sheet_of(paper: Paper, placed: tuple[str, ...]) -> Sheet:
    """The sheet of a study; `placed` are the figures that the paper shows, by id, in order."""
    made = (*_claims(paper), *_arms(paper), *_study(paper), *_levels(paper), *_figures(paper, placed))
    own = own_claim(paper)
    told = {c.label: f"{_whose(c, own)} {claim_in_words(paper, c)}".strip() for c in paper.claims}
    return Sheet(entries={e.name: e for e in made}, claims=told, own=own)


def own_claim(paper: Paper) -> str:
    """The label of the first claim that is about what the idea is about; empty if none is."""
    idea = paper.view.ideas.get(paper.view.chosen)
    about = set(idea.factors) if idea else set()
    return next((c.label for c in paper.claims if about and about <= set(c.contrast.factors)), "")


def _whose(claim: Claim, own: str) -> str:
    if not own:
        return ""
    return "What the idea predicts." if claim.label == own else "Asked besides; no prediction of the idea."


# --- claims -------------------------------------------------------------------------------------------


def _claims(paper: Paper) -> Iterator[Entry]:
    for claim in paper.claims:
        yield Entry(f"c:{claim.label}", claim.verdict, f"its verdict, {claim.verdict_word}")
        predicted = said(claim, "should")
        yield Entry(f"say:{claim.label}.predicted", predicted, "a clause: what was predicted")
        if found := found_words(claim):
            yield Entry(f"say:{claim.label}.found", found, "a clause: what was found, with its size")
        if claim.decided:
            yield Entry(f"say:{claim.label}.interval", claim.interval, "a noun phrase: its interval")
        for kind in OF_CLAIM:
            if claim.has(kind):
                name = f"m:{claim.label}.{kind.removeprefix('claim_')}"
                yield Entry(name, claim.m(kind, _format(claim, kind)), _label(paper, claim, kind))


def found_words(claim: Claim) -> str:
    """What a decided difference came to, as a clause; empty where no such clause would be true."""
    if not claim.decided or claim.verdict_word == "inconclusive" or claim.kind not in ("main", "best"):
        return ""
    if not (claim.verdict_word == "supported" or claim.reversed):
        return ""
    a, b = sides(claim)
    return compared_words(claim, claim.m("estimate_size"), b, a)


def _format(claim: Claim, kind: str) -> str:
    if kind in FORMATS:
        return FORMATS[kind]
    return signed(claim.metric) if kind == "estimate" else whole(claim.metric)


def _label(paper: Paper, claim: Claim, kind: str) -> str:
    found = paper.catalogue.find(kind=kind, claim=claim.id)
    return f"{found[0].label}{_in_unit(found[0])}"


def _in_unit(found: Statistic) -> str:
    return f" in {found.unit}" if found.unit and "percent" not in found.label else ""


def claim_in_words(paper: Paper, claim: Claim) -> str:
    """What an interpretation has to know of a claim, without a digit that was measured."""
    parts = [f"{claim.contrast.text}.", f"Verdict: {claim.verdict_word}."]
    if not claim.decided:
        return " ".join([*parts, "There was nothing to decide it from."])
    direction = "greater" if claim.up else "less"
    if claim.contrast.direction != "equivalent":
        parts.append(f"Predicted: {claim.contrast.direction}; the estimate points to {direction}.")
    parts += [_position(claim), _size(claim), _censored(claim)]
    stated = [f"@{c.reference} {c.relation} ({c.statement})" for c in claim.compared]
    return " ".join(p for p in [*parts, f"Listed works: {'; '.join(stated)}." if stated else ""] if p)


def _position(claim: Claim) -> str:
    if claim.immaterial:
        return "The whole interval lies within the margin on either side of zero."
    if not claim.excludes_zero and claim.verdict_word == "refuted":
        return "The interval holds zero; what it rules out is an effect of the margin or more as predicted."
    if not claim.excludes_zero:
        return "The interval holds zero, so neither a difference nor sameness may be read into it."
    if claim.verdict_word == "refuted" and not claim.reversed:
        return "The interval leaves out zero and stops short of the predicted effect."
    beyond = claim.verdict_word == "supported" and claim.contrast.direction != "equivalent"
    return "The interval leaves out zero" + (" and lies wholly beyond the margin." if beyond else ".")


def _size(claim: Claim) -> str:
    decision = claim.decision
    if decision is None or decision.estimate is None or claim.contrast.estimand == "ratio":
        return ""
    if not claim.contrast.margin:
        return ""
    ratio = abs(decision.estimate) / claim.contrast.margin
    words = next((told for limit, told in SIZES if ratio < limit), "many times the margin")
    return f"The estimate is {words} (words for you alone; in prose point to the value)."


def _censored(claim: Claim) -> str:
    if not claim.censored:
        return ""
    if claim.none_reached:
        return "No run of any arm had its event: the arms cannot be told apart."
    silent = "; in one arm every run was censored" if claim.silent_arms else ""
    return f"Some runs were censored{silent}, so speak of restricted means."


# --- arms, study, levels, figures ---------------------------------------------------------------------


def _arms(paper: Paper) -> Iterator[Entry]:
    for number, arm in enumerate(paper.protocol.arms, 1):
        told = _setting(paper, arm)
        for metric in paper.domain.metrics:
            found = {
                s.kind: s
                for s in paper.catalogue.find(metric=metric.name, phase="confirm", arm=config_hash(arm))
            }
            own = metric.name == paper.metric.name
            timed = metric.kind == "time_to_event"
            for kind in OF_ARM if own else OF_ARM[:2]:
                if (timed or kind not in OF_EVENTS) and kind in found and found[kind].value is not None:
                    name = f"m:A{number}.{kind}" if own else f"m:A{number}.{metric.name}.{kind}"
                    yield _of_arm(name, found[kind], told, FORMATS.get(kind, whole(metric)), own)
        for factor in _moving(paper):
            key = f"{{{{cfg:arm.{config_hash(arm)[:HASH]}.{factor}}}}}"
            yield Entry(f"cfg:A{number}.{factor}", key, f"level of {plain(factor)} in arm A{number}")


def _moving(paper: Paper) -> list[str]:
    """The factors in which the registered arms differ."""
    arms = paper.protocol.arms
    return [f.name for f in paper.domain.factors if len({str(arm.get(f.name)) for arm in arms}) > 1]


def _of_arm(name: str, found: Statistic, told: str, spec: str, own: bool) -> Entry:
    note = "" if own else "; descriptive, so compare nothing by it"
    return Entry(name, _m(found.id, spec), f"{found.label}, arm {told}{note}")


def _setting(paper: Paper, arm: Config) -> str:
    moved = [f"{plain(k)} {v}" for k, v in sorted(arm.items()) if paper.domain.baseline.get(k) != v]
    return ", ".join(moved) or "at the baseline"


def _study(paper: Paper) -> Iterator[Entry]:
    wanted = [(kind, "") for kind in OF_STUDY] + [(k, p) for k in OF_PHASE for p in ("explore", "confirm")]
    for kind, phase in wanted:
        found = paper.catalogue.find(kind=kind, phase=phase, name="")
        if found and found[0].value is not None:
            name = f"m:{kind}.{phase}" if phase else f"m:{kind}"
            yield Entry(name, _m(found[0].id, "int"), found[0].label)


def _levels(paper: Paper) -> Iterator[Entry]:
    for factor in paper.domain.factors:
        key = f"cfg:baseline.{factor.name}"
        yield Entry(key, f"{{{{{key}}}}}", f"baseline of {plain(factor.name)}")


def _figures(paper: Paper, placed: tuple[str, ...]) -> Iterator[Entry]:
    shown = {f.id: f for f in paper.figures}
    for number, id in enumerate(placed, 1):
        caption = re.sub(r"\{\{[^{}]*\}\}", "…", shown[id].caption)
        yield Entry(f"fig:F{number}", f"{{{{fig:{id}}}}}", f"the figure “{shown[id].title}”: {caption}")


def _m(id: str, spec: str) -> str:
    return f"{{{{m:{id}{'|' + spec if spec else ''}}}}}"
