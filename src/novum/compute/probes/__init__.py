"""What a layer of confinement refuses, found out by programs that try.

One suite over all layers, used by the tests, by `novum doctor` and by whoever adds a layer.
"""

from novum.compute.probes.suite import KNOWN_LEAKS, PROBES, ProbeResult, probe_layer

__all__ = ["KNOWN_LEAKS", "PROBES", "ProbeResult", "probe_layer"]
