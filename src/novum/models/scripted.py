"""`scripted:FILE.py`: a model that is a Python file, with functions `ideate(request)`, `code(request)`, …

A function is named after the role that it plays; `answer(request)` plays those that have none of their own.
It returns a text, a dict or list (structured output), or a `ModelAnswer`, and may be `async`; what it raises
of `novum.errors` stands for a provider's failure. The file may also hold `PRICES = Prices(…)` and `NAME`.
It is run in this process with all its rights, so it is for one's own tests and demonstrations.
"""

import inspect
import runpy
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from novum.errors import NovumError, UserError
from novum.models.fake import FakeModel, Said
from novum.models.registry import Surroundings
from novum.records import ROLES, ModelAnswer, ModelRequest, Prices

DEFAULT = "answer"
Function = Callable[[ModelRequest], Any]


def open_scripted(rest: str, around: Surroundings) -> FakeModel:
    """The model of a file.

    Raises:
        UserError: there is no such file, it fails, or has none of the functions.
    """
    path = Path(rest).expanduser()
    if not path.is_file():
        raise UserError(f"scripted:{rest}: there is no such file", fix="give a Python file")
    try:
        found = runpy.run_path(str(path), run_name="novum_script")
    except Exception as error:  # the border to a user's own code
        raise UserError(f"{rest} cannot be run: {_told(error, path)}") from error
    functions = {role: found[role] for role in (*ROLES, DEFAULT) if callable(found.get(role))}
    if not functions:
        raise UserError(f"{rest} has no function answer(request)", fix="define it; see docs/models.md")
    prices = around.prices(f"scripted:{rest}") or found.get("PRICES", Prices(input=0, output=0))
    if not isinstance(prices, Prices):
        raise UserError(f"{rest}: PRICES is a {type(prices).__name__}", fix="write PRICES = Prices(…)")
    return FakeModel(
        _script(functions, path), name=str(found.get("NAME", f"scripted:{path.name}")), prices=prices
    )


def _script(functions: Mapping[str, Function], path: Path) -> Callable[[ModelRequest], Any]:
    """What the file says to a request, checked."""

    async def said(request: ModelRequest) -> Said:
        function = functions.get(request.role) or functions.get(DEFAULT)
        if function is None:
            raise UserError(
                f"{path.name} has no function {request.role}(request)", fix="define it, or answer"
            )
        try:
            value = function(request)
            if inspect.isawaitable(value):
                value = await value
        except NovumError:
            raise
        except Exception as error:  # the border to a user's own code
            raise UserError(f"{path.name} fails to {request.role}: {_told(error, path)}") from error
        if not isinstance(value, ModelAnswer | str | dict | list):
            raise UserError(
                f"{path.name}: {request.role} returned a {type(value).__name__}",
                fix="return a text or a dict",
            )
        return value

    return said


def _told(error: Exception, path: Path) -> str:
    """An error in one line, with the last line of the script that was under way."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if Path(f.filename) == path]
    if isinstance(error, SyntaxError):
        lines = [error.lineno]
    where = f" (line {lines[-1]})" if lines else ""
    return f"{type(error).__name__}: {' '.join(str(error).split())}{where}"
