"""What `--sandbox none` asks for: anything runs, with the limits and the watch but without any wall.

The environment is scrubbed here as well: a person who turns confinement off does not hand over their keys.
"""

from novum.compute.sandbox.process import obstacle, start

__all__ = ["MOUNTS", "NAME", "NAMESPACE", "SOCKETS", "obstacle", "start"]

NAME = "none"
NAMESPACE = False
MOUNTS = False
SOCKETS = None
