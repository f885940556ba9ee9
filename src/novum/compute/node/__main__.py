"""Entry of the first process inside bubblewrap: `python -I -S /.runner LIFELINE REPORT OUT ERR SPEC`.

The arguments are descriptors. Only this folder exists inside, so the packages above it are made here as
empty shells that lead to it; nothing else of Novum can be imported.
"""

import json
import os
import sys
import types


def _make_importable(folder: str) -> None:
    for name, path in (("novum", []), ("novum.compute", []), ("novum.compute.node", [folder])):
        shell = types.ModuleType(name)
        shell.__path__ = path
        sys.modules[name] = shell


def main(words: list[str]) -> None:
    lifeline, report, out, err, spec = (int(word) for word in words)
    _make_importable(os.path.dirname(os.path.abspath(__file__)))
    from novum.compute.node import first

    with os.fdopen(spec, "rb") as handle:
        request = json.load(handle)
    for number in (lifeline, report, out, err):
        os.set_inheritable(number, False)
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 2)
    first.supervise(request, lifeline, report, (out, err))


if __name__ == "__main__":
    main(sys.argv[1:])
