"""Entry of our processes inside a sandbox: `python -I -S /.runner first LIFELINE REPORT OUT ERR SPEC` for the
first process of a cold start, `python /.runner zygote CONTROL USER LIBRARIES PADDING` for a zygote.

LIFELINE, REPORT, OUT, ERR, SPEC and CONTROL are descriptors. Only this folder exists inside, so the packages
above it are made here as empty shells that lead to it; nothing else of Novum can be imported.
"""

import marshal
import os
import sys
import types


def _make_importable(folder: str) -> None:
    for name, path in (("novum", []), ("novum.compute", []), ("novum.compute.node", [folder])):
        shell = types.ModuleType(name)
        shell.__path__ = path
        sys.modules[name] = shell


def _be_first(words: list[str]) -> None:
    from novum.compute.node import first

    lifeline, report, out, err, spec = (int(word) for word in words)
    with os.fdopen(spec, "rb") as handle:
        request = marshal.load(handle)
    for number in (lifeline, report, out, err):
        os.set_inheritable(number, False)
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 2)
    first.supervise(request, lifeline, report, (out, err))


def main(words: list[str]):
    """Do what the words say; what comes back, in the candidate of a warm start alone, is to be run."""
    _make_importable(os.path.dirname(os.path.abspath(__file__)))
    if words[0] == "zygote":
        from novum.compute.node import zygote

        return zygote.serve(words[1:])
    return _be_first(words[1:])


if __name__ == "__main__":
    script = main(sys.argv[1:])
    if script is not None:  # from here, so that as few frames as can be lie under the program's
        script.run()
