"""What a study with a model asks: `python benchmarks/asking.py`.

Whole language studies under a scripted model, on the domain that `novum domains new` makes, its program
lengthened to 400 lines; at least twelve versions of it are written. Counted off their journals: calls,
prompts that were put twice, tokens (3.5 bytes each).

"Re-sending" is the same study if each question about a version held that version's program as it stands, in
the place of the original and a difference. A prompt's tokens are *new* as far as no earlier prompt begins as
it does: what providers' prefix caches cannot serve. Both ways of asking are counted by the same rule.
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path

import msgspec
from measuring import row, show

from novum import api, tokens
from novum.bench.rows import Row
from novum.domains import new_domain
from novum.events import ModelAnswered, ModelAsked
from novum.journal import FileBlobs, read_events
from novum.records import ModelAnswer, ModelRequest, Settings
from novum.state import State, fold

LINES, TRIALS, NODES = 400, 24, 12
HERE = Path(__file__).resolve().parent
Prompt = tuple[str, ...]


class Asked(msgspec.Struct, frozen=True):
    """One call: for which node it was made (empty for none), what was asked, what was said."""

    node: str
    request: ModelRequest
    answer: ModelAnswer


def study(home: Path, seed: int) -> tuple[State, list[Asked], FileBlobs]:
    """A whole study, and its calls in their order."""
    new_domain(home / "toy", "toy")
    toml, program = home / "toy" / "domain.toml", home / "toy" / "fit.py"
    toml.write_text(toml.read_text().replace("explore_trials = 4", f"explore_trials = {TRIALS}", 1))
    program.write_text(lengthened(program.read_text()))
    model = f"scripted:{HERE / 'answering.py'}"
    settings = Settings(domain=str(home / "toy"), budget="smoke", seed=seed, executor="inline", workers=1,
                        sandbox="none", scientist="language", model=model, proposals=1)  # fmt: skip
    outcome = api.run(settings, lab=home / "lab")
    assert outcome.exit_code == 0, outcome.message
    place = Path(outcome.path)
    events, blobs = list(read_events(place / "journal.sqlite")), FileBlobs(place / "blobs")
    state = fold(events)
    answers = {e.body.key: e.body.answer for e in events if isinstance(e.body, ModelAnswered)}
    calls = [
        Asked(
            state.made.get(e.body.node, e.body.node),
            msgspec.json.decode(blobs.get(e.body.request), type=ModelRequest),
            msgspec.json.decode(blobs.get(answers[e.body.key]), type=ModelAnswer),
        )
        for e in events
        if isinstance(e.body, ModelAsked)
    ]
    return state, calls, blobs


def lengthened(program: str) -> str:
    """A program of `LINES` lines: what is added are functions that nobody calls."""
    marker = '\n\nif __name__ == "__main__":'
    one = ("\n\ndef moment_{0}(x: np.ndarray, weights: np.ndarray) -> float:\n"
           '    """The weighted moment of order {0} about the weighted mean."""\n'
           "    centre = float(np.sum(weights * x) / np.sum(weights))\n"
           "    powers = (x - centre) ** {0}\n"
           "    return float(np.sum(weights * powers) / np.sum(weights))\n")  # fmt: skip
    number = 2
    while program.count("\n") < LINES:
        program = program.replace(marker, one.format(number) + marker, 1)
        number += 1
    return program


# --- counting -----------------------------------------------------------------------------------------


def rows(studies: Sequence[tuple[State, list[Asked], FileBlobs]]) -> Iterator[Row]:
    calls = [count for state, asked, _ in studies for count in calls_of_nodes(state, asked)]
    yield row("calls of a written version, with its share of all other calls", calls, at_most=4)
    yield row("prompts that were put twice", [repeated(asked) for _, asked, _ in studies], at_most=0)
    yield row("answer that edits two lines, tokens over those of the program", [
        share for state, asked, blobs in studies for share in answers_over_program(state, asked, blobs)
    ], at_most=0.15)  # fmt: skip
    ours, theirs = ([(prompts(*one, resent=resent)) for one in studies] for resent in (False, True))
    fresh = [new(their) / new(our) for our, their in zip(ours, theirs, strict=True)]
    yield row("new prompt tokens of re-sending the program, times ours", fresh, at_least=3)
    whole = [total(their) / total(our) for our, their in zip(ours, theirs, strict=True)]
    yield row("all prompt tokens of re-sending the program, times ours", whole)
    yield row("prompt tokens of such a study", [total(our) for our in ours])
    yield row("new ones of them", [new(our) for our in ours])


def calls_of_nodes(state: State, asked: Sequence[Asked]) -> list[float]:
    """Calls for each written version, each with an equal share of what the study asked besides."""
    written = [name for name in state.made.values() if state.nodes[name].operator != "tune"]
    assert len(written) >= NODES, f"{len(written)} versions were written"
    by_node = Counter(call.node for call in asked)
    others = len(asked) - sum(by_node[name] for name in written)
    return [by_node[name] + others / len(written) for name in written]


def repeated(asked: Sequence[Asked]) -> int:
    found = Counter((call.request.role, call.request.parts) for call in asked)
    return sum(found.values()) - len(found)


def answers_over_program(state: State, asked: Sequence[Asked], blobs: FileBlobs) -> list[float]:
    assert state.domain is not None
    program = tokens.estimate(blobs.get(state.domain.workspace()["fit.py"]).decode())
    return [tokens.estimate(call.answer.text) / program for call in asked if call.request.role == "code"]


def prompts(state: State, asked: Sequence[Asked], blobs: FileBlobs, *, resent: bool) -> list[Prompt]:
    """The parts of the prompts about versions, as they were put or with the program re-sent."""
    about = [call for call in asked if call.node in state.made.values()]
    if not resent:
        return [tuple(part.text for part in call.request.parts) for call in about]
    return [_resent(call, state, blobs) for call in about]


def _resent(call: Asked, state: State, blobs: FileBlobs) -> Prompt:
    """A prompt with the program that it is about, as it stands."""
    node = state.nodes[call.node]
    shown = state.nodes[node.parents[0]] if call.request.role == "code" and node.parents else node
    program = blobs.get(shown.workspace["fit.py"]).decode()
    texts = [part.text for part in call.request.parts if not part.text.startswith("# The program `")]
    last = texts[-1]
    begin, end = last.find("```diff"), last.find("```\n", last.find("```diff") + 4)
    return (*texts[:-1], program, last if begin < 0 else last[:begin] + last[end + 4 :])


def total(put: Sequence[Prompt]) -> int:
    return sum(tokens.estimate(text) for prompt in put for text in prompt)


def new(put: Sequence[Prompt]) -> int:
    """Tokens beyond the longest beginning that an earlier prompt shares, to the character."""
    seen: list[str] = []
    fresh = 0
    for prompt in put:
        text = "\n\n".join(prompt)
        known = max((_alike(text, earlier) for earlier in seen), default=0)
        fresh += tokens.estimate(text[known:])
        seen.append(text)
    return fresh


def _alike(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def measured(repeats: int) -> list[Row]:
    found = []
    for seed in range(1, repeats + 1):
        with tempfile.TemporaryDirectory() as home:
            found.append(study(Path(home), seed))
            state, asked, blobs = found[-1]
            held = {sha: blobs.get(sha) for node in state.nodes.values() for sha in node.workspace.values()}
        found[-1] = (state, asked, _Held(held))  # type: ignore[assignment]
    return list(rows(found))


class _Held(dict[str, bytes]):
    """Blobs that outlive their folder."""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--repeats", type=int, default=2, help="studies")
    parser.add_argument("--json", action="store_true", help="print JSON lines")
    given = parser.parse_args()
    show(measured(given.repeats), given.json)
