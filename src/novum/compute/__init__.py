"""Runs jobs: what a stage may see and use, the sandbox layers, the runner on the node, the executors.

`runner.py`, `node/` and `sandbox/` use the standard library alone: they run on a node where Novum need
not be installed. The rest belongs to the coordinator.
"""
