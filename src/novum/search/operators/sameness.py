"""When two programs are one: their syntax trees are equal but for what no run can notice.

Layout, comments, docstrings and the spelling of a number do not count; names do. What is no Python is
compared line by line, without blanks at the ends.
"""

import ast
import functools
from collections.abc import Mapping

from novum.canonical import digest
from novum.search.operators.literals import parsed

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def fingerprint(files: Mapping[str, str]) -> str:
    """A hash that duplicates share, of files by path."""
    return digest([[path, _essence(path.endswith(".py"), files[path])] for path in sorted(files)])


@functools.lru_cache(maxsize=2048)
def _essence(python: bool, text: str) -> str:
    plain = "\n".join(line.rstrip() for line in text.strip("\n").splitlines())
    tree = parsed(text) if python else None
    if tree is None:
        return plain
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and _has_docstring(node.body):
            node.body = node.body[1:] or [ast.Pass()]
    try:
        return ast.dump(tree)
    except RecursionError:
        return plain


def _has_docstring(body: list[ast.stmt]) -> bool:
    first = body[0] if body else None
    return (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
