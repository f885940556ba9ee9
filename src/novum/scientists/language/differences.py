"""What a version changes of another, as prompts tell it: lines of a patch, and of moved numbers a line each.

A search without a model moves many numbers at once; a patch of these says everything thrice.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from novum import patches, tokens

NUMBER = re.compile(
    r"(?<![\w.])\d+(?:_\d+)*(?:\.\d*)?(?:[eE][+-]?\d+)?(?!\w)|(?<![\w.])\.\d+(?:[eE][+-]?\d+)?"
)
LARGEST = 4_000_000  # lines times lines, beyond which nobody looks for numbers


class Move(NamedTuple):
    """A line of a file, from 0, in which only numbers were moved: as it is now, and what they were."""

    path: str
    line: int
    text: str
    old: tuple[str, ...]


def told(
    before: Mapping[str, str],
    after: Mapping[str, str],
    most: int,
    *,
    context: int = patches.CONTEXT,
    shown: Callable[[Move], bool] = lambda move: True,
    moves: int | None = None,
) -> str:
    """The difference of files (path -> text), a patch of at most about `most` tokens; empty if there is none.

    Of moved numbers those are told that are `shown`, at most so many `moves` of them; the others are counted.
    """
    found, alike = [], dict(before)  # type: ignore[var-annotated]
    for path in sorted(set(before) & set(after)):
        mine, alike[path] = _moved(path, before[path], after[path])
        found += mine
    lines = patches.diff(alike, after, context).rstrip("\n")
    parts = [f"```diff\n{tokens.clip(lines, most)}\n```"] if lines else []
    if found:
        parts.append(_numbers(found, [move for move in found if shown(move)][:moves], len(after) > 1))
    return "\n".join(parts)


def _numbers(found: list[Move], shown: list[Move], several: bool) -> str:
    places = [f"{m.path}, line {m.line + 1}" if several else f"line {m.line + 1}" for m in shown]
    lines = [f"{place}: `{m.text.strip()}` (was {', '.join(m.old)})"
             for place, m in zip(places, shown, strict=True)]  # fmt: skip
    left = len(found) - len(shown)
    more = [f"and on {left} {'more ' if lines else ''}lines that are not shown"] if left else []
    return "\n".join(["Numbers moved:", *lines, *more])


def _moved(path: str, before: str, after: str) -> tuple[list[Move], str]:
    """The moves of a file, and its text before with the numbers of after."""
    old, new = before.split("\n"), after.split("\n")
    if len(old) * len(new) > LARGEST:
        return [], before
    plain = [[NUMBER.sub("0", line) for line in lines] for lines in (old, new)]
    found, renumbered = [], list(old)
    for block in difflib.SequenceMatcher(None, *plain, autojunk=False).get_matching_blocks():
        for i, j in zip(
            range(block.a, block.a + block.size), range(block.b, block.b + block.size), strict=True
        ):
            if old[i] != new[j]:
                was = zip(NUMBER.findall(old[i]), NUMBER.findall(new[j]), strict=True)
                found.append(Move(path, i, new[j], tuple(a for a, b in was if a != b)))
                renumbered[i] = new[j]
    return found, "\n".join(renumbered)
