"""Stands for a domain's `prepare`: writes an input and a held-out secret."""

import json
import sys
from pathlib import Path

CONFIG = json.loads(Path(sys.argv[-1]).read_text())["config"]
Path("out/1/in").mkdir(parents=True)
Path("out/1/heldout").mkdir(parents=True)
Path("out/1/in/data.txt").write_text("data")
Path("out/1/heldout/labels.txt").write_text(CONFIG["secret"])
