"""What a study with a model asks: `python benchmarks/asking.py`.

Whole language studies under a scripted model, on the domain that `novum domains new` makes, its program
lengthened to 400 lines; at least twelve versions of it are written. Counted off their journals: calls,
prompts that were put twice, tokens (3.5 bytes each). The model asks to be shown a folded function before every
fourth version.

What is compared are all calls about versions: those of the author of a version and of its judge. Four other ways
of putting them are counted by the same rule, all with our words about domain, idea, versions and task:

- *the program in each call*: the same calls, each with the program of its version as it stands in the place of
  folded program, difference and functions; nobody has to ask to be shown anything;
- *one conversation*: these calls as turns of a chat that holds the files as they stand and all that was said,
  up to 8192 tokens of it, which is how aider, and so The AI Scientist v1, sends them;
- *one conversation, nobody judging*: the same for the author's calls alone, since v1 has no judge;
- *four calls a version*: the program in the calls that The AI Scientist v2 makes for every version that runs:
  the code, the verdict on it, the code that reads its metrics, and the code of its plots (our judge's words stand
  for the last three).

A prompt's tokens are *new* as far as no earlier prompt begins as it does: what providers' prefix caches cannot
serve.
"""

import argparse
import re
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
HISTORY = 8192  # tokens of a conversation
FENCED = re.compile(r"^[^\n]*:\n```.*?^```\n?|^(Its [^\n]*:\n)?Numbers moved:\n(line .*\n|and on .*\n?)*", re.M | re.S)
LOOKED = re.compile(r"^# What you asked to be shown\n.*?(?=^# )", re.M | re.S)
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
    ours = [prompts(*one) for one in studies]
    for name, way in WAYS.items():
        theirs = [way(*one) for one in studies]
        target = {"at_least": 3} if way is resent else {}
        ratios = [total(their) / total(our) for our, their in zip(ours, theirs, strict=True)]
        yield row(f"all prompt tokens of {name}, times ours", ratios, **target)
        ratios = [new(their) / new(our) for our, their in zip(ours, theirs, strict=True)]
        yield row(f"new ones of {name}, times ours", ratios)
    besides = [total(others(*one)) for one in studies]
    strictest = [total(resent(*one)) for one in studies]
    whole = [(their + rest) / (total(our) + rest) for our, their, rest in zip(ours, strictest, besides, strict=True)]
    yield row("all prompt tokens of the study with the program in each of these calls, times ours", whole)
    yield row("prompt tokens of such a study about versions", [total(our) for our in ours])
    yield row("new ones of them", [new(our) for our in ours])
    yield row("prompt tokens of all other calls of it", besides)


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
    edits = [call for call in asked if call.request.role == "code" and not is_look(call)]
    return [tokens.estimate(call.answer.text) / program for call in edits]


def prompts(state: State, asked: Sequence[Asked], blobs: FileBlobs) -> list[Prompt]:
    """The prompts about versions, as they were put."""
    return [_texts(call) for call in about(state, asked)]


def others(state: State, asked: Sequence[Asked], blobs: FileBlobs) -> list[Prompt]:
    made = state.made.values()
    return [_texts(call) for call in asked if call.node not in made]


def resent(state: State, asked: Sequence[Asked], blobs: FileBlobs) -> list[Prompt]:
    """The same calls, each with the program that it is about as it stands."""
    return [_with_program(call, state, blobs) for call in _without_looks(state, asked)]


def conversation(state: State, asked: Sequence[Asked], blobs: FileBlobs, *, judged: bool = True) -> list[Prompt]:
    """The calls as turns of one chat: stable parts, what was said before, the files, the question."""
    found, said = [], []  # type: ignore[var-annotated]
    for call in _without_looks(state, asked):
        if judged or call.request.role == "code":
            *stable, program, question = _with_program(call, state, blobs)
            found.append((*stable, _latest("\n\n".join(said)), program, question))
            said += [question, call.answer.text]
    return found


def unjudged(state: State, asked: Sequence[Asked], blobs: FileBlobs) -> list[Prompt]:
    return conversation(state, asked, blobs, judged=False)


def four_calls(state: State, asked: Sequence[Asked], blobs: FileBlobs) -> list[Prompt]:
    """What v2 asks of a version that runs; its last two questions are no repetitions, but as long."""
    found = []
    for call in _without_looks(state, asked):
        prompt = _with_program(call, state, blobs)
        times = 1 if call.request.role == "code" else 3
        found += [(f"{prompt[0]}\n{k}", *prompt[1:]) for k in range(times)]
    return found


WAYS = {
    "the program in each call": resent,
    "one conversation": conversation,
    "one conversation, nobody judging": unjudged,
    "four calls a version": four_calls,
}


def about(state: State, asked: Sequence[Asked]) -> list[Asked]:
    made = set(state.made.values())
    return [call for call in asked if call.node in made]


def _without_looks(state: State, asked: Sequence[Asked]) -> list[Asked]:
    """Calls about versions but those whose answer asks to be shown something."""
    return [call for call in about(state, asked) if not is_look(call)]


def is_look(call: Asked) -> bool:
    return call.answer.text.startswith("SHOW:")


def _texts(call: Asked) -> Prompt:
    return tuple(part.text for part in call.request.parts)


def _with_program(call: Asked, state: State, blobs: FileBlobs) -> Prompt:
    """A prompt with the program that it is about, as it stands, before its last part."""
    node = state.nodes[call.node]
    shown = state.nodes[node.parents[0]] if call.request.role == "code" and node.parents else node
    program = blobs.get(shown.workspace["fit.py"]).decode()
    *texts, last = (text for text in _texts(call) if not text.startswith("# The program `"))
    last = FENCED.sub("", LOOKED.sub("", last))
    assert "```" not in last and not any("folded," in text for text in texts), last
    return (*texts, program, last)


def _latest(said: str) -> str:
    """The end of what was said, as long as aider keeps it before it summarises (`max_chat_history_tokens`)."""
    return said.encode()[-int(HISTORY * tokens.BYTES_PER_TOKEN) :].decode("utf-8", "ignore")


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
