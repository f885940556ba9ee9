"""A header that announces an array of a terabyte, before a few bytes; and a file that is none."""

from pathlib import Path

import numpy as np
import reading

asked = reading.request()
for seed in asked["seeds"]:
    out = Path(asked["out"]) / str(seed)
    out.mkdir(parents=True)
    with (out / "predictions.npy").open("wb") as file:
        header = {"descr": "|i1", "fortran_order": False, "shape": (1 << 40,)}
        np.lib.format.write_array_header_1_0(file, header)
        file.write(b"\x00" * 80)
