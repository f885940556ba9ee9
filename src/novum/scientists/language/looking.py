# ruff: noqa: E501 (prompts stand on long lines)
"""A vision model looks at the figures of a paper: the picture, its caption, and what the text says of it.

It is asked only where one is named for it (`--model-vision`), since a model of words refuses a picture. What it
finds of the text goes back to the writer once; what it finds of a picture or a caption, both the machine's, is
told: every look is an event, and the audit says how many there were and what they found.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from msgspec import Meta

from novum.events import Draft, FigureExamined
from novum.protocols import Services
from novum.records import Figure, ModelRequest, Part, Record
from novum.scientists.language import brief
from novum.scientists.language.told import ACTOR
from novum.scientists.language.writing.writer import Place, Writer
from novum.state import State
from novum.steps.typed import Answer, Failed, propose

MOST = 8  # figures of one paper that are looked at, the first
PICTURES = {"png": "image/png", "svg": "image/svg+xml"}

TASK = """You look at one figure of a paper on a registered experiment, as a sceptical reader would. Say what is wrong, if \
anything is: `figure` where something cannot be read or is missing (axes, units, legend, overlapping marks), `caption` where it \
does not say what is shown, `text` where a sentence that refers to the figure says what the picture does not show. Do not judge \
the experiment, and give no numbers. No fault is the usual answer. Answer with one JSON value and nothing else."""


class FigureFault(Record, kw_only=True):
    """One fault: of the picture, of its caption, or of a sentence that refers to it (by its number)."""

    about: Literal["figure", "caption", "text"]
    what: Annotated[str, Meta(min_length=5, max_length=300)]
    sentence: Annotated[int, Meta(ge=0)] = 0


class Examined(Answer, frozen=True, kw_only=True):
    """What a reader finds wrong with a figure; nothing, as a rule."""

    faults: Annotated[tuple[FigureFault, ...], Meta(max_length=6)] = ()


async def looked(
    view: State, services: Services, writer: Writer, shown: Mapping[str, Figure]
) -> Sequence[Draft]:
    """Have the figures (`F1` and so on, by their names on the sheet) looked at, and the text mended once."""
    if view.settings is None or not view.settings.model_vision:
        return ()
    drafts: list[Draft] = []
    faulty: dict[Place, str] = {}
    for name, figure in list(shown.items())[:MOST]:
        places = writer.mentioning(f"fig:{name}")
        request = _request(figure, [writer.at(place) for place in places])
        if request is None:
            continue
        found = await propose(services.models, request, Examined, repairs=1)
        if isinstance(found, Failed):
            continue
        told = tuple(f"{fault.about}: {' '.join(fault.what.split())}" for fault in found.faults)
        drafts.append(Draft(body=FigureExamined(figure=figure.id, faults=told), actor=ACTOR))
        for fault in found.faults:
            if fault.about == "text" and 1 <= fault.sentence <= len(places):
                faulty[places[fault.sentence - 1]] = f"a reader of the figure finds: {fault.what}"
    await writer.once_more(faulty)
    return drafts


def _request(figure: Figure, sentences: Sequence[str]) -> ModelRequest | None:
    """The question about a figure; None where it has no picture that a model could see."""
    suffix = next((s for s in PICTURES if s in figure.files), "")
    if not suffix:
        return None
    lines = "\n".join(f"{i}. {sentence}" for i, sentence in enumerate(sentences, 1)) or "(none)"
    text = f"# The caption\n{figure.caption}\n\n# Sentences that refer to it\n{brief.quoted(lines)}"
    parts = (
        brief.system(TASK),
        Part(text=text),
        Part(image=figure.files[suffix], media_type=PICTURES[suffix]),
    )
    return ModelRequest(role="vision", parts=parts, max_output_tokens=800)
