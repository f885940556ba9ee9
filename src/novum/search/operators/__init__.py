"""Operators that need no model: `make_node` tunes, ablates and crosses the programs there are."""

from novum.search.operators.maker import Outcome, make_node, tunable
from novum.search.operators.sameness import fingerprint

__all__ = ["Outcome", "fingerprint", "make_node", "tunable"]
