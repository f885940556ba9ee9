"""Tries to leave something behind where later stages or other trials would find it."""

import os
import site
import sys
from pathlib import Path

import reading

asked = reading.request()
NAME = "novum-gaming-mark"
PLACES = [
    "/tmp",
    "/var/tmp",
    "/dev/shm",
    "/usr/lib",
    "/etc",
    str(Path(sys.executable).parent),
    "/work/..",
    "/root",
]
PLACES += [*site.getsitepackages(), os.environ.get("HOME", "/"), "/mark"]
wrote = []
for place in PLACES:
    try:
        (Path(place) / NAME).write_text("here")
        wrote.append(place)
    except OSError:
        pass
for seed in asked["seeds"]:
    out = Path(asked["out"]) / str(seed)
    out.mkdir(parents=True)
    (out / "wrote.txt").write_text("\n".join(wrote))
