"""`scripted:FILE.py`: a model that is a Python file with a function `answer(request)`.

The file may also hold `PRICES = Prices(…)` and `NAME`. It is run in this process with all its rights, so
it is for one's own tests and demonstrations.
"""

import runpy
from pathlib import Path

from novum.errors import UserError
from novum.models.fake import FakeModel
from novum.models.registry import Surroundings
from novum.records import Prices


def open_scripted(rest: str, around: Surroundings) -> FakeModel:
    """The model of a file.

    Raises:
        UserError: there is no such file, it fails, or has no function `answer`.
    """
    path = Path(rest).expanduser()
    if not path.is_file():
        raise UserError(f"scripted:{rest}: there is no such file", fix="give a Python file")
    try:
        found = runpy.run_path(str(path), run_name="novum_script")
    except Exception as error:  # the border to a user's own code
        raise UserError(f"{rest} cannot be run: {type(error).__name__}: {error}") from error
    if not callable(found.get("answer")):
        raise UserError(f"{rest} has no function answer(request)", fix="define it; see docs/models.md")
    prices = around.prices(f"scripted:{rest}") or found.get("PRICES", Prices(input=0, output=0))
    return FakeModel(found["answer"], name=found.get("NAME", f"scripted:{path.name}"), prices=prices)
