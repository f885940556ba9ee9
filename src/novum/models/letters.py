"""Requests as letters that a person can read and answer, and answers as they come back.

A letter is one Markdown file that stands for itself: what is asked, of what form the answer is, an example,
and where to put it. Its first line is for us, and says which request of which study it is.
"""

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from novum.models.examples import example
from novum.records import ModelAnswer, ModelRequest, Part, Role

LONGEST = 4 << 20  # bytes of an answer that are read
WORDS_PER_TOKEN = 0.7

TASKS: Mapping[Role, str] = {
    "ideate": "propose ideas",
    "code": "write or change code",
    "judge": "judge",
    "write": "write",
    "review": "review",
    "vision": "look at pictures",
}
_MARK = re.compile(r"<!-- novum request (?P<key>[0-9a-f]{64}) of study (?P<study>\S*) -->")


class Mark(NamedTuple):
    """Which request a letter is."""

    key: str
    study: str

    def __str__(self) -> str:
        return f"<!-- novum request {self.key} of study {self.study} -->"


def mark_of(line: str) -> Mark | None:
    """The mark in a letter's first line; None if it is no letter of ours."""
    found = _MARK.match(line)
    return Mark(found["key"], found["study"]) if found else None


def letter(request: ModelRequest, mark: Mark, stem: str, images: Mapping[str, str], earlier: str = "") -> str:
    """The text of a letter.

    Args:
        stem: the beginning of its file's name, such as `0003-ideate`.
        images: blob -> name of the file beside it.
        earlier: the stem of the letter whose answer did not fit, if this one asks again.
    """
    sections = [_opening(request, mark, stem, earlier), *_parts(request, images), _form(request)]
    return "\n\n".join(section for section in sections if section) + "\n"


def _opening(request: ModelRequest, mark: Mark, stem: str, earlier: str) -> str:
    study = f" of study `{mark.study}`" if mark.study else ""
    again = (
        f"The answer to `{earlier}` could not be used; the end of *The question* says why." if earlier else ""
    )
    sample = (
        f"This is request {request.sample + 1} of several with the same words: an answer of its own is "
        "wanted, made without looking at the others."
        if request.sample
        else ""
    )
    lines = [
        str(mark),
        f"# {stem}: {TASKS[request.role]}",
        f"Novum waits for an answer to this request{study}, and goes on when it is there.",
        again,
        sample,
        _where(request, stem),
    ]
    return "\n\n".join(line for line in lines if line)


def _where(request: ModelRequest, stem: str) -> str:
    if request.output:
        names = (
            f"- `{stem}.answer.json`, one JSON value of the form described under *The answer*;\n"
            f"- or `{stem}.answer.md`, a text in which that JSON value stands."
        )
    else:
        names = f"- `{stem}.answer.md`, with nothing in it but the answer."
    return (
        f"Put the answer into a file in this same folder:\n\n{names}\n\n"
        f"Write it under another name first (`{stem}.draft`, say) and rename it when it is whole, since a "
        "file of the right name is taken as soon as it is seen. Change nothing else here."
    )


def _parts(request: ModelRequest, images: Mapping[str, str]) -> Iterator[str]:
    """The prompt under headings: one wherever another kind of part begins."""
    last = ""
    answered = False
    for part in request.parts:
        answered = answered or part.speaker == "model"
        heading = _heading(part, answered)
        yield f"## {heading}" if heading != last else ""
        last = heading
        name = images.get(part.image, "")
        yield f"![{name}]({name})" if name else part.text.strip("\n")


def _heading(part: Part, answered: bool) -> str:
    if part.speaker == "system":
        return "Instructions"
    if part.speaker == "model":
        return "What was answered before"
    if answered:
        return "The question, again"
    return "Context" if part.stable else "The question"


def _form(request: ModelRequest) -> str:
    words = int(request.max_output_tokens * WORDS_PER_TOKEN)
    length = f"At most about {words} words."
    if not request.output:
        return f"## The answer\n\nText. {length}"
    shown = json.dumps(example(request.output), indent=2, ensure_ascii=False)
    schema = json.dumps(request.output, indent=2, ensure_ascii=False)
    return (
        f"## The answer\n\nOne JSON value named *{request.output_name}*. {length} For example, with your own "
        f"content:\n\n```json\n{shown}\n```\n\nIt has to fit this JSON schema:\n\n```json\n{schema}\n```"
    )


# --- answers ------------------------------------------------------------------------------------------


def decoded(data: bytes) -> str:
    """The text of an answer, as whatever editor wrote it; what is too long is cut off."""
    data = data[:LONGEST]
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    return data.decode("utf-8-sig", "replace")


def is_whole(text: str, *, is_json: bool) -> bool:
    """Whether an answer looks complete: JSON can be told from its beginning, text cannot."""
    if not text.strip():
        return False
    return not is_json or _parsed(text) is not _NOTHING


def answer(text: str, model: str, *, is_json: bool) -> ModelAnswer:
    """The answer in a file. JSON that cannot be read is text, which the reader will send back with why."""
    value = _parsed(text) if is_json else _NOTHING
    if isinstance(value, str):
        return ModelAnswer(text=value, model=model, usd=0.0)
    if value is _NOTHING or value is None:
        return ModelAnswer(text=text.strip(), model=model, usd=0.0)
    return ModelAnswer(data=value, model=model, usd=0.0)


_NOTHING = object()


def _parsed(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return _NOTHING
