"""Edits that a model writes: search/replace blocks and whole files, read with tolerance, applied with care.

    FILE: learner.py
    <<<<<<< SEARCH
    lines as they stand
    =======
    lines as they are to be
    >>>>>>> REPLACE

    FILE: learner.py
    <<<<<<< CONTENT
    the whole file
    >>>>>>> END

What a block may get wrong: the number of marks, fences around it, blanks at the ends of lines, the
indentation of the block as a whole. What is found in more places than one, or nowhere, is an error that says
which lines come nearest; so is a file that may not be edited, an edit that changes nothing, and Python that
does not parse.
"""

import ast
import difflib
import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

LARGEST = 400_000  # characters of an edited file
NEAR = 0.5  # likeness from which lines are shown as the nearest
FILE = re.compile(r"^\W*(?:FILE|File|file|PATH)?\W*?(?P<path>[\w.\-/]+\.\w+)\W*$")
OPEN = re.compile(r"^\s*<{4,10}\s*(?P<kind>SEARCH|ORIGINAL|CONTENT|WRITE)?\b.*$", re.I)
MIDDLE = re.compile(r"^\s*={4,10}\s*$")
CLOSE = re.compile(r"^\s*>{4,10}\s*(?:REPLACE|UPDATED|END)?.*$", re.I)
WHOLE = ("CONTENT", "WRITE")


class EditError(ValueError):
    """An edit that cannot be made; says what is wrong, for whoever wrote it."""


class Edit(Struct, frozen=True):
    """Lines of a file that take the place of others; of all lines where `old` is None."""

    path: str
    old: tuple[str, ...] | None
    new: tuple[str, ...]


def edited(files: Mapping[str, str], answer: str, editable: Sequence[str]) -> dict[str, str]:
    """The files of a workspace (path -> text) after the edits of an answer.

    Raises:
        EditError: there are none, one of them cannot be made, or the outcome is no program.
    """
    found = list(read(answer, editable))
    if not found:
        raise EditError("there is no block between <<<<<<< SEARCH and >>>>>>> REPLACE in it")
    after = dict(files)
    for edit in found:
        if edit.path not in editable:
            raise EditError(f"{edit.path} is protected; only {', '.join(editable)} may be edited")
        after[edit.path] = applied(after.get(edit.path, ""), edit)
    if after == dict(files):
        raise EditError("the edits change nothing")
    for path in sorted(set(after) - {p for p in files if files[p] == after.get(p)}):
        _require_program(path, after[path])
    return after


def _require_program(path: str, text: str) -> None:
    if len(text) > LARGEST:
        raise EditError(f"{path} has more than {LARGEST} characters")
    if not path.endswith(".py"):
        return
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError, SystemError) as error:
        raise EditError(f"{path} is no Python after the edits: {_told(error, text)}") from None


def _told(error: Exception, text: str) -> str:
    if not isinstance(error, SyntaxError) or not error.lineno:
        return str(error) or type(error).__name__
    lines = text.splitlines()
    shown = lines[error.lineno - 1].strip() if error.lineno <= len(lines) else ""
    return f"{error.msg} at line {error.lineno}: {shown}"


# --- reading ------------------------------------------------------------------------------------------


def read(answer: str, editable: Sequence[str]) -> Iterator[Edit]:
    """The edits of an answer in their order.

    Raises:
        EditError: a block is torn, or names no file where several may be meant.
    """
    lines, place, path = answer.splitlines(), 0, editable[0] if len(editable) == 1 else ""
    while place < len(lines):
        opening = OPEN.match(lines[place])
        if opening is None:
            named = FILE.match(lines[place])
            path = named["path"].lstrip("./") if named else path
            place += 1
            continue
        if not path:
            raise EditError("a block names no file; put FILE: path before it")
        edit, place = _block(lines, place, path, (opening["kind"] or "SEARCH").upper() in WHOLE)
        yield edit


def _block(lines: list[str], start: int, path: str, whole: bool) -> tuple[Edit, int]:
    """The block that begins at `start`, and where the next line after it is."""
    end = next((i for i in range(start + 1, len(lines)) if CLOSE.match(lines[i])), None)
    if end is None:
        raise EditError(
            f"a block of {path} has no end; close it with >>>>>>> {'END' if whole else 'REPLACE'}"
        )
    inside = lines[start + 1 : end]
    if whole:
        return Edit(path, None, _unfenced(inside)), end + 1
    middle = next((i for i, line in enumerate(inside) if MIDDLE.match(line)), None)
    if middle is None:
        raise EditError(f"a block of {path} has no ======= between what is sought and what replaces it")
    return Edit(path, tuple(inside[:middle]), tuple(inside[middle + 1 :])), end + 1


def _unfenced(lines: list[str]) -> tuple[str, ...]:
    """Lines without a Markdown fence around all of them."""
    if len(lines) > 1 and lines[0].lstrip().startswith("```") and lines[-1].strip() == "```":
        return tuple(lines[1:-1])
    return tuple(lines)


# --- applying -----------------------------------------------------------------------------------------


def applied(text: str, edit: Edit) -> str:
    """A file's text after one edit.

    Raises:
        EditError: what is sought is nowhere, or in several places.
    """
    if edit.old is None:
        return "\n".join(edit.new).rstrip("\n") + "\n"
    lines = text.split("\n")
    old = _without_blank_ends(edit.old)
    if not old:
        raise EditError(f"a block of {edit.path} seeks nothing; quote the lines that are to be replaced")
    for same in (_exactly, _but_for_blanks, _but_for_indentation):
        places = [i for i in range(len(lines) - len(old) + 1) if same(lines[i : i + len(old)], old)]
        if len(places) > 1:
            twice = f"the lines sought in {edit.path} stand there {len(places)} times"
            raise EditError(f"{twice}; quote more lines around them")
        if places:
            return _replaced(lines, places[0], old, edit)
    raise EditError(f"the lines sought are not in {edit.path}{_nearest(lines, old)}")


def _replaced(lines: list[str], place: int, old: Sequence[str], edit: Edit) -> str:
    shift = _indent(lines[place : place + len(old)]) - _indent(old)
    new = [_shifted(line, shift) for line in _without_blank_ends(edit.new)]
    return "\n".join([*lines[:place], *new, *lines[place + len(old) :]])


def _without_blank_ends(lines: Sequence[str]) -> list[str]:
    found = list(lines)
    while found and not found[0].strip():
        found.pop(0)
    while found and not found[-1].strip():
        found.pop()
    return found


def _exactly(one: Sequence[str], other: Sequence[str]) -> bool:
    return list(one) == list(other)


def _but_for_blanks(one: Sequence[str], other: Sequence[str]) -> bool:
    return [line.rstrip() for line in one] == [line.rstrip() for line in other]


def _but_for_indentation(one: Sequence[str], other: Sequence[str]) -> bool:
    shift = _indent(one) - _indent(other)
    return _but_for_blanks(one, [_shifted(line, shift) for line in other])


def _indent(lines: Sequence[str]) -> int:
    """The indentation common to all lines that are not blank."""
    return min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)


def _shifted(line: str, by: int) -> str:
    if not line.strip():
        return line.strip()
    return " " * by + line if by >= 0 else line.removeprefix(" " * -by)


def _nearest(lines: list[str], old: Sequence[str]) -> str:
    """The lines of a file that come nearest to those sought, quoted."""
    sought, best, where = "\n".join(old), 0.0, -1
    for place in range(max(1, len(lines) - len(old) + 1)):
        matcher = difflib.SequenceMatcher(None, "\n".join(lines[place : place + len(old)]), sought)
        if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best and matcher.ratio() > best:
            best, where = matcher.ratio(), place
    if best < NEAR:
        return ""
    shown = "\n".join(lines[where : where + len(old)])
    return f"; nearest, from line {where + 1}, are:\n{shown}"
