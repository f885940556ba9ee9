"""Programs as prompts show them: what matters whole, and of every other function a name with its arguments.

A long program is read once, by whoever proposes the idea. Those who carry the idea out see the functions
that it names and those that a version has changed; whatever else they want to read, they ask for by name.
"""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from textwrap import dedent
from typing import NamedTuple

from novum.search.operators.literals import template

MARK = "# [folded, {lines} lines: {names}]"
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Piece(NamedTuple):
    """A function, or a method of a class (`Class.method`): its lines from `start` to before `end`, from 0."""

    name: str
    start: int
    end: int
    indent: str
    told: str


def pieces(text: str) -> list[Piece]:
    """The functions and methods of a Python file in their order; none of a text that is no Python."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return sorted(_pieces(tree.body, ""), key=lambda piece: piece.start)


def _pieces(body: list[ast.stmt], within: str) -> Iterator[Piece]:
    for node in body:
        if isinstance(node, Function):
            start = min(line.lineno for line in (node, *node.decorator_list)) - 1
            told = f"{node.name}({', '.join(_arguments(node.args))})"
            yield Piece(within + node.name, start, node.end_lineno or start, " " * node.col_offset, told)
        elif isinstance(node, ast.ClassDef) and not within:
            yield from _pieces(node.body, f"{node.name}.")


def _arguments(of: ast.arguments) -> Iterator[str]:
    yield from (arg.arg for arg in (*of.posonlyargs, *of.args))
    if of.vararg or of.kwonlyargs:
        yield f"*{of.vararg.arg if of.vararg else ''}"
    yield from (arg.arg for arg in of.kwonlyargs)
    if of.kwarg:
        yield f"**{of.kwarg.arg}"


def folded(text: str, kept: Collection[str]) -> str:
    """A file without the bodies of the functions that are not kept; neighbours among these share a line."""
    lines, shown, at, run = text.split("\n"), [], 0, []  # type: ignore[var-annotated]
    for piece in pieces(text):
        between = lines[at : piece.start]
        if run and (
            any(line.strip() for line in between) or piece.name in kept or run[0].indent != piece.indent
        ):
            shown += _marked(run)
            run = []
        if not run:
            shown += between
        if piece.name in kept:
            shown += lines[piece.start : piece.end]
        else:
            run.append(piece)
        at = piece.end
    return "\n".join([*shown, *_marked(run), *lines[at:]])


def _marked(run: list[Piece]) -> list[str]:
    if not run:
        return []
    names = ", ".join(piece.told for piece in run)
    return [run[0].indent + MARK.format(lines=sum(p.end - p.start for p in run), names=names)]


def outline(text: str) -> str:
    """The functions and methods of a file with their arguments, on a line."""
    return ", ".join(p.name.rpartition(".")[0] + "." * ("." in p.name) + p.told for p in pieces(text))


def source(text: str, name: str) -> str:
    """The text of a function, a method or a class of a file; empty if it has none of this name."""
    lines = text.split("\n")
    found = [p for p in pieces(text) if p.name == name or p.name.startswith(f"{name}.")]
    return "\n".join(line for p in found for line in lines[p.start : p.end])


def changed(before: str, after: str) -> list[str]:
    """The functions of `after` that do not stand in `before`, or differ there by more than their numbers."""
    return [p.name for p in pieces(after) if _plain(before, p.name) != _plain(after, p.name)]


def _plain(text: str, name: str) -> str:
    return template(dedent(source(text, name)))


def named(files: Mapping[str, str], words: str) -> set[str]:
    """The functions of some files whose names stand in a text."""
    said = set(re.findall(r"\w+", words))
    return {p.name for text in files.values() for p in pieces(text) if p.name.rpartition(".")[2] in said}
