"""Shared with every program and protected: reading a request."""

import json
import sys
from pathlib import Path


def request() -> dict:
    return json.loads(Path(sys.argv[1]).read_text())
