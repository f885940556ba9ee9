"""A shipped domain's own files as modules, imported by the plain names that they use among themselves."""

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

from novum.domains import find_domain
from novum.domains.shared import KIT


@contextmanager
def programs(domain: str, *names: str) -> Iterator[SimpleNamespace]:
    """The modules named, with the kit beside them; none of them stays imported."""
    folder, before, here = find_domain(domain), set(sys.modules), Path.cwd()
    sys.path[:0] = [str(folder), str(KIT.parent)]
    os.chdir(folder)  # where a stage would find its files
    try:
        yield SimpleNamespace(**{name: importlib.import_module(name) for name in names})
    finally:
        os.chdir(here)
        del sys.path[:2]
        ours = [n for n in set(sys.modules) - before if _ours(sys.modules[n], folder)]
        for name in ours:
            del sys.modules[name]


def _ours(module: object, folder: Path) -> bool:
    places = [getattr(module, "__file__", None) or "", *getattr(module, "__path__", [])]
    return any(str(place).startswith((str(folder), str(KIT))) for place in places)
