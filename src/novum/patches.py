"""Unified diffs of text files: made, and applied exactly where they were made for.

Nothing is guessed: a line of context that differs is an error, not a reason to look elsewhere. The format is
the one of `diff -u` and git, so a patch can be read and applied by other programs too.
"""

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

NOTHING = "/dev/null"
UNENDED = "\\ No newline at end of file"
CONTEXT = 3
LARGEST = 4_000_000  # lines before times lines after, beyond which a file is replaced as a whole
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


class PatchError(ValueError):
    """A patch that is torn, or made for other files; says where."""


def diff(before: Mapping[str, str], after: Mapping[str, str], context: int = CONTEXT) -> str:
    """The patch that makes `after` (path -> text) of `before`; empty if they are equal."""
    changed = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
    files = (_file_diff(path, before.get(path), after.get(path), context) for path in changed)
    return "".join(f"{line}\n" for lines in files for line in lines)


def applied(before: Mapping[str, str], patch: str) -> dict[str, str]:
    """The files of `before` with a patch applied; files it does not name stay as they are.

    Raises:
        PatchError: it is no patch, or not one for these files.
    """
    after, lines, place = dict(before), patch.split("\n"), 0
    while place < len(lines):
        if not lines[place]:
            place += 1
            continue
        old, new, place = _header(lines, place)
        text, place = _patched(before.get(old) if old else None, lines, place, new or old)
        if old and old != new:
            after.pop(old, None)
        if new:
            after[new] = text
    return after


def newly_written(before: Mapping[str, str], after: Mapping[str, str]) -> float:
    """The share of the lines of `after` that stand nowhere in `before`, in [0, 1]; blanks do not count."""
    old = Counter(line.strip() for text in before.values() for line in text.split("\n"))
    new = Counter(line.strip() for text in after.values() for line in text.split("\n"))
    del old[""], new[""]
    return (new - old).total() / max(1, new.total())


# --- making -------------------------------------------------------------------------------------------


def _file_diff(path: str, before: str | None, after: str | None, context: int) -> Iterator[str]:
    yield f"--- {NOTHING if before is None else f'a/{path}'}"
    yield f"+++ {NOTHING if after is None else f'b/{path}'}"
    old, new = _lines(before or ""), _lines(after or "")
    groups = _groups(old, new, context)
    for group in groups:
        yield _range(group)
        for kind, i1, i2, j1, j2 in group:
            if kind == "equal":
                yield from _marked(" ", old[i1:i2])
            else:
                yield from _marked("-", old[i1:i2])
                yield from _marked("+", new[j1:j2])


def _lines(text: str) -> list[str]:
    """Lines with their ends; only a line feed ends one."""
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


Group = Sequence[tuple[str, int, int, int, int]]


def _groups(old: list[str], new: list[str], context: int) -> list[Group]:
    if old == new:
        return []
    if len(old) * len(new) > LARGEST:
        return [[("replace", 0, len(old), 0, len(new))]]
    return list(difflib.SequenceMatcher(None, old, new).get_grouped_opcodes(context))


def _range(group: Group) -> str:
    old, new = (group[0][1], group[-1][2]), (group[0][3], group[-1][4])
    return f"@@ -{_span(*old)} +{_span(*new)} @@"


def _span(start: int, end: int) -> str:
    return f"{start + 1 if end > start else start},{end - start}"


def _marked(mark: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield f"{mark}{line.removesuffix(chr(10))}"
        if not line.endswith("\n"):
            yield UNENDED


# --- applying -----------------------------------------------------------------------------------------


def _header(lines: list[str], place: int) -> tuple[str, str, int]:
    """The paths before and after (empty for a file that is not there), and where the hunks begin."""
    pair = lines[place : place + 2]
    if len(pair) < 2 or not pair[0].startswith("--- ") or not pair[1].startswith("+++ "):
        raise PatchError(f"line {place + 1} of the patch begins no file")
    old, new = (_path(line[4:], side) for line, side in zip(pair, "ab", strict=True))
    if not old and not new:
        raise PatchError(f"line {place + 1} of the patch names no file")
    return old, new, place + 2


def _path(told: str, side: str) -> str:
    return "" if told == NOTHING else told.removeprefix(f"{side}/")


def _patched(text: str | None, lines: list[str], place: int, path: str) -> tuple[str, int]:
    """A file's new text, and where its hunks end."""
    old, made, at = _lines(text or ""), [], 0
    while place < len(lines) and (found := _HUNK.match(lines[place])):
        start, count = int(found[1]), int(found[2] or 1)
        begin = start - 1 if count else start
        if not at <= begin <= len(old):
            raise PatchError(f"{path} has no line {start}")
        made += old[at:begin]
        taken, put, place = _hunk(lines, place + 1, (count, int(found[4] or 1)), path)
        at = begin + len(taken)
        if old[begin:at] != taken:
            raise PatchError(f"{path} is not as the patch says at line {start}")
        made += put
    return "".join(made + old[at:]), place


def _hunk(
    lines: list[str], place: int, counts: tuple[int, int], path: str
) -> tuple[list[str], list[str], int]:
    """The lines that a hunk takes away and puts there, by their counts, and where it ends."""
    taken: list[str] = []
    put: list[str] = []
    while len(taken) < counts[0] or len(put) < counts[1]:
        if place >= len(lines) or lines[place][:1] not in (" ", "-", "+"):
            raise PatchError(f"the patch of {path} is torn")
        mark, line = lines[place][:1], lines[place][1:]
        place += 1
        unended = place < len(lines) and lines[place] == UNENDED
        place += unended
        line += "" if unended else "\n"
        taken += [line] if mark in " -" else []
        put += [line] if mark in " +" else []
    return taken, put, place
