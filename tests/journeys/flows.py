"""Work that asks a model, to be killed at any moment: what a child of the cradle does.

`conversation` asks through the real recorder, journal, budget and typed outputs, in steps of several calls at
once of which each needs the answers of the one before, as a study with a model does. `study` is one.
"""

import asyncio
import hashlib
import time
from pathlib import Path

from novum import api, wiring
from novum.asking import Panel
from novum.canonical import digest
from novum.journal import JOURNAL, FileBlobs, Journal, WriterLock
from novum.manuscript.render.markdown import MarkdownRenderer
from novum.models import Surroundings, open_model
from novum.recording import Recorder
from novum.records import ModelRequest, Part
from novum.steps.typed import Answer, propose
from tests.histories import created

STEPS, AT_ONCE = 8, 5
DONE = "done"


class Opinion(Answer, frozen=True, kw_only=True):
    title: str
    score: float


def prepare() -> None:
    """Import what an open model needs, so that children need not."""
    open_model("http://127.0.0.1:9/v1#any", Surroundings(blobs=FileBlobs(Path())))
    import matplotlib.figure  # noqa: F401
    import scipy.stats  # noqa: F401

    wiring.steps()
    wiring.renderers = lambda: [MarkdownRenderer()]  # setting in type has tests of its own


def conversation(folder: str, model: str) -> None:
    """Go through all steps from wherever the journal ends; a file `done` says that the end was reached."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    with WriterLock(place):
        asyncio.run(_converse(place, model))


async def _converse(place: Path, name: str) -> None:
    journal, blobs = Journal(place / JOURNAL, time.time), FileBlobs(place / "blobs")
    recorder = Recorder(journal, blobs)
    if not recorder.state.study:
        recorder.commit(created())
    model = open_model(name, Surroundings(blobs=blobs, folder=place))
    panel = Panel(recorder.calls, {"ideate": [model]})
    before = "nothing"
    for step in range(STEPS):
        asked = [propose(panel, question(step, i, before), Opinion) for i in range(AT_ONCE)]
        before = digest(await asyncio.gather(*asked))[:12]
    await panel.close()
    journal.close()
    (place / DONE).touch()


def study(folder: str) -> None:
    """Carry a study on to its end; a file `done` beside the studies says that the end was reached."""
    place = Path(folder)
    outcome = api.resume(place)
    assert outcome.exit_code == 0, outcome.message
    (place.parents[1] / DONE).touch()


def question(step: int, number: int, before: str) -> ModelRequest:
    """What is asked; some are answered twice, since the first answer does not fit (see `says`)."""
    name = hashlib.sha256(f"{step} {number} {before}".encode()).hexdigest()[:8]
    parts = (Part(speaker="system", text="You judge."), Part(text=f"What of question {name}?"))
    return ModelRequest(role="ideate", parts=parts, max_output_tokens=100)


def says(asked: str) -> dict[str, object]:
    """The answer of whoever is asked: one in four does not fit at first."""
    name = asked.partition("question ")[2][:8]
    if int(name, 16) % 4 == 0 and "cannot be used" not in asked:
        return {"title": name, "score": "not a number"}
    return {"title": name, "score": 0.5}
